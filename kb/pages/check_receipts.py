"""Receipts of checks: one's own and those of one's teams, in a list and one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import render_template, request

from kb.domain.guard import Verdict
from kb.domain.periods import Interval
from kb.errors import NotFound
from kb.pages.check import result_variables
from kb.pages.check_form import receipt_values
from kb.pages.check_result import changes_since, comparable, former_of, numbered
from kb.pages.check_words import VERDICTS, tally_sentence, verdict_sentence
from kb.pages.language import text_languages
from kb.pages.parameters import load_query, page_url, sent_parameters
from kb.schemas.checks import CheckQuerySchema
from kb.schemas.fields import Text
from kb.services.accounts.teams import list_teams
from kb.services.check.counts import CountQuery, count_checks
from kb.services.check.receipt_reading import list_authors, read_check, read_former
from kb.services.check.receipts import CheckFilter, list_checks
from kb.services.taxonomy.listing import term_names
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint

    from kb.pages.check_form import Problem


class _ListQuerySchema(CheckQuerySchema):
    """Filters of the list: those of the API, and the name of an author."""

    author = Text(200, min_length=1)


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/checks", view_func=checks_page)
    blueprint.add_url_rule("/checks/<int:check_id>", view_func=check_receipt_page)


@with_permission_check
def checks_page() -> str:
    """List the caller's checks and those of the caller's teams, the latest first."""
    actor = current_actor()
    query = load_query(_ListQuerySchema())
    filters = CheckFilter(
        verdicts=[Verdict(value) for value in query.get("verdict", ())],
        **{name: query.get(name) for name in ("team", "platform", "account", "since", "until", "author")},
    )
    page = list_checks(actor, filters, limit=query["limit"], cursor=query.get("cursor"))
    rest = [pair for pair in sent_parameters() if pair[0] != "cursor"]
    return render_template(
        "checks.html",
        checks=page.items,
        platforms=term_names(actor, ("platform",), text_languages())["platform"],
        tally=tally_sentence(_counts(query.get("team"), query.get("platform"))),
        verdicts=VERDICTS,
        sentence=verdict_sentence,
        verdict=request.args.get("verdict", ""),
        teams=[(team["key"], team["name"]) for team in list_teams(actor)],
        team=query.get("team") or "",
        authors=list_authors(actor),
        author=query.get("author") or "",
        is_filtered=any(name not in ("lang", "limit") for name, _value in rest),
        first_url=page_url(rest) if "cursor" in request.args else None,
        next_url=page_url([*rest, ("cursor", page.next)]) if page.next else None,
    )


@with_permission_check
def check_receipt_page(check_id: int) -> str:
    """Show the receipt of a check, and what has changed since the check before it."""
    return receipt_page(check_id)


def receipt_page(check_id: int, problems: Sequence[Problem] = ()) -> str:
    """The page of a receipt, with what is wrong in a form that was sent from it. Raises NotFound."""
    receipt = read_check(current_actor(), check_id, text_languages())
    before = _check_before(receipt)
    return render_template(
        "check_result.html",
        receipt=receipt,
        number=check_id,
        answer_problems=problems,
        feedback=receipt["feedback"],
        **result_variables(receipt, receipt_values(receipt)),
        **_differences(receipt, before),
    )


def _check_before(receipt: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The check that this one reruns, or that the address names; None without one that is open to the
    caller."""
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
    former = comparable(former_of(before["findings"]), receipt)
    return {
        "changes": changes_since(former, numbered(receipt), number=before["id"]),
        "new_precedents": {item["incident"]["id"] for item in receipt["precedents"]} - before["precedents"],
    }


def _counts(team: str | None, platform: str | None) -> Mapping[str, Any]:
    """The counts of all time, of what the filters leave."""
    zone = ZoneInfo(current_actor().time_zone)
    query = CountQuery(interval=Interval.NONE, zone=zone, team=team, platform=platform)
    (row,) = count_checks(current_actor(), query)["rows"]
    counts: Mapping[str, Any] = row
    return counts
