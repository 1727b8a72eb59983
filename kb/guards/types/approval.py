"""The type `approval`: a note that what a team marked needs an approval. There is nothing wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.guards.matcher import Match

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable


@dataclass(frozen=True, slots=True)
class ApprovalMatcher:
    """Names the first place at which a draft touches each of some concepts, or every draft without concepts.

    `{concept}`, its label, fills the message.
    """

    concepts: tuple[str, ...]

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The draft, or what makes it need an approval, in the order of the text."""
        if not self.concepts:
            yield Match(None)
            return
        first = [(draft.touched[key][0], key) for key in self.concepts if draft.touched.get(key)]
        for touch, key in sorted(first):
            labels = draft.concept_table.concepts[key].labels
            yield Match(touch.span, {"concept": labels or {"": key}})


def parse_approval(parameters: Parameters, concepts: ConceptTable) -> ApprovalMatcher:
    """Read `concepts`, keys of the table. Raises GuardError."""
    return ApprovalMatcher(tuple(dict.fromkeys(parameters.choices("concepts", concepts.concepts.keys()))))
