"""A ruleset: guards compiled together and shared by all checks. Its hash shows whether anything changed."""

from __future__ import annotations

from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import orjson

from kb.guards.candidates import CandidateIndex
from kb.guards.definition import canonical_json
from kb.guards.types import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.domain.draft import Draft
    from kb.domain.guard import Guard
    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.matcher import Match, Matcher
    from kb.search.concepts import ConceptTable

MAX_MATCHES = 20
"""Maximum number of matches of one guard that a check reports."""


class CompiledGuard(NamedTuple):
    """A guard with its matcher, and its data in `canonical_json`."""

    guard: Guard
    matcher: Matcher
    data: bytes

    def applies_to(self, draft: Draft) -> bool:
        """Whether the guard covers the draft's countries, platform and account.

        Anything that the draft leaves unknown counts as covered.
        """
        guard = self.guard
        return (
            _is_among(draft.platform, guard.platforms)
            and _is_among(draft.account and draft.account.lstrip("@").casefold(), guard.accounts)
            and (
                not guard.countries
                or not draft.audience_countries
                or not {*guard.countries}.isdisjoint(draft.audience_countries)
            )
        )

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The matches in a draft; none if the guard does not apply to it."""
        return self.matcher.matches(draft) if self.applies_to(draft.draft) else iter(())


class Finding(NamedTuple):
    """A match, with the guard that found it."""

    guard: Guard
    match: Match


class Ruleset:
    """Guards that examine drafts together. Immutable: all checks of a process share it."""

    def __init__(self, guards: Iterable[CompiledGuard], concepts: ConceptTable, version: str) -> None:
        """Index the guards. `version` identifies everything else that affects findings."""
        self.guards = tuple(sorted(guards, key=lambda compiled: compiled.guard.key))
        self.concepts = concepts
        self._candidates = CandidateIndex([compiled.matcher for compiled in self.guards])
        self.hash = _hash(self.guards, concepts, version)

    def findings(self, draft: AnalyzedDraft) -> list[Finding]:
        """The findings in a draft, the most severe first, then in text order."""
        found: list[Finding] = []
        for compiled in map(self.guards.__getitem__, self._candidates.numbers(draft)):
            matches = islice(compiled.matches(draft), MAX_MATCHES)
            found += (Finding(compiled.guard, match) for match in matches)
            draft.pause()
        return sorted(found, key=_order)


def _order(finding: Finding) -> tuple[int, int, int, str]:
    span = finding.match.span
    return (finding.guard.severity.rank, *(span or (-1, -1)), finding.guard.key)


def _hash(guards: Iterable[CompiledGuard], concepts: ConceptTable, version: str) -> str:
    data = [orjson.Fragment(compiled.data) for compiled in guards]
    return sha256(orjson.dumps([data, concepts.digest, version])).hexdigest()


def compile_guard(guard: Guard, concepts: ConceptTable, data: bytes | None = None) -> CompiledGuard:
    """Compile a guard, so that it can examine drafts. Raises GuardError for invalid parameters.

    `data` is its `canonical_json`, if that is known.
    """
    return CompiledGuard(guard, parse(guard, concepts), data or canonical_json(guard))


def _is_among(value: str | None, values: tuple[str, ...]) -> bool:
    return not values or value is None or value in values
