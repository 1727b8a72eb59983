"""One module for each type of guard: how its parameters are read, and what it finds in a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.guards.errors import GuardError
from kb.guards.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kb.domain.guard import Guard, GuardType
    from kb.guards.matcher import Matcher
    from kb.search.concepts import ConceptTable

_PARSERS: Mapping[GuardType, Callable[[Parameters, ConceptTable], Matcher]] = {}
"""By type, the function that makes a matcher of a guard's parameters. It raises GuardError."""


def parse(guard: Guard, concepts: ConceptTable) -> Matcher:
    """The matcher of a guard. Raises GuardError for invalid parameters."""
    parser = _PARSERS.get(guard.type)
    if parser is None:
        raise GuardError(f"No guard of the type {guard.type} can be made yet. Use another type.", "/type")
    parameters = Parameters(guard.parameters)
    matcher = parser(parameters, concepts)
    parameters.finish()
    return matcher
