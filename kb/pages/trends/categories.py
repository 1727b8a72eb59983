"""A category: what goes wrong, how it ends, and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template

from kb.errors import NotFound
from kb.messages import Message
from kb.pages.api_urls import filtered_feed_url
from kb.pages.language import text_languages
from kb.pages.trends.category_figures import category_figures, figures_by_category, published_in, shares
from kb.pages.trends.trends import IncidentLinks
from kb.pages.words.trend_words import incidents_text
from kb.services.incidents.read import list_incidents
from kb.services.incidents.shared_lessons import shared_lessons
from kb.services.taxonomy.listing import get_namespace
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint

_LATEST = 10
_MAX_LESSONS = 15


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/categories", view_func=categories_page)
    blueprint.add_url_rule("/categories/<key>", view_func=category_page)


@with_permission_check
def categories_page() -> str:
    """List the categories with their figures, the most frequent first."""
    figures = figures_by_category()
    listed = [(term, figures.get(term["key"], {})) for term in _terms()]
    return render_template(
        "categories.html",
        categories=sorted(listed, key=lambda pair: -_value(pair[1], "count")),
        incidents_of=IncidentLinks(),
    )


@with_permission_check
def category_page(key: str) -> str:
    """Show a category: its figures, the responses, its lessons and its latest incidents.

    Raises NotFound for one that does not exist.
    """
    actor, languages = current_actor(), text_languages()
    term = next((term for term in _terms() if term["key"] == key), None)
    if term is None:
        raise NotFound(Message("There is no category {key!r}.", key=key[:100]))
    figures = category_figures(key)
    return render_template(
        "category.html",
        term=term,
        figures=figures,
        total=incidents_text(figures.total),
        failure_mode_shares=shares(figures.failure_modes),
        severity_shares=shares(figures.severities),
        lessons=shared_lessons(actor, published_in(key), languages, limit=_MAX_LESSONS),
        latest=list_incidents(actor, published_in(key), languages, limit=_LATEST, cursor=None),
        incidents_of=IncidentLinks(),
        filtered_feed=filtered_feed_url([("category", key)]),
    )


def _terms() -> list[dict[str, Any]]:
    terms = get_namespace(current_actor(), "category", text_languages())["terms"]
    return [term for term in terms if not term["retired"]]


def _value(figures: dict[str, dict[str, Any]], name: str) -> float:
    return float(figures[name]["value"]) if name in figures else 0
