"""Domain errors. They are independent of HTTP: `kb.web.error_map` maps them to statuses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


_INVALID = Message("The input is invalid.")


@dataclass(frozen=True, slots=True)
class FieldError:
    """An error in one field. `pointer` is a JSON pointer (RFC 6901) into the input."""

    pointer: str
    detail: Message


class KBError(Exception):
    """Base class of errors shown to the caller. The message says what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)


class InvalidInput(KBError):
    """The input violates a rule. Nothing was changed. `errors` names the fields."""

    def __init__(self, errors: Sequence[FieldError], message: Message = _INVALID) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class MalformedInput(KBError):
    """The request body is not valid JSON."""


class EmptyInput(MalformedInput):
    """The file is empty."""


class NotAuthenticated(KBError):
    """A token is required and missing, or it is invalid, expired or revoked."""


class Forbidden(KBError):
    """The caller may see the resource, but may not perform the action."""


class NotFound(KBError):
    """The resource does not exist, or the caller may not know that it does."""


class Moved(KBError):
    """The incident was merged into the incident `incident_id`."""

    def __init__(self, message: Message, incident_id: int) -> None:
        super().__init__(message)
        self.incident_id = incident_id


class Conflict(KBError):
    """The write conflicts with stored data. `errors` may name the fields."""

    def __init__(self, message: Message, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class RequestInFlight(Conflict):
    """The same request is still being processed, or its process has died. It can be sent again after
    `retry_after` seconds at the latest."""

    def __init__(self, message: Message, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PreconditionMissing(KBError):
    """The change does not state the version it is based on."""


class StaleVersion(KBError):
    """The change is based on a version that is no longer current.

    `errors` names the fields changed since then, if known. They are looked up on first access, after the
    transaction has ended, so that no lock is held for it.
    """

    def __init__(self, message: Message, look_up: Callable[[], Sequence[FieldError]] | None = None) -> None:
        super().__init__(message)
        self._look_up = look_up

    @cached_property
    def errors(self) -> tuple[FieldError, ...]:
        return tuple(self._look_up()) if self._look_up else ()


class KeyReused(KBError):
    """The idempotency key was used before for a different request."""


class Throttled(KBError):
    """Too many attempts have failed. The next one is allowed after `retry_after` seconds."""

    def __init__(self, message: Message, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(KBError):
    """A required component is busy or down. The same request may succeed later."""


class StorageFull(KBError):
    """The disk is full. Nothing was changed."""
