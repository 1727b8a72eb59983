"""What a guard finds in a draft, as texts."""

from __future__ import annotations

from typing import Any

from kb.domain.draft import Draft
from kb.domain.guard import Guard, GuardType, Severity
from kb.guards.analysis import AnalyzedDraft
from kb.guards.matcher import Matcher
from kb.guards.types import parse
from kb.search.concepts import ConceptTable

EMPTY_CONCEPTS = ConceptTable.of({})


def matcher(type_: str, concepts: ConceptTable = EMPTY_CONCEPTS, /, **parameters: Any) -> Matcher:
    """The matcher of a guard with these parameters."""
    return parse(guard(type_, **parameters), concepts)


def guard(type_: str, /, severity: Severity = Severity.NOTE, **parameters: Any) -> Guard:
    """A guard with these parameters."""
    return Guard(
        key="test", type=GuardType(type_), severity=severity, message={"en": "Look."}, parameters=parameters
    )


def analyzed(text: str, concepts: ConceptTable = EMPTY_CONCEPTS, /, **facts: Any) -> AnalyzedDraft:
    """A draft with this text, and what else is known of it."""
    return AnalyzedDraft(Draft(text=text, **facts), concepts)


def found(matcher: Matcher, text: str, concepts: ConceptTable = EMPTY_CONCEPTS, /, **facts: Any) -> list[str]:
    """The parts of a text that a guard finds, in the order of the text."""
    draft = analyzed(text, concepts, **facts)
    return [draft.text_at(match.span) for match in matcher.matches(draft) if match.span is not None]
