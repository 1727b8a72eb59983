"""The facts beside an incident: each a name and its values, most of which link to a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flask import url_for

from kb.pages.messages import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kb.pages.words.term_labels import Terms


class Value(NamedTuple):
    """A value of a fact, and the search for incidents that share it."""

    text: str
    url: str


class Fact(NamedTuple):
    """A name with one or more values."""

    name: str
    values: list[Value]


def facts(incident: Mapping[str, Any], terms: Terms) -> list[Fact]:
    """Return the facts of an incident for an overview, without empty ones."""
    organization = incident["organization"]
    found = [
        Fact(
            _("Organization"),
            [Value(organization, _search_url("organization", organization))],
        ),
        Fact(_("Platform"), _values(terms, "platform", incident["platforms"])),
        Fact(_("Industry"), _values(terms, "industry", [incident["industry"]])),
        Fact(_("How it failed"), _values(terms, "failure_mode", incident["failure_modes"])),
        Fact(_("Themes"), _values(terms, "theme", incident["themes"])),
        Fact(_("Also counted under"), _values(terms, "category", incident["secondary_categories"])),
        Fact(_("Response"), _values(terms, "response", _kinds(incident))),
        Fact(_("Tags"), [Value(tag, _search_url("tag", tag)) for tag in incident["tags"]]),
    ]
    return [fact for fact in found if fact.values]


def _values(terms: Terms, namespace: str, keys: Iterable[str | None]) -> list[Value]:
    """Return the terms with these keys, each with the search for its incidents."""
    return [Value(terms.label(namespace, key), _search_url(namespace, key)) for key in keys if key]


def _search_url(parameter: str, value: str) -> str:
    filters: dict[str, Any] = {parameter: value}
    return url_for("pages.search_page", **filters)


def _kinds(incident: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(response["kind"] for response in incident["responses"]))
