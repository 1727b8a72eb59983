"""Receipts of checks: their findings, and the changes since the previous check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request

from kb.errors import NotFound
from kb.pages.checks.check import result_variables
from kb.pages.checks.check_form import receipt_values
from kb.pages.checks.check_result import changes_since, comparable, numbered
from kb.pages.checks.former_findings import former_finding
from kb.pages.language import text_languages
from kb.services.check.receipts.reading import read_check, read_former
from kb.services.check.receipts.rows import digest
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint

    from kb.pages.checks.check_form import Problem


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/checks/<int:check_id>", view_func=check_receipt_page)


@with_permission_check
def check_receipt_page(check_id: int) -> str:
    """Show the receipt of a check, and the changes since the previous check."""
    return receipt_page(check_id)


def receipt_page(
    check_id: int, problems: Sequence[Problem] = (), draft: Mapping[str, str] | None = None
) -> str:
    """Render a receipt, with the problems of a form that was sent from it. Raises NotFound.

    `draft` has the fields of a draft whose text was not kept, if the form held them.
    """
    receipt = read_check(current_actor(), check_id, text_languages())
    before = _check_before(receipt)
    values = receipt_values(receipt)
    if draft is not None and digest(draft["text"]) == receipt["text_sha256"]:
        values.update(draft)
    return render_template(
        "check_result.html",
        receipt=receipt,
        number=check_id,
        answer_problems=problems,
        feedback=receipt["feedback"],
        **result_variables(receipt, values),
        **_differences(receipt, before),
    )


def _check_before(receipt: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the check that this one reruns, or that the URL names; None if there is none that the caller may
    see."""
    before = receipt["rerun_of"] or request.args.get("before", type=int)
    if not before or before == receipt["id"]:
        return None
    try:
        return read_former(current_actor(), before, text_languages())
    except NotFound:
        return None


def _differences(receipt: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    if before is None:
        return {"changes": None}
    former = comparable(map(former_finding, before["findings"]), receipt)
    return {
        "changes": changes_since(former, numbered(receipt), number=before["id"]),
        "has_same_guards": before["ruleset"] == receipt["ruleset"],
        "new_precedents": {item["incident"]["id"] for item in receipt["precedents"]} - before["precedents"],
    }
