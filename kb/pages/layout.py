"""What every page has around its content: navigation, the language switch, who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from flask import g, request

from kb.pages.language import LANGUAGES, interface_language
from kb.pages.messages import _l
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from kb.pages.messages import LazyText


class Section(NamedTuple):
    """An entry of the navigation: the view it leads to, its name, and the prefix of its pages' names."""

    endpoint: str
    title: LazyText
    prefix: str


_SECTIONS = (
    Section("pages.search_page", _l("Search"), "search"),
    Section("pages.trends_page", _l("Trends"), "trends"),
    Section("pages.calendar_page", _l("Calendar"), "calendar"),
)


def layout() -> dict[str, Any]:
    """The variables of the layout."""
    language = interface_language()
    view = (request.endpoint or "").removeprefix("pages.")
    return {
        "sections": _SECTIONS,
        "current_section": next((each for each in _SECTIONS if view.startswith(each.prefix)), None),
        "other_languages": [
            (tag, name, language_url(tag)) for tag, name in LANGUAGES.items() if tag != language
        ],
        "actor": current_actor(),
        "session_ended": g.get("session_ended", False),
    }


def language_url(language: str) -> str:
    """The address of the current page in a language."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.script_root}{request.path}?{urlencode([*query, ('lang', language)])}"
