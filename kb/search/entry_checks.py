"""Check the entries of word files: words and phrases, as people write them in YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.search.phrase_table import MAX_ENTRY_WORDS, entry_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAX_ENTRY_CHARACTERS = 100


def check_entries(name: str, entries: Iterable[Any], error_type: type[Exception]) -> None:
    """Raise `error_type` if an entry is not a text of one to MAX_ENTRY_WORDS words.

    `name` identifies the entries in the message.
    """
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, str):
            raise error_type(f"{name}: YAML reads entry {number} as {entry!r}. Write it in quotes.")
        if len(entry) > _MAX_ENTRY_CHARACTERS or not 1 <= len(entry_of(entry)) <= MAX_ENTRY_WORDS:
            raise error_type(
                f"{name}: {entry[:50]!r} must have one to {MAX_ENTRY_WORDS} words, "
                f"of at most {_MAX_ENTRY_CHARACTERS} characters in all."
            )
