"""The guards that look at a caller's drafts: shipped, the team's own, and those of visible incidents' lessons.

They are compiled once, and shared by all checks of a process until one of them changes.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

import orjson

from kb.domain.permissions import may_see
from kb.guards.definition import to_guard
from kb.guards.errors import GuardError
from kb.guards.ruleset import CompiledGuard, Ruleset, compile_guard
from kb.observances.table import observances_digest
from kb.search.engine import SCHEMA_VERSION
from kb.services.core import change_feed
from kb.services.core.lesson_guards import active_lesson_guards
from kb.services.infrastructure.runtime import concepts, guard_files

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from kb.domain.guard import Guard
    from kb.domain.permissions import Actor
    from kb.search.concepts import ConceptTable
    from kb.search.engine import Position

log = logging.getLogger(__name__)

VERSION = "1"
"""Raise it when the same guards find other things: rulesets of another version have another hash."""

MAX_RULESETS = 32
"""How many rulesets a process keeps: one for each group of callers that see the same incidents."""

_MAX_COMPILED = 5_000


class _Current(NamedTuple):
    """A ruleset, and what it was made of."""

    position: Position
    concepts: ConceptTable
    files: object
    guards: tuple[Guard, ...]
    ruleset: Ruleset


_lock = threading.Lock()
_current: OrderedDict[Hashable, _Current] = OrderedDict()
_compiled: OrderedDict[Hashable, CompiledGuard | None] = OrderedDict()


def current_ruleset(actor: Actor) -> Ruleset:
    """The active guards that look at the drafts of an actor: none of an incident that the actor may not see.

    A guard that is no longer valid, because its concept is gone, is left out, and logged.
    """
    position, table, files = change_feed.position(), concepts(), guard_files()
    key = (position.database_id, audiences_for(actor))
    with _lock:
        known = _current.get(key)
        if known and (known.position, known.concepts, known.files) == (position, table, files):
            return known.ruleset
    guards = (*files.guards, *_lesson_guards(actor))
    if known and (known.concepts, known.files, known.guards) == (table, files, guards):
        ruleset = known.ruleset
    else:
        ruleset = Ruleset(
            _compile(guards, table), table, f"{VERSION} {SCHEMA_VERSION} {observances_digest()}"
        )
    with _lock:
        _current[key] = _Current(position, table, files, guards, ruleset)
        _current.move_to_end(key)
        while len(_current) > MAX_RULESETS:
            _current.popitem(last=False)
    return ruleset


def _lesson_guards(actor: Actor) -> list[Guard]:
    return [
        to_guard(f"lesson:{row.lesson_id}", row.guard)
        for row in active_lesson_guards()
        if may_see(actor, row)
    ]


def _compile(guards: Iterable[Guard], table: ConceptTable) -> list[CompiledGuard]:
    compiled = (_compile_once(guard, table) for guard in guards if guard.active)
    return [guard for guard in compiled if guard is not None]


def _compile_once(guard: Guard, table: ConceptTable) -> CompiledGuard | None:
    """A guard compiled, from the guards of this process that were; None if it is invalid."""
    key = (table.digest, guard.key, orjson.dumps(to_data(guard), option=orjson.OPT_SORT_KEYS))
    with _lock:
        if key in _compiled:
            return _compiled[key]
    try:
        compiled = compile_guard(guard, table)
    except GuardError as error:
        log.warning("The guard %s is ignored: %s", guard.key, error)
        compiled = None
    with _lock:
        _compiled[key] = compiled
        while len(_compiled) > _MAX_COMPILED:
            _compiled.popitem(last=False)
    return compiled
