"""The result of writing an incident."""

from __future__ import annotations

from typing import Any, NamedTuple


class WriteResult(NamedTuple):
    """The incident in the language that was written, whether it is new, and whether search finds it already.

    `searchable` is None for a replayed response, where this is unknown. With a `proposal`, the write became
    that one, and the incident is as it was.
    """

    incident: dict[str, Any]
    created: bool
    searchable: bool | None
    proposal: dict[str, Any] | None = None
