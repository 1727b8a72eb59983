"""The concepts and the days that a guard is about, with their names, and the text searched for guards."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.guard import GuardType
from kb.guards.unfinished_kinds import UNFINISHED_KINDS
from kb.observances.table import KINDS, TONES, observances
from kb.pages.language import text_languages
from kb.services.infrastructure.runtime import concepts
from kb.services.taxonomy.listing import label, term_names
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kb.domain.guard import Guard
    from kb.observances.table import Observance

    Entries = Mapping[str, Mapping[str, Iterable[str]]]
    """All names of things, by key and language."""


def concept_name(key: str) -> str:
    """Return the name of a concept; its key if it has no name."""
    concept = concepts().concepts.get(key)
    return key if concept is None or not concept.labels else label(concept.labels, text_languages())


def days_of(guard: Guard) -> list[Observance]:
    """Return the observances of a guard of the type `date`, limited to its countries if it has some."""
    if guard.type is not GuardType.DATE:
        return []
    listed = guard.parameters.get("observances", ())
    tones, kinds = guard.parameters.get("tones"), guard.parameters.get("kinds")
    alike = (
        row
        for row in observances().values()
        if (tones or kinds) and row.tone in (tones or TONES) and row.kind in (kinds or KINDS)
    )
    found = [*(observances()[key] for key in listed), *alike]
    return [row for row in found if not guard.countries or row.is_kept_in(guard.countries)]


def searched_text(guard: Guard, context: Mapping[str, Any] | None = None) -> str:
    """Return the text that a search for a guard matches: its texts, bad examples, parameters and their names,
    and from `context` the lesson that carries it and the incident that taught it."""
    texts = [guard.key, *guard.title.values(), *guard.message.values(), *guard.suggestion.values()]
    texts += [draft.text for draft in guard.bad]
    texts += _texts(guard.parameters)
    if guard.type is GuardType.PLACEHOLDER:
        texts += [text for said in UNFINISHED_KINDS for kind in said.values() for text in kind.values()]
    if context and context["lesson"]:
        texts.append(context["lesson"]["text"])
    if context and context["incident"]:
        texts += [context["incident"]["title"], context["incident"]["organization"]]
    for row in days_of(guard):
        texts += [name for language in {*row.names, *row.aliases} for name in row.all_names(language)]
    return "\n".join(texts).casefold()


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in parameters, and the names of the concepts among them."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
        if (concept := concepts().concepts.get(value)) is not None:
            yield from concept.labels.values()


def _name(key: str, entries: Entries) -> str:
    """Return the name of a key in the reader's language; the key itself if it has none."""
    names = entries.get(key)
    if not names:
        return key
    return label({tag: next(iter(texts)) for tag, texts in names.items()}, text_languages())


class Catalog(NamedTuple):
    """Things that a guard may be about, chosen by name: the catalog's id in a page, and all names of each
    thing, by key and language."""

    id: str
    entries: Callable[[], Entries]

    @property
    def keys(self) -> Iterable[str]:
        """Return the keys of the things."""
        return self.entries().keys()

    @property
    def names(self) -> list[str]:
        """Return their names in the reader's language, sorted."""
        entries = self.entries()
        return sorted((_name(key, entries) for key in entries), key=str.casefold)

    def name(self, key: str) -> str:
        """Return the name of a key in the reader's language; the key itself if there is none."""
        return _name(key, self.entries())

    def key(self, name: str) -> str:
        """Return the key for a name in any language, or for the key itself; the name if it is unknown."""
        return self._keys_by_name().get(name.casefold(), name)

    def near(self, name: str) -> str | None:
        """Return the probably intended name, in the reader's language; None if nothing is similar."""
        keys = self._keys_by_name()
        found = get_close_matches(name.casefold(), keys, n=1, cutoff=0.7)
        return self.name(keys[found[0]]) if found else None

    def _keys_by_name(self) -> dict[str, str]:
        entries = self.entries()
        others = {
            name.casefold(): key
            for key, names in reversed([*entries.items()])
            for texts in names.values()
            for name in reversed([*texts])
        }
        return {
            **others,
            **{_name(key, entries).casefold(): key for key in entries},
            **{key: key for key in entries},
        }


def industry_names() -> dict[str, str]:
    """Return the names of the industries in the reader's language, by key."""
    return term_names(current_actor(), ("industry",), text_languages())["industry"]


def platform_names() -> dict[str, str]:
    """Return the names of the platforms in the reader's language, by key."""
    return term_names(current_actor(), ("platform",), text_languages())["platform"]


def _subjects() -> dict[str, dict[str, tuple[str]]]:
    return {
        key: {tag: (text,) for tag, text in (concept.labels or {"en": key}).items()}
        for key, concept in concepts().concepts.items()
    }


def _watched_days() -> dict[str, dict[str, tuple[str, ...]]]:
    return {key: {tag: row.all_names(tag) for tag in row.names} for key, row in observances().items()}


SUBJECTS = Catalog("subjects", _subjects)
"""The concepts of the lexicon."""

WATCHED_DAYS = Catalog("watched-days", _watched_days)
"""The observances of the calendar."""
