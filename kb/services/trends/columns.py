"""A column store of incidents in memory: NumPy arrays for counting, with dictionaries for strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kb.domain.incident import Kind, Status
from kb.domain.taxonomy import NAMESPACES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


Array = np.ndarray[Any, np.dtype[Any]]

STATUSES, KINDS = list(Status), list(Kind)
"""The facts `status` and `kind` are indices into these lists."""

UNKNOWN = -1
"""An unassessed severity, an empty slot, or a string without a code."""

UNKNOWN_TIME = -(2**60)
"""An unknown moment, in seconds since 1970."""

MOMENTS = ("published", "posted", "acknowledged", "removed")

_FACT_TYPES = {
    "team": np.int32,
    "status": np.int8,
    "public": np.bool_,
    "kind": np.int8,
    "organization": np.int32,
    "organization_name": np.int32,
    "severity": np.int8,
    "first_day": np.int32,  # as date.toordinal counts
    "last_day": np.int32,
    **dict.fromkeys(MOMENTS, np.int64),
}

_SLOT_NAMES = (*NAMESPACES, "language")


class StringEncoder:
    """Dictionary encoding: assigns each distinct string a code, in order of first use."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self._codes: dict[str, int] = {}

    def encode(self, value: str) -> int:
        """The code of a string; a new string is assigned the next one."""
        code = self._codes.get(value)
        if code is None:
            code = self._codes[value] = len(self.values)
            self.values.append(value)
        return code

    def find(self, value: str) -> int:
        """The code of a string, UNKNOWN if it has none."""
        return self._codes.get(value, UNKNOWN)


class Losses(NamedTuple):
    """Losses of market value whose amount is known, as parallel arrays; `currencies` are codes."""

    rows: Array
    currencies: Array
    alleged: Array
    amounts: Array


class Columns:
    """A row for each incident, and the position in the change feed at which the rows were read.

    `facts` have one number per row. `slots` hold multi-valued data: arrays of shape (slots, rows), filled
    from the first slot on, then UNKNOWN. The slots of a namespace hold ids of terms, the primary category
    first; the slots of `language` hold codes of `languages`. The fact `team` is an id; `organization` (a key)
    and `organization_name` (in its original spelling) are codes of the dictionaries of these names. A row has
    any number of `losses`.

    Changes become visible with `commit`.
    """

    def __init__(self) -> None:
        self.database_id = ""
        self.seq = UNKNOWN
        self.last_change: list[str] = []
        self.clear()

    def clear(self) -> None:
        """Drop all rows."""
        self.size = 0
        self.facts: dict[str, Array] = {}
        self.slots: dict[str, Array] = {}
        self.losses = _flatten({})
        self.organizations, self.organization_names = StringEncoder(), StringEncoder()
        self.languages, self.currencies = StringEncoder(), StringEncoder()
        # Larger than needed, so that most new rows fit without a copy.
        self._fact_buffers: dict[str, Array] = {name: np.zeros(0, kind) for name, kind in _FACT_TYPES.items()}
        self._slot_buffers: dict[str, Array] = {name: np.zeros((1, 0), np.int32) for name in _SLOT_NAMES}
        self._row_of = np.zeros(0, np.int32)
        self._losses_by_row: dict[int, list[tuple[int, bool, float]]] = {}
        self._losses_changed = False

    @property
    def max_unused_strings(self) -> int:
        """An upper bound on the number of strings that no row uses any longer."""
        return max(0, max(len(each.values) for each in self._dictionaries().values()) - self.size)

    def rows(self, ids: Sequence[int] | Array) -> Array:
        """The rows of some incidents, which must all be present."""
        rows: Array = self._row_of[np.array(ids, np.int64)]
        return rows

    def add_rows(self, ids: Array) -> Array:
        """The rows of some incidents, adding rows for new ones."""
        highest = int(ids.max()) + 1
        if highest > len(self._row_of):
            self._row_of = _resize(self._row_of, highest + highest // 4, UNKNOWN)
        new = ids[self._row_of[ids] == UNKNOWN]
        self._row_of[new] = np.arange(self.size, self.size + len(new))
        self.size += len(new)
        if self.size > len(self._fact_buffers["team"]):
            length = self.size + self.size // 4
            self._fact_buffers = {name: _resize(b, length, 0) for name, b in self._fact_buffers.items()}
            self._slot_buffers = {name: _resize(b, length, UNKNOWN) for name, b in self._slot_buffers.items()}
        return self.rows(ids)

    def put_facts(self, rows: Array, facts: Mapping[str, Any]) -> None:
        """Write facts, each a sequence parallel to the rows."""
        for name, values in facts.items():
            self._fact_buffers[name][rows] = values

    def empty(self, rows: Array) -> None:
        """Clear the multi-valued data of some rows: slots and losses."""
        for buffer in self._slot_buffers.values():
            buffer[:, rows] = UNKNOWN
        for row in rows.tolist():
            self._losses_changed |= self._losses_by_row.pop(row, None) is not None

    def put_slots(self, name: str, ids: Array, values: Array) -> None:
        """Append values to the slots of incidents; values of one incident must be adjacent."""
        rows = self._row_of[ids]
        starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
        slot_numbers = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
        buffer = self._slot_buffers[name]
        slot_numbers += (buffer[:, rows] != UNKNOWN).sum(axis=0)
        if (missing := int(slot_numbers.max()) + 1 - len(buffer)) > 0:
            buffer = np.pad(buffer, ((0, missing), (0, 0)), constant_values=UNKNOWN)
            self._slot_buffers[name] = buffer
        buffer[slot_numbers, rows] = values

    def add_loss(self, row: int, currency: str, *, alleged: bool, amount: float) -> None:
        """Add a loss of market value to a row."""
        self._losses_by_row.setdefault(row, []).append((self.currencies.encode(currency), alleged, amount))
        self._losses_changed = True

    def commit(self, database_id: str, seq: int, last_change: list[str]) -> None:
        """Make all changes since the last commit visible, as the state of a database after `seq`."""
        self.facts = {name: buffer[: self.size] for name, buffer in self._fact_buffers.items()}
        self.slots = {name: buffer[:, : self.size] for name, buffer in self._slot_buffers.items()}
        if self._losses_changed:
            self.losses, self._losses_changed = _flatten(self._losses_by_row), False
        self.database_id, self.seq, self.last_change = database_id, seq, last_change

    def _dictionaries(self) -> dict[str, StringEncoder]:
        return {
            "organizations": self.organizations,
            "organization_names": self.organization_names,
            "languages": self.languages,
            "currencies": self.currencies,
        }

    def dump(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """The arrays, and the rest as JSON-ready metadata."""
        arrays = {f"fact {name}": values for name, values in self.facts.items()}
        arrays |= {f"slots {name}": values for name, values in self.slots.items()}
        arrays |= {f"loss {name}": values for name, values in self.losses._asdict().items()}
        arrays["rows"] = self._row_of
        position = {"database": self.database_id, "seq": self.seq, "last_change": self.last_change}
        return arrays, position | {
            name: dictionary.values for name, dictionary in self._dictionaries().items()
        }

    def restore(self, arrays: Mapping[str, Array], metadata: Mapping[str, Any]) -> None:
        """Load a dump. Raises KeyError, ValueError or IndexError if it is malformed."""
        self.clear()
        self._fact_buffers = {name: arrays[f"fact {name}"] for name in _FACT_TYPES}
        self._slot_buffers = {name: arrays[f"slots {name}"] for name in _SLOT_NAMES}
        self._row_of = arrays["rows"]
        self.size = len(self._fact_buffers["team"])
        for name, dictionary in self._dictionaries().items():
            for value in metadata[name]:
                dictionary.encode(value)
        columns = (arrays[f"loss {name}"].tolist() for name in Losses._fields)
        for row, code, alleged, amount in zip(*columns, strict=True):
            self.add_loss(row, self.currencies.values[code], alleged=alleged, amount=amount)
        self.commit(metadata["database"], metadata["seq"], metadata["last_change"])


def _flatten(losses: Mapping[int, Sequence[tuple[int, bool, float]]]) -> Losses:
    flat = [(row, *loss) for row, of_row in losses.items() for loss in of_row]
    rows, currencies, alleged, amounts = zip(*flat, strict=True) if flat else ((), (), (), ())
    return Losses(
        np.array(rows, np.int64), np.array(currencies, np.int64), np.array(alleged, bool), np.array(amounts)
    )


def _resize(buffer: Array, length: int, fill: int) -> Array:
    """A longer copy, with a value in the new places."""
    longer = np.full((*buffer.shape[:-1], length), fill, buffer.dtype)
    longer[..., : buffer.shape[-1]] = buffer
    return longer
