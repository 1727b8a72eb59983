"""The type `approval`: a note that a draft needs an approval by the team's rules. It is not a fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.guards.matcher import Match

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.guards.analysis import AnalyzedDraft, Touch
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable


@dataclass(frozen=True, slots=True)
class ApprovalMatcher:
    """Finds where a draft first clearly touches each concept; without any, matches every draft.

    `{concept}`, its label, fills the message.
    """

    concepts: tuple[str, ...]

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The whole draft, or the parts for which it needs an approval, in text order."""
        if not self.concepts:
            yield Match(None)
            return
        for touch, key in sorted(self._first_touches(draft)):
            yield Match(touch.span, {"concept": draft.concept_table.concepts[key].labels})

    def _first_touches(self, draft: AnalyzedDraft) -> Iterator[tuple[Touch, str]]:
        for key in self.concepts:
            clear = (touch for touch in draft.touched.get(key, ()) if touch.clear)
            if (first := next(clear, None)) is not None:
                yield first, key


def parse_approval(parameters: Parameters, concepts: ConceptTable) -> ApprovalMatcher:
    """Read `concepts`, keys of the concept table. Raises GuardError."""
    return ApprovalMatcher(tuple(dict.fromkeys(parameters.choices("concepts", concepts.concepts.keys()))))
