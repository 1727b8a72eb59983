"""Check a draft: show what to fix and which incidents it resembles, with the form to check it again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for

from kb.domain.permissions import Action, has_role_for, teams_of
from kb.errors import InvalidInput
from kb.models.base import utc_now
from kb.pages.checks.check_days import days_to_watch
from kb.pages.checks.check_form import (
    CONTEXT,
    DETAILS,
    Problem,
    draft_data,
    form_values,
    is_detailed,
    is_located,
    language_choices,
    load_draft,
    problems_of,
    zone_choices,
)
from kb.pages.checks.check_result import NAMED, changes_since, comparable, numbered, result_view
from kb.pages.checks.check_suppressions import (
    pack_suppressions,
    read_suppressions,
    suppression_view,
    unexplained,
)
from kb.pages.checks.former_findings import pack_former, read_former
from kb.pages.countries import country_name, likely_country_name
from kb.pages.language import text_languages
from kb.pages.messages import _
from kb.pages.words.check_words import KINDS, SEVERITIES, scheduled
from kb.pages.words.incident_words import language_name
from kb.pauses import Pauses
from kb.services.accounts.teams import list_teams
from kb.services.check.checking import check_draft
from kb.services.check.draft_input import to_request
from kb.services.check.guard_listing import guard_titles
from kb.services.check.receipts.store import check_team_id
from kb.services.taxonomy.listing import term_names
from kb.web.current_actor import current_actor, current_day
from kb.web.endpoints import with_permission_check
from kb.web.recorded_checks import recorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.domain.check import CheckRequest
    from kb.pages.checks.check_result import Names
    from kb.pages.checks.check_suppressions import Suppression
    from kb.services.check.guard_texts import LocalText


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/check", view_func=check_page)
    blueprint.add_url_rule("/check", view_func=check_pasted_draft, methods=["POST"])


@with_permission_check
def check_page() -> str:
    """Ask for a draft. The address may fill in what else is known: `/check?platform=twitter`."""
    values = form_values(request.args)
    if "countries" not in request.args:
        values["countries"] = likely_country_name()
    return render_template("check.html", **form_variables(values))


@with_permission_check
def check_pasted_draft() -> ResponseReturnValue:
    """Check the draft of the form, and show what was found.

    A signed-in caller's check leaves a receipt, unless the form has a mistake or nothing can be stored. If it
    holds the text, the answer leads there; else this answer is the only place where the text is, since
    nothing of it is stored.
    """
    values, suppressions = form_values(request.form), read_suppressions(request.form)
    if "details" in request.form:
        return _whole_form(values, suppressions)
    try:
        data = load_draft(values, suppressions)
        check_request = to_request(data)
        pause = Pauses(time.thread_time)
        result = _check(check_request, data.get("team"))
        pause()  # to show what was found in a long draft takes as long as to find it
        problems = _unexplained(result)
        if problems:
            result["id"], is_unstored = None, False
        else:
            result, is_unstored = recorded(check_request, result, data.get("team"))
    except InvalidInput as error:
        return _whole_form(values, suppressions, problems_of(error, values["text"])), 422
    if result["id"] is not None and check_request.keep_text:
        before = request.form.get("before") or None
        for note in result["notes"]:  # the receipt does not have them
            flash(note["detail"])
        return redirect(url_for("pages.check_receipt_page", check_id=result["id"], before=before), 303)
    former = comparable(read_former(request.form.get("former", "")), result)
    page = render_template(
        "check_result.html",
        receipt=None,
        number=result["id"],
        answer_problems=problems,
        is_unstored=is_unstored,
        **result_variables(result, values),
        changes=None if problems or "fixed" not in request.form else changes_since(former, numbered(result)),
    )
    return page, 422 if problems else 200


def _whole_form(
    values: Mapping[str, str], suppressions: Iterable[Suppression], problems: Sequence[Problem] = ()
) -> str:
    """Render the form with what was typed, the suppressions, and all other fields of a post."""
    variables = form_variables(values, problems=problems)
    shown = variables["is_detailed"] or not problems
    return render_template(
        "check.html", suppressions=pack_suppressions(suppressions), **{**variables, "is_detailed": shown}
    )


def form_variables(
    values: Mapping[str, str], names: Names | None = None, problems: Sequence[Problem] = ()
) -> dict[str, Any]:
    """Return the template variables of the draft form: values, problems, and choices."""
    actor = current_actor()
    zone = values["zone"] or actor.time_zone
    names = names or term_names(actor, ("platform", "industry"), text_languages())
    return {
        "values": {**values, "zone": zone},
        "problems": problems,
        "platforms": _choices(names["platform"]),
        "industries": _choices(names["industry"]),
        "kinds": KINDS,
        "text_languages": language_choices(values["language"]),
        "zones": zone_choices(zone),
        # UTC is the default of an account, so it may not be the user's choice.
        "own_zone": bool(values["zone"]) or zone != "UTC",
        "teams": _teams(),
        "is_signed_in": is_signed_in(),
        "is_detailed": is_detailed(values, problems),
        "is_located": is_located(values, problems),
        "details": (*DETAILS, "keep_text"),
    }


def result_variables(result: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Return the template variables of a result page: the result, the form to fix the draft, its facts."""
    actor, text = current_actor(), values["text"] or None
    names, data = term_names(actor, NAMED, text_languages()), draft_data(values)
    return {
        **form_variables(values, names),
        **result_view(result, text, names),
        "text": text,
        **suppression_view(result, result["findings"], text),
        "former": pack_former(result["findings"]),
        "severities": SEVERITIES,
        "guard_names": _guard_names([*result["findings"], *result["suppressed"]]),
        "facts": _facts(data, values, names),
        "days": days_to_watch(data["scheduled_at"], data["audience_countries"]),
        "context": context_url(values),
        "may_answer": result.get("may_answer", has_role_for(actor, Action.ANSWER_CHECK)),
        "may_file": has_role_for(actor, Action.CREATE),
    }


def is_signed_in() -> bool:
    """Whether the caller has an account, so that checks leave receipts."""
    return has_role_for(current_actor(), Action.READ_CHECKS)


def context_url(values: Mapping[str, str]) -> str:
    """Return the URL of an empty form with this one's values except the text."""
    known: dict[str, Any] = {name: values[name] for name in CONTEXT if values[name]}
    return url_for("pages.check_page", **known)


def _guard_names(findings: Iterable[Mapping[str, Any]]) -> dict[str, LocalText]:
    """Return the titles of the findings' guards, by key, without deleted and invisible guards."""
    keys = {finding["guard"] for finding in findings}
    return guard_titles(current_actor(), keys, text_languages())


def _facts(data: Mapping[str, Any], values: Mapping[str, str], names: Names) -> list[str]:
    """Return the facts besides the text, as people read them."""
    return [
        *_known(names["platform"], values["platform"]),
        *([str(KINDS[values["kind"]])] if values["kind"] in KINDS else []),
        *([scheduled(data["scheduled_at"])] if data["scheduled_at"] else []),
        *map(country_name, data["audience_countries"]),
        *filter(None, (values["account"], values["organization"])),
        *_known(names["industry"], values["industry"]),
        *([language_name(values["language"])] if values["language"] else []),
    ]


def _known(names: Mapping[str, str], key: str) -> list[str]:
    return [names[key]] if key in names else []


def _choices(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda pair: pair[1].casefold())


def _unexplained(result: Mapping[str, Any]) -> list[Problem]:
    """Return the problem of a suppression without a reason, if there is one."""
    guard = unexplained(request.form)
    numbers = [item["number"] for item in numbered(result) if item["guard"] == guard]
    if not numbers:
        return []
    field = "because" if "guard" in request.form else f"because-{numbers[0]}"
    return [Problem(field, _("Say why it does not apply to this draft."))]


def _teams() -> list[tuple[str, str]]:
    """Return the teams to choose from, for members of several."""
    actor = current_actor()
    if len(teams_of(actor)) < 2:
        return []
    return [(team["key"], team["name"]) for team in list_teams(actor)]


def _check(check_request: CheckRequest, team: str | None) -> dict[str, Any]:
    """Check a draft, and store nothing. Raises InvalidInput for a team that is not the caller's."""
    actor = current_actor()
    if team is not None:
        check_team_id(actor, team)
    return check_draft(actor, check_request, text_languages(), today=current_day(), now=utc_now())
