"""When a slowly generated stream sends its next chunk.

With each chunk, even an empty one, the server notices whether the client is still there, and serves other
requests.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from kb.pauses import PIECE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Generator

_Result = TypeVar("_Result")


class PieceClock:
    """Tells a stream when its next chunk is due: PIECE_SECONDS after the last one."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Start a new chunk."""
        self._due = monotonic() + PIECE_SECONDS

    def is_due(self) -> bool:
        """Whether to send the chunk now; if so, this starts the next one."""
        if monotonic() < self._due:
            return False
        self.restart()
        return True


def empty_pieces(steps: Generator[None, None, _Result]) -> Generator[str, None, _Result]:
    """Run steps to their result, yielding an empty piece whenever one is due. Returns the result."""
    clock = PieceClock()
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            result: _Result = ended.value
            return result
        if clock.is_due():
            yield ""
