"""The concepts and the days that a guard is about, with their names, and what a search for guards reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.guard import GuardType
from kb.observances.table import KINDS, TONES, observances
from kb.pages.language import text_languages
from kb.services.infrastructure.runtime import concepts
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.domain.guard import Guard
    from kb.observances.table import Observance


def concept_name(key: str) -> str:
    """What a concept is called; its key if it has no name."""
    concept = concepts().concepts.get(key)
    return key if concept is None or not concept.labels else label(concept.labels, text_languages())


def days_of(guard: Guard) -> list[Observance]:
    """The observances that a guard of the type `date` looks at, of its countries if it has some."""
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


def searched_text(guard: Guard) -> str:
    """All words that somebody may know a guard by: what it says and looks for, and the names of that."""
    texts = [guard.key, *guard.title.values(), *guard.message.values(), *guard.suggestion.values()]
    texts += [draft.text for draft in guard.bad]
    texts += _texts(guard.parameters)
    for row in days_of(guard):
        texts += [name for language in {*row.names, *row.aliases} for name in row.all_names(language)]
    return "\n".join(texts).casefold()


def _texts(value: Any) -> Iterator[str]:
    """The texts in parameters, and the names of the concepts among them."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
        if (concept := concepts().concepts.get(value)) is not None:
            yield from concept.labels.values()
