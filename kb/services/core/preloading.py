"""Load an incident before a writing transaction, and use it there unless it has changed meanwhile.

On SQLite all writers wait for the current one, and loading an incident takes a dozen statements.
"""

from __future__ import annotations

from sqlalchemy import inspect as state_of
from sqlalchemy import select

from kb.models import Incident, db
from kb.models.prepared_select import PreparedSelect

_VERSION = PreparedSelect(
    lambda values: select(Incident.version).where(Incident.id == values[0]).with_for_update()
)


def keep_loaded(incident: Incident) -> None:
    """End the read transaction in which an incident was loaded, but keep the incident in the session.

    All other objects are expunged from the session.
    """
    db.session.expunge_all()
    db.session.rollback()
    db.session.add(incident)


def lock_incident(incident_id: int) -> Incident | None:
    """Lock an incident until the transaction ends, and return its current state; None if there is none.

    A previously loaded state is reused if its version is still current: every change of an incident or its
    parts increments the version.
    """
    loaded: Incident | None = db.session.identity_map.get(db.session.identity_key(Incident, incident_id))
    if loaded is not None and (version := _unmodified_version(loaded)) is not None:
        if _locked_version(incident_id) == version:
            return loaded
        db.session.expire(loaded)  # including its relations
    return db.session.get(Incident, incident_id, with_for_update=True)


def _locked_version(incident_id: int) -> int | None:
    """Lock the row of an incident until the transaction ends, and return its version, if it exists."""
    rows = _VERSION.rows_in(db.session.connection(), [incident_id])
    return rows[0][0] if rows else None


def _unmodified_version(incident: Incident) -> int | None:
    """The version at which an incident was loaded; None if it is expired or was changed since."""
    state = state_of(incident)
    if state.modified or "version" not in state.dict:
        return None
    version: int = state.dict["version"]
    return version
