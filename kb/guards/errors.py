"""What is wrong with a guard."""

from __future__ import annotations


class GuardError(ValueError):
    """A guard is invalid. `pointer` is the part of it, as a JSON pointer: `/parameters/phrases/0`.

    The message says what to change.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer
