"""The guards that apply to a caller's drafts: shipped, from a team's file, and on lessons of visible
incidents.

They are compiled once, and cached for all checks of a process until one of them changes.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from kb.caches import RecentValues
from kb.domain.guard import LESSON_PREFIX
from kb.domain.permissions import audiences_for, may_see
from kb.guards.analysis import AnalyzedDraft
from kb.guards.corpus import harmless_drafts
from kb.guards.definition import canonical_json, to_guard
from kb.guards.errors import GuardError
from kb.guards.example_drafts import examples_digest
from kb.guards.ruleset import CompiledGuard, Ruleset, compile_guard
from kb.models import db
from kb.observances.table import observances_digest
from kb.search.engine import SCHEMA_VERSION
from kb.services.accounts.authentication import anonymous
from kb.services.check.guard_files import file_guards
from kb.services.check.resemblances import resemblances
from kb.services.core import change_feed
from kb.services.core.active_guards import active_lesson_guards
from kb.services.infrastructure.runtime import concepts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.domain.guard import Guard
    from kb.domain.permissions import Actor
    from kb.search.concepts import ConceptTable
    from kb.search.engine import Position

log = logging.getLogger(__name__)

VERSION = 28
"""Increment it when the same guards find different things: the version is part of a ruleset's hash."""

_READ_AHEAD_STEP = 24
"""Read-ahead analyzes every nth harmless post: some 25, after which more of them make no page of memory that
workers would share (docs/decisions/0121)."""

MAX_RULESETS = 32
"""How many rulesets a process caches: one for each group of callers that see the same incidents."""

_MAX_COMPILED = 5_000


class _CachedRuleset(NamedTuple):
    """A ruleset, and the inputs that it was made from."""

    position: Position
    concepts: ConceptTable
    files: tuple[Guard, ...]
    guards: tuple[Guard, ...]
    ruleset: Ruleset


_rulesets: RecentValues[_CachedRuleset] = RecentValues(MAX_RULESETS)
_compiled: RecentValues[CompiledGuard | None] = RecentValues(_MAX_COMPILED)


def current_ruleset(actor: Actor) -> Ruleset:
    """The active guards that apply to an actor's drafts, without guards of incidents that the actor may not
    see.

    A guard that is no longer valid, because its concept is gone, is left out and logged.
    """
    return ruleset_with_position(actor)[0]


def ruleset_with_position(actor: Actor) -> tuple[Ruleset, Position]:
    """Return the actor's current ruleset, and the latest change that it takes into account."""
    # Every write to an incident moves the position.
    position, table, files = change_feed.position(), concepts(), file_guards()
    key = (db.engine.url.database, position.database_id, audiences_for(actor))
    cached = _rulesets.get(key)
    if cached is not None and (cached.concepts is not table or cached.files is not files):
        cached = None
    if cached is not None and cached.position == position:
        return cached.ruleset, position
    position = change_feed.position_in_session()
    guards = (*files, *_lesson_guards(actor))
    ruleset = (
        cached.ruleset if cached is not None and cached.guards == guards else make_ruleset(guards, table)
    )
    _rulesets[key] = _CachedRuleset(position, table, files, guards, ruleset)
    return ruleset, position


def read_ahead() -> None:
    """Compile the guards and the example drafts, a second of work, before the first check needs them.

    Also run them on some posts: RE2 builds the states of its automata when a text first needs them, and
    processes forked later inherit most of them.
    """
    try:
        ruleset, position = ruleset_with_position(anonymous())
        for draft in harmless_drafts()[::_READ_AHEAD_STEP]:
            analyzed = AnalyzedDraft(draft, ruleset.concepts)
            ruleset.findings(analyzed)
            resemblances(analyzed, ruleset, position)
    except SQLAlchemyError:
        log.info("The guards are not read ahead: the database is not ready.")
    finally:
        db.session.rollback()


def make_ruleset(guards: Iterable[Guard], table: ConceptTable) -> Ruleset:
    """Compile the active ones of the given guards into a ruleset."""
    compiled = (_compile_once(guard, table) for guard in guards if guard.active)
    version = f"{VERSION} {SCHEMA_VERSION} {observances_digest()} {examples_digest()}"
    return Ruleset((guard for guard in compiled if guard is not None), table, version)


def _lesson_guards(actor: Actor) -> list[Guard]:
    rows = [row for row in active_lesson_guards() if may_see(actor, row)]
    return [to_guard(f"{LESSON_PREFIX}{row.lesson_id}", row.guard) for row in rows]


def _compile_once(guard: Guard, table: ConceptTable) -> CompiledGuard | None:
    """Compile a guard, memoized in this process; None if it is invalid."""
    data = canonical_json(guard)
    key = (table.digest, sha256(data).digest())
    with suppress(KeyError):
        return _compiled[key]
    try:
        compiled = compile_guard(guard, table, data)
    except GuardError as error:
        log.warning("The guard %s is ignored: %s", guard.key, error)
        compiled = None
    _compiled[key] = compiled
    return compiled
