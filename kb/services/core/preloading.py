"""An incident that is loaded before a writing transaction, and used in it unless somebody has changed it.

On SQLite everybody waits for whoever writes, and loading an incident takes a dozen statements.
"""

from __future__ import annotations

from sqlalchemy import inspect as state_of
from sqlalchemy import select

from kb.models import Incident, db
from kb.models.prepared import PreparedSelect

_VERSION = PreparedSelect(
    lambda values: select(Incident.version).where(Incident.id == values[0]).with_for_update()
)


def keep_loaded(incident: Incident) -> None:
    """End the reading transaction in which an incident was loaded, but let the session have what it loaded.

    Whatever else the session has is no longer part of it.
    """
    db.session.expunge_all()
    db.session.rollback()
    db.session.add(incident)


def lock_incident(incident_id: int) -> Incident | None:
    """An incident that nobody else changes before the transaction ends, as it is now; None if there is none.

    What was loaded of it before is used if its version is the same: each change of what belongs to an
    incident raises it.
    """
    loaded: Incident | None = db.session.identity_map.get(db.session.identity_key(Incident, incident_id))
    if loaded is not None and (version := _unmodified_version(loaded)) is not None:
        if _locked_version(incident_id) == version:
            return loaded
        db.session.expire(loaded)  # with what belongs to it
    return db.session.get(Incident, incident_id, with_for_update=True)


def _locked_version(incident_id: int) -> int | None:
    """The version of an incident, which nobody else raises before the transaction ends."""
    rows = _VERSION.rows_in(db.session.connection(), [incident_id])
    return rows[0][0] if rows else None


def _unmodified_version(incident: Incident) -> int | None:
    """The version in which an incident was loaded; None if it has to be loaded, or was changed since."""
    state = state_of(incident)
    if state.modified or "version" not in state.dict:
        return None
    version: int = state.dict["version"]
    return version
