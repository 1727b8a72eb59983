"""What a write of an incident leaves behind."""

from __future__ import annotations

from typing import Any, NamedTuple


class WriteResult(NamedTuple):
    """The incident in the language that was written, whether it is new, and whether a search finds it
    already; None where that is not known, since the answer is an earlier one."""

    incident: dict[str, Any]
    created: bool
    searchable: bool | None
