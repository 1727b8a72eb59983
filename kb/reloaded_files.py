"""Files that ship with the program, which a team can extend with a file of its own in its data folder."""

from __future__ import annotations

import logging
import os
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

_Content = TypeVar("_Content")

_UNREADABLE = (-1, -1)  # the stamp of a file in a folder that cannot be read


class ReloadedFiles(ABC, Generic[_Content]):
    """The content of a shipped file and a team's own, reloaded when the team's file changes."""

    error: type[Exception]
    """The exception that `read` raises for an invalid file."""

    def __init__(self, shipped: Path, own: Path) -> None:
        self._shipped = shipped
        self._own = own
        self._own_path = str(own)
        self._lock = threading.Lock()
        self._state: tuple[tuple[int, int] | None, _Content] | None = None

    @abstractmethod
    def read(self, own: Path | None) -> _Content:
        """The content of the shipped file and a team's own, if there is one. Raises `error`."""

    def current(self) -> _Content:
        """The current content. While the team's file is invalid, the last valid content stays in use."""
        stamp = self._stamp()
        state = self._state
        if state is None or state[0] != stamp:
            with self._lock:
                state = self._state
                if state is None or state[0] != stamp:
                    state = self._state = (stamp, self._read(stamp, state[1] if state else None))
        return state[1]

    def _stamp(self) -> tuple[int, int] | None:
        """The modification time and size of the team's file; None if there is none."""
        try:
            stat = os.stat(self._own_path)  # noqa: PTH116 (on the path of every search)
        except FileNotFoundError:
            return None
        except OSError:
            return _UNREADABLE
        return stat.st_mtime_ns, stat.st_size

    def _read(self, stamp: tuple[int, int] | None, last: _Content | None) -> _Content:
        try:
            return self.read(None if stamp is None else self._own)
        except self.error as error:
            if stamp is None:
                raise
            log.warning("%s is ignored until it is corrected. %s", self._own, error)
            return last if last is not None else self.read(None)
