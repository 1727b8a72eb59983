"""Read the taxonomy, with the number of incidents under each term."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, distinct, func, select

from kb.caches import LruCache
from kb.domain.filters import DEFAULT_STATUSES
from kb.domain.language import choose_language
from kb.domain.permissions import Action, Actor, audiences_for
from kb.domain.spelling import closest_match
from kb.domain.taxonomy import replacements
from kb.domain.text import forbidden_character
from kb.errors import NotFound
from kb.messages import Message
from kb.models import Incident, IncidentTerm, Namespace, Response, Term, db
from kb.services.core import change_feed
from kb.services.core.authorization import require, visible_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.search.engine import Position

MAX_BYTES = 500_000
"""The size of the cache of counts: some 200 namespaces for readers of different teams."""

_BYTES_PER_COUNT = 100


class _Counts(NamedTuple):
    """The number of incidents by the key of their term, as of a position of the change feed."""

    by_key: dict[str, int]
    position: Position


_counts: LruCache[_Counts] = LruCache(MAX_BYTES)


def label(labels: Mapping[str, str], languages: Sequence[str]) -> str:
    """The label in the first of the languages that it exists in, else in English."""
    return labels[choose_language(languages, list(labels), "en")]


def list_namespaces(actor: Actor, languages: Sequence[str]) -> list[dict[str, Any]]:
    """All namespaces in display order, each with the number of its terms."""
    require(actor, Action.READ)
    statement = select(Term.namespace, func.count()).group_by(Term.namespace)
    counts = {namespace: count for namespace, count in db.session.execute(statement)}
    rows = db.session.scalars(select(Namespace).order_by(Namespace.position))
    return [{**_namespace_fields(row, languages), "terms": counts.get(row.key, 0)} for row in rows]


def get_namespace(actor: Actor, key: str, languages: Sequence[str]) -> dict[str, Any]:
    """A namespace with its terms, each with the number of incidents under it that the actor may see.

    Raises NotFound, with the nearest key, for an unknown one.
    """
    require(actor, Action.READ)
    namespace = None if forbidden_character(key) else db.session.get(Namespace, key[:40])
    if namespace is None:
        raise _no_such_namespace(key)
    terms = db.session.scalars(select(Term).where(Term.namespace == key).order_by(Term.position)).all()
    replaced = replacements((term.key, term.replaced_by if term.retired else None) for term in terms)
    counts = _incident_counts(actor, key, replaced)
    return {
        **_namespace_fields(namespace, languages),
        "terms": [
            {
                "key": term.key,
                "label": label(term.labels, languages),
                "description": label(term.descriptions, languages),
                "labels": term.labels,
                "aliases": term.aliases,
                "parent": term.parent,
                "scheme": term.scheme,
                "retired": term.retired,
                "replaced_by": term.replaced_by,
                "count": counts.get(replaced.get(term.key, term.key), 0),
            }
            for term in terms
        ],
    }


def term_names(
    actor: Actor, namespaces: Sequence[str], languages: Sequence[str]
) -> dict[str, dict[str, str]]:
    """The names of the terms of some namespaces, by namespace and key, retired terms left out."""
    require(actor, Action.READ)
    names: dict[str, dict[str, str]] = {namespace: {} for namespace in namespaces}
    statement = select(Term.namespace, Term.key, Term.labels).order_by(Term.position)
    for namespace, key, labels in db.session.execute(
        statement.where(Term.namespace.in_(namespaces), ~Term.retired)
    ):
        names[namespace][key] = label(labels, languages)
    return names


def _no_such_namespace(key: str) -> NotFound:
    keys = list(db.session.scalars(select(Namespace.key)))
    suggestion = closest_match(key, keys)
    if suggestion is None:
        hint = Message("The namespaces are {names}.", names=", ".join(keys))
    else:
        hint = Message("Did you mean {name!r}?", name=suggestion)
    return NotFound(Message("There is no namespace {key!r}. {hint}", key=key[:100], hint=hint))


def _incident_counts(actor: Actor, namespace: str, replaced: Mapping[str, str]) -> dict[str, int]:
    """The number of incidents by the key of their term or its replacement; callers share the result.

    It is cached until the change feed moves, as it does with every write to an incident.
    """
    key, position = (namespace, audiences_for(actor), (*replaced.items(),)), change_feed.position_in_session()
    kept = _counts.get(key)
    if kept is None or kept.position != position:
        kept = _Counts(_count_incidents(actor, namespace, replaced), position)
        _counts.put(key, kept, _BYTES_PER_COUNT * len(kept.by_key))
    return kept.by_key


def _count_incidents(actor: Actor, namespace: str, replaced: Mapping[str, str]) -> dict[str, int]:
    """The number of incidents by key. Each incident counts once per key; withdrawn ones do not count."""
    current = case(replaced, value=Term.key, else_=Term.key) if replaced else Term.key
    link = Response if namespace == "response" else IncidentTerm
    statement = (
        select(current, func.count(distinct(link.incident_id)))
        .join(Incident, Incident.id == link.incident_id)
        .join(Term, Term.id == link.term_id)
        .where(Term.namespace == namespace, visible_to(actor), Incident.status.in_(DEFAULT_STATUSES))
        .group_by(current)
    )
    return {key: count for key, count in db.session.execute(statement)}


def _namespace_fields(namespace: Namespace, languages: Sequence[str]) -> dict[str, Any]:
    return {
        "key": namespace.key,
        "label": label(namespace.labels, languages),
        "description": label(namespace.descriptions, languages),
        "version": namespace.version,
    }
