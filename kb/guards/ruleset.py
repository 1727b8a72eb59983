"""A ruleset: guards compiled together, which every check shares. Its hash tells whether anything changed."""

from __future__ import annotations

from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import orjson

from kb.guards.candidates import CandidateIndex
from kb.guards.definition import to_data
from kb.guards.types import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.domain.draft import Draft
    from kb.domain.guard import Guard
    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.matcher import Match, Matcher
    from kb.search.concepts import ConceptTable

MAX_MATCHES = 20
"""How many matches of one guard a check reports."""


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
                or not {*guard.countries}.isdisjoint(draft.audience_countries)
            )
        )

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """What the guard finds in a draft that it applies to."""
        return self.matcher.matches(draft) if self.applies_to(draft.draft) else iter(())


class Finding(NamedTuple):
    """What a guard of a ruleset found."""

    guard: Guard
    match: Match


class Ruleset:
    """Guards that look at drafts together. Immutable: all checks of a process share it."""

    def __init__(self, guards: Iterable[CompiledGuard], concepts: ConceptTable, version: str) -> None:
        """Take the guards, and the version of whatever else decides what is found."""
        self.guards = tuple(sorted(guards, key=lambda compiled: compiled.guard.key))
        self.concepts = concepts
        self._candidates = CandidateIndex([compiled.matcher for compiled in self.guards])
        self.hash = _hash(self.guards, concepts, version)

    def findings(self, draft: AnalyzedDraft) -> list[Finding]:
        """What the guards find in a draft, the gravest first, then in order of the text."""
        found: list[Finding] = []
        for compiled in map(self.guards.__getitem__, self._candidates.numbers(draft)):
            matches = islice(compiled.matches(draft), MAX_MATCHES)
            found += (Finding(compiled.guard, match) for match in matches)
        return sorted(found, key=_order)


_SEVERITIES = ("stop", "caution", "note")


def _order(finding: Finding) -> tuple[int, int, int, str]:
    span = finding.match.span
    return (_SEVERITIES.index(finding.guard.severity), *(span or (-1, -1)), finding.guard.key)


def _hash(guards: Iterable[CompiledGuard], concepts: ConceptTable, version: str) -> str:
    data = [{"key": compiled.guard.key, **to_data(compiled.guard)} for compiled in guards]
    canonical = orjson.dumps([data, concepts.digest, version], option=orjson.OPT_SORT_KEYS)
    return sha256(canonical).hexdigest()


def compile_guard(guard: Guard, concepts: ConceptTable) -> CompiledGuard:
    """Make a guard ready to look at drafts. Raises GuardError for invalid parameters."""
    return CompiledGuard(guard, parse(guard, concepts))


def _is_among(value: str | None, values: tuple[str, ...]) -> bool:
    return not values or value is None or value in values
