"""How a check reports suppressed guards."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from kb.domain.guard import LESSON_PREFIX
from kb.domain.language import interface_language
from kb.domain.spelling import closest_match
from kb.messages import Message
from kb.services.check.findings import present_span
from kb.translation import translated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from kb.domain.check import Suppression
    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.ruleset import Finding, Ruleset

_UNKNOWN = Message("There is no active guard {guard}: nothing was left out.")
_EXPIRED = Message("The suppression of {guard} held until {until}: it left nothing out.")
_NEAREST = Message("Did you mean {guard}?")

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
    language = interface_language(languages)
    notices = _notices({each.guard: None for each in suppressions}, ruleset, language)
    suppressed = []
    for suppression in suppressions:
        active = is_active(suppression, today)
        places = spans.get(suppression.guard, []) if active else []
        until = None if suppression.until is None else suppression.until.isoformat()
        expired = (
            None if active else translated(_EXPIRED, language).format(guard=suppression.guard, until=until)
        )
        suppressed.append(
            {
                "guard": suppression.guard,
                "reason": suppression.reason,
                "until": until,
                "active": active,
                "findings": len(places),
                "spans": places,
                "notice": notices.get(suppression.guard, None if active else expired),
            }
        )
    return suppressed


def _notices(keys: Iterable[str], ruleset: Ruleset, language: str) -> dict[str, str]:
    """Notices about keys that no guard has, by key, with the nearest key of a guard that has a name."""
    known = {compiled.guard.key for compiled in ruleset.guards}
    named = {key for key in known if not key.startswith(LESSON_PREFIX)}  # numbers are near by chance
    notices = {}
    for number, key in enumerate(key for key in keys if key not in known):
        notices[key] = translated(_UNKNOWN, language).format(guard=key)
        near = closest_match(key, named) if number < _MAX_COMPARED else None
        if near is not None:
            notices[key] += f" {translated(_NEAREST, language).format(guard=near)}"
    return notices
