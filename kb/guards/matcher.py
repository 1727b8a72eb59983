"""The interface of a guard type: a matcher, which finds matches in a draft."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.clean_text import Span


@dataclass(frozen=True, slots=True)
class Match:
    """A match of a guard in a draft.

    `span` is None if the match concerns the draft as a whole, such as its date. `values` fill the names in
    the guard's message, such as `{day}`, by language (`""`: any); `{text}` is filled from the span.
    """

    span: Span | None
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Matcher(Protocol):
    """A guard type with its parameters, ready to examine drafts. Immutable: threads share it."""

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The matches in a draft, in text order."""
