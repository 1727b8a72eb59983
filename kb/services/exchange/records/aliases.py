"""The aliases of organizations, in the form of an export with history."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, delete, or_, select

from kb.batches import batched
from kb.domain.dates import iso
from kb.domain.organization import organization_key
from kb.errors import Conflict
from kb.messages import Message
from kb.models import OrganizationAlias, db
from kb.models.base import MAX_LISTED_VALUES
from kb.models.bulk_insert import insert_rows
from kb.services.taxonomy.organization_aliases import lock_aliases

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


def alias_records(keys: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """All aliases that share each organization's target, by its key. Keys without aliases are left out."""
    families = select(OrganizationAlias.organization_key).where(_matching(keys))
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


class StagedAliases:
    """All aliases of some organizations, each given by one of its names, ready to be written.

    Raises Conflict for an alias of an alias.
    """

    def __init__(self, families: Iterable[tuple[str, Sequence[Mapping[str, Any]]]]) -> None:
        self._keys: set[str] = set()
        self._rows: dict[str, dict[str, Any]] = {}
        for organization, aliases in families:
            self._keys.add(organization_key(organization))
            for alias in aliases:
                row = _row(alias)
                self._rows[row["key"]] = row
                self._keys |= {row["key"], row["organization_key"]}
        for row in self._rows.values():
            if row["organization_key"] in self._rows:
                raise Conflict(
                    Message(
                        "{alias!r} would be an alias of an alias. Let it name {organization!r} instead.",
                        alias=row["name"],
                        organization=self._rows[row["organization_key"]]["organization"],
                    )
                )

    def lock(self) -> None:
        """Keep others from changing aliases until the transaction ends, if any are to be replaced.

        Like any lock of a name, it comes before locks of rows.
        """
        if self._keys:
            lock_aliases()

    def replace(self) -> None:
        """Replace all aliases of the organizations within a transaction that has the lock."""
        for batch in batched(sorted(self._keys), MAX_LISTED_VALUES):
            db.session.execute(delete(OrganizationAlias).where(_matching(batch)))
        if self._rows:
            table = OrganizationAlias.__table__
            insert_rows(db.session.connection(), table, [self._rows[key] for key in sorted(self._rows)])


def _matching(keys: Collection[str]) -> ColumnElement[bool]:
    return or_(OrganizationAlias.key.in_(keys), OrganizationAlias.organization_key.in_(keys))


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
