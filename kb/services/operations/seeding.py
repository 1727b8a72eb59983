"""Load the seeds: the taxonomy and the founding cases. People's edits are never overwritten."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import ValidationError
from sqlalchemy import select

from kb.derived_files import derived
from kb.domain.language import DEFAULT_LANGUAGE
from kb.domain.taxonomy import NAMESPACES
from kb.errors import InvalidInput
from kb.messages import Message
from kb.models import Incident, Namespace, Revision, Team, Term, db
from kb.schemas.incident_input import IncidentImportSchema
from kb.schemas.pointers import field_errors
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.core.system_actors import SEEDER
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work
from kb.services.incidents.content.guard_checks import with_checked_guards, with_full_guards
from kb.services.incidents.filing.language_detection import with_language
from kb.services.incidents.filing.upsert import UpsertOutcome, find_by_external_id, upsert_incident
from kb.services.infrastructure.locks import advisory_lock
from kb.services.search import sync
from kb.services.taxonomy.lookup import TermLookup
from kb.yaml_text import TextDatesLoader, read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kb.services.search.documents import Progress


class SeedReport(NamedTuple):
    """What loading the seeds did. An incident that people have edited counts as unchanged."""

    terms_written: int
    incidents_added: int
    incidents_updated: int
    incidents_unchanged: int


def seed(folder: Path) -> SeedReport:
    """Load `taxonomy/*.yaml` and `incidents/*.yaml` in one transaction. A second run changes nothing.

    Raises InvalidInput if an incident's file is not valid.
    """
    namespaces = [folder / "taxonomy" / f"{namespace}.yaml" for namespace in NAMESPACES]
    content = _read([*namespaces, *sorted((folder / "incidents").glob("*.yaml"))])
    with unit_of_work() as work:
        advisory_lock("seed")  # several machines may start on a new database
        team = _main_team()
        terms_written = sum(
            _load_namespace(position, data) for position, data in enumerate(content[: len(namespaces)])
        )
        db.session.flush()
        outcomes = Counter(_load_incident(work, team.id, item) for item in content[len(namespaces) :])
    return SeedReport(
        terms_written=terms_written,
        incidents_added=outcomes[UpsertOutcome.ADDED],
        incidents_updated=outcomes[UpsertOutcome.UPDATED],
        incidents_unchanged=outcomes[UpsertOutcome.UNCHANGED],
    )


def update_index(report: SeedReport, *, timeout: float, progress: Progress | None) -> None:
    """Bring the search index up to date after the seeds were loaded. `progress` counts incidents.

    Raises IndexBusyError after `timeout` seconds without the index lock.
    """
    # The index holds the names of terms, but the change feed does not announce changes of them.
    update = sync.rebuild if report.terms_written else sync.ensure_current
    update(timeout=timeout, progress=progress)


def _main_team() -> Team:
    team = db.session.scalar(select(Team).where(Team.key == MAIN_TEAM))
    if team is None:
        team = Team(key=MAIN_TEAM, name="Main team")
        db.session.add(team)
        db.session.flush()
    return team


def _load_namespace(position: int, data: dict[str, Any]) -> int:
    """Write a namespace and its terms, except those that people have edited; return the number of terms."""
    namespace = db.session.get(Namespace, data["namespace"])
    columns = {"version": data["version"], "labels": data["label"], "descriptions": data["description"]}
    if namespace is None:
        digest = _digest(columns)
        namespace = Namespace(key=data["namespace"], seed_digest=digest, position=position, **columns)
        db.session.add(namespace)
        db.session.flush()
    else:
        _update_unless_edited(namespace, columns)
    existing = {
        term.key: term for term in db.session.scalars(select(Term).where(Term.namespace == namespace.key))
    }
    return sum(
        _load_term(existing.get(item["key"]), namespace.key, term_position, item)
        for term_position, item in enumerate(data["terms"])
    )


def _load_term(term: Term | None, namespace: str, position: int, item: dict[str, Any]) -> bool:
    columns = {
        "labels": item["label"],
        "descriptions": item["description"],
        "aliases": item.get("aliases", []),
        "parent": item.get("parent"),
        "scheme": item.get("scheme"),
        "position": position,
        "retired": item.get("retired", False),
        "replaced_by": item.get("replaced_by"),
    }
    if term is None:
        db.session.add(Term(namespace=namespace, key=item["key"], seed_digest=_digest(columns), **columns))
        return True
    return _update_unless_edited(term, columns)


def _update_unless_edited(row: Namespace | Term, columns: dict[str, Any]) -> bool:
    """Update a row that still has the values that the seeds gave it; return whether it changed."""
    current = {name: getattr(row, name) for name in columns}
    if current == columns or row.seed_digest != _digest(current):
        return False
    for name, value in columns.items():
        setattr(row, name, value)
    row.seed_digest = _digest(columns)
    return True


def _load_incident(work: UnitOfWork, team_id: int, item: dict[str, Any]) -> UpsertOutcome:
    try:
        loaded = IncidentImportSchema().load({**with_full_guards(item), "status": "published"})
        incident = find_by_external_id(team_id, loaded["external_id"])
        # Testing all of them again would take most of the startup time.
        tried = [lesson.guard for lesson in incident.lessons if lesson.guard] if incident else ()
        data, _ = with_language(with_checked_guards(loaded, tried), DEFAULT_LANGUAGE)
    except (ValidationError, InvalidInput) as error:
        errors = error.errors if isinstance(error, InvalidInput) else field_errors(error.messages)
        raise InvalidInput(errors, Message("The seed {slug} is not valid.", slug=item.get("slug"))) from error
    if incident is None:
        if _is_slug_taken(team_id, data.get("slug")):
            del data["slug"]
    elif _is_edited(incident):
        return UpsertOutcome.UNCHANGED
    return upsert_incident(work, SEEDER, data, TermLookup(), team_id)


def _is_slug_taken(team_id: int, slug: str | None) -> bool:
    holder = select(Incident.id).where(Incident.team_id == team_id, Incident.slug == slug)
    return db.session.scalar(holder) is not None


def _is_edited(incident: Incident) -> bool:
    """Whether anybody but the seeder has ever written a revision of it."""
    authors = select(Revision.author).where(Revision.incident_id == incident.id)
    return set(db.session.scalars(authors)) != {SEEDER.name}


def _read(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Parse YAML files, once for all processes."""
    files = [path.read_bytes() for path in paths]
    data: list[dict[str, Any]] = derived(
        "seeds", files, lambda: [read_yaml(file.decode(), TextDatesLoader) for file in files]
    )
    return data


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
