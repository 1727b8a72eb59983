"""Aliases of organizations: names that administrators declare to mean the same organization.

Stored incidents do not change: filters, trends and duplicate detection read the aliases at query time. So
removing an alias restores the previous state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from kb.domain.audit import AuditEvent
from kb.domain.dates import iso
from kb.domain.organization import organization_key
from kb.domain.permissions import Action, Actor
from kb.errors import Conflict, FieldError, InvalidInput, NotFound
from kb.messages import Message
from kb.models import OrganizationAlias, db
from kb.models.base import MAX_INTEGER
from kb.services.core import audit, idempotency
from kb.services.core.authorization import require, require_current_version
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.locks import advisory_lock
from kb.services.infrastructure.pagination import Page, id_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.core.authorization import Versions

MAX_ALIASES = 100
"""How many aliases one organization may have, since every filter by it queries all of them."""


def list_aliases(actor: Actor, *, organization: str | None = None, limit: int, cursor: str | None) -> Page:
    """List the aliases, latest first; with `organization`, its own, which an alias may name as well."""
    require(actor, Action.MANAGE_SITE)
    statement = select(OrganizationAlias)
    if organization is not None:
        key = organization_key(organization)
        families = select(OrganizationAlias.organization_key).where(
            or_(OrganizationAlias.key == key, OrganizationAlias.organization_key == key)
        )
        statement = statement.where(OrganizationAlias.organization_key.in_(families))
    return id_page(statement, OrganizationAlias.id, _present, limit=limit, cursor=cursor)


def get_alias(actor: Actor, alias_id: int) -> dict[str, Any]:
    """An alias. Raises NotFound."""
    require(actor, Action.MANAGE_SITE)
    return _present(_find(alias_id))


def add_alias(actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Declare the name `alias` an alias of the organization `organization`.

    Raises InvalidInput for two spellings with the same key, and Conflict for an alias of an alias, for one
    that has aliases itself, and for one that already exists.
    """
    require(actor, Action.MANAGE_SITE)
    with unit_of_work() as work:
        lock_aliases()
        names = _names(data["alias"], data["organization"])
        _require_free(names)
        _require_one_step(names, alias_id=None)
        alias = OrganizationAlias(**names, created_at=work.at)
        db.session.add(alias)
        db.session.flush()
        audit.log_event(work, actor, AuditEvent.ORGANIZATION_ALIAS_ADDED, **_audited(alias))
        return idempotency.store_answer(_present(alias), incident_id=None)


def update_alias(
    actor: Actor, alias_id: int, versions: Versions | None, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Change the spelling or the organization of an alias. Raises the errors of `add_alias`."""
    require(actor, Action.MANAGE_SITE)
    with unit_of_work() as work:
        lock_aliases()
        alias = _find(alias_id)
        require_current_version(versions, alias.version)
        before = _present(alias)
        names = _names(data.get("alias", alias.name), data.get("organization", alias.organization))
        if names["key"] != alias.key:
            _require_free(names)
        if (names["key"], names["organization_key"]) != (alias.key, alias.organization_key):
            _require_one_step(names, alias_id=alias_id)
        for name, value in names.items():
            setattr(alias, name, value)
        changes = {
            name: [before[name], value]
            for name, value in (("alias", alias.name), ("organization", alias.organization))
            if before[name] != value
        }
        if changes:
            audit.log_event(
                work, actor, AuditEvent.ORGANIZATION_ALIAS_CHANGED, **_audited(alias), changes=changes
            )
        db.session.flush()
        return _present(alias)


def remove_alias(actor: Actor, alias_id: int, versions: Versions | None) -> None:
    """Remove an alias, so that the two names are separate organizations again."""
    require(actor, Action.MANAGE_SITE)
    with unit_of_work() as work:
        lock_aliases()
        alias = _find(alias_id)
        require_current_version(versions, alias.version)
        audit.log_event(work, actor, AuditEvent.ORGANIZATION_ALIAS_REMOVED, **_audited(alias))
        db.session.delete(alias)


def lock_aliases() -> None:
    """Serialize changes of aliases until the transaction ends: two concurrent ones could form a chain."""
    advisory_lock("organization-alias")


def _find(alias_id: int) -> OrganizationAlias:
    alias = db.session.get(OrganizationAlias, alias_id) if alias_id <= MAX_INTEGER else None
    if alias is None:
        raise NotFound(Message("There is no alias {id}. GET /organizations/aliases lists them.", id=alias_id))
    return alias


def _names(name: str, organization: str) -> dict[str, str]:
    """The columns for the names of an alias and of its organization."""
    names = {
        "key": organization_key(name),
        "name": name,
        "organization_key": organization_key(organization),
        "organization": organization,
    }
    if names["key"] == names["organization_key"]:
        detail = Message(
            "{alias!r} and {organization!r} are one organization without an alias.",
            alias=name,
            organization=organization,
        )
        raise InvalidInput([FieldError("/alias", detail)], detail)
    return names


def _require_free(names: Mapping[str, str]) -> None:
    """Raise Conflict if the name is already an alias."""
    alias = db.session.scalar(select(OrganizationAlias).where(OrganizationAlias.key == names["key"]))
    if alias is not None:
        raise Conflict(
            Message(
                "{alias!r} is an alias of {organization!r} already. Change or remove alias {id}.",
                alias=names["name"],
                organization=alias.organization,
                id=alias.id,
            )
        )


def _require_one_step(names: Mapping[str, str], *, alias_id: int | None) -> None:
    """Raise Conflict if an alias would form a chain: its organization is an alias, or it has aliases itself;
    also if its organization has MAX_ALIASES.

    `alias_id` is the alias that is about to change, if it exists.
    """
    organization = names["organization"]
    others = select(OrganizationAlias).where(OrganizationAlias.id.is_distinct_from(alias_id))
    target = db.session.scalar(others.where(OrganizationAlias.key == names["organization_key"]))
    if target is not None:
        raise Conflict(
            Message(
                "{organization!r} is itself an alias of {target!r}. Send that as the organization, or remove "
                "alias {id} first.",
                organization=organization,
                target=target.organization,
                id=target.id,
            )
        )
    own = db.session.scalar(others.where(OrganizationAlias.organization_key == names["key"]).limit(1))
    if own is not None:
        raise Conflict(
            Message(
                "{alias!r} has aliases itself, such as {other!r}. Let those lead to {organization!r} first.",
                alias=names["name"],
                other=own.name,
                organization=organization,
            )
        )
    siblings = others.where(OrganizationAlias.organization_key == names["organization_key"])
    if (db.session.scalar(siblings.with_only_columns(func.count())) or 0) >= MAX_ALIASES:
        raise Conflict(
            Message(
                "{organization!r} has {most} aliases, as many as it may have. Remove one first.",
                organization=organization,
                most=MAX_ALIASES,
            )
        )


def _audited(alias: OrganizationAlias) -> dict[str, Any]:
    return {"alias": alias.name, "organization": alias.organization}


def _present(alias: OrganizationAlias) -> dict[str, Any]:
    return {
        "id": alias.id,
        "alias": alias.name,
        "alias_key": alias.key,
        "organization": alias.organization,
        "organization_key": alias.organization_key,
        "created_at": iso(alias.created_at),
        "version": alias.version,
    }
