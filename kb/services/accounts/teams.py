"""Teams, which own incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.domain.dates import iso
from kb.domain.language import DEFAULT_LANGUAGE
from kb.domain.permissions import Action, Actor, belongs_to, may_in
from kb.domain.text import forbidden_character, slugify
from kb.errors import Conflict, FieldError, InvalidInput, NotFound
from kb.messages import Message
from kb.models import Team, db
from kb.models.prepared_select import PreparedSelect
from kb.services.accounts.display_names import require_name
from kb.services.core import audit, idempotency
from kb.services.core.authorization import require, require_current_version, require_in
from kb.services.core.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.core.authorization import Versions
    from kb.services.core.unit_of_work import UnitOfWork

MAIN_TEAM = "main"
"""The key of the team that every installation starts with."""


class FilingTeam(NamedTuple):
    """A team for which an incident is filed. `language` is the default of its texts, if it has one."""

    id: int
    key: str
    language: str | None


_COLUMNS = (Team.id, Team.key, Team.language)
_BY_KEY = PreparedSelect(lambda values: select(*_COLUMNS).where(Team.key == values[0]))
_BY_ID = PreparedSelect(lambda values: select(*_COLUMNS).where(Team.id == values[0]))
"""Select a `FilingTeam`. Each filing does so, and loading a Team takes ten times as long."""


def find_team(key: str) -> Team:
    """The team with a key, for an input's field `team`. Raises InvalidInput if there is none."""
    team = db.session.scalar(select(Team).where(Team.key == key))
    if team is None:
        detail = Message("There is no team {key!r}.", key=key)
        raise InvalidInput([FieldError("/team", detail)], detail)
    return team


def find_team_for(actor: Actor, action: Action, key: str) -> Team:
    """One of the actor's teams, in which the actor may perform an action.

    Raises NotFound for a team that is unknown or not one of the actor's, and Forbidden.
    """
    require(actor, action)
    team = None
    if forbidden_character(key) is None:
        team = db.session.scalar(select(Team).where(Team.key == key))
    if team is None or not belongs_to(actor, team.id):
        if actor.sees_everything:
            raise NotFound(Message("There is no team {key!r}.", key=key))
        raise NotFound(Message("There is no team {key!r}, or you do not belong to it.", key=key))
    require_in(actor, action, team.id)
    return team


def filing_team(actor: Actor, key: str | None) -> FilingTeam:
    """The team for which the actor files an incident: the one with a key, or the only one possible.

    Raises InvalidInput if the actor may not file for it, or if there are several.
    """
    connection = db.session.connection()
    if key is not None:
        rows = _BY_KEY.rows_in(connection, [key])
        if rows and may_in(actor, Action.CREATE, rows[0][0]):
            return FilingTeam(*rows[0])
        detail = Message("There is no team {key!r} that you may file for.", key=key)
        raise InvalidInput([FieldError("/team", detail)], detail)
    team_ids = [team for team in actor.roles if may_in(actor, Action.CREATE, team)]
    if len(team_ids) == 1:
        return FilingTeam(*_BY_ID.rows_in(connection, team_ids)[0])
    if not team_ids and actor.sees_everything:
        main = find_team(MAIN_TEAM)
        return FilingTeam(main.id, main.key, main.language)
    keys = db.session.scalars(select(Team.key).where(Team.id.in_(team_ids)).order_by(Team.key))
    detail = Message("Send the team to file for, one of: {teams}.", teams=", ".join(keys))
    raise InvalidInput([FieldError("/team", detail)], detail)


def team_language(team_id: int) -> str:
    """The default language of a team's texts."""
    language: str | None = db.session.scalar(select(Team.language).where(Team.id == team_id))
    return language or DEFAULT_LANGUAGE


def create_team(
    key: str, name: str | None = None, language: str | None = None, *, actor: Actor
) -> dict[str, Any]:
    """Add a team. Its name defaults to its key.

    Raises InvalidInput for a key that is not a slug or a bad name, and Conflict for a key in use.
    """
    require(actor, Action.MANAGE_SITE)
    with unit_of_work() as work:
        team = add_team(work, actor, key, name, language)
        return idempotency.store_answer(_present(actor, team), incident_id=None)


def add_team(
    work: UnitOfWork,
    actor: Actor,
    key: str,
    name: str | None,
    language: str | None = None,
    *,
    team_id: int | None = None,
) -> Team:
    """Add a team within a transaction, with an id of the database's choice unless one is given.

    Raises what `create_team` raises.
    """
    if not key or key != slugify(key) or len(key) > 80:
        detail = Message(
            "Write the key as a slug, such as {example}.", example=slugify(key)[:80] or "social-media"
        )
        raise InvalidInput([FieldError("/key", detail)], detail)
    require_name(name or key)
    if db.session.scalar(select(Team.id).where(Team.key == key)) is not None:
        raise Conflict(Message("There is already a team {key!r}.", key=key))
    team = Team(id=team_id, key=key, name=name or key, language=language)
    db.session.add(team)
    db.session.flush()
    audit.log_event(work, actor, AuditEvent.TEAM_CREATED, team_id=team.id, key=key, name=team.name)
    return team


def update_team(actor: Actor, key: str, versions: Versions | None, data: Mapping[str, Any]) -> dict[str, Any]:
    """Change the name of a team, or its language. Its key cannot change."""
    if "name" in data:
        require_name(data["name"])
    with unit_of_work() as work:
        team = find_team_for(actor, Action.MANAGE_TEAM, key)
        require_current_version(versions, team.version)
        before = {name: getattr(team, name) for name in ("name", "language")}
        changes = {name: [before[name], value] for name, value in data.items() if before[name] != value}
        if changes:
            audit.log_event(work, actor, AuditEvent.TEAM_CHANGED, team_id=team.id, key=key, changes=changes)
            for name, value in data.items():
                setattr(team, name, value)
            db.session.flush()
        return _present(actor, team)


def list_teams(actor: Actor) -> list[dict[str, Any]]:
    """The teams that the actor belongs to, oldest first."""
    require(actor, Action.USE_ACCOUNT)
    teams = db.session.scalars(select(Team).order_by(Team.id))
    return [_present(actor, team) for team in teams if belongs_to(actor, team.id)]


def list_filing_teams(actor: Actor) -> list[dict[str, Any]]:
    """The teams for which the actor may file incidents, oldest first."""
    require(actor, Action.USE_ACCOUNT)
    teams = db.session.scalars(select(Team).order_by(Team.id))
    return [_present(actor, team) for team in teams if may_in(actor, Action.CREATE, team.id)]


def get_team(actor: Actor, key: str) -> dict[str, Any]:
    """One of the actor's teams. Raises NotFound for any other."""
    return _present(actor, find_team_for(actor, Action.READ_TEAM, key))


def _present(actor: Actor, team: Team) -> dict[str, Any]:
    role = actor.roles.get(team.id)
    return {
        "key": team.key,
        "name": team.name,
        "language": team.language,
        "role": role.key if role else None,
        "created_at": iso(team.created_at),
        "version": team.version,
    }
