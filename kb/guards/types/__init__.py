"""One module for each type of guard: how its parameters are read, and what it finds in a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.guard import GuardType
from kb.guards.parameters import Parameters
from kb.guards.types.pattern import parse_pattern
from kb.guards.types.phrase import parse_phrase
from kb.guards.types.placeholder import parse_placeholder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kb.domain.guard import Guard
    from kb.guards.matcher import Matcher
    from kb.search.concepts import ConceptTable

_PARSERS: Mapping[GuardType, Callable[[Parameters, ConceptTable], Matcher]] = {
    GuardType.PLACEHOLDER: parse_placeholder,
    GuardType.PHRASE: parse_phrase,
    GuardType.PATTERN: parse_pattern,
}
"""By type, the function that makes a matcher of a guard's parameters. It raises GuardError."""


def parse(guard: Guard, concepts: ConceptTable) -> Matcher:
    """The matcher of a guard. Raises GuardError for invalid parameters."""
    parameters = Parameters(guard.parameters)
    matcher = _PARSERS[guard.type](parameters, concepts)
    parameters.finish()
    return matcher
