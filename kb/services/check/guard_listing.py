"""List the guards that apply to an actor's drafts, with their origin, and try one on a draft."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.guard import LESSON_PREFIX, GuardOrigin
from kb.domain.permissions import Action
from kb.errors import NotFound
from kb.guards.analysis import AnalyzedDraft
from kb.guards.ruleset import MAX_MATCHES, Finding, compile_guard
from kb.messages import Message
from kb.services.check.findings import present_findings
from kb.services.check.guard_files import shipped_guards
from kb.services.check.guard_texts import title_of
from kb.services.check.rulesets import current_ruleset
from kb.services.core.authorization import require
from kb.services.infrastructure.runtime import concepts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kb.domain.draft import Draft
    from kb.domain.guard import Guard
    from kb.domain.permissions import Actor
    from kb.guards.ruleset import CompiledGuard
    from kb.services.check.guard_texts import LocalText


class ListedGuard(NamedTuple):
    """A guard and its origin."""

    guard: Guard
    origin: GuardOrigin


def list_guards(actor: Actor) -> list[ListedGuard]:
    """List the active guards that apply to an actor's drafts, in the order of their keys."""
    require(actor, Action.READ)
    shipped = {guard.key: guard for guard in shipped_guards()}
    return [
        ListedGuard(compiled.guard, _origin(compiled.guard, shipped.get(compiled.guard.key)))
        for compiled in current_ruleset(actor).guards
    ]


def get_guard(actor: Actor, key: str) -> ListedGuard:
    """Return one of the guards that apply to an actor's drafts. Raises NotFound."""
    guard = _find(actor, key).guard
    shipped = next((other for other in shipped_guards() if other.key == key), None)
    return ListedGuard(guard, _origin(guard, shipped))


def guard_titles(actor: Actor, keys: Collection[str], languages: Sequence[str]) -> dict[str, LocalText]:
    """The titles of guards, by key, for the given keys that apply to an actor's drafts now."""
    guards = (compiled.guard for compiled in current_ruleset(actor).guards)
    return {guard.key: title_of(guard, languages) for guard in guards if guard.key in keys}


def try_guard(actor: Actor, key: str, draft: Draft, languages: Sequence[str]) -> list[dict[str, Any]]:
    """Return what one guard finds in a draft, in the form of a check's findings. Nothing is stored.

    Raises NotFound.
    """
    return _findings(actor, _find(actor, key), draft, languages)


def try_bad_examples(actor: Actor, key: str, languages: Sequence[str]) -> list[list[dict[str, Any]]]:
    """Return a guard's findings in each of its bad examples, in the form of a check's. Raises NotFound."""
    compiled = _find(actor, key)
    return [_findings(actor, compiled, draft, languages) for draft in compiled.guard.bad]


def try_examples(
    actor: Actor, guard: Guard, languages: Sequence[str]
) -> dict[str, list[tuple[Draft, list[dict[str, Any]]]]]:
    """Return each of a guard's examples, by kind, with the guard's findings in it.

    The guard need not be in use. Raises GuardError if it does not compile.
    """
    require(actor, Action.READ_CHECKS)
    compiled = compile_guard(guard, concepts())
    return {
        kind: [(draft, _findings(actor, compiled, draft, languages)) for draft in drafts]
        for kind, drafts in (("bad", guard.bad), ("good", guard.good))
    }


def _findings(
    actor: Actor, compiled: CompiledGuard, draft: Draft, languages: Sequence[str]
) -> list[dict[str, Any]]:
    analyzed = AnalyzedDraft(draft, current_ruleset(actor).concepts)
    found = islice(compiled.matches(analyzed), MAX_MATCHES)
    findings = [Finding(compiled.guard, match) for match in found]
    return present_findings(actor, findings, analyzed, languages)


def _find(actor: Actor, key: str) -> CompiledGuard:
    require(actor, Action.READ)
    for compiled in current_ruleset(actor).guards:
        if compiled.guard.key == key:
            return compiled
    raise NotFound(Message("There is no such guard, or its incident is not open to you."))


def _origin(guard: Guard, shipped: Guard | None) -> GuardOrigin:
    if guard.key.startswith(LESSON_PREFIX):
        return GuardOrigin.LESSON
    return GuardOrigin.SHIPPED if guard == shipped else GuardOrigin.TEAM
