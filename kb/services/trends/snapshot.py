"""One state of the database, from which both a report and its ETag are made."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import select

from kb import __version__
from kb.domain.taxonomy import NAMESPACES, replacements
from kb.models import Namespace, OrganizationAlias, Team, Term, db
from kb.services.core.change_feed import POSITION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection


class Snapshot:
    """The position in the change feed, and the keys and labels of teams and terms, read in one transaction.

    `database_id` and `seq` are the position; `taxonomy` maps namespaces to their versions; `teams` maps ids
    to keys and names; `terms` maps namespaces, those among `dimensions`, to ids, and these to keys and
    labels; `replaced` maps the same namespaces to ids of retired terms, and these to the ids of their
    replacements; `organizations` maps keys of aliases to those of organizations, if that is a dimension.
    `connection` is in that transaction, which only reads.
    """

    database_id: str
    seq: int
    taxonomy: dict[str, str]
    teams: dict[int, tuple[str, str]]
    terms: dict[str, dict[int, tuple[str, Mapping[str, str]]]]
    replaced: dict[str, dict[int, int]]
    organizations: dict[str, str]

    def __init__(self, connection: Connection, dimensions: Sequence[str]) -> None:
        self.connection = connection
        self._dimensions = dimensions
        self._read()

    def renew(self) -> None:
        """Move on to the latest state."""
        self.connection.rollback()
        self._read()

    def _read(self) -> None:
        self.database_id, self.seq = self.connection.execute(POSITION).one()
        versions = select(Namespace.key, Namespace.version).order_by(Namespace.position)
        self.taxonomy = {key: version for key, version in self.connection.execute(versions)}
        teams = select(Team.id, Team.key, Team.name).order_by(Team.id)
        self.teams = {team: (key, name) for team, key, name in self.connection.execute(teams)}
        self.terms, self.replaced = {}, {}
        for name in self._dimensions:
            if name in NAMESPACES:
                self._read_terms(name)
        self.organizations = self._read_aliases() if "organization" in self._dimensions else {}

    def _read_aliases(self) -> dict[str, str]:
        columns = (OrganizationAlias.key, OrganizationAlias.organization_key)
        return {
            key: current for key, current in self.connection.execute(select(*columns).order_by(columns[0]))
        }

    def _read_terms(self, namespace: str) -> None:
        columns = (Term.id, Term.key, Term.labels, Term.retired, Term.replaced_by)
        statement = select(*columns).where(Term.namespace == namespace).order_by(Term.id)
        rows = self.connection.execute(statement).all()
        ids = {row.key: row.id for row in rows}
        current = replacements((row.key, row.replaced_by if row.retired else None) for row in rows)
        self.terms[namespace] = {row.id: (row.key, row.labels) for row in rows}
        self.replaced[namespace] = {ids[old]: ids[new] for old, new in current.items()}

    @property
    def version(self) -> tuple[object, ...]:
        """Equal snapshots give equal reports for the same query."""
        return (
            __version__,
            self.database_id,
            self.seq,
            self.taxonomy,
            self.teams,
            self.terms,
            self.replaced,
            self.organizations,
        )


@contextmanager
def open_snapshot(dimensions: Sequence[str]) -> Iterator[Snapshot]:
    """Open a snapshot of the running application's database, to group by some dimensions."""
    db.session.rollback()  # return its connection to the pool: a request holds one at a time
    with db.engine.connect() as connection:
        yield Snapshot(connection, dimensions)
