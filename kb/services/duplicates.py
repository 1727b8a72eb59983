"""The same failure filed twice: what may be one, and making one of two."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from rapidfuzz import fuzz, utils
from sqlalchemy import select

from kb.domain.dates import UNKNOWN_DATE
from kb.domain.incident import AuditEvent, Operation, Status
from kb.domain.permissions import Action, Actor, audiences_for, is_public
from kb.domain.text import address_key, organization_key
from kb.domain.workflow import UNPUBLISHED, Step
from kb.errors import Conflict, FieldError, Unavailable
from kb.models import Incident, Lesson, LessonText, Source, db
from kb.models.base import LARGEST_INTEGER
from kb.search.query import Group, SearchQuery
from kb.services import audit, idempotency, index_sync
from kb.services.access import (
    CARD_PARTS,
    Versions,
    find_for_change,
    find_incident,
    require,
    require_in,
    visible_to,
)
from kb.services.conditions import DATED
from kb.services.hits import find
from kb.services.incident_edit import require_for_audience
from kb.services.review import require_open_to_change, take_step
from kb.services.runtime import engine
from kb.services.unit_of_work import UnitOfWork, unit_of_work
from kb.services.views import card, flat
from kb.services.written import Written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement

SAME_TIME, SAME_SOURCE, SIMILAR = "same_organization_and_time", "same_source", "similar_text"
REASONS = (SAME_TIME, SAME_SOURCE, SIMILAR)
"""Why two incidents may be one, the more telling ones later."""

NEAR = timedelta(days=30)
"""How far apart two dates of one organization may be, at the most."""

_ALIKE = 75.0
"""From which likeness on (0 to 100, of the words of title and summary) two texts may tell the same."""

_FEWEST_WORDS = 5

_MOST_OFFERED, _MOST_LOOKED_AT = 5, 20


class Probe(NamedTuple):
    """What duplicates are looked for by. `incident_id` is 0 for what is not filed yet."""

    incident_id: int
    organization_key: str
    first: date | None
    last: date | None
    addresses: tuple[str, ...]
    language: str
    title: str
    summary: str


def probe_of_input(data: Mapping[str, Any]) -> Probe:
    """What to look for before something is filed."""
    occurred = data.get("occurred_on", UNKNOWN_DATE)
    dated = occurred != UNKNOWN_DATE
    return Probe(
        0,
        organization_key(data["organization"]),
        occurred.first if dated else None,
        occurred.last if dated else None,
        tuple(address_key(source["url"]) for source in data["sources"] if source["url"]),
        data["language"],
        data["title"],
        data["summary"],
    )


def likely_duplicates(actor: Actor, probe: Probe) -> list[dict[str, Any]]:
    """What the actor may see that may be the same: each as a card, with the reasons; the likeliest first."""
    reasons: dict[int, set[str]] = {}
    for reason, ids in (
        (SAME_TIME, _of_that_time(actor, probe)),
        (SAME_SOURCE, _of_that_source(actor, probe)),
        (SIMILAR, _of_like_text(actor, probe)),
    ):
        for incident_id in ids:
            if incident_id != probe.incident_id:
                reasons.setdefault(incident_id, set()).add(reason)
    # What has several reasons is likelier, and then what shares its source or its words.
    best = sorted(reasons, key=lambda key: (-len(reasons[key]), -max(map(REASONS.index, reasons[key])), key))
    chosen = best[:_MOST_OFFERED]
    statement = select(Incident).where(Incident.id.in_(chosen), visible_to(actor)).options(*CARD_PARTS)
    rows = {row.id: row for row in db.session.scalars(statement)}
    return [
        {"incident": card(rows[key]), "reasons": [reason for reason in REASONS if reason in reasons[key]]}
        for key in chosen
        if key in rows
    ]


def list_duplicates(actor: Actor, incident_id: int) -> dict[str, Any]:
    """What may be the same as an incident."""
    incident = find_incident(actor, incident_id)
    dated = incident.occurred_on != UNKNOWN_DATE.first
    probe = Probe(
        incident.id,
        incident.organization_key,
        incident.occurred_on if dated else None,
        incident.occurred_until if dated else None,
        tuple(source.url_key for source in incident.sources if source.url_key),
        incident.language,
        incident.original.title,
        incident.original.summary,
    )
    db.session.rollback()
    return {"items": likely_duplicates(actor, probe)}


def mark_duplicate(
    actor: Actor,
    incident_id: int,
    versions: Versions | None,
    other_id: int,
    *,
    take_over: Sequence[str] = (),
    comment: str | None = None,
) -> Written:
    """Withdraw an incident as a duplicate of another, for ever; the answer is that other one.

    Where the other is a duplicate itself, what it is a duplicate of is meant; what was one of this becomes
    one of that. `take_over` names what the other gets as well: its `lessons`, its `sources`.
    """
    require(actor, Action.DISCARD)
    with unit_of_work() as work:
        incident = find_for_change(actor, Action.WITHDRAW, incident_id, versions)
        target = _end_of_chain(actor, other_id)
        _require_sensible(incident, target)
        was_public = is_public(incident.status, incident.visibility)
        if take_over:
            _take_over(work, actor, incident, target, take_over)
        take_step(work, actor, incident, Step.WITHDRAW, comment or f"A duplicate of {target.id}.")
        earlier = select(Incident).where(Incident.duplicate_of_id == incident.id)
        for row in (incident, *db.session.scalars(earlier)):
            row.duplicate_of_id = target.id
            public = was_public if row is incident else False
            work.record(row, Operation.MERGED, actor, comment=comment, was_public=public)
        audit.note(work, actor, AuditEvent.MERGE, incident=incident, into=target.id, taken=[*take_over])
        view = idempotency.keep(flat(target))
    return Written(view, created=False, searchable=index_sync.catch_up(work.seq))


def _end_of_chain(actor: Actor, incident_id: int) -> Incident:
    found = db.session.get(Incident, incident_id) if incident_id <= LARGEST_INTEGER else None
    end = found.duplicate_of_id if found is not None else None
    return find_incident(actor, incident_id if end is None else end, to_change=True)


def _require_sensible(incident: Incident, target: Incident) -> None:
    why = None
    if incident is target:
        why = "An incident is no duplicate of itself."
    elif target.status is Status.WITHDRAWN:
        why = f"Incident {target.id} is withdrawn. Reopen it first, or choose another."
    elif incident.status not in UNPUBLISHED and target.status in UNPUBLISHED:
        why = f"Readers would lose it: publish incident {target.id} first."
    elif is_public(incident.status, incident.visibility) and not is_public(target.status, target.visibility):
        why = f"Readers would lose it: incident {target.id} is for its team only."
    if why is not None:
        raise Conflict(why)


def _take_over(
    work: UnitOfWork, actor: Actor, incident: Incident, target: Incident, what: Sequence[str]
) -> None:
    require_in(actor, Action.EDIT, target.team_id)
    require_open_to_change(actor, target)
    version = target.version + 1
    taken = 0
    with db.session.no_autoflush:
        if "lessons" in what:
            taken += _take_lessons(incident, target, version)
        if "sources" in what:
            taken += _take_sources(incident, target)
    if taken:
        public = is_public(target.status, target.visibility)
        require_for_audience(actor, target, public)
        comment = f"Took over from its duplicate {incident.id}: {', '.join(what)}."
        work.record(target, Operation.UPDATED, actor, comment=comment, was_public=public)


def _take_lessons(incident: Incident, target: Incident, version: int) -> int:
    language = target.language
    known = {lesson.texts[language].text for lesson in target.lessons}
    if any(language not in lesson.texts for lesson in incident.lessons):
        detail = f"Translate its lessons into {language}, the language of {target.id}, or leave them."
        raise Conflict(detail, [FieldError("/take_over", detail)])
    new = [lesson for lesson in incident.lessons if lesson.texts[language].text not in known]
    for position, lesson in enumerate(new, len(target.lessons)):
        texts = {tag: LessonText(language=tag, text=text.text) for tag, text in lesson.texts.items()}
        target.lessons.append(Lesson(position=position, texts=texts))
    if new:
        target.texts[language].version = version
    return len(new)


def _take_sources(incident: Incident, target: Incident) -> int:
    def identity(source: Source) -> str:
        return source.url_key or source.title.casefold()

    known = {identity(source) for source in target.sources}
    new = [source for source in incident.sources if identity(source) not in known]
    for position, source in enumerate(new, len(target.sources)):
        names = ("title", "publisher", "url", "url_key", "archive_url", "published_on", "kind")
        copied = {name: getattr(source, name) for name in names}
        target.sources.append(Source(position=position, **copied))
    return len(new)


def _candidates(actor: Actor, *conditions: ColumnElement[bool]) -> list[int]:
    statement = select(Incident.id).where(visible_to(actor), Incident.status != Status.WITHDRAWN, *conditions)
    return list(db.session.scalars(statement.order_by(Incident.id.desc()).limit(_MOST_LOOKED_AT)))


def _of_that_time(actor: Actor, probe: Probe) -> list[int]:
    if probe.first is None or probe.last is None:
        return []
    return _candidates(
        actor,
        Incident.organization_key == probe.organization_key,
        DATED,
        Incident.occurred_on <= probe.last + NEAR,
        Incident.occurred_until >= probe.first - NEAR,
    )


def _of_that_source(actor: Actor, probe: Probe) -> list[int]:
    if not probe.addresses:
        return []
    cited = select(Source.incident_id).where(Source.url_key.in_(probe.addresses))
    return _candidates(actor, Incident.id.in_(cited))


def _of_like_text(actor: Actor, probe: Probe) -> list[int]:
    """Those whose title and summary have nearly the same words, in any of their languages."""
    texts = [(probe.language, probe.title), (probe.language, probe.summary)]
    query = SearchQuery(root=Group(), audiences=audiences_for(actor), limit=_MOST_LOOKED_AT)
    try:
        found = find(actor, lambda: engine().similar(probe.incident_id, texts, query))
    except Unavailable:
        return []  # the index is being rebuilt: nobody has to wait for it to file something
    wanted = f"{probe.title} {probe.summary}"
    return [shown.hit.id for shown in found.shown if _is_alike(wanted, shown.incident)]


def _is_alike(wanted: str, shown: Mapping[str, Any]) -> bool:
    wanted = utils.default_process(wanted)
    for text in shown["texts"].values():
        card = orjson.loads(text["card"])
        there = utils.default_process(f"{card['title']} {card['summary']}")
        # All words of a short text may well stand in a long one that tells something else.
        in_common = set(wanted.split()) & set(there.split())
        if len(in_common) >= _FEWEST_WORDS and fuzz.token_set_ratio(wanted, there) >= _ALIKE:
            return True
    return False
