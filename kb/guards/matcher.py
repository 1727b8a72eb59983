"""What a type of guard must offer: a matcher, which finds places in a draft."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.clean_text import Span


@dataclass(frozen=True, slots=True)
class Match:
    """What a guard found in a draft.

    `span` is where; None for what concerns the draft as a whole, such as its date. `values` fill the names in
    the guard's message, `{day}`, each by language (`""`: in any); `{text}` is filled by the span.
    """

    span: Span | None
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Matcher(Protocol):
    """A guard's type with its parameters, ready to look at drafts. Immutable: threads share it."""

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """What it finds in a draft, in the order of the text."""
