"""Resolve organizations by their aliases: the keys and names that mean the same organization."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from kb.models import OrganizationAlias, db
from kb.models.prepared_select import PreparedSelect

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


_CURRENT = PreparedSelect(
    lambda keys: select(OrganizationAlias.key, OrganizationAlias.organization_key).where(
        OrganizationAlias.key.in_(keys)
    )
)

_ALIASES = PreparedSelect(
    lambda keys: (
        select(OrganizationAlias.key)
        .where(OrganizationAlias.organization_key.in_(keys))
        .order_by(OrganizationAlias.key)
    )
)


def current_keys(keys: Iterable[str]) -> dict[str, str]:
    """Map each key to the key of its organization: an alias to its target, any other key to itself."""
    keys = [*dict.fromkeys(keys)]
    aliases = dict(_CURRENT.rows_in(db.session.connection(), keys)) if keys else {}
    return {key: aliases.get(key, key) for key in keys}


def keys_meaning(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys under which incidents of some organizations are stored.

    For each of `keys`, the organization's own key comes first, followed by the keys of its aliases.
    """
    current = [*dict.fromkeys(current_keys(keys).values())]
    if not current:
        return ()
    return (*current, *(key for (key,) in _ALIASES.rows_in(db.session.connection(), current)))


def aliased_keys() -> set[str]:
    """The keys of all aliases, and of all organizations that have one."""
    rows = db.session.execute(select(OrganizationAlias.key, OrganizationAlias.organization_key))
    return {key for row in rows for key in row}


def other_names(keys: Collection[str]) -> dict[str, tuple[str, ...]]:
    """By key, all names of an organization that has aliases, as administrators wrote them."""
    families = select(OrganizationAlias.organization_key).where(
        or_(OrganizationAlias.key.in_(keys), OrganizationAlias.organization_key.in_(keys))
    )
    aliases = db.session.scalars(
        select(OrganizationAlias)
        .where(OrganizationAlias.organization_key.in_(families))
        .order_by(OrganizationAlias.key)
    )
    by_organization: dict[str, list[OrganizationAlias]] = defaultdict(list)
    for alias in aliases:
        by_organization[alias.organization_key].append(alias)
    names = {}
    for current, family in by_organization.items():
        written = tuple(dict.fromkeys([family[0].organization, *(alias.name for alias in family)]))
        names.update(dict.fromkeys([current, *(alias.key for alias in family)], written))
    return {key: names[key] for key in keys if key in names}
