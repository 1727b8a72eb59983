"""The front page: a search box, a box for a draft, and an overview of the knowledge base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import render_template

from kb.domain.filters import IncidentFilter
from kb.domain.incident import Status
from kb.domain.periods import Interval
from kb.models.base import utc_now
from kb.pages.bar_chart import yearly_chart
from kb.pages.countries import country_name, likely_country
from kb.pages.days.coming_days import coming_days
from kb.pages.language import text_languages
from kb.pages.messages import _
from kb.pages.words.trend_words import incidents_text, period_text
from kb.services.incidents.read import list_incidents
from kb.services.taxonomy.listing import get_namespace, term_names
from kb.services.trends.query import TrendsQuery
from kb.services.trends.report import build_report
from kb.services.trends.snapshot import open_snapshot
from kb.web.current_actor import current_actor, current_day
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint

    from kb.services.trends.report import TrendsReport

_LATEST = 4
_PUBLISHED = IncidentFilter(statuses=(Status.PUBLISHED,))


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/", view_func=front_page)


@with_permission_check
def front_page() -> str:
    """Ask one question: has somebody been burned by this before?"""
    actor, languages = current_actor(), text_languages()
    latest = list_incidents(actor, _PUBLISHED, languages, limit=_LATEST, cursor=None)
    categories = get_namespace(actor, "category", languages)["terms"]
    years, country = _years(languages), likely_country()
    return render_template(
        "front.html",
        categories=sorted((term for term in categories if not term["retired"]), key=_most_first),
        latest=latest.items,
        platform_names=term_names(actor, ("platform",), languages)["platform"],
        on_file=_on_file(years),
        country=country_name(country) if country else "",
        coming=coming_days(current_day(), [country] if country else []),
        chart=yearly_chart(years.rows),
    )


def _most_first(term: dict[str, Any]) -> tuple[int, str]:
    return (-term["count"], term["label"])


def _years(languages: list[str]) -> TrendsReport:
    """Count the incidents of each year."""
    query = TrendsQuery(interval=Interval.YEAR, zone=ZoneInfo("UTC"), filter=_PUBLISHED)
    with open_snapshot(query.dimensions) as snapshot:
        return build_report(current_actor(), query, languages, snapshot, as_of=utc_now())


def _on_file(report: TrendsReport) -> str | None:
    """Return a line such as `6 incidents on file, 2017-2018`; None without incidents."""
    years = [row["bucket"] for row in report.rows if row["value"]]
    if not years:
        return None
    count = sum(row["incidents"] for row in report.rows)
    period = period_text(years[0], years[-1])
    return _("%(incidents)s on file, %(period)s", incidents=incidents_text(count), period=period)
