"""One module for each type of guard: how its parameters are read, and what it finds in a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.guard import GuardType, Severity
from kb.guards.errors import GuardError
from kb.guards.parameters import Parameters
from kb.guards.types.date import parse_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kb.domain.guard import Guard
    from kb.guards.matcher import Matcher
    from kb.search.concepts import ConceptTable

_PARSERS: Mapping[GuardType, Callable[[Parameters, ConceptTable], Matcher]] = {
    GuardType.DATE: parse_date,
}
"""By type, the function that makes a matcher of a guard's parameters. It raises GuardError."""


def parse(guard: Guard, concepts: ConceptTable) -> Matcher:
    """The matcher of a guard. Raises GuardError for invalid parameters."""
    if guard.type is GuardType.DATE and guard.severity is Severity.STOP:
        raise GuardError(
            "A date alone never stops a post. Choose caution, or the type themes for concepts that clash.",
            "/severity",
        )
    parser = _PARSERS.get(guard.type)
    if parser is None:
        raise GuardError(f"No guard of the type {guard.type} can be made yet. Use another type.", "/type")
    parameters = Parameters(guard.parameters)
    matcher = parser(parameters, concepts)
    parameters.finish()
    return matcher
