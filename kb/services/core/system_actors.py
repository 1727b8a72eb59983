"""Actors that are neither users nor tokens: the operator, the seeder, the importer, and nobody."""

from __future__ import annotations

from kb.domain.permissions import Actor, Role

OPERATOR = Actor(name="operator", role=Role.SITE_ADMIN)
"""Whoever runs commands on the machine itself, and could change the database directly."""

SEEDER = Actor(name="seed", role=Role.SITE_ADMIN)
"""The author of the founding cases."""

IMPORTER = Actor(name="import", role=Role.SITE_ADMIN)
"""The author of imported incidents."""

ANONYMOUS_NAME = "anonymous"
"""The name of a caller without a token; the role depends on a setting."""

RESERVED_NAMES = frozenset({OPERATOR.name, SEEDER.name, IMPORTER.name, ANONYMOUS_NAME})
"""Names that no user or token may take: their words would pass for the system's."""
