"""The options of the fields of an incident that are chosen from a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.taxonomy import NAMESPACES
from kb.pages.formats import SEVERITIES
from kb.pages.language import text_languages
from kb.pages.messages import _, _l
from kb.pages.words.incident_words import CONFIDENCES, IMPACTS, KINDS, SOURCES, VISIBILITIES
from kb.services.taxonomy.listing import get_namespace
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kb.pages.messages import LazyText

Options = list[tuple[str, str]]

_ENUMERATIONS: Mapping[str, Mapping[str, LazyText]] = {
    "confidences": CONFIDENCES,
    "impacts": IMPACTS,
    "kinds": KINDS,
    "sources": SOURCES,
    "visibilities": VISIBILITIES,
}

_MAY_BE_OPEN: Mapping[str, LazyText] = {
    "confidences": _l("Nobody has judged it yet"),
    "severities": _l("Nobody has judged it yet"),
}
"""The label of the option for no value."""


def options(name: str, chosen: Collection[str]) -> Options:
    """Return the options with their labels. A retired term is included only if it is among the `chosen`."""
    if name in NAMESPACES:
        terms = get_namespace(current_actor(), name, text_languages())["terms"]
        return [
            (term["key"], term["label"]) for term in terms if not term["retired"] or term["key"] in chosen
        ]
    if name == "severities":
        named = [
            (str(level), _("%(level)s of 5, %(word)s", level=level, word=str(words)))
            for level, words in SEVERITIES.items()
        ]
    else:
        named = [(str(key), str(words)) for key, words in _ENUMERATIONS[name].items()]
    return [*named, ("", str(_MAY_BE_OPEN[name]))] if name in _MAY_BE_OPEN else named
