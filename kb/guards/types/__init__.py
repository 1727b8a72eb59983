"""One module for each type of guard: it reads the parameters, and finds matches in a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.domain.guard import GuardType, Severity
from kb.guards.errors import GuardError
from kb.guards.parameters import Parameters
from kb.guards.types.account import parse_account
from kb.guards.types.approval import parse_approval
from kb.guards.types.date import parse_date
from kb.guards.types.hashtag import parse_hashtag
from kb.guards.types.link import parse_link
from kb.guards.types.open_invitation import parse_open_invitation
from kb.guards.types.pattern import parse_pattern
from kb.guards.types.phrase import parse_phrase
from kb.guards.types.placeholder import parse_placeholder
from kb.guards.types.themes import parse_themes
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kb.domain.guard import Guard
    from kb.guards.matcher import Matcher
    from kb.search.concepts import ConceptTable

_PARSERS: Mapping[GuardType, Callable[[Parameters, ConceptTable], Matcher]] = {
    GuardType.PLACEHOLDER: parse_placeholder,
    GuardType.PHRASE: parse_phrase,
    GuardType.PATTERN: parse_pattern,
    GuardType.DATE: parse_date,
    GuardType.THEMES: parse_themes,
    GuardType.LINK: parse_link,
    GuardType.HASHTAG: parse_hashtag,
    GuardType.ACCOUNT: parse_account,
    GuardType.APPROVAL: parse_approval,
    GuardType.OPEN_INVITATION: parse_open_invitation,
}
"""By type, the function that builds a matcher from a guard's parameters. It raises GuardError."""

_ALLOWED_SEVERITIES = {
    GuardType.DATE: (
        {Severity.CAUTION, Severity.NOTE},
        Message(
            "A date alone never stops a post. Choose caution, or the type themes for concepts that clash."
        ),
    ),
    GuardType.APPROVAL: ({Severity.NOTE}, Message("An approval is no fault. Choose note.")),
}
"""Allowed severities of the types that may not have all, and the message for others."""


FILLED_IN: Mapping[GuardType, tuple[str, ...]] = {
    GuardType.PLACEHOLDER: ("kind", "advice"),
    GuardType.DATE: ("day", "note"),
    GuardType.THEMES: ("words",),
    GuardType.LINK: ("link", "reason"),
    GuardType.HASHTAG: ("reading",),
    GuardType.ACCOUNT: ("account", "time", "reason"),
    GuardType.APPROVAL: ("concept",),
}
"""By type, the names in braces allowed in messages and suggestions, in addition to `{text}`."""

_NAME = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")


def check_names(guard: Guard) -> None:
    """Raise GuardError if a guard's texts have a name in braces that nothing fills in.

    This is checked only when a guard is written; a stored guard is not dropped for it.
    """
    known = ("text", *FILLED_IN.get(guard.type, ()))
    for field, texts in (("message", guard.message), ("suggestion", guard.suggestion)):
        for language, text in texts.items():
            for name in _NAME.findall(text):
                if name not in known:
                    raise GuardError(_unknown_name(name, known), f"/{field}/{language}")


def _unknown_name(name: str, known: tuple[str, ...]) -> Message:
    return Message(
        "Nothing fills in {name} here. Write one of: {known}.",
        name=_braced(name),
        known=", ".join(map(_braced, known)),
    )


def _braced(name: str) -> str:
    return "{" + name + "}"


def severities_of(type_: GuardType) -> tuple[Severity, ...]:
    """The severities that guards of a type may have, the most severe first."""
    allowed, _message = _ALLOWED_SEVERITIES.get(type_, ({*Severity}, None))
    return tuple(severity for severity in Severity if severity in allowed)


def parse(guard: Guard, concepts: ConceptTable) -> Matcher:
    """Build the matcher of a guard. Raises GuardError for invalid parameters or a severity not allowed."""
    if guard.type in _ALLOWED_SEVERITIES:
        severities, message = _ALLOWED_SEVERITIES[guard.type]
        if guard.severity not in severities:
            raise GuardError(message, "/severity")
    parameters = Parameters(guard.parameters)
    matcher = _PARSERS[guard.type](parameters, concepts)
    parameters.finish()
    return matcher
