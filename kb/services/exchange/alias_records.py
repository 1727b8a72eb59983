"""The aliases of organizations, in the form of an export with history."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ColumnElement, delete, insert, or_, select

from kb.domain.dates import iso
from kb.domain.organization import organization_key
from kb.errors import Conflict
from kb.messages import Message
from kb.models import OrganizationAlias, db

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Table

_MAX_KEYS = 500
"""How many keys a statement lists."""


def alias_records(keys: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """All aliases that share each organization's target, by its key. Keys without aliases are left out."""
    families = select(OrganizationAlias.organization_key).where(_of_any(keys))
    statement = (
        select(OrganizationAlias)
        .where(OrganizationAlias.organization_key.in_(families))
        .order_by(OrganizationAlias.key)
    )
    by_organization: defaultdict[str, list[OrganizationAlias]] = defaultdict(list)
    for alias in db.session.scalars(statement):
        by_organization[alias.organization_key].append(alias)
    records = {}
    for organization, family in by_organization.items():
        shown = [_record(alias) for alias in family]
        records.update(dict.fromkeys([organization, *(alias.key for alias in family)], shown))
    return records


def replace_aliases(families: Iterable[tuple[str, Sequence[Mapping[str, Any]]]]) -> None:
    """Replace all aliases of organizations, each given by one of its names.

    Raises Conflict for an alias of an alias.
    """
    keys: set[str] = set()
    rows: dict[str, dict[str, Any]] = {}
    for organization, aliases in families:
        keys.add(organization_key(organization))
        for alias in aliases:
            row = _row(alias)
            rows[row["key"]] = row
            keys |= {row["key"], row["organization_key"]}
    for row in rows.values():
        if row["organization_key"] in rows:
            raise Conflict(
                Message(
                    "{alias!r} would be an alias of an alias. Let it name {organization!r} instead.",
                    alias=row["name"],
                    organization=rows[row["organization_key"]]["organization"],
                )
            )
    for some in _portions(sorted(keys)):
        db.session.execute(delete(OrganizationAlias).where(_of_any(some)))
    if rows:
        table = cast("Table", OrganizationAlias.__table__)
        db.session.connection().execute(insert(table), [rows[key] for key in sorted(rows)])


def _of_any(keys: Collection[str]) -> ColumnElement[bool]:
    return or_(OrganizationAlias.key.in_(keys), OrganizationAlias.organization_key.in_(keys))


def _portions(keys: list[str]) -> Iterable[list[str]]:
    """Split keys into lists short enough for one statement."""
    return (keys[start : start + _MAX_KEYS] for start in range(0, len(keys), _MAX_KEYS))


def _record(alias: OrganizationAlias) -> dict[str, Any]:
    return {
        "alias": alias.name,
        "organization": alias.organization,
        "created_at": iso(alias.created_at),
        "version": alias.version,
    }


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": organization_key(record["alias"]),
        "name": record["alias"],
        "organization_key": organization_key(record["organization"]),
        "organization": record["organization"],
        "created_at": record["created_at"],
        "version": record["version"],
    }
