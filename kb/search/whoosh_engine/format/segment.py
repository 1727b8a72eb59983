"""One segment, open for reading. It never changes, and many threads may read it at once."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kb.search.whoosh_engine.format.arrays import ArrayFile
from kb.search.whoosh_engine.format.layout import FIELDS, hash_term

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kb.search.whoosh_engine.format.arrays import Array

DOCUMENTS, INVERTED = ".doc", ".inv"


class Postings(NamedTuple):
    """The documents of a term, as parallel arrays, field after field; `counts` says how many of each."""

    doc: Array
    frequency: Array
    counts: Array


class Segment:
    """The arrays of one segment. Raises IndexUnusableError when they are not what was written."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.documents = ArrayFile(folder / f"{name}{DOCUMENTS}")
        self._inverted = ArrayFile(folder / f"{name}{INVERTED}")
        self.files = (self.documents, self._inverted)
        self.ids = self.documents.read("id")
        self.size = len(self.ids)
        self._stored_at = self.documents.read("stored_at")
        self._hashes = self._inverted.read("hash")
        self.counts = self._inverted.read("counts").reshape(-1, FIELDS)
        self._starts = np.zeros(len(self._hashes) + 1, np.int64)
        np.cumsum(self.counts.sum(axis=1, dtype=np.int64), out=self._starts[1:])
        self._name_at = self._inverted.read("name_at")

    def __len__(self) -> int:
        """How many different terms it has."""
        return len(self._hashes)

    def find(self, term: str) -> int | None:
        """The row of a term, if it is here."""
        wanted = hash_term(term)
        row = int(np.searchsorted(self._hashes, np.uint64(wanted)))
        while row < len(self._hashes) and int(self._hashes[row]) == wanted:
            if self.term(row) == term:
                return row
            row += 1
        return None

    def term(self, row: int) -> str:
        """The term of a row."""
        start, stop = int(self._name_at[row]), int(self._name_at[row + 1])
        return self._inverted.read_bytes("name", start, stop).decode("utf-8", "surrogatepass")

    def postings(self, row: int) -> Postings:
        """The documents of a term."""
        start, stop = int(self._starts[row]), int(self._starts[row + 1])
        inverted = self._inverted
        return Postings(
            inverted.read("doc", start, stop), inverted.read("frequency", start, stop), self.counts[row]
        )

    def places(self, row: int, field: int) -> tuple[Array, Array]:
        """Where a term stands in one field: documents and places, as parallel arrays, in this order."""
        postings = self.postings(row)
        before = int(postings.counts[:field].sum())
        chosen = slice(before, before + int(postings.counts[field]))
        first = int(self._inverted.read("first_place", row, row + 1)[0])
        first += int(postings.frequency[:before].sum(dtype=np.int64))
        frequency = postings.frequency[chosen].astype(np.int64)
        places = self._inverted.read("place", first, first + int(frequency.sum()))
        return np.repeat(postings.doc[chosen], frequency), places

    def all_places(self) -> tuple[Array, Array, Array, Array]:
        """Everything that is inverted here: row, field, document and place of each token."""
        per_posting = self._inverted.read("frequency").astype(np.int64)
        rows_and_fields = np.repeat(np.arange(len(self) * FIELDS), self.counts.ravel())
        rows_and_fields = np.repeat(rows_and_fields, per_posting)
        docs = np.repeat(self._inverted.read("doc"), per_posting)
        return rows_and_fields // FIELDS, rows_and_fields % FIELDS, docs, self._inverted.read("place")

    def stored(self, doc: int) -> bytes:
        """The bytes that are shown with a document."""
        start, stop = self._stored_at[doc : doc + 2].tolist()
        return self.documents.read_bytes("stored", start, stop)

    @cached_property
    def lengths(self) -> Array:
        """The number of words by field and document."""
        return self.documents.read("lengths").reshape(FIELDS, -1)

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """The term of each row, with the case-folded words that it stands for in texts."""
        for term, forms in zip(self.terms(), self._strings("form"), strict=True):
            yield term, forms.split("\n") if forms else []

    def words(self) -> Iterator[tuple[str, list[str]]]:
        """Each term of the texts, with the case-folded words that it stands for."""
        return ((term, forms) for term, forms in self.rows() if not term.startswith("\0"))

    @cached_property
    def keywords(self) -> dict[str, list[tuple[str, int]]]:
        """The values of each keyword field, with their rows."""
        data, starts = self._inverted.read("name"), self._name_at[:-1]
        found: dict[str, list[tuple[str, int]]] = {}
        for row in np.flatnonzero(data[starts] == 0).tolist() if len(data) else ():
            _, field, value = self.term(row).split("\0", 2)
            found.setdefault(field, []).append((value, row))
        return found

    def terms(self) -> list[str]:
        """All terms, by row."""
        return self._strings("name")

    def forms(self, row: int) -> list[str]:
        """The case-folded words that a term stands for in the texts here."""
        start, stop = map(int, self._inverted.read("form_at", row, row + 2))
        return self._inverted.read_bytes("form", start, stop).decode("utf-8", "surrogatepass").split("\n")

    def _strings(self, name: str) -> list[str]:
        ends = self._inverted.read(f"{name}_at").tolist()
        data = self._inverted.read_bytes(name, 0, ends[-1])
        return [data[start:stop].decode("utf-8", "surrogatepass") for start, stop in pairwise(ends)]
