"""Options for reading a file of incidents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.services.exchange.files.mapping import ImportMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read a file of incidents.

    `name` is the file's name, a hint if its format is ambiguous, and shown in reports on several files.
    `encoding` is the encoding of its text, by default detected. `mapping` gives the meaning of columns or
    keys that are foreign to this knowledge base.
    """

    name: str = ""
    encoding: str | None = None
    mapping: ImportMapping | None = None
