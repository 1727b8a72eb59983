"""The errors of the knowledge base. They know no HTTP; `kb.web.error_map` maps them to statuses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with one field. `pointer` is a JSON pointer (RFC 6901) into the input."""

    pointer: str
    detail: str


class KBError(Exception):
    """Base of all errors that a caller is told about. The message says what to do."""


class InvalidInput(KBError):
    """The input breaks a rule; nothing was changed. `errors` name the fields."""

    def __init__(self, errors: Sequence[FieldError], message: str = "The input is not valid.") -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class MalformedInput(KBError):
    """The body is not readable JSON."""


class NotAuthenticated(KBError):
    """No token was given where one is needed, or the token is not (or no longer) valid."""


class Forbidden(KBError):
    """The caller is known, may see the thing, and may not do this."""


class NotFound(KBError):
    """The thing does not exist, or the caller may not know that it does."""


class Moved(KBError):
    """The incident was merged into another one, that of `incident_id`."""

    def __init__(self, message: str, incident_id: int) -> None:
        super().__init__(message)
        self.incident_id = incident_id


class Conflict(KBError):
    """The write contradicts what is stored. `errors` name the fields where that helps."""

    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class PreconditionMissing(KBError):
    """A change was asked for without saying which version it is based on."""


class StaleVersion(KBError):
    """The change is based on a version that is no longer the current one.

    `errors` name the fields that have changed since, where that is known. They are looked up when they are
    asked for: by then the transaction is over, and holds nobody up.
    """

    def __init__(self, message: str, look_up: Callable[[], Sequence[FieldError]] | None = None) -> None:
        super().__init__(message)
        self._look_up = look_up

    @cached_property
    def errors(self) -> tuple[FieldError, ...]:
        return tuple(self._look_up()) if self._look_up else ()


class KeyReused(KBError):
    """An idempotency key was used before with another request."""


class Throttled(KBError):
    """Too many attempts have failed; after `retry_after` seconds there may be another."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(KBError):
    """A part that is needed is busy or down; the same request may succeed later."""


class StorageFull(KBError):
    """The disk has no room; nothing was changed."""
