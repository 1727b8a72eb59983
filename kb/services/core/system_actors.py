"""Actors that are neither users nor tokens: operator, seeder, importer, collector, anonymous callers."""

from __future__ import annotations

from dataclasses import replace

from kb.domain.permissions import Actor, Role

OPERATOR = Actor(name="operator", role=Role.SITE_ADMIN)
"""The operator, who runs commands on the server and could change the database directly."""

SEEDER = Actor(name="seed", role=Role.SITE_ADMIN)
"""The author of the seeded cases."""

IMPORTER = Actor(name="import", role=Role.SITE_ADMIN)
"""The author of incidents imported by the operator."""

COLLECTOR = Actor(name="collection", role=Role.SITE_ADMIN)
"""The author of the incidents of collections."""

ANONYMOUS_NAME = "anonymous"
"""The name of a caller without a token, whose role depends on `KB_ANONYMOUS`."""

RESERVED_NAMES = frozenset({OPERATOR.name, SEEDER.name, IMPORTER.name, COLLECTOR.name, ANONYMOUS_NAME})
"""Names that no user or token may take, since they would impersonate the system."""


def importer_for(actor: Actor) -> Actor:
    """The author of incidents imported over HTTP, named after the person or token that imports them.

    An import publishes without review, so check first that the caller is permitted to.
    """
    return replace(IMPORTER, name=actor.name, acts_for=actor.principal)


def is_operator(actor: Actor) -> bool:
    """Whether an actor runs commands on the server, and so could turn any rule off."""
    return actor.user_id is None and actor.token_id is None and actor.sees_everything
