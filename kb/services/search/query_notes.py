"""Notes on a query: conditions that name a term or a date that does not exist, and were read as words."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.messages import Message, joined
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.search.parser import InvalidCondition

_MAX_NOTES = 5
"""Maximum number of notes on a query, since each note compares a name with a whole namespace."""


class QueryNote(NamedTuple):
    """A condition of a query that was read as words: its name, its value, and why, as `detail`.

    `suggestion` is the key of the term with the most similar name, if any is similar enough.
    """

    name: str
    value: str
    suggestion: str | None
    detail: Message

    def as_dict(self) -> dict[str, Any]:
        """The note in JSON form, with an untranslated `detail`."""
        return self._asdict()


def query_notes(invalid: Iterable[InvalidCondition]) -> tuple[QueryNote, ...]:
    """Describe the first invalid conditions of a query."""
    return tuple(map(_note, islice(invalid, _MAX_NOTES)))


def _note(condition: InvalidCondition) -> QueryNote:
    name, value, reason = condition
    if reason is not None:
        return QueryNote(name, value, None, joined([reason, Message("It was read as words.")]))
    detail = Message(
        "There is no {namespace} {key!r}, so it was read as words.", namespace=name, key=value[:100]
    )
    return QueryNote(name, value, TermLookup().closest_key(name, value), detail)
