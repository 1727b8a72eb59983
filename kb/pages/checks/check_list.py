"""The list of checks: the visitor's and those of the visitor's teams, with their outcomes over time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import render_template, request

from kb.domain.guard import Verdict
from kb.domain.periods import start_of_day
from kb.errors import InvalidInput
from kb.pages.checks.check_counts import count_chart, counted_period
from kb.pages.form_errors import errors_by_field
from kb.pages.formats import partial_date
from kb.pages.language import text_languages
from kb.pages.messages import _
from kb.pages.parameters import load_query, page_url, sent_parameters
from kb.pages.words.check_words import VERDICTS, listed_sentence, scheduled, tally_sentence, tone
from kb.schemas.fields import Text
from kb.schemas.query_fields import PeriodBound, resolve_bounds
from kb.schemas.receipts import CheckQuerySchema
from kb.services.accounts.teams import list_teams
from kb.services.check.receipts.counts import CountQuery
from kb.services.check.receipts.reading import list_authors, list_checks_with_guards
from kb.services.check.receipts.store import CheckFilter
from kb.services.taxonomy.listing import term_names
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.services.check.guard_texts import LocalText

_DAYS = ("from", "to")
_FIELDS = ("team", "platform", "account", "author")

_MAX_NAMED = 2
"""How many guards a check in the list names: the most severe ones, by which it is recognized."""


class _ListQuerySchema(CheckQuerySchema):
    """Filters of the list: those of the API, the name of an author, and days in the visitor's time zone."""

    author = Text(200, min_length=1)
    from_ = PeriodBound(data_key="from")
    to = PeriodBound()


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/checks", view_func=checks_page)


@with_permission_check
def checks_page() -> ResponseReturnValue:
    """List the caller's checks and those of the caller's teams, the latest first."""
    try:
        found = _found()
    except InvalidInput as error:
        errors = errors_by_field(error, {})
        if not errors.keys() <= {*_DAYS}:
            raise
        chosen = {name: request.args.get(name, "") for name in ("verdict", *_DAYS, *_FIELDS)}
        return _page(errors=errors, checks=[], chosen=chosen, is_filtered=True), 422
    return _page(errors={}, **found)


def _found() -> dict[str, Any]:
    """Return the template variables of what was asked for. Raises InvalidInput."""
    query = load_query(_ListQuerySchema())
    counted = _counted(query)
    page = list_checks_with_guards(
        current_actor(),
        _filter(query, counted),
        text_languages(),
        limit=query["limit"],
        cursor=query.get("cursor"),
    )
    rest = [pair for pair in sent_parameters() if pair[0] != "cursor"]
    period = counted_period(counted)
    return {
        "checks": [{**check, "named": _named(check["guards"])} for check in page.items],
        "tally": tally_sentence(period.counts, period.reruns),
        "chart": count_chart(counted, period),
        "chosen": {
            "verdict": request.args.get("verdict", ""),
            "from": counted.first or "",
            "to": counted.last or "",
            **{name: query.get(name) or "" for name in _FIELDS},
        },
        "is_filtered": any(name not in ("lang", "limit") for name, _value in rest),
        "first_url": page_url(rest) if "cursor" in request.args else None,
        "next_url": page_url([*rest, ("cursor", page.next)]) if page.next else None,
    }


def _named(guards: Sequence[LocalText | None]) -> tuple[list[LocalText], int]:
    """Return the titles of the first guards, and how many more guards found something."""
    titles = [title for title in guards if title is not None][:_MAX_NAMED]
    return titles, len(guards) - len(titles)


def _page(*, chosen: Mapping[str, Any], **variables: Any) -> str:
    actor = current_actor()
    platforms = term_names(actor, ("platform",), text_languages())["platform"]
    teams = [(team["key"], team["name"]) for team in list_teams(actor)]
    return render_template(
        "checks.html",
        **variables,
        chosen=chosen,
        chosen_words=_words(chosen, dict(teams), platforms),
        platforms=platforms,
        verdicts=VERDICTS,
        sentence=listed_sentence,
        tone=tone,
        scheduled=scheduled,
        teams=teams,
        authors=list_authors(actor),
    )


def _words(chosen: Mapping[str, Any], teams: Mapping[str, str], platforms: Mapping[str, str]) -> list[str]:
    """Describe the chosen filters in words, for the summary of the collapsed form."""
    known = {
        "verdict": VERDICTS.get(chosen["verdict"]),
        "team": teams.get(chosen["team"]),
        "author": chosen["author"],
        "platform": platforms.get(chosen["platform"]),
        "account": chosen["account"],
    }
    days = [(_("From"), chosen["from"]), (_("To"), chosen["to"])]
    named = [f"{name} {partial_date(day.isoformat())}" for name, day in days if isinstance(day, date)]
    return [str(value) for value in known.values() if value] + named


def _counted(query: Mapping[str, Any]) -> CountQuery:
    """Return the query for the counts: of a team, a platform and a period, by any author."""
    zone = ZoneInfo(current_actor().time_zone)
    bounds = resolve_bounds(query, ("from_", "to"), zone)
    return CountQuery(
        zone=zone,
        first=bounds["from_"].first if "from_" in bounds else None,
        last=bounds["to"].last if "to" in bounds else None,
        team=query.get("team"),
        platform=query.get("platform"),
    )


def _filter(query: Mapping[str, Any], counted: CountQuery) -> CheckFilter:
    first, last, zone = counted.first, counted.last, counted.zone
    since = query.get("since") if first is None else start_of_day(first, zone)
    until = query.get("until") if last is None else start_of_day(last + timedelta(1), zone)
    return CheckFilter(
        verdicts=[Verdict(value) for value in query.get("verdict", ())],
        since=since,
        until=until if last is None or until is None else until - timedelta(microseconds=1),
        **{name: query.get(name) for name in _FIELDS},
    )
