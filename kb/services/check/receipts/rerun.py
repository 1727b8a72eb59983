"""Rerun a check, and report which findings and precedents are new and which are gone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kb.domain.check import CheckRequest, Suppression
from kb.domain.permissions import Action
from kb.models import Check
from kb.services.check.receipts.presenter import present_findings, present_precedents, visible_summaries
from kb.services.check.receipts.rows import add_check, draft_of, links_of, text_of
from kb.services.check.receipts.store import without_text
from kb.services.core import idempotency
from kb.services.core.authorization import require
from kb.services.core.check_access import find_check
from kb.services.core.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kb.domain.permissions import Actor

    Checker = Callable[[CheckRequest], Mapping[str, Any]]
    """Checks a draft, and returns the result."""


_LISTS = ("new_findings", "gone_findings", "new_precedents", "gone_precedents")


def rerun_check(
    actor: Actor, check_id: int, data: Mapping[str, Any], languages: Sequence[str], checker: Checker
) -> dict[str, Any]:
    """Check a draft again with `checker`, store the receipt, and return the difference.

    The text and the links are `data["text"]` and `data["links"]`, or else the stored ones. Raises NotFound,
    or InvalidInput if the text is not the text of the receipt.
    """
    require(actor, Action.READ_CHECKS)
    request = _request(find_check(actor, check_id), data)
    result = checker(request)
    stored = result if request.keep_text else without_text(actor, result)
    with unit_of_work() as work:
        before = find_check(actor, check_id)
        check_id, values = add_check(work, actor, request, stored, before.team_id, rerun_of=before)
        check = Check(id=check_id, **values)
        idempotency.store_answer(
            _difference(actor, before, check, stored, languages), incident_id=None, related=_LISTS
        )
        return _difference(actor, before, check, result, languages)


def _request(check: Check, data: Mapping[str, Any]) -> CheckRequest:
    suppress = tuple(
        Suppression(item["guard"], item["reason"], item["until"] and date.fromisoformat(item["until"]))
        for item in check.suppressions
    )
    return CheckRequest(
        draft=draft_of(check, text_of(check, data), links_of(check, data)),
        keep_text=check.text is not None,
        suppress=suppress,
        weak=check.draft["weak"],
    )


def _difference(
    actor: Actor, before: Check, after: Check, result: Mapping[str, Any], languages: Sequence[str]
) -> dict[str, Any]:
    ids = {item["incident"] for item in (*before.findings, *before.precedents)}
    incidents = visible_summaries(actor, ids, languages)
    old_findings, new_findings = ({_identity(item) for item in each.findings} for each in (before, after))
    old_precedents, new_precedents = (
        {item["incident"] for item in each.precedents} for each in (before, after)
    )
    return {
        "id": after.id,
        "rerun_of": before.id,
        "verdict": {"before": before.verdict, "now": after.verdict},
        "ruleset": {"before": before.ruleset, "now": after.ruleset},
        "position": {"before": before.seq, "now": after.seq},
        "new_findings": [item for item in result["findings"] if _identity(item) not in old_findings],
        "gone_findings": [
            shown
            for item, shown in zip(before.findings, present_findings(before, incidents), strict=True)
            if _identity(item) not in new_findings
        ],
        "new_precedents": [
            item for item in result["precedents"] if item["incident"]["id"] not in old_precedents
        ],
        "gone_precedents": [
            item
            for item in present_precedents(before, incidents)
            if item["incident"]["id"] not in new_precedents
        ],
    }


def _identity(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    """A guard, a severity and a span: the text is the same, so spans can be compared."""
    span = finding["span"]
    return finding["guard"], finding["severity"], *((span["start"], span["end"]) if span else ())
