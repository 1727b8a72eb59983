"""List collections for readers: added ones and shipped ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from kb.domain.dates import iso
from kb.domain.incident import Status, Visibility
from kb.domain.permissions import Action, Actor
from kb.domain.text import forbidden_character
from kb.errors import NotFound
from kb.messages import Message
from kb.models import Collection, Incident, db
from kb.services.core.authorization import require
from kb.services.core.collection_titles import language_of
from kb.services.exchange.collections.shipped import shipped_heads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def list_collections(actor: Actor, languages: Sequence[str]) -> list[dict[str, Any]]:
    """List all collections by key, each in the first of the languages that it has, else in its first one."""
    require(actor, Action.READ)
    heads, counts = shipped_heads(), _public_incidents()
    added = {collection.key: collection for collection in db.session.scalars(select(Collection))}
    return [
        _present(key, heads.get(key), added.get(key), counts.get(key, 0), languages)
        for key in sorted({*heads, *added})
    ]


def get_collection(actor: Actor, key: str, languages: Sequence[str]) -> dict[str, Any]:
    """Return a collection. Raises NotFound for an unknown key."""
    for collection in list_collections(actor, languages):
        if collection["key"] == key:
            return collection
    raise _not_found(key)


def find_added(key: str) -> Collection:
    """Return a collection that was added and not removed. Raises NotFound."""
    collection = None
    if forbidden_character(key) is None:
        collection = db.session.scalar(select(Collection).where(Collection.key == key))
    if collection is None and key in shipped_heads():
        raise NotFound(Message("The collection {key!r} has not been added. Add it first.", key=key))
    if collection is None:
        raise _not_found(key)
    if collection.removed_at is not None:
        raise NotFound(Message("The collection {key!r} was taken out already.", key=key))
    return collection


def _not_found(key: str) -> NotFound:
    return NotFound(Message("There is no collection {key!r}.", key=key))


def _public_incidents() -> dict[str, int]:
    """The number of incidents that everyone may read, by collection key."""
    statement = (
        select(Collection.key, func.count().label("number"))
        .join(Incident, Incident.collection_id == Collection.id)
        .where(Incident.status == Status.PUBLISHED, Incident.visibility == Visibility.ORGANIZATION)
        .group_by(Collection.key)
    )
    return {row.key: row.number for row in db.session.execute(statement)}


def _present(
    key: str,
    shipped: Mapping[str, Any] | None,
    added: Collection | None,
    incidents: int,
    languages: Sequence[str],
) -> dict[str, Any]:
    head = _head_of(added) if added is not None else shipped
    assert head is not None  # a key is of one or the other
    titles, descriptions = head["title"], head["description"]
    language = language_of(titles, languages)
    description = descriptions[language_of(descriptions, languages)] if descriptions else ""
    is_in = added is not None and added.removed_at is None
    return {
        "key": key,
        "title": titles[language],
        "description": description,
        "language": language,
        "license": head["license"],
        "contact": head["contact"],
        "shipped": shipped is not None,
        "version": added.version if added is not None and is_in else None,
        "shipped_version": None if shipped is None else shipped["version"],
        "added_at": None if added is None else iso(added.added_at),
        "updated_at": None if added is None else iso(added.updated_at),
        "removed_at": None if added is None else iso(added.removed_at),
        "incidents": incidents,
    }


def _head_of(collection: Collection) -> dict[str, Any]:
    return {
        "title": collection.titles,
        "description": collection.descriptions,
        "license": collection.license,
        "contact": collection.contact,
    }
