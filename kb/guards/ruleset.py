"""A ruleset: guards compiled together, which every check shares. Its hash tells whether anything changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.guards.types import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.domain.draft import Draft
    from kb.domain.guard import Guard
    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.matcher import Match, Matcher
    from kb.search.concepts import ConceptTable


class CompiledGuard(NamedTuple):
    """A guard with its matcher."""

    guard: Guard
    matcher: Matcher

    def applies_to(self, draft: Draft) -> bool:
        """Whether the draft is of a country, platform and account that the guard is about.

        A draft that does not say is one that may be.
        """
        guard = self.guard
        return (
            _is_among(draft.platform, guard.platforms)
            and _is_among(draft.account and draft.account.lstrip("@").casefold(), guard.accounts)
            and (
                not guard.countries
                or not draft.audience_countries
                or bool({*guard.countries} & {*draft.audience_countries})
            )
        )

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """What the guard finds in a draft that it applies to."""
        if self.applies_to(draft.draft):
            yield from self.matcher.matches(draft)


def _is_among(value: str | None, values: tuple[str, ...]) -> bool:
    return not values or value is None or value in values


def compile_guard(guard: Guard, concepts: ConceptTable) -> CompiledGuard:
    """Make a guard ready to look at drafts. Raises GuardError for invalid parameters."""
    return CompiledGuard(guard, parse(guard, concepts))
