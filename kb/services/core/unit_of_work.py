"""The only commit point: a write, its revisions and its place in the change feed, all or nothing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from kb.domain.permissions import is_public
from kb.errors import Conflict, StaleVersion
from kb.models import Change, ChangeCounter, Incident, Revision, db
from kb.models.base import WRITE, WRITE_ON_POSTGRES, utc_now
from kb.services.core.presenters import snapshot
from kb.services.infrastructure.storage_errors import translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from kb.domain.incident import Operation
    from kb.domain.permissions import Actor


class UnitOfWork:
    """One writing transaction. `seq` is the last change that it made; 0 before it ends, or without any."""

    def __init__(self) -> None:
        self.at: datetime = utc_now()
        self.seq = 0
        self._changes: list[dict[str, object]] = []

    def record(
        self,
        incident: Incident,
        operation: Operation,
        actor: Actor,
        *,
        comment: str | None = None,
        was_public: bool = False,
        words_of: Iterable[str] = (),
    ) -> None:
        """Keep the state that a write left an incident in, and announce the write.

        `was_public` tells whether others than its team could see the incident before, `words_of` whose words
        the write brings in beside the actor's.
        """
        incident.updated_at = self.at
        # Each record is a version of its own, also the second of one transaction.
        flag_modified(incident, "updated_at")
        db.session.flush()
        db.session.add(
            Revision(
                incident_id=incident.id,
                number=incident.version,
                operation=operation,
                author=actor.name,
                principal=actor.principal,
                words_of=sorted(words_of) or None,
                comment=comment or None,
                at=self.at,
                snapshot=snapshot(incident),
            )
        )
        self._changes.append(
            {
                "incident_id": incident.id,
                "team_id": incident.team_id,
                "operation": operation,
                "version": incident.version,
                "public": was_public or is_public(incident.status, incident.visibility),
                "at": self.at,
            }
        )

    def finish(self) -> None:
        """Number the changes. The counter comes last: its lock orders the commits, and is held shortly."""
        db.session.flush()
        if not self._changes:
            return
        count = len(self._changes)
        counter = update(ChangeCounter).values(seq=ChangeCounter.seq + count).returning(ChangeCounter.seq)
        last: int = db.session.execute(counter).scalar_one()
        for seq, change in enumerate(self._changes, last - count + 1):
            change["seq"] = seq
        db.session.execute(insert(Change), self._changes)
        self.seq = last


@contextmanager
def unit_of_work() -> Iterator[UnitOfWork]:
    """Write in one transaction, committed at the end of the block, rolled back on any error.

    Raises Conflict, StaleVersion, StorageFull or Unavailable where the database refuses.
    """
    # What was read before belongs to an older state, and on SQLite would keep the lock from being taken.
    db.session.rollback()
    work = UnitOfWork()
    try:
        sqlite = db.engine.dialect.name == "sqlite"
        db.session.connection(execution_options=WRITE if sqlite else WRITE_ON_POSTGRES)
        work.at = utc_now()
        yield work
        work.finish()
        db.session.commit()
    except StaleDataError as error:
        db.session.rollback()
        raise StaleVersion(
            "Somebody else changed it meanwhile. Read it again and repeat the change."
        ) from error
    except IntegrityError as error:
        db.session.rollback()
        raise Conflict("This contradicts what somebody else stored meanwhile. Try again.") from error
    except OperationalError as error:
        db.session.rollback()
        raise (translate(error) or error) from error
    except BaseException:
        db.session.rollback()
        raise
