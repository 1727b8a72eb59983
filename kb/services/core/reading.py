"""End reading transactions before a pause.

While one is open, SQLite cannot checkpoint the write-ahead log, and PostgreSQL cannot vacuum dead rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.models import db
from kb.services.core.unit_of_work import is_writing

if TYPE_CHECKING:
    from kb.pauses import Pause


def reading(pause: Pause) -> Pause:
    """A pause that first ends the session's reading transaction; loaded objects expire.

    Raises RuntimeError in a writing transaction, which it would undo.
    """

    def end_and_pause(*progress: int) -> None:
        if is_writing():
            raise RuntimeError("This pause would undo the writing transaction.")
        db.session.rollback()
        pause(*progress)

    return end_and_pause
