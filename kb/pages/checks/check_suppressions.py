"""Suppressed findings of a check, each with a reason, in the fields of its form."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.schemas.check_input import MAX_SUPPRESSIONS
from kb.services.core.guard_keys import HIDDEN_GUARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from werkzeug.datastructures import MultiDict

_MAX_LENGTH = 2_000
_REASON = "because:"
"""The prefix of a guard's key in the name of the field for the reason of its suppression."""

_ALONG = "along:"
"""The prefix of a guard's key in the name of the fields for guards that are suppressed with it."""

CHOSEN = "chosen"
"""The value of the suppress button if another field of the form names the guard."""


class Suppression(NamedTuple):
    """A suppressed guard, the reason, and the last day (None: permanently)."""

    guard: str
    reason: str
    until: str | None = None


class SuppressedGroup(NamedTuple):
    """Guards that were suppressed together: their keys, the reason, the words that the first one found, and
    the number of findings of all."""

    guards: list[str]
    reason: str
    words: list[str]
    findings: int


def read_suppressions(form: MultiDict[str, str]) -> list[Suppression]:
    """Return the suppressions of previous checks and those just given a reason, without withdrawn ones: a
    group is withdrawn by its keys, separated by spaces."""
    kept = {each.guard: each for each in map(_unpacked, form.getlist("suppress")[:MAX_SUPPRESSIONS]) if each}
    for guard, reason in _reasons(form).items():
        kept[guard] = Suppression(guard, reason)
    taken_back = form.get("take_back", "").split()
    return [each for each in kept.values() if each.guard not in taken_back]


def unexplained(form: MultiDict[str, str]) -> str | None:
    """Return the guard that somebody asked to suppress without a reason, or None."""
    guard = form.get("leave_out", "")
    if guard == CHOSEN:
        guard = form.get("guard", "")
    return guard if guard and guard not in _reasons(form) else None


def _reasons(form: MultiDict[str, str]) -> dict[str, str]:
    """Return the reasons just given, by guard: in its own field, or beside the choice of a guard.

    The reason of a guard is the reason of those suppressed with it, too.
    """
    reasons = {name.removeprefix(_REASON): text for name, text in form.items() if name.startswith(_REASON)}
    if "guard" in form:
        reasons[form["guard"]] = form.get("because", "")
    given = {guard: reason.strip() for guard, reason in reasons.items() if reason.strip()}
    along = {other: reason for guard, reason in given.items() for other in form.getlist(f"{_ALONG}{guard}")}
    return {**given, **{guard: reason for guard, reason in along.items() if guard not in given}}


def suppression_view(
    result: Mapping[str, Any], findings: Iterable[Mapping[str, Any]], text: str | None
) -> dict[str, Any]:
    """Return the template variables: suppressions, their hidden fields, and the guards to be suppressed.

    `suppressible` has the number of findings by guard key; suppressing needs the text, to check it again.
    `alongside` has the guards suppressed with a guard: all that they find is folded into what it finds.
    """
    findings = [*findings]
    counts = Counter(finding["guard"] for finding in findings)
    counts.pop(HIDDEN_GUARD, None)
    return {
        "suppressed": _suppressed_groups(
            [item for item in result["suppressed"] if item["active"] and item["findings"]]
        ),
        "suppressions": pack_suppressions(
            Suppression(item["guard"], item["reason"], item["until"]) for item in result["suppressed"]
        ),
        "suppressible": counts if text else {},
        "alongside": _folded_guards(findings),
        "along": _ALONG,
        "chosen": CHOSEN,
    }


def _suppressed_groups(items: Iterable[Mapping[str, Any]]) -> list[SuppressedGroup]:
    """Group suppressions for the same reason whose findings overlap: they were most likely left out together,
    and are taken back together."""
    groups: list[list[Mapping[str, Any]]] = []
    for item in items:
        alike = (group for group in groups if _is_alike(group[0], item))
        group = next(alike, None)
        if group is None:
            groups.append([item])
        else:
            group.append(item)
    return [
        SuppressedGroup(
            [item["guard"] for item in group],
            group[0]["reason"],
            [*dict.fromkeys(span["text"] for span in group[0]["spans"] if span and span["text"])],
            sum(item["findings"] for item in group),
        )
        for group in groups
    ]


def _is_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two suppressions have the same reason and limit, and something in common that they left out."""
    if (one["reason"], one["until"]) != (other["reason"], other["until"]):
        return False
    return any(_overlap(here, there) for here in one["spans"] for there in other["spans"])


def _overlap(here: Mapping[str, int] | None, there: Mapping[str, int] | None) -> bool:
    """Whether two spans overlap; those of the draft as a whole (None) are the same."""
    if here is None or there is None:
        return here is there
    return here["start"] < there["end"] and there["start"] < here["end"]


def _folded_guards(findings: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the guards of whose findings each is folded into one of a single other guard, by that guard."""
    into: dict[str, set[str | None]] = {}
    for finding in findings:
        number = finding.get("folded_into")
        into.setdefault(finding["guard"], set()).add(number and findings[number - 1]["guard"])
    folded: dict[str, list[str]] = {}
    for guard, others in into.items():
        (first, *rest) = others
        if first is not None and first != guard and not rest and HIDDEN_GUARD not in (guard, first):
            folded.setdefault(first, []).append(guard)
    return folded


def pack_suppressions(suppressions: Iterable[Suppression]) -> list[str]:
    """Encode suppressions as the hidden fields of a form."""
    kept = (each for each in suppressions if each.guard != HIDDEN_GUARD)
    return [json.dumps(each, ensure_ascii=False) for each in kept]


def _unpacked(text: str) -> Suppression | None:
    """Decode a suppression from a hidden field; None if it is invalid."""
    try:
        parts = json.loads(text[:_MAX_LENGTH])
    except (ValueError, RecursionError):
        return None
    is_readable = isinstance(parts, list) and len(parts) == len(Suppression._fields)
    if not is_readable or not all(isinstance(part, str) for part in parts[:2]):
        return None
    return Suppression(*parts) if parts[2] is None or isinstance(parts[2], str) else None
