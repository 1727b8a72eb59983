"""Findings of one guard together: what it advises is then said once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def by_guard(findings: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Findings in groups of the same guard and advice, in the order of the first of each."""
    groups: dict[tuple[str, str | None], list[Mapping[str, Any]]] = {}
    for finding in findings:
        groups.setdefault((finding["guard"], finding["suggestion"]), []).append(finding)
    return [*groups.values()]
