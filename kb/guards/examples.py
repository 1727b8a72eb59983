"""The examples of a guard: drafts that it must flag, and drafts that it must let pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.guards.analysis import AnalyzedDraft
from kb.messages import Message
from kb.pauses import no_pause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.domain.draft import Draft
    from kb.guards.ruleset import CompiledGuard
    from kb.pauses import Pause
    from kb.search.concepts import ConceptTable


class FailedExample(NamedTuple):
    """An example that fails. `pointer` locates it in the guard's data: `/examples/bad/0`.

    `found` is the text that the guard finds in a good example; None for a bad one that it does not flag.
    """

    pointer: str
    draft: Draft
    found: str | None

    @property
    def message(self) -> Message:
        """The problem, in a sentence."""
        if self.found is None:
            return Message(
                "The guard finds nothing in this bad example. Change its parameters, or the example."
            )
        return Message(
            "The guard finds “{found}” in this good example. Add an exception, or change the example.",
            found=self.found,
        )


def failed_examples(
    compiled: CompiledGuard, concepts: ConceptTable, pause: Pause = no_pause
) -> Iterator[FailedExample]:
    """The examples that a guard fails. `pause` is called before each example."""
    for number, draft in enumerate(compiled.guard.bad):
        pause()
        if next(compiled.matches(AnalyzedDraft(draft, concepts)), None) is None:
            yield FailedExample(f"/examples/bad/{number}", draft, None)
    for number, draft in enumerate(compiled.guard.good):
        pause()
        analyzed = AnalyzedDraft(draft, concepts)
        match = next(compiled.matches(analyzed), None)
        if match is not None:
            found = draft.text if match.span is None else analyzed.text_at(match.span)
            yield FailedExample(f"/examples/good/{number}", draft, found)
