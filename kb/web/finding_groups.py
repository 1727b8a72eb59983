"""Findings grouped by guard, with those folded into them, so that a guard's advice is shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class FindingGroup(NamedTuple):
    """Findings with the same guard and advice, and the findings of other guards folded into them."""

    findings: list[Mapping[str, Any]]
    folded: list[Mapping[str, Any]]


def by_guard(findings: Sequence[Mapping[str, Any]]) -> list[FindingGroup]:
    """Group the findings of a check by guard and advice, in the order of each group's first finding."""
    groups: dict[tuple[str, str | None], FindingGroup] = {}
    for finding, folded in folds(findings):
        group = groups.setdefault((finding["guard"], finding["suggestion"]), FindingGroup([], []))
        group.findings.append(finding)
        group.folded.extend(folded)
    return [*groups.values()]


def folds(findings: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Return each finding of a check that is not folded into another, with those folded into it."""
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
    """Return the findings of a check that are not folded into another."""
    return [finding for finding, _ in folds(findings)]


def _folded_into(finding: Mapping[str, Any]) -> int | None:
    """Return the number of the finding that this one is folded into; services of earlier versions omit it."""
    number: int | None = finding.get("folded_into")
    return number
