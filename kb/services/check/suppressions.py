"""How a check reports suppressed guards."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from kb.domain.spelling import closest_match
from kb.services.check.findings import present_span
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from kb.domain.check import Suppression
    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.ruleset import Finding, Ruleset

_UNKNOWN: Mapping[str, str] = {
    "en": "There is no active guard {guard}: nothing was left out.",
    "he": "אין כלל פעיל בשם {guard}: לא הושמט דבר.",
}
_EXPIRED: Mapping[str, str] = {
    "en": "The suppression of {guard} held until {until}: it left nothing out.",
    "he": "ההתעלמות מהכלל {guard} הייתה בתוקף עד {until}: דבר לא הושמט בגללה.",
}
_NEAREST: Mapping[str, str] = {"en": "Did you mean {guard}?", "he": "אולי הכוונה ל: {guard}?"}

_MAX_COMPARED = 10
"""How many unknown keys are compared with all guards' keys."""


def is_active(suppression: Suppression, today: date) -> bool:
    """Whether a suppression is in force on a day."""
    return suppression.until is None or today <= suppression.until


def present_suppressions(
    suppressions: Collection[Suppression],
    found: Collection[Finding],
    draft: AnalyzedDraft,
    ruleset: Ruleset,
    languages: Sequence[str],
    *,
    today: date,
) -> list[dict[str, Any]]:
    """Present each suppression with the number and spans of the findings that it removed. One that names no
    guard of the ruleset has a notice with the nearest key; one that has expired says so."""
    if not suppressions:
        return []
    spans: defaultdict[str, list[dict[str, Any] | None]] = defaultdict(list)
    for finding in found:
        spans[finding.guard.key].append(present_span(finding.match, draft))
    notices = _notices({each.guard: None for each in suppressions}, ruleset, languages)
    suppressed = []
    for suppression in suppressions:
        active = is_active(suppression, today)
        places = spans.get(suppression.guard, []) if active else []
        until = None if suppression.until is None else suppression.until.isoformat()
        expired = None if active else label(_EXPIRED, languages).format(guard=suppression.guard, until=until)
        suppressed.append(
            {
                "guard": suppression.guard,
                "reason": suppression.reason,
                "until": until,
                "active": active,
                "findings": len(places),
                "spans": places,
                "notice": notices.get(suppression.guard, expired),
            }
        )
    return suppressed


def _notices(keys: Iterable[str], ruleset: Ruleset, languages: Sequence[str]) -> dict[str, str]:
    """Notices about keys that no guard has, by key."""
    known = {compiled.guard.key for compiled in ruleset.guards}
    notices = {}
    for number, key in enumerate(key for key in keys if key not in known):
        notices[key] = label(_UNKNOWN, languages).format(guard=key)
        near = closest_match(key, known) if number < _MAX_COMPARED else None
        if near is not None:
            notices[key] += f" {label(_NEAREST, languages).format(guard=near)}"
    return notices
