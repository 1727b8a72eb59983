"""Row locks on several incidents, on PostgreSQL.

Two transactions that lock the same rows in different orders deadlock, until the database aborts one. So every
transaction that changes several incidents locks all of them first, in the order of their ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.batches import batched
from kb.models import Incident, db
from kb.models.base import MAX_LISTED_VALUES
from kb.services.infrastructure.locks import advisory_lock

if TYPE_CHECKING:
    from collections.abc import Iterable


def lock_incidents(ids: Iterable[int]) -> None:
    """Lock incidents until the transaction ends; ids that no incident has are ignored.

    Call it once in a transaction, before anything else in it locks an incident. Also name incidents that are
    only referred to: a row that refers to one locks it, too. Does nothing on SQLite, not even iterate, since
    a writing transaction has the lock of the whole database.
    """
    if db.engine.dialect.name == "sqlite":
        return
    for batch in batched(sorted({*ids}), MAX_LISTED_VALUES):
        named = select(Incident.id).where(Incident.id.in_(batch))
        db.session.execute(named.order_by(Incident.id).with_for_update())


def lock_new_names(*team_ids: int) -> None:
    """Keep others from adding many incidents to some teams until the transaction ends.

    Call it before `lock_incidents`. Inserting a slug or an external id waits for any transaction that has
    inserted the same one, so two transactions that insert the same ones in different orders would deadlock.
    """
    for team_id in sorted(team_ids):
        advisory_lock("new-names", str(team_id))
