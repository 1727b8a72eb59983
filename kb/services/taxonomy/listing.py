"""Reading the taxonomy, with how often each term is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import distinct, func, select

from kb.domain.filters import DEFAULT_STATUSES
from kb.domain.language import choose_language
from kb.domain.permissions import Action, Actor
from kb.domain.spelling import closest_match
from kb.domain.text import forbidden_character
from kb.errors import NotFound
from kb.models import Incident, IncidentTerm, Namespace, Response, Term, db
from kb.services.core.authorization import require, visible_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def label(labels: Mapping[str, str], wanted: Sequence[str]) -> str:
    """The label in the first wanted language that there is, else in English."""
    return labels[choose_language(wanted, list(labels), "en")]


def list_namespaces(actor: Actor, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """Every axis of classification, in display order."""
    require(actor, Action.READ)
    counted = select(Term.namespace, func.count()).group_by(Term.namespace)
    counts = {namespace: count for namespace, count in db.session.execute(counted)}
    rows = db.session.scalars(select(Namespace).order_by(Namespace.position))
    return [{**_describe(row, wanted), "terms": counts.get(row.key, 0)} for row in rows]


def get_namespace(actor: Actor, key: str, wanted: Sequence[str]) -> dict[str, Any]:
    """One namespace with its terms; each with the number of incidents that the actor may see under it."""
    require(actor, Action.READ)
    namespace = None if forbidden_character(key) else db.session.get(Namespace, key[:40])
    if namespace is None:
        known = list(db.session.scalars(select(Namespace.key)))
        suggestion = closest_match(key, [name.replace("_", "-") for name in known])
        hint = (
            f"Did you mean {suggestion.replace('-', '_')!r}?"
            if suggestion
            else f"There are: {', '.join(known)}."
        )
        raise NotFound(f"There is no namespace {key[:100]!r}. {hint}")
    counts = _usage(actor, key)
    terms = db.session.scalars(select(Term).where(Term.namespace == key).order_by(Term.position))
    return {
        **_describe(namespace, wanted),
        "terms": [
            {
                "key": term.key,
                "label": label(term.labels, wanted),
                "description": label(term.descriptions, wanted),
                "labels": term.labels,
                "aliases": term.aliases,
                "parent": term.parent,
                "scheme": term.scheme,
                "retired": term.retired,
                "replaced_by": term.replaced_by,
                "count": counts.get(term.id, 0),
            }
            for term in terms
        ],
    }


def _usage(actor: Actor, namespace: str) -> dict[int, int]:
    """By term, how many incidents carry it; an incident counts once, and a withdrawn one not at all."""
    link = Response if namespace == "response" else IncidentTerm
    statement = (
        select(link.term_id, func.count(distinct(link.incident_id)))
        .join(Incident, Incident.id == link.incident_id)
        .join(Term, Term.id == link.term_id)
        .where(Term.namespace == namespace, visible_to(actor), Incident.status.in_(DEFAULT_STATUSES))
        .group_by(link.term_id)
    )
    return {term_id: count for term_id, count in db.session.execute(statement)}


def _describe(namespace: Namespace, wanted: Sequence[str]) -> dict[str, Any]:
    return {
        "key": namespace.key,
        "label": label(namespace.labels, wanted),
        "description": label(namespace.descriptions, wanted),
        "version": namespace.version,
    }
