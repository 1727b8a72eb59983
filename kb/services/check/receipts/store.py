"""Receipts: the stored results of checks by signed-in callers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kb.domain.permissions import Action, Actor, belongs_to, may_in
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models import Check, Incident, Team, db
from kb.services.accounts.teams import find_team_for
from kb.services.check.playbook import playbook_of, strong_ids
from kb.services.check.receipts.presenter import check_detail, check_summary
from kb.services.check.receipts.rows import account_key, add_check
from kb.services.check.receipts.shared_words import with_precedents_spelling
from kb.services.core import idempotency
from kb.services.core.authorization import require
from kb.services.core.check_access import checks_visible_to, find_check
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.pagination import Page, id_page
from kb.services.search.hit_content import to_stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from kb.domain.check import CheckRequest
    from kb.domain.guard import Verdict


class CheckFilter(NamedTuple):
    """Which checks to list. `team` is a key, `author` a name; no verdicts means all; `until` is inclusive."""

    verdicts: Sequence[Verdict] = ()
    team: str | None = None
    platform: str | None = None
    account: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    author: str | None = None

    def conditions(self, actor: Actor) -> list[ColumnElement[bool]]:
        """The SQL conditions, including visibility to the actor. Raises NotFound for a foreign team."""
        conditions = [checks_visible_to(actor)]
        if self.verdicts:
            conditions.append(Check.verdict.in_(self.verdicts))
        if self.team is not None:
            conditions.append(Check.team_id == find_team_for(actor, Action.READ_TEAM, self.team).id)
        if self.platform is not None:
            conditions.append(Check.platform == self.platform)
        if self.account is not None:
            conditions.append(Check.account_key == account_key(self.account))
        if self.author is not None:
            conditions.append(Check.author == self.author)
        if self.since is not None:
            conditions.append(Check.created_at >= self.since)
        if self.until is not None:
            conditions.append(Check.created_at <= self.until)
        return conditions


def record_check(
    actor: Actor, request: CheckRequest, result: Mapping[str, Any], team: str | None
) -> dict[str, Any]:
    """Store the receipt of a check, and return the result with its `id`.

    `team` is the key of the team that it belongs to. Nothing is stored for a caller who is not signed in: the
    id is None. Raises InvalidInput for a team that is not the actor's.
    """
    if not _is_signed_in(actor):
        return {"id": None, **result}
    team_id = check_team_id(actor, team)
    # The answer is stored for replay, so it must not hold a text that is not kept either.
    stored = result if request.keep_text else without_text(actor, result)
    with unit_of_work() as work:
        check_id, _ = add_check(work, actor, request, stored, team_id)
        replay = {"id": check_id, **stored}
        idempotency.store_answer(replay, incident_id=None, related=("findings", "precedents"))
        return {"id": check_id, **result}


def check_team_id(actor: Actor, key: str | None) -> int | None:
    """The id of the team that a check by the actor belongs to: the one with the key, or the actor's only one.

    None without a key for an actor with no team or several: the check is the actor's own. Raises InvalidInput
    for a team that the actor does not belong to.
    """
    if key is not None:
        team = db.session.scalar(select(Team).where(Team.key == key))
        if team is not None and belongs_to(actor, team.id):
            return team.id
        detail = Message("There is no team {key!r} that you belong to.", key=key)
        raise InvalidInput([FieldError("/team", detail)], detail)
    teams = [team for team in actor.roles if may_in(actor, Action.READ_TEAM, team)]
    return teams[0] if len(teams) == 1 else None


def without_text(actor: Actor, result: Mapping[str, Any]) -> dict[str, Any]:
    """A result without its quotes from the draft, and with shared words as its precedents spell them."""

    def stripped(span: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if span is None else {**span, "text": None}

    return {
        **result,
        "findings": [
            {**item, "span": stripped(item["span"]), "message": None, "suggestion": None}
            for item in result["findings"]
        ],
        **{
            name: [{**item, "spans": [stripped(span) for span in item["spans"]]} for item in result[name]]
            for name in ("suppressed", "themes")
        },
        "precedents": with_precedents_spelling(actor, result["precedents"]),
    }


def with_visible_playbook(result: Mapping[str, Any]) -> dict[str, Any]:
    """A replayed result, with the playbook of the strong precedents that its reader may still see."""
    ids = strong_ids(result["precedents"])
    if result["playbook"]["incidents"] == len(ids):
        return {**result}
    incidents = db.session.scalars(select(Incident).where(Incident.id.in_(ids)).options(*DETAIL_OPTIONS))
    return {**result, "playbook": playbook_of([to_stored(incident) for incident in incidents])}


def list_checks(
    actor: Actor,
    filters: CheckFilter,
    *,
    limit: int,
    cursor: str | None,
    present: Callable[[Check], dict[str, Any]] = check_summary,
) -> Page:
    """List the checks that the actor may see, latest first, each as `present` returns it."""
    require(actor, Action.READ_CHECKS)
    statement = select(Check).where(*filters.conditions(actor)).options(selectinload(Check.overrides))
    return id_page(statement, Check.id, present, limit=limit, cursor=cursor)


def get_check(actor: Actor, check_id: int, languages: Sequence[str]) -> dict[str, Any]:
    """Return one receipt. Raises NotFound, also for a check that the actor may not see."""
    return check_detail(actor, find_check(actor, check_id), languages)


def _is_signed_in(actor: Actor) -> bool:
    return actor.user_id is not None or actor.token_id is not None
