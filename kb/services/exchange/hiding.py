"""Hide incidents that have disappeared for the reader of an export from another knowledge base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, literal, select, update

from kb.domain.incident import Operation, Status, Visibility
from kb.domain.permissions import is_public
from kb.models import Incident, db
from kb.models.bulk_insert import portions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.services.core.unit_of_work import UnitOfWork

_INCIDENTS = Incident.__table__
_SHOWN = [_INCIDENTS.c[name] for name in ("id", "team_id", "status", "visibility", "version")]
_HIDE = (
    update(_INCIDENTS)
    .where(_INCIDENTS.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        status=Status.WITHDRAWN,
        visibility=Visibility.TEAM,
        slug=literal("gone-").op("||")(_INCIDENTS.c.id),
        external_id=None,
        version=_INCIDENTS.c.version + 1,
    )
)


def hide_incidents(work: UnitOfWork, ids: Sequence[int]) -> None:
    """Withdraw the given incidents that exist here, restrict them to their team, and free their names.

    They are not deleted, since the change feed still refers to them, and a later line may restore them.
    """
    for some in portions(ids):
        connection = db.session.connection()
        rows = connection.execute(select(*_SHOWN).where(_INCIDENTS.c.id.in_(some))).all()
        connection.execute(_HIDE, {"ids": [row.id for row in rows]})
        for row in rows:
            work.announce(
                row.id,
                row.team_id,
                operation=Operation.WITHDRAWN,
                version=row.version + 1,
                public=is_public(row.status, row.visibility),
            )
