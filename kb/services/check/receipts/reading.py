"""Read a receipt in full, with the lessons, precedents and answers that it refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from kb.domain.permissions import Action, has_role_for
from kb.models import Check, CheckFeedback, Incident, IncidentTerm, Lesson, db
from kb.services.check.guard_listing import guard_titles
from kb.services.check.guard_texts import title_of, unfilled
from kb.services.check.lesson_context import lesson_contexts
from kb.services.check.notices import notice
from kb.services.check.playbook import playbook_of, strong_ids
from kb.services.check.precedents import story_of
from kb.services.check.receipts.first_finding import is_standing
from kb.services.check.receipts.overrides import is_answerer
from kb.services.check.receipts.presenter import (
    check_detail,
    check_summary,
    incident_ids,
    present_findings,
)
from kb.services.check.receipts.store import list_checks
from kb.services.check.rulesets import current_ruleset
from kb.services.core.authorization import visible_to
from kb.services.core.check_access import checks_visible_to, find_check
from kb.services.core.presenters import summary
from kb.services.infrastructure.runtime import concepts
from kb.services.search.hit_content import to_stored
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kb.domain.permissions import Actor
    from kb.services.check.receipts.store import CheckFilter
    from kb.services.infrastructure.pagination import Page

MAX_AUTHORS = 50
"""How many authors a filter offers."""

_OPTIONS = (
    joinedload(Incident.texts),
    selectinload(Incident.term_links).joinedload(IncidentTerm.term),
    selectinload(Incident.tag_links),
    selectinload(Incident.lessons).joinedload(Lesson.texts),
    selectinload(Incident.responses),
    selectinload(Incident.impacts),
)
"""Loader options that read the incidents of a receipt, some ten at most, in few queries."""


def read_check(actor: Actor, check_id: int, languages: Sequence[str]) -> dict[str, Any]:
    """Return a receipt in the form of a result (`CheckResultSchema`), with the other fields of the receipt.

    Lessons and incidents are in their current form; those that the actor may not see are left out. If a
    message is not kept, or its lesson's has changed, the finding has the title of its guard. `team_name` is
    the name of its team, if it has one, `links` has the kept links, `weak` is whether weak precedents were
    requested, `may_answer` whether the actor may answer the check. `feedback` has the findings reported as
    harmless, by number. Raises NotFound, also for a check that the actor may not see.
    """
    check = find_check(actor, check_id)
    incidents = _visible_incidents(actor, incident_ids(check))
    summaries = {number: summary(incident, languages) for number, incident in incidents.items()}
    receipt = check_detail(actor, check, languages, summaries)
    precedents = [item["incident"]["id"] for item in receipt["precedents"]]
    contents = {number: to_stored(incidents[number]) for number in precedents}
    return {
        **receipt,
        "findings": _with_lessons(actor, receipt["findings"], languages),
        "precedents": [
            {
                **item,
                "why": {**item["why"], "labels": _labels(item["why"]["themes"], languages)},
                **story_of(contents[item["incident"]["id"]], languages),
            }
            for item in receipt["precedents"]
        ],
        "themes": [
            {"key": key, "label": text, "spans": []}
            for key, text in _labels(receipt["themes"], languages).items()
        ],
        "playbook": playbook_of([contents[number] for number in strong_ids(receipt["precedents"])]),
        "notice": notice(languages),
        "team_name": None if check.team is None else check.team.name,
        "links": check.draft.get("links", []),
        "weak": check.draft["weak"],
        "feedback": _feedback(check_id),
        "may_answer": has_role_for(actor, Action.ANSWER_CHECK) and is_answerer(actor, check),
    }


def read_former(actor: Actor, check_id: int, languages: Sequence[str]) -> dict[str, Any]:
    """Return the parts of a receipt that another check is compared with: its `id`, its `ruleset`, its
    `findings` as in `read_check`, but without lessons, and the ids of its `precedents`. Raises NotFound, as
    `read_check` does."""
    check = find_check(actor, check_id)
    statement = select(Incident.id).where(Incident.id.in_(incident_ids(check)), visible_to(actor))
    visible: dict[int, dict[str, Any]] = {number: {} for number in db.session.scalars(statement)}
    findings = present_findings(check, visible)
    return {
        "id": check_id,
        "ruleset": check.ruleset,
        "findings": _with_texts(actor, findings, languages),
        "precedents": {item["incident"] for item in check.precedents} & visible.keys(),
    }


def list_checks_with_guards(
    actor: Actor, filters: CheckFilter, languages: Sequence[str], *, limit: int, cursor: str | None
) -> Page:
    """List checks as `list_checks` does, each with the `guards` that found something by themselves.

    Each guard has its title, or None if it is no longer in use or its lesson is not open to the actor. The
    guards of the most severe findings come first.
    """
    page = list_checks(actor, filters, limit=limit, cursor=cursor, present=_with_guard_keys)
    keys = {key for check in page.items for key in check["guards"]}
    titles = guard_titles(actor, keys, languages) if keys else {}
    items = [{**check, "guards": [titles.get(key) for key in check["guards"]]} for check in page.items]
    return page._replace(items=items)


def _with_guard_keys(check: Check) -> dict[str, Any]:
    keys = dict.fromkeys(finding["guard"] for finding in check.findings if is_standing(finding))
    return {**check_summary(check), "guards": [*keys]}


def list_authors(actor: Actor) -> list[str]:
    """The names of the authors whose checks the actor may see."""
    statement = select(Check.author).where(checks_visible_to(actor)).distinct().order_by(Check.author)
    return list(db.session.scalars(statement.limit(MAX_AUTHORS)))


def _visible_incidents(actor: Actor, ids: Collection[int]) -> dict[int, Incident]:
    """The given incidents that the actor may see, by id, loaded for a summary and a story."""
    statement = select(Incident).where(Incident.id.in_(ids), visible_to(actor)).options(*_OPTIONS)
    return {incident.id: incident for incident in db.session.scalars(statement).unique()}


def _with_lessons(
    actor: Actor, findings: Collection[Mapping[str, Any]], languages: Sequence[str]
) -> list[dict[str, Any]]:
    with_texts = _with_texts(actor, findings, languages)
    contexts = lesson_contexts(actor, {finding["guard"] for finding in with_texts}, languages)
    return [{**finding, "lesson": contexts.get(finding["guard"], {}).get("lesson")} for finding in with_texts]


def _with_texts(
    actor: Actor, findings: Collection[Mapping[str, Any]], languages: Sequence[str]
) -> list[dict[str, Any]]:
    """Findings in which the guard's title replaces a message that is not kept or has changed."""
    if all(finding["message"] is not None for finding in findings):
        return [{**finding} for finding in findings]
    guards = {each.guard.key: each.guard for each in current_ruleset(actor).guards}
    result = []
    for finding in findings:
        texts: dict[str, str | None] = {}
        # The guard of a hidden incident is not among the guards.
        if finding["message"] is None and (guard := guards.get(finding["guard"])):
            advice = unfilled(guard.suggestion, languages)
            texts["message"] = title_of(guard, languages).text
            texts["suggestion"] = None if advice is None else advice.text
        result.append({**finding, **texts})
    return result


def _labels(keys: Iterable[str], languages: Sequence[str]) -> dict[str, str]:
    """The labels of the concepts that still exist and have one."""
    table = concepts().concepts
    return {key: label(table[key].labels, languages) for key in keys if key in table and table[key].labels}


def _feedback(check_id: int) -> dict[int, dict[str, Any]]:
    rows = db.session.scalars(select(CheckFeedback).filter_by(check_id=check_id))
    return {row.number: {"author": row.author, "reason": row.reason, "status": row.status} for row in rows}
