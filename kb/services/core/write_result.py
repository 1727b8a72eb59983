"""The result of writing an incident."""

from __future__ import annotations

from typing import Any, NamedTuple


class WriteResult(NamedTuple):
    """The incident in the language that was written, whether it is new, and whether it is searchable yet.

    `searchable` is None for a replayed response, where it is unknown. With a `proposal`, the write became
    that proposal, and the incident is unchanged.
    """

    incident: dict[str, Any]
    created: bool
    searchable: bool | None
    proposal: dict[str, Any] | None = None
