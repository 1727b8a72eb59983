"""Random knowledge bases: incidents of several teams, with all that people do to them, in hostile text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import strategies as st

from kb.domain.permissions import Actor, Role
from kb.domain.workflow import Step
from kb.errors import KBError
from kb.models import Incident, OrganizationAlias, db
from kb.services.accounts import teams
from kb.services.core.authorization import ANY
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.imports import importing
from kb.services.incidents import write
from kb.services.incidents.duplicates import distinct, merging
from kb.services.review import comments, follow_ups, transitions
from kb.services.taxonomy import organization_aliases
from tests.support.imports import check_lines
from tests.support.incidents import lesson_guard

DANA = Actor(name="Dana דנה", role=Role.SITE_ADMIN)
"""Somebody who works on incidents, under a name of her own."""

_AWKWARD = (
    "\u200f", "\u202e", "\u2066", "\u00ad", "\ufeff", "\u2028", "\u2029", "\t", "\n", "\r\n", '"', "\\", "'",
    "=1+1", "---", "<b>", "{{7*7}}", "%s", ";", "😀", "א", "ם", "é", "ß", "\U0010ffff", "a", "B", " ",
)  # fmt: skip

_DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2025, 1, 1))


def texts(longest: int = 12) -> st.SearchStrategy[str]:
    """Texts of pieces that formats and screens trip over; the first letter makes them visible."""
    pieces = st.lists(st.sampled_from(_AWKWARD), max_size=longest)
    return pieces.map(lambda parts: "x" + "".join(parts).rstrip())


_RESPONSES = [{"kind": "deleted", "at": "2018-01-02"}, {"kind": "apologized"}]


def _one_line(text: str) -> str:
    return " ".join(text.replace(",", " ").split())


@st.composite
def incidents(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """A line of an import."""
    lessons = draw(st.lists(texts(), max_size=3))
    languages = draw(st.sets(st.sampled_from(["he", "fr", "pt-BR"]), max_size=2))
    body: dict[str, Any] = {
        "language": "en",
        "organization": draw(texts(4)),
        "title": f"{number} {draw(texts(6))}",
        "summary": draw(texts()),
        "cause": draw(texts()),
        "outcome": draw(texts()),
        "audience": draw(texts()) if draw(st.booleans()) else "",
        "visibility": draw(st.sampled_from(["team", "organization"])),
        "kind": draw(st.sampled_from(["incident", "near_miss"])),
        "category": draw(st.sampled_from(["offensive", "tone-deaf"])),
        "secondary_categories": draw(st.sampled_from([[], ["wrong-account"]])),
        "platforms": draw(st.sampled_from([[], ["twitter"], ["facebook", "twitter"]])),
        "severity": draw(st.one_of(st.none(), st.integers(1, 5))),
        "tags": draw(st.lists(texts(3).map(_one_line).filter(bool), max_size=2, unique=True)),
        "occurred_on": draw(
            st.one_of(st.none(), st.sampled_from(["2017", "2017-11"]), _DAYS.map(lambda day: day.isoformat()))
        ),
        "posted_at": draw(st.sampled_from([None, "2017-11-24T03:00:00.123456+02:00"])),
        "lessons": [
            {"text": text, "guard": lesson_guard() if draw(st.booleans()) else None} for text in lessons
        ],
        "sources": draw(
            st.lists(
                st.fixed_dictionaries(
                    {"title": texts(), "url": st.sampled_from([None, "https://example.org/%D7%90?a=b&c"])}
                ),
                max_size=2,
            )
        ),
        "responses": draw(st.sampled_from([[], _RESPONSES])),
        "impacts": draw(
            st.lists(
                st.fixed_dictionaries(
                    {"kind": st.just("revenue"), "amount": st.one_of(st.none(), st.integers(-100, 10**12)),
                     "currency": st.sampled_from([None, "ILS"]), "alleged": st.booleans()}
                ),
                max_size=2,
            )
        ),
        "translations": {
            language: {
                **{name: draw(texts()) for name in ("title", "summary", "cause", "outcome")},
                "lessons": [{"text": draw(texts())} if draw(st.booleans()) else None for _ in lessons],
            }
            for language in sorted(languages)
        },
    }  # fmt: skip
    if draw(st.booleans()):
        body["extra"] = {"authors": [draw(texts(4))], "x-id": draw(st.integers(0, 9)), "note": draw(texts())}
    if draw(st.booleans()):
        body["external_id"] = f"{number} {_one_line(draw(texts(4)))}"
    return body


STEPS = (
    "edit",
    "submit",
    "publish",
    "withdraw",
    "reopen",
    "comment",
    "resolve",
    "act",
    "finish",
    "merge",
    "translate",
    "hide",
    "distinguish",
    "undistinguish",
    "alias",
    "realias",
    "unalias",
)
"""What people do to incidents."""


@st.composite
def knowledge_bases(
    draw: st.DrawFn,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[str, int, str]]]:
    """The incidents of two teams, and what is done to them, one after the other."""
    main = [draw(incidents(number)) for number in range(draw(st.integers(1, 3)))]
    north = [draw(incidents(number)) for number in range(10, 10 + draw(st.integers(0, 2)))]
    return main, north, draw(deeds())


def deeds() -> st.SearchStrategy[list[tuple[str, int, str]]]:
    """What is done to which incident, with which text."""
    return st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 20), texts()), min_size=8, max_size=16)


def build(
    main: list[dict[str, Any]], north: list[dict[str, Any]], done: Sequence[tuple[str, int, str]]
) -> None:
    """Make a knowledge base of such parts in the current application. What is not possible is left out."""
    teams.create_team("north", "North צפון", actor=OPERATOR)
    for team, bodies in (("main", main), ("north", north)):
        if bodies:
            checked = check_lines([json.dumps(body).encode() for body in bodies], team)
            assert checked.errors == []
            importing.write_lines(checked.lines, team, lambda *_: None)
    work_on(done)


def work_on(done: Sequence[tuple[str, int, str]]) -> None:
    """Do to the incidents of the current application what is possible."""
    ids = [row.id for row in db.session.query(Incident).order_by(Incident.id)]
    for deed, number, text in done:
        try:
            _do(deed, ids[number % len(ids)], ids[0], text)
        except KBError:
            db.session.rollback()


def _do(deed: str, incident_id: int, first_id: int, text: str) -> None:
    if deed in ("submit", "publish", "withdraw", "reopen"):
        version = db.session.get_one(Incident, incident_id).version
        transitions.transition_incident(
            DANA,
            incident_id,
            frozenset({version}),
            Step(deed),
            text,
            override=False,
            acknowledged=["blame", "contact", "person"],
        )
    elif deed == "edit":
        write.update_incident(DANA, incident_id, ANY, {"summary": text, "comment": text, "acknowledge": []})
    elif deed == "translate":
        texts_of = {"title": text, "summary": text, "cause": text, "outcome": text}
        write.translate_incident(DANA, incident_id, ANY, "fr", {**texts_of, "comment": "", "acknowledge": []})
    elif deed == "hide":
        change = {"visibility": "team", "organization": f"Acme {text}", "comment": "", "acknowledge": []}
        write.update_incident(DANA, incident_id, ANY, change)
    elif deed in _RELATIONS:
        _relate(deed, incident_id, first_id, text)
    elif deed == "comment":
        comments.add_comment(DANA, incident_id, {"text": text, "about": "title"})
    elif deed == "resolve":
        made = comments.add_comment(OPERATOR, incident_id, {"text": text, "internal": True})
        comments.resolve_comment(DANA, incident_id, made["id"], ANY, resolved=True)
    elif deed in ("act", "finish"):
        status = {"status": "done"} if deed == "finish" else {}
        follow_ups.add_action(DANA, incident_id, {"title": text, "owner": text, **status})
    else:
        merging.mark_duplicate(DANA, incident_id, ANY, first_id, parts=(), comment=text, acknowledged=())


_RELATIONS = ("distinguish", "undistinguish", "alias", "realias", "unalias")
"""What people say of two incidents, and of the names of organizations."""


def _relate(deed: str, incident_id: int, first_id: int, text: str) -> None:
    """Say or take back that two incidents are not the same, or that an organization has another name.

    It is the latest alias that is changed or removed.
    """
    organization = db.session.get_one(Incident, incident_id).organization
    alias = db.session.query(OrganizationAlias).order_by(OrganizationAlias.id.desc()).first()
    if deed == "distinguish":
        distinct.mark_distinct(DANA, incident_id, first_id)
    elif deed == "undistinguish":
        distinct.unmark_distinct(DANA, incident_id, first_id)
    elif deed == "alias":
        organization_aliases.add_alias(DANA, {"alias": f"Other {text}", "organization": organization})
    elif alias is not None and deed == "realias":
        names = {"alias": f"Renamed {text}", "organization": organization}
        organization_aliases.update_alias(DANA, alias.id, ANY, names)
    elif alias is not None:
        organization_aliases.remove_alias(DANA, alias.id, ANY)
