"""Filing, changing, translating and withdrawing incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.completeness import REQUIRED_IN_TRANSLATION
from kb.domain.incident import Operation, Status
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.workflow import Step
from kb.errors import Conflict, FieldError, InvalidInput
from kb.services.accounts.teams import team_to_file_for
from kb.services.core import idempotency
from kb.services.core.authorization import Versions, require
from kb.services.core.incident_lookup import find_for_change
from kb.services.core.presenters import detail
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.core.write_result import WriteResult
from kb.services.incidents.duplicates import likely_duplicates, probe_of_input
from kb.services.incidents.edit import add_incident, change_incident, content_of, write_translation
from kb.services.review.four_eyes import needs_four_eyes, require_named_version, require_open_to_change
from kb.services.review.steps import take_step
from kb.services.review.style_hints import text_notes
from kb.services.search import sync
from kb.services.taxonomy.lookup import Terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.models import Incident

MAX_LANGUAGES = 20
"""How many languages an incident is in, at the most: each write keeps all of them."""


def create_incident(actor: Actor, data: Mapping[str, Any]) -> WriteResult:
    """File an incident for a team of the actor's: that of `data["team"]`, or the only one.

    The answer offers what may be the same, and notes on what a postmortem should not contain.
    """
    require(actor, Action.CREATE)
    beside = {
        "notes": text_notes(data, data["organization"], data["language"]),
        "likely_duplicates": likely_duplicates(actor, probe_of_input(data)),
    }
    with unit_of_work() as work:
        team_id = team_to_file_for(actor, data.get("team"))
        incident = add_incident(work, actor, data, Terms(), team_id)
        view = idempotency.keep({**detail(incident), **beside})
    return WriteResult(view, created=True, searchable=sync.catch_up(work.seq))


def update_incident(
    actor: Actor, incident_id: int, versions: Versions | None, data: Mapping[str, Any]
) -> WriteResult:
    """Change what is given. The texts are those of `data["language"]`, or of the original without it."""
    require(actor, Action.EDIT)
    if data.get("status") == Status.PUBLISHED and needs_four_eyes(actor):
        require_named_version(versions)
    with unit_of_work() as work:
        incident = find_for_change(actor, Action.EDIT, incident_id, versions)
        language = data.get("language", incident.language)
        change_incident(work, actor, incident, data, Terms())
        view = detail(incident, [language])
    return WriteResult(_noted(view), created=False, searchable=sync.catch_up(work.seq))


def translate_incident(
    actor: Actor, incident_id: int, versions: Versions | None, language: str, data: Mapping[str, Any]
) -> WriteResult:
    """Write all texts in a language other than the original's."""
    require(actor, Action.TRANSLATE)
    with unit_of_work() as work:
        incident = find_for_change(actor, Action.TRANSLATE, incident_id, versions)
        if language == incident.language:
            raise Conflict(f"{language} is the original's language: change it with PATCH.")
        _require_as_much(incident, data)
        created = language not in incident.texts
        if created and len(incident.texts) >= MAX_LANGUAGES:
            raise Conflict(f"It is in {MAX_LANGUAGES} languages already, which is as many as there can be.")
        before = content_of(incident)
        write_translation(incident, language, data, incident.version + 1)
        # A translation that is sent again unchanged has been checked against the original.
        if before != content_of(incident) or incident.texts[language].version < incident.original.version:
            require_open_to_change(actor, incident)
            incident.texts[language].version = incident.version + 1
            _record_update(work, actor, incident, data.get("comment"))
        view = detail(incident, [language])
    return WriteResult(_noted(view), created=created, searchable=sync.catch_up(work.seq))


def withdraw_incident(actor: Actor, incident_id: int, versions: Versions | None) -> WriteResult:
    """Take an incident out of its readers' sight. Its team keeps it, with all its history."""
    require(actor, Action.DISCARD)
    with unit_of_work() as work:
        incident = find_for_change(actor, Action.WITHDRAW, incident_id, versions)
        if incident.status is not Status.WITHDRAWN:
            was_public = is_public(incident.status, incident.visibility)
            take_step(work, actor, incident, Step.WITHDRAW, None)
            work.record(incident, Operation.WITHDRAWN, actor, was_public=was_public)
        view = detail(incident)
    return WriteResult(view, created=False, searchable=sync.catch_up(work.seq))


def _require_as_much(incident: Incident, data: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a translation that leaves its readers without what the original tells them."""
    lacking = [
        name for name in REQUIRED_IN_TRANSLATION if getattr(incident.original, name) and not data.get(name)
    ]
    if lacking:
        raise InvalidInput([FieldError(f"/{name}", "The original has it: translate it.") for name in lacking])


def _noted(view: dict[str, Any]) -> dict[str, Any]:
    """The incident as its writer reads it, with gentle notes on what it should not contain."""
    return {**view, "notes": text_notes(view, view["organization"], view["language"])}


def _record_update(work: UnitOfWork, actor: Actor, incident: Incident, comment: str | None) -> None:
    public = is_public(incident.status, incident.visibility)
    work.record(incident, Operation.UPDATED, actor, comment=comment, was_public=public)
