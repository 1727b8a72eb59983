"""What can be counted of all incidents, as arrays in memory that follow the change feed.

They are derived from the database and hold no text; a process makes them when it is first asked for a trend.
Before each use they take in what has changed since, in one reading transaction: they are never behind.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import func, select

from kb.domain.incident import NAMESPACES, ImpactKind, Kind, Status
from kb.domain.permissions import is_public
from kb.models import Change, Impact, Incident, IncidentTerm, IncidentText, Response, Term, db
from kb.services.infrastructure.runtime import settings
from kb.services.trends import column_file
from kb.services.trends.column_queries import Array, column_lines, column_parts, fact_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine

    from kb.services.trends.snapshot import Snapshot

log = logging.getLogger(__name__)

STATUSES, KINDS = list(Status), list(Kind)

UNKNOWN = -1
"""Stands for a severity that nobody has judged, and for an empty slot."""

NEVER = -(2**60)
"""Stands for a moment that is not known, in seconds since 1970."""

_MOMENTS = ("published", "posted", "acknowledged", "removed")

_KINDS_OF_FACTS = {
    "team": np.int32,
    "status": np.int8,
    "public": np.bool_,
    "kind": np.int8,
    "organization": np.int32,
    "spelling": np.int32,
    "severity": np.int8,
    "first": np.int32,  # days, as date.toordinal counts them
    "last": np.int32,
    **dict.fromkeys(_MOMENTS, np.int64),
}

_IN_ONE_STATEMENT = 500
"""How many incidents are read again by one statement."""

_FILE = "trends.npz"

_WORTH_KEEPING = 10_000
"""From so many incidents on, reading a file takes much less time than reading the database."""

_RELOAD = 20_000
"""After so many changes, reading everything again takes less time."""


class _Names:
    """Numbers for names, in the order in which they are met."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """The number of a name; a new one for a new name."""
        found = self._numbers.get(name)
        if found is None:
            found = self._numbers[name] = len(self.all)
            self.all.append(name)
        return found

    def find(self, name: str) -> int:
        """The number of a name, UNKNOWN for one that nothing has."""
        return self._numbers.get(name, UNKNOWN)


class Columns:
    """A row for each incident: `facts` has one number of each; `slots` several arrays, first that of the
    first of each, with UNKNOWN where there are no more.

    Slots of a namespace hold ids of terms, the primary category first; those of `language` numbers of
    `languages`. The fact `organization` is a number of `organizations`, which are keys, and `spelling` one of
    `spellings`, which are names as they were written. `losses` are known market
    values: row, currency, alleged, amount.
    """

    def __init__(self) -> None:
        self.database = ""
        self.seq = UNKNOWN
        self.last: list[str] = []
        self._clear()

    def _clear(self) -> None:
        self.size = 0
        self.facts: dict[str, Array] = {}
        self.slots: dict[str, Array] = {}
        self._room: dict[str, Array] = {name: np.zeros(0, kind) for name, kind in _KINDS_OF_FACTS.items()}
        self._slot_room: dict[str, Array] = {
            name: np.zeros((1, 0), np.int32) for name in (*NAMESPACES, "language")
        }
        self._row_of = np.zeros(0, np.int32)
        self.organizations, self.spellings = _Names(), _Names()
        self.languages, self.currencies = _Names(), _Names()
        self._losses: dict[int, list[tuple[int, bool, float]]] = {}
        self._losses_changed = False
        self.losses: tuple[Array, Array, Array, Array] = _flat({})

    def rows(self, ids: Sequence[int]) -> Array:
        """The rows of some incidents that are here."""
        found: Array = self._row_of[np.array(ids, np.int64)]
        return found

    def kept(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """All of it, as arrays and as what JSON can hold."""
        rows, currencies, alleged, amounts = self.losses
        arrays = {f"fact {name}": values for name, values in self.facts.items()}
        arrays |= {f"slots {name}": values for name, values in self.slots.items()}
        arrays |= {"rows": self._row_of, "loss rows": rows, "loss currencies": currencies}
        arrays |= {"loss alleged": alleged, "loss amounts": amounts}
        return arrays, {
            "database": self.database,
            "seq": self.seq,
            "last": self.last,
            **{name: held.all for name, held in self._names().items()},
        }

    def _names(self) -> dict[str, _Names]:
        return {
            "organizations": self.organizations,
            "spellings": self.spellings,
            "languages": self.languages,
            "currencies": self.currencies,
        }

    def restore(self, arrays: dict[str, Array], notes: dict[str, Any], connection: Connection) -> None:
        """Become what was kept, unless the database has another past: that of a restored backup."""
        if notes["last"] != _last_change(connection, notes["seq"]):
            return
        self._clear()
        for name in self._room:
            self._room[name] = arrays[f"fact {name}"]
        for name in self._slot_room:
            self._slot_room[name] = arrays[f"slots {name}"]
        self._row_of = arrays["rows"]
        self.size = len(self._room["team"])
        for key, held in self._names().items():
            for name in notes[key]:
                held.number(name)
        parts = (arrays[f"loss {name}"].tolist() for name in ("rows", "currencies", "alleged", "amounts"))
        for row, currency, alleged, amount in zip(*parts, strict=True):
            self._losses.setdefault(row, []).append((currency, alleged, amount))
        self._losses_changed = True
        self._finish(notes["database"], notes["seq"])
        self.last = notes["last"]

    def refresh(self, snapshot: Snapshot) -> bool:
        """Take in what the database holds as a snapshot sees it; whether all of it was read."""
        connection, database, seq = snapshot.connection, snapshot.database, snapshot.seq
        reached = self.seq if database == self.database else UNKNOWN
        if seq == reached:
            return False
        # Whatever fails in between: the next call reads everything again.
        self.seq = UNKNOWN
        everything = reached == UNKNOWN or not 0 < seq - reached <= _RELOAD
        if everything:
            self._clear()
            self._read(connection, None)
        else:
            changed = select(Change.incident_id).where(Change.seq > reached).distinct()
            ids = sorted(connection.scalars(changed))
            for start in range(0, len(ids), _IN_ONE_STATEMENT):
                self._read(connection, ids[start : start + _IN_ONE_STATEMENT])
        self._finish(database, seq)
        self.last = _last_change(connection, seq)
        return everything

    def _finish(self, database: str, seq: int) -> None:
        self.facts = {name: room[: self.size] for name, room in self._room.items()}
        self.slots = {name: room[:, : self.size] for name, room in self._slot_room.items()}
        if self._losses_changed:
            self.losses, self._losses_changed = _flat(self._losses), False
        self.database, self.seq = database, seq

    def _read(self, connection: Connection, ids: list[int] | None) -> None:
        """Read all incidents, or some again."""
        for part in column_parts(connection, select(*fact_columns(connection.engine)), Incident.id, ids):
            self._put_facts(*part)
        if ids is not None:
            rows = self.rows(ids)
            for room in self._slot_room.values():
                room[:, rows] = UNKNOWN
            for row in rows.tolist():
                self._losses_changed |= self._losses.pop(row, None) is not None
        terms = connection.execute(select(Term.id, Term.namespace))
        namespaces = {term_id: namespace for term_id, namespace in terms}
        links = select(IncidentTerm.incident_id, IncidentTerm.term_id, IncidentTerm.position)
        answers = select(Response.incident_id, Response.term_id, func.min(Response.position))
        answers = answers.group_by(Response.incident_id, Response.term_id)
        self._put_terms(column_lines(connection, links, IncidentTerm.incident_id, ids), namespaces)
        self._put_terms(column_lines(connection, answers, Response.incident_id, ids), namespaces)
        texts = select(IncidentText.incident_id, IncidentText.language).order_by(IncidentText.incident_id)
        for owners, tags in column_parts(connection, texts, IncidentText.incident_id, ids):
            self._put_slots("language", np.array(owners), np.array([*map(self.languages.number, tags)]))
        self._read_losses(connection, ids)

    def _put_facts(self, ids: Any, *columns: Any) -> None:
        team, status, visibility, kind, severity, first, last, *moments, keys, names = columns
        rows = self._rows_for(np.array(ids, np.int64))
        values = {
            "team": team,
            "status": [*map(STATUSES.index, status)],
            "public": [*map(is_public, status, visibility)],
            "kind": [*map(KINDS.index, kind)],
            "organization": [*map(self.organizations.number, keys)],
            "spelling": [*map(self.spellings.number, names)],
            "severity": [UNKNOWN if value is None else value for value in severity],
            "first": first,
            "last": last,
        }
        for name, moment in zip(_MOMENTS, moments, strict=True):
            values[name] = [NEVER if value is None else value for value in moment]
        for name, value in values.items():
            self._room[name][rows] = value

    def _rows_for(self, ids: Array) -> Array:
        """The rows of some incidents; new ones for those that are not here yet."""
        highest = int(ids.max()) + 1
        if highest > len(self._row_of):
            grown = np.full(highest + highest // 4, UNKNOWN, np.int32)
            grown[: len(self._row_of)] = self._row_of
            self._row_of = grown
        new = ids[self._row_of[ids] == UNKNOWN]
        self._row_of[new] = np.arange(self.size, self.size + len(new))
        self.size += len(new)
        if self.size > len(self._room["team"]):
            more = self.size + self.size // 4
            self._room = {name: _grown(room, more, 0) for name, room in self._room.items()}
            self._slot_room = {name: _grown(room, more, UNKNOWN) for name, room in self._slot_room.items()}
        found: Array = self._row_of[ids]
        return found

    def _put_terms(self, links: Array, namespaces: dict[int, str]) -> None:
        """Fill the slots from lines of (incident, term, position)."""
        if not len(links):
            return
        links = links[np.lexsort((links[:, 2], links[:, 0]))]
        names = np.array(NAMESPACES)
        number_of = np.full(max(namespaces) + 1, UNKNOWN)
        for term, namespace in namespaces.items():
            number_of[term] = NAMESPACES.index(namespace) if namespace in NAMESPACES else UNKNOWN
        numbers = number_of[links[:, 1]]
        for number in np.unique(numbers[numbers != UNKNOWN]).tolist():
            chosen = links[numbers == number]
            self._put_slots(str(names[number]), chosen[:, 0], chosen[:, 1])

    def _put_slots(self, name: str, ids: Array, values: Array) -> None:
        """Put values behind each other into the slots of their incidents; ids are in groups."""
        rows = self._row_of[ids]
        starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
        places = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
        room = self._slot_room[name]
        places += (room[:, rows] != UNKNOWN).sum(axis=0)
        if (missing := int(places.max()) + 1 - len(room)) > 0:
            room = np.pad(room, ((0, missing), (0, 0)), constant_values=UNKNOWN)
            self._slot_room[name] = room
        room[places, rows] = values

    def _read_losses(self, connection: Connection, ids: list[int] | None) -> None:
        statement = select(Impact.incident_id, Impact.currency, Impact.alleged, Impact.amount).where(
            Impact.kind == ImpactKind.MARKET_VALUE, Impact.amount.is_not(None), Impact.currency.is_not(None)
        )
        for part in column_parts(connection, statement, Impact.incident_id, ids):
            for owner, currency, alleged, amount in zip(*part, strict=True):
                losses = self._losses.setdefault(int(self._row_of[owner]), [])
                losses.append((self.currencies.number(currency), bool(alleged), float(amount)))
                self._losses_changed = True


def _last_change(connection: Connection, seq: int) -> list[str]:
    """What tells one past of a database from another that has as many changes."""
    statement = select(Change.incident_id, Change.version, Change.at).where(Change.seq == seq)
    return [str(value) for row in connection.execute(statement) for value in row]


def _flat(losses: dict[int, list[tuple[int, bool, float]]]) -> tuple[Array, Array, Array, Array]:
    flat = [(row, *loss) for row, each in losses.items() for loss in each]
    rows, currencies, alleged, amounts = zip(*flat, strict=True) if flat else ((), (), (), ())
    return (
        np.array(rows, np.int64),
        np.array(currencies, np.int64),
        np.array(alleged, bool),
        np.array(amounts),
    )


def _grown(room: Array, length: int, filling: int) -> Array:
    grown = np.full((*room.shape[:-1], length), filling, room.dtype)
    grown[..., : room.shape[-1]] = room
    return grown


_held: WeakKeyDictionary[Engine, tuple[Columns, threading.Lock]] = WeakKeyDictionary()
_guard = threading.Lock()


@contextmanager
def columns_of(snapshot: Snapshot) -> Iterator[Columns]:
    """The columns of the running application's database as a snapshot sees it, for one caller at a time.

    The snapshot is renewed where another caller has already taken in later changes.
    """
    with _guard:
        columns, lock = _held.setdefault(db.engine, (Columns(), threading.Lock()))
    with lock:
        if columns.database == snapshot.database and columns.seq > snapshot.seq:
            snapshot.renew()
        path = settings().data_dir / _FILE
        if columns.seq == UNKNOWN and (found := column_file.load(path)) is not None:
            try:
                columns.restore(*found, snapshot.connection)
            except (KeyError, ValueError, IndexError) as error:  # as no version of ours writes it
                log.warning("%s is not usable, and is made anew: %r", path.name, error)
        if columns.refresh(snapshot) and columns.size >= _WORTH_KEEPING:
            column_file.save(path, *columns.kept())
        yield columns
