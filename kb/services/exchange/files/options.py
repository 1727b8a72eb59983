"""How a file of incidents is to be read, beyond what the file itself tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.services.exchange.files.mapping import ImportMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read a file of incidents.

    `name` is that of the file, a hint for what its content leaves open, and what reports call it where there
    are several. `encoding` is that of its text, by default detected. `mapping` says what its columns or keys
    mean, if they are not those of this knowledge base.
    """

    name: str = ""
    encoding: str | None = None
    mapping: ImportMapping | None = None
