"""Findings of one guard together, with those that are folded into them: what it advises is then said once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class FindingGroup(NamedTuple):
    """Findings of the same guard and advice, and what other guards say of the same words."""

    findings: list[Mapping[str, Any]]
    folded: list[Mapping[str, Any]]


def by_guard(findings: Sequence[Mapping[str, Any]]) -> list[FindingGroup]:
    """The findings of a check in groups of the same guard and advice, in the order of the first of each."""
    groups: dict[tuple[str, str | None], FindingGroup] = {}
    for finding, folded in folds(findings):
        group = groups.setdefault((finding["guard"], finding["suggestion"]), FindingGroup([], []))
        group.findings.append(finding)
        group.folded.extend(folded)
    return [*groups.values()]


def folds(findings: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Each finding of a check that stands for itself, with those that are folded into it."""
    folded: dict[int, list[Mapping[str, Any]]] = {}
    for finding in findings:
        if (number := _folded_into(finding)) is not None:
            folded.setdefault(number, []).append(finding)
    return [
        (finding, folded.get(number, []))
        for number, finding in enumerate(findings, 1)
        if _folded_into(finding) is None
    ]


def standing(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The findings of a check that stand for themselves."""
    return [finding for finding, _ in folds(findings)]


def _folded_into(finding: Mapping[str, Any]) -> int | None:
    """Services of an earlier version do not say it."""
    number: int | None = finding.get("folded_into")
    return number
