"""The frame of every page: navigation, the language switch, who is signed in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from flask import request, url_for
from sqlalchemy.exc import SQLAlchemyError

from kb.domain.permissions import Action, has_role_for
from kb.pages.api_urls import feed_url
from kb.pages.language import LANGUAGES, interface_language
from kb.pages.messages import _l
from kb.pages.parameters import misspellings
from kb.pages.return_path import return_path
from kb.pages.unsent_form import unsent_form
from kb.services.incidents.waiting import count_waiting
from kb.services.infrastructure.runtime import settings
from kb.services.search.index_status import index_status
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from kb.pages.messages import LazyText


class Section(NamedTuple):
    """An entry of the navigation: its view, its name, and the prefixes of its pages' names."""

    endpoint: str
    title: LazyText
    prefixes: tuple[str, ...]


_SECTIONS = (
    Section("pages.search_page", _l("Search"), ("search",)),
    Section("pages.check_page", _l("Check a draft"), ("check",)),
    Section("pages.trends_page", _l("Trends"), ("trends",)),
    Section("pages.calendar_page", _l("Days to watch"), ("calendar",)),
    Section(
        "pages.topics_page",
        _l("Browse incidents"),
        ("topic", "categor", "incident", "history", "diff", "collection", "organization", "import"),
    ),
    Section("pages.guards_page", _l("Guards"), ("guard",)),
)

_STARTS = ("front_page", "sign_in_page")
"""Pages to which signing in does not return: visitors had no other destination yet."""


_MAX_SENT_BYTES, _FIELD_BYTES = 4_000, 45
"""The size limit of the language switch's form, and the overhead of a field besides its name and value."""


def layout() -> dict[str, Any]:
    """Return the template variables of the layout."""
    language = interface_language()
    view = (request.endpoint or "").removeprefix("pages.")
    return {
        "sections": _SECTIONS,
        "current_section": next((each for each in _SECTIONS if view.startswith(each.prefixes)), None),
        "other_languages": [
            (tag, name, language_url(tag)) for tag, name in LANGUAGES.items() if tag != language
        ],
        "sent_fields": _sent_fields(),
        "feed_url": feed_url(),
        "contact": settings().contact,
        "misspellings": misspellings(),
        "actor": current_actor(),
        "may_review": has_role_for(current_actor(), Action.READ_HISTORY),
        "may_decide": has_role_for(current_actor(), Action.PUBLISH),
        "count_waiting": _count_waiting,
        "may_file": has_role_for(current_actor(), Action.CREATE),
        "may_import": has_role_for(current_actor(), Action.OVERRIDE),
        "is_site_admin": has_role_for(current_actor(), Action.MANAGE_SITE),
        "is_signed_in": current_actor().token_id is not None,
        "sign_in_url": _sign_in_url(view),
        "index_is_behind": index_status() == "pending",
    }


def _count_waiting() -> int:
    """Return how much waits for a review in the visitor's teams; 0 if the database fails."""
    with suppress(SQLAlchemyError):
        return count_waiting(current_actor())
    return 0


def _sign_in_url(view: str) -> str:
    """Return the URL for signing in, which leads back to the current page."""
    leads_back = request.method == "GET" and view.endswith("_page") and view not in _STARTS
    return url_for("pages.sign_in_page", next=return_path() if leads_back else None)


def _sent_fields() -> list[tuple[str, str]]:
    """Return the fields of the form that the current page answers, for the language switch to send again.

    Empty if they cannot be repeated, or would double the size of the page.
    """
    form = unsent_form()
    if form is None:
        return []
    size = sum(len(name) + len(value.encode(errors="replace")) + _FIELD_BYTES for name, value in form.fields)
    if size > _MAX_SENT_BYTES:
        return []
    return form.fields


def language_url(language: str) -> str:
    """Return the URL of the current page in a language."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.script_root}{request.path}?{urlencode([*query, ('lang', language)])}"
