"""The facts beside an incident: each a name and its values, most of which lead to a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flask import url_for

from kb.pages.language import text_languages
from kb.pages.messages import _
from kb.services.taxonomy.listing import label
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Value(NamedTuple):
    """A value of a fact, and the search for incidents that share it."""

    text: str
    url: str


class Fact(NamedTuple):
    """A name, and one value or more."""

    name: str
    values: list[Value]


class Terms:
    """The labels of terms in the reader's language."""

    def __init__(self) -> None:
        self._lookup = TermLookup()

    def label(self, namespace: str, key: str) -> str:
        """The label of a term; its key if there is no such term any more."""
        term = self._lookup.get(namespace, key)
        return key if term is None else label(term.labels, text_languages())

    def values(self, namespace: str, keys: Iterable[str | None]) -> list[Value]:
        """The terms with these keys, each with the search for its incidents."""
        return [Value(self.label(namespace, key), _search_url(namespace, key)) for key in keys if key]


def facts(incident: Mapping[str, Any], terms: Terms) -> list[Fact]:
    """What is known of an incident at a glance, without what is empty."""
    organization = incident["organization"]
    found = [
        Fact(
            _("Organization"),
            [Value(organization, _search_url("organization", organization))],
        ),
        Fact(_("Platform"), terms.values("platform", incident["platforms"])),
        Fact(_("Industry"), terms.values("industry", [incident["industry"]])),
        Fact(_("How it failed"), terms.values("failure_mode", incident["failure_modes"])),
        Fact(_("Themes"), terms.values("theme", incident["themes"])),
        Fact(_("Also counted under"), terms.values("category", incident["secondary_categories"])),
        Fact(_("Response"), terms.values("response", _kinds(incident))),
        Fact(_("Tags"), [Value(tag, _search_url("tag", tag)) for tag in incident["tags"]]),
    ]
    return [fact for fact in found if fact.values]


def _search_url(parameter: str, value: str) -> str:
    filters: dict[str, Any] = {parameter: value}
    return url_for("pages.search_page", **filters)


def _kinds(incident: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(response["kind"] for response in incident["responses"]))
