"""File, change, translate and withdraw incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.completeness import REQUIRED_IN_TRANSLATION
from kb.domain.incident import MAX_LANGUAGES, Operation, Status
from kb.domain.language import DEFAULT_LANGUAGE
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.workflow import Step
from kb.errors import Conflict
from kb.messages import Message
from kb.services.accounts.teams import filing_team
from kb.services.core import idempotency
from kb.services.core.authorization import Versions, require
from kb.services.core.incident_lookup import find_for_change, load_ahead
from kb.services.core.presenters import detail
from kb.services.core.unit_of_work import unit_of_work
from kb.services.core.write_result import WriteResult
from kb.services.incidents.changes.answer import change_answer
from kb.services.incidents.changes.edit import (
    change_content,
    change_incident,
    content_of,
    load_for_edit,
)
from kb.services.incidents.content.guard_checks import with_checked_guards
from kb.services.incidents.content.passed_check import link_check, with_passed_check
from kb.services.incidents.content.texts import require_translated_texts, write_translation
from kb.services.incidents.duplicates.likely import likely_duplicates, query_for_incident, query_for_input
from kb.services.incidents.filing.adding import add_incident
from kb.services.incidents.filing.advice import filing_advice
from kb.services.incidents.filing.language_detection import with_language
from kb.services.incidents.filing.prepared import PreparedIncident
from kb.services.incidents.filing.unstored import is_self_contained
from kb.services.review.four_eyes import four_eyes_apply_to, require_single_version
from kb.services.review.steps import take_step
from kb.services.review.style_hints import style_hints
from kb.services.search import sync
from kb.services.search.prepared_documents import provide_document
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.language import LanguageSource
    from kb.models import Incident
    from kb.services.incidents.duplicates.likely import DuplicateQuery


_COMPARED = frozenset({"organization", "occurred_on", "sources", "title", "summary"})
"""The fields by which likely duplicates are found."""


@sync.coming()
def create_incident(actor: Actor, data: Mapping[str, Any]) -> WriteResult:
    """File an incident for the team `data["team"]`, or for the actor's only team.

    The result also has `likely_duplicates`, style hints as `notes`, and `language_source`.
    """
    require(actor, Action.CREATE)
    # Before the transaction, since all of this may take a while.
    team = filing_team(actor, data.get("team"))
    data, language_source = with_language(with_checked_guards(data), team.language or DEFAULT_LANGUAGE)
    if not is_self_contained(data):
        return _create_in_session(actor, data, team.id, language_source)
    new = PreparedIncident(actor, team, data, TermLookup(attached=False))
    incident = new.incident.as_incident()
    advice = filing_advice(actor, data, language_source, query_for_incident(incident))
    with unit_of_work() as work:
        body = _store_answer(actor, incident, new.store(work), advice)
    with provide_document(work.seq, incident):
        return WriteResult(body, created=True, searchable=sync.catch_up(work.seq))


def _create_in_session(
    actor: Actor, data: Mapping[str, Any], team_id: int, language_source: LanguageSource
) -> WriteResult:
    """File an incident that also takes a step of the workflow, or refers to other rows."""
    advice = filing_advice(actor, data, language_source, query_for_input(data))
    terms = TermLookup()
    with unit_of_work() as work:
        incident = add_incident(work, actor, data, terms, team_id)
        body = _store_answer(actor, incident, detail(incident), advice)
    return WriteResult(body, created=True, searchable=sync.catch_up(work.seq))


def _store_answer(
    actor: Actor, incident: Incident, body: dict[str, Any], advice: Mapping[str, Any]
) -> dict[str, Any]:
    """The answer to filing an incident: its detail with the advice, stored if the request has a key."""
    return idempotency.store_answer(
        {**with_passed_check(actor, incident, body), **advice},
        incident_id=incident.id,
        related=("likely_duplicates",),
    )


@sync.coming()
def update_incident(
    actor: Actor, incident_id: int, versions: Versions | None, data: Mapping[str, Any]
) -> WriteResult:
    """Change the fields that `data` has; its texts are in `data["language"]`, or else the original's.

    A change to a published incident by an actor who may not publish without a review becomes a proposal.
    """
    require(actor, Action.EDIT)
    if data.get("status") == Status.PUBLISHED and four_eyes_apply_to(actor):
        require_single_version(versions)
    loaded = load_for_edit(actor, incident_id, publishes=data.get("status") == Status.PUBLISHED)
    data = with_checked_guards(data)
    terms = TermLookup()
    with unit_of_work(loaded=loaded) as work:
        incident = find_for_change(actor, Action.EDIT, incident_id, versions)
        language = data.get("language", incident.language)
        result = change_incident(work, actor, incident, data, terms)
        link_check(work, actor, incident, data)
        answer = change_answer(actor, incident, result.proposal, [language])
        answer = answer._replace(incident=with_passed_check(actor, incident, answer.incident))
        compared = query_for_incident(incident) if _COMPARED.intersection(data) else None
    answer = _with_style_hints(answer)._replace(searchable=sync.catch_up(work.seq))
    return _with_likely_duplicates(actor, answer, compared)


@sync.coming()
def translate_incident(
    actor: Actor, incident_id: int, versions: Versions | None, language: str, data: Mapping[str, Any]
) -> WriteResult:
    """Write all texts of an incident in a language other than the original's, at once or as a proposal."""
    require(actor, Action.TRANSLATE)
    loaded = load_for_edit(actor, incident_id)
    with unit_of_work(loaded=loaded) as work:
        incident = find_for_change(actor, Action.TRANSLATE, incident_id, versions)
        if language == incident.language:
            raise Conflict(
                Message("{language} is the original's language: change it with PATCH.", language=language)
            )
        created = language not in incident.texts
        if created and len(incident.texts) >= MAX_LANGUAGES:
            raise Conflict(
                Message(
                    "It is in {most} languages already, which is the maximum.",
                    most=MAX_LANGUAGES,
                )
            )
        result = change_content(
            work,
            actor,
            incident,
            lambda target: _replace_translation(target, language, data),
            comment=data.get("comment"),
            acknowledged=data.get("acknowledge", ()),
        )
        answer = change_answer(actor, incident, result.proposal, [language])
        compared = query_for_incident(incident)
    answer = _with_style_hints(answer)._replace(created=created, searchable=sync.catch_up(work.seq))
    return _with_likely_duplicates(actor, answer, compared)


@sync.coming()
def withdraw_incident(actor: Actor, incident_id: int, versions: Versions | None) -> WriteResult:
    """Hide an incident from its readers. Its team keeps it, with its full history."""
    # The weaker permission; find_for_change requires WITHDRAW for an incident that was ever published.
    require(actor, Action.DISCARD)
    with unit_of_work(loaded=load_ahead(actor, incident_id)) as work:
        incident = find_for_change(actor, Action.WITHDRAW, incident_id, versions)
        if incident.status is not Status.WITHDRAWN:
            was_public = is_public(incident.status, incident.visibility)
            take_step(work, actor, incident, Step.WITHDRAW, None)
            work.record(incident, Operation.WITHDRAWN, actor, was_public=was_public)
        body = detail(incident)
    return WriteResult(body, created=False, searchable=sync.catch_up(work.seq))


def _replace_translation(target: Incident, language: str, data: Mapping[str, Any]) -> bool:
    """Write a translation, and return whether that changes anything.

    Sending an outdated one again unchanged confirms that it is up to date.
    """
    version = target.version + 1
    before = content_of(target)
    write_translation(target, language, data, version)
    require_translated_texts(target, language, REQUIRED_IN_TRANSLATION)
    text = target.texts[language]
    if before == content_of(target) and text.version >= target.original.version:
        return False
    text.version = version
    return True


def _with_likely_duplicates(actor: Actor, result: WriteResult, query: DuplicateQuery | None) -> WriteResult:
    """Add `likely_duplicates` to a changed incident, unless there is no query, or it became a proposal."""
    if query is not None and result.proposal is None:
        result.incident["likely_duplicates"] = likely_duplicates(actor, query)
    return result


def _with_style_hints(result: WriteResult) -> WriteResult:
    """Add style hints on the written texts, as `notes` of the incident or of the proposal's content."""
    body = result.incident if result.proposal is None else result.proposal["content"]
    body["notes"] = style_hints(body, body["organization"], body["language"])
    return result
