"""The error for an invalid guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.messages import Message


class GuardError(ValueError):
    """A guard is invalid. `pointer` is a JSON pointer to the invalid part: `/parameters/phrases/0`.

    The message says what to change.
    """

    def __init__(self, message: Message, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer
