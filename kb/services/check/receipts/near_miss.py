"""Near misses: problems that a check caught before publication, filed as incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError
from sqlalchemy import select

from kb.domain.dates import iso
from kb.domain.guard import Verdict
from kb.domain.incident import Kind, Status
from kb.domain.language import DEFAULT_LANGUAGE, INTERFACE_LANGUAGES
from kb.domain.permissions import Action
from kb.errors import Conflict, FieldError, InvalidInput
from kb.messages import Message
from kb.models import Incident, Revision, db
from kb.schemas.incident_input import IncidentInputSchema
from kb.schemas.pointers import field_errors
from kb.services.accounts.authentication import anonymous
from kb.services.check.guard_listing import guard_titles
from kb.services.check.receipts.first_finding import (
    advice_of_first,
    first_finding,
    is_standing,
    subjects_of_first,
)
from kb.services.core.authorization import require, visible_to
from kb.services.core.check_access import find_check
from kb.services.core.guard_keys import shown_guards
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.incidents.write import create_incident
from kb.services.infrastructure.runtime import concepts
from kb.services.taxonomy.lookup import TermLookup
from kb.translation import translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kb.domain.permissions import Actor
    from kb.models import Check
    from kb.services.core.write_result import WriteResult

_TITLE = Message("Caught before publication: {subject}")
_DRAFT = Message("an unpublished draft")
_SUMMARY = Message("A check found problems in a draft before it was published.")
_CLEAR_SUMMARY = Message(
    "A draft was caught before it was published. Its check had found no reason to hold it back."
)
_GUARDS = Message(" Guards: {guards}.")
_NOTING_GUARDS = Message(" Guards with a note: {guards}.")
_MAX_TITLE_LENGTH = 300
_INPUT_FIELDS = ("team", "organization", "title", "summary", "cause", "outcome", "category", "language")


def file_near_miss(actor: Actor, check_id: int, data: Mapping[str, Any]) -> WriteResult:
    """File a draft of a near miss with the facts of a check; values in `data` take precedence.

    The title and the lesson come from the first finding; `data["lesson"]` replaces the lesson, and an empty
    text leaves it out. The category comes from the incident behind that finding, or else from the first
    precedent. Other terms come from the incidents whose guards found something, and from the subjects of the
    draft. Raises NotFound, InvalidInput for fields that neither the check nor `data` has, or Conflict if the
    check is filed already.
    """
    require(actor, Action.CREATE)
    check = find_check(actor, check_id)
    if (filed := _filed(actor, check)) is not None:
        raise Conflict(
            Message(
                "Check {check} is filed already: see /incidents/{incident}.", check=check.id, incident=filed
            )
        )
    return create_incident(actor, _loaded(_body(actor, check, data)))


def filed_near_miss(actor: Actor, check_id: int) -> int | None:
    """Return the incident as which a check is filed; None if it is not, or if the actor may not see it.

    Raises NotFound.
    """
    require(actor, Action.CREATE)
    return _filed(actor, find_check(actor, check_id))


def suggest_near_miss(actor: Actor, check_id: int, language: str) -> dict[str, str | None]:
    """Return the default fields of a near miss of a check, in a language. Raises NotFound."""
    require(actor, Action.CREATE)
    body = _body(actor, find_check(actor, check_id), {"language": language})
    lesson = next((lesson["text"] for lesson in body["lessons"]), None)
    return {**{name: body.get(name) for name in _INPUT_FIELDS}, "lesson": lesson}


def _filed(actor: Actor, check: Check) -> int | None:
    """The first near miss of a check that is not withdrawn. Its first revision names the check."""
    statement = (
        select(Incident.id)
        .join(Revision, Revision.incident_id == Incident.id)
        .where(
            Incident.kind == Kind.NEAR_MISS,
            Incident.status != Status.WITHDRAWN,
            Incident.created_at >= check.created_at,
            Revision.number == 1,
            Revision.comment == _origin(check),
            visible_to(actor),
        )
        .order_by(Incident.id)
    )
    return db.session.scalars(statement).first()


def _origin(check: Check) -> str:
    """The comment of the first revision of a near miss."""
    return f"Filed from check {check.id}."


def _body(actor: Actor, check: Check, data: Mapping[str, Any]) -> dict[str, Any]:
    """The input of the incident, with None for unknown fields."""
    language = data.get("language") or _own_language(check)
    sources = _incidents_behind(actor, check)
    text = data["lesson"] if "lesson" in data else _lesson(actor, check, sources, language)
    body = {
        **_texts(actor, check, language),
        "language": language,
        "organization": check.draft["organization"],
        "category": _category(actor, check, sources),
        **_terms(check, sources),
        "industry": _known("industry", [check.draft["industry"]]),
        "audience": check.draft["audience"],
        "lessons": [{"text": text}] if text else [],
        "occurred_on": iso(check.created_at.astimezone(ZoneInfo(actor.time_zone)).date()),
        "kind": Kind.NEAR_MISS.value,
        "status": Status.DRAFT.value,
        "comment": _origin(check),
    }
    return body | {name: data[name] for name in _INPUT_FIELDS if data.get(name)}


def _loaded(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load the input of a new incident. Raises InvalidInput that names the missing fields."""
    missing = [name for name in ("organization", "title", "category") if not body[name]]
    if missing:
        raise InvalidInput(
            [
                FieldError(f"/{name}", Message("The check does not say it. Send the {name}.", name=name))
                for name in missing
            ]
        )
    try:
        loaded: Mapping[str, Any] = IncidentInputSchema().load(
            {name: value for name, value in body.items() if value is not None}
        )
    except ValidationError as error:
        raise InvalidInput(field_errors(error.messages_dict)) from error
    return loaded


def _incidents_behind(actor: Actor, check: Check) -> Sequence[Incident]:
    """The incidents whose guards found something, if visible to the actor, in the order of the findings."""
    ids = list(dict.fromkeys(finding["incident"] for finding in check.findings if finding["incident"]))
    statement = select(Incident).where(Incident.id.in_(ids), visible_to(actor)).options(*DETAIL_OPTIONS)
    return sorted(db.session.scalars(statement), key=lambda incident: ids.index(incident.id))


def _guards(check: Check, language: str) -> list[str]:
    """The titles of the guards that found something, or their keys if they no longer exist.

    Leaves out findings folded into others, and guards of lessons that a reader of the incident may not see.
    """
    keys = list(dict.fromkeys(finding["guard"] for finding in check.findings if is_standing(finding)))
    shown = shown_guards(anonymous(), keys)
    titles = guard_titles(anonymous(), keys, [language])
    return [titles[key].text if key in titles else key for key in keys if shown[key] == key]


def _own_language(check: Check) -> str:
    """The draft's language, if this module has texts in it; else English."""
    language: str | None = check.draft["language"]
    return language if language in INTERFACE_LANGUAGES else DEFAULT_LANGUAGE


def _category(actor: Actor, check: Check, sources: Sequence[Incident]) -> str | None:
    """The category of the incident behind the first finding, else of the first precedent, else of an incident
    behind another finding; None if the actor may see none of them.
    """
    finding = first_finding(check)
    ids = [] if finding is None else [finding["incident"]]
    ids += [precedent["incident"] for precedent in check.precedents]
    statement = select(Incident).where(Incident.id.in_(ids), visible_to(actor)).options(*DETAIL_OPTIONS)
    likely = sorted(db.session.scalars(statement), key=lambda incident: ids.index(incident.id))
    return next((incident.terms("category")[0] for incident in (*likely, *sources)), None)


def _texts(actor: Actor, check: Check, language: str) -> dict[str, str | None]:
    """The title and the summary of a near miss; None in a language that has no texts here."""
    if language not in INTERFACE_LANGUAGES:
        return {"title": None, "summary": None}
    guards = _guards(check, language)
    summary, naming = (
        (_CLEAR_SUMMARY, _NOTING_GUARDS) if check.verdict is Verdict.CLEAR else (_SUMMARY, _GUARDS)
    )
    named = translated(naming, language).format(guards="; ".join(guards)) if guards else ""
    return {"title": _title(actor, check, language), "summary": translated(summary, language) + named}


def _title(actor: Actor, check: Check, language: str) -> str:
    subjects = filter(_is_concept, subjects_of_first(actor, check))
    labels = (concepts().concepts[key].labels.get(language) for key in subjects)
    subject = ", ".join(filter(None, labels)) or translated(_DRAFT, language)
    return translated(_TITLE, language).format(subject=subject)[:_MAX_TITLE_LENGTH]


def _is_concept(key: str) -> bool:
    return key in concepts().concepts


def _terms(check: Check, sources: Iterable[Incident]) -> dict[str, list[str]]:
    """The platforms, themes and failure modes of a near miss that are in the taxonomy."""
    touched = [concepts().concepts[key] for key in check.concepts if _is_concept(key)]
    sources = [*sources]
    themes = (key for incident in sources for key in incident.terms("theme"))
    modes = (key for incident in sources for key in incident.terms("failure_mode"))
    return {
        "platforms": _known_terms("platform", [check.platform]),
        "themes": _known_terms("theme", [*themes, *(key for each in touched for key in each.themes)]),
        "failure_modes": _known_terms(
            "failure_mode", [*modes, *(key for each in touched for key in each.failure_modes)]
        ),
    }


def _known_terms(namespace: str, keys: Iterable[str | None]) -> list[str]:
    terms = TermLookup()
    found = (terms.get(namespace, key) for key in keys if key is not None)
    return list(dict.fromkeys(term.key for term in found if term is not None))


def _known(namespace: str, keys: Iterable[str | None]) -> str | None:
    return next(iter(_known_terms(namespace, keys)), None)


def _lesson(actor: Actor, check: Check, sources: Sequence[Incident], language: str) -> str | None:
    """The text of the lesson behind the first finding, else what its guard advises.

    Leaves out lessons of incidents other than `sources`.
    """
    finding = first_finding(check)
    if finding is not None and finding["lesson"] is not None:
        lessons = ((incident, lesson) for incident in sources for lesson in incident.lessons)
        for incident, lesson in lessons:
            if lesson.id == finding["lesson"]:
                return (lesson.texts.get(language) or lesson.texts[incident.language]).text
    return advice_of_first(actor, check, language, {incident.id for incident in sources})
