"""The doctor's finding on one check."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kb.messages import Message


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    """It works, but should be fixed."""
    ERROR = "error"
    """Something does not work, or data is in danger."""


class Finding(NamedTuple):
    """A finding: the key of the check, the level, the facts, and how to fix it."""

    check: str
    level: Level
    message: Message
    advice: Message | None = None


def ok(check: str, message: Message) -> Finding:
    """A finding that all is well."""
    return Finding(check, Level.OK, message)


def warning(check: str, message: Message, advice: Message) -> Finding:
    """A finding that should be fixed."""
    return Finding(check, Level.WARNING, message, advice)


def error(check: str, message: Message, advice: Message) -> Finding:
    """A finding that has to be fixed."""
    return Finding(check, Level.ERROR, message, advice)
