"""Actors that are neither users nor tokens: the operator, the seeder, the importer, the collector,
anonymous callers."""

from __future__ import annotations

from dataclasses import replace

from kb.domain.permissions import Actor, Role

OPERATOR = Actor(name="operator", role=Role.SITE_ADMIN)
"""The operator, who runs commands on the server itself and could change the database directly."""

SEEDER = Actor(name="seed", role=Role.SITE_ADMIN)
"""The author of the seeded cases."""

IMPORTER = Actor(name="import", role=Role.SITE_ADMIN)
"""The author of incidents that the operator imports."""

COLLECTOR = Actor(name="collection", role=Role.SITE_ADMIN)
"""The author of the incidents of collections."""

ANONYMOUS_NAME = "anonymous"
"""The name of a caller without a token, whose role depends on `KB_ANONYMOUS`."""

RESERVED_NAMES = frozenset({OPERATOR.name, SEEDER.name, IMPORTER.name, COLLECTOR.name, ANONYMOUS_NAME})
"""Names that no user or token may take, since they would pass for the system."""


def importer_for(actor: Actor) -> Actor:
    """The author of incidents that somebody imports over HTTP: named as that person or token.

    An import publishes without a review, which the caller must be known to be permitted.
    """
    return replace(IMPORTER, name=actor.name, acts_for=actor.principal)


def is_operator(actor: Actor) -> bool:
    """Whether an actor runs commands on the server itself, and so could turn any rule off."""
    return actor.user_id is None and actor.token_id is None and actor.sees_everything
