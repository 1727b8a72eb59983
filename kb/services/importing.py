"""Importing incidents from JSON lines: all are checked before the first is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import ValidationError
from sqlalchemy import select

from kb.domain.permissions import Actor, Role
from kb.domain.strict_json import loads
from kb.errors import FieldError, InvalidInput
from kb.models import Incident, Team, db
from kb.schemas.incident import IncidentImportSchema
from kb.schemas.pointers import field_errors
from kb.services.incident_content import classify, response_terms
from kb.services.incident_write import add_incident, merge_incident
from kb.services.terms import Terms
from kb.services.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

IMPORTER = "import"

_FLUSHED = 200
"""After how many incidents the session lets go of what it has written, to keep memory level."""


class LineError(NamedTuple):
    """One thing that is wrong with one line; lines count from 1."""

    line: int
    pointer: str
    detail: str


class Line(NamedTuple):
    """A line that is good to import."""

    number: int
    data: dict[str, Any]


class Imported(NamedTuple):
    """What an import did."""

    added: int
    updated: int
    unchanged: int


def check_lines(lines: Iterable[bytes], team: str) -> tuple[list[Line], list[LineError]]:
    """Read and validate all lines, against the schema, the taxonomy and what is stored. Changes nothing."""
    checker = _Checker(_team(team))
    for number, text in enumerate(lines, 1):
        if text.strip():
            checker.check(number, text)
    return checker.good, checker.errors


def write_lines(lines: list[Line], team: str, progress: Callable[[int, int], object]) -> Imported:
    """Write checked lines in one transaction; `progress` is told how many are written, and of how many.

    Interrupted, it leaves nothing behind.
    """
    owner = _team(team)
    actor = Actor(IMPORTER, Role.ADMIN, owner.id)
    added = updated = 0
    with unit_of_work() as work:
        terms = Terms()
        for count, line in enumerate(lines, 1):
            incident = _imported_before(actor, line.data.get("external_id"))
            try:
                if incident is None:
                    add_incident(work, actor, line.data, terms)
                    added += 1
                else:
                    updated += merge_incident(work, actor, incident, line.data, terms)
            except InvalidInput as error:
                first = error.errors[0]
                raise InvalidInput(
                    error.errors, f"line {line.number}: {first.pointer}: {first.detail}"
                ) from error
            if count % _FLUSHED == 0 or count == len(lines):
                db.session.flush()
                db.session.expunge_all()
                terms = Terms()
                progress(count, len(lines))
    return Imported(added, updated, len(lines) - added - updated)


class _Checker:
    """Gathers the good lines and all that is wrong with the others."""

    def __init__(self, team: Team) -> None:
        self.good: list[Line] = []
        self.errors: list[LineError] = []
        self._schema = IncidentImportSchema()
        self._terms = Terms()
        self._slugs: dict[str, str | int | None] = {
            slug: external_id if team_id == team.id else None
            for slug, external_id, team_id in db.session.execute(
                select(Incident.slug, Incident.external_id, Incident.team_id)
            )
        }
        self._languages = {
            external_id: language
            for external_id, language in db.session.execute(
                select(Incident.external_id, Incident.language).where(
                    Incident.team_id == team.id, Incident.external_id.is_not(None)
                )
            )
        }

    def check(self, number: int, text: bytes) -> None:
        errors: list[FieldError] = []
        data: dict[str, Any] = {}
        try:
            data = self._schema.load(loads(text))
        except ValidationError as error:
            errors = field_errors(error.messages)
        except ValueError as error:
            errors = [FieldError("", f"This is not readable JSON: {error}")]
        else:
            errors = self._check_state(data)
        self.errors.extend(LineError(number, error.pointer, error.detail) for error in errors)
        if not errors:
            self.good.append(Line(number, data))
            external_id = data.get("external_id")
            if external_id is not None:
                self._languages.setdefault(external_id, data["language"])
            if "slug" in data:
                self._slugs[data["slug"]] = external_id

    def _check_state(self, data: dict[str, Any]) -> list[FieldError]:
        self._terms.errors.clear()
        classify(self._terms, data)
        response_terms(self._terms, data)
        errors = list(self._terms.errors)
        external_id, slug = data.get("external_id"), data.get("slug")
        taken = slug in self._slugs and (external_id is None or self._slugs[slug] != external_id)
        if taken:
            errors.append(FieldError("/slug", f"The slug {slug!r} is taken."))
        language = self._languages.get(external_id, data["language"])
        if language != data["language"]:
            detail = f"It was imported in {language} before; an update keeps the original's language."
            errors.append(FieldError("/language", detail))
        return errors


def _team(key: str) -> Team:
    team = db.session.scalar(select(Team).where(Team.key == key))
    if team is None:
        raise InvalidInput([FieldError("/team", f"There is no team {key!r}.")], f"There is no team {key!r}.")
    return team


def _imported_before(actor: Actor, external_id: str | None) -> Incident | None:
    if external_id is None:
        return None
    return db.session.scalar(
        select(Incident).where(Incident.team_id == actor.team_id, Incident.external_id == external_id)
    )
