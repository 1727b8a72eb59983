"""The first, most severe finding of a check: its subjects and its advice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.guard import GuardType
from kb.services.check.precedents import IMPLIED_CONCEPTS
from kb.services.check.receipts.presenter import is_hidden
from kb.services.check.receipts.texts import with_current_texts
from kb.services.check.rulesets import current_ruleset

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from kb.domain.guard import Guard
    from kb.domain.permissions import Actor
    from kb.models import Check

MAX_SUBJECTS = 2
"""How many subjects name a finding."""


def first_finding(check: Check) -> Mapping[str, Any] | None:
    """The first finding of a check that is not folded into another; None without findings."""
    return next((item for item in with_current_texts(check.findings) if is_standing(item)), None)


def is_standing(finding: Mapping[str, Any]) -> bool:
    """Whether a finding of a receipt is not folded into another."""
    return finding.get("folded_into") is None


def subjects_of_first(actor: Actor, check: Check) -> list[str]:
    """The concepts of the first finding that the draft also touches, at most MAX_SUBJECTS.

    If the guard is gone or names no concepts, the concepts of the draft, most severe first.
    """
    guard = _guard_of(actor, first_finding(check))
    named = [] if guard is None else _concepts_of(guard, check.concepts)
    return (named or check.concepts)[:MAX_SUBJECTS]


def advice_of_first(actor: Actor, check: Check, language: str, visible: Container[int]) -> str | None:
    """What the guard of the first finding advises, as far as the receipt or the guard says it in a language.

    None if it comes from an incident other than the `visible` ones.
    """
    finding = first_finding(check)
    if finding is None or is_hidden(finding, visible):
        return None
    if finding["suggestion"]:
        return str(finding["suggestion"])
    guard = _guard_of(actor, finding)
    advice = None if guard is None else guard.suggestion.get(language)
    return None if advice is None or "{" in advice else advice


def _guard_of(actor: Actor, finding: Mapping[str, Any] | None) -> Guard | None:
    """The guard of a finding, if it is still in use for an actor."""
    guards = (compiled.guard for compiled in current_ruleset(actor).guards)
    return next((guard for guard in guards if finding is not None and guard.key == finding["guard"]), None)


def _concepts_of(guard: Guard, touched: list[str]) -> list[str]:
    """The concepts that a guard looks for and a draft touches, one of each group of a theme guard."""
    if guard.type is GuardType.THEMES:
        groups = guard.parameters.get("all_of", ())
        found = (next((key for key in touched if key in group), None) for group in groups)
        return [*dict.fromkeys(key for key in found if key is not None)]
    implied = IMPLIED_CONCEPTS.get(guard.type, frozenset())
    return [key for key in touched if key in implied]
