"""Check a collection, its head and all its incidents, before any of it is written."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from marshmallow import ValidationError
from sqlalchemy import select

from kb.domain.incident import Status
from kb.domain.permissions import Action, Actor
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models import Collection, Incident, Lesson, db
from kb.pauses import no_pause
from kb.schemas.collections import CollectionHeadSchema
from kb.schemas.incident_input import IncidentImportSchema
from kb.schemas.pointers import field_errors
from kb.services.accounts.teams import MAIN_TEAM, find_team, team_language
from kb.services.core.authorization import require
from kb.services.core.reading import reading
from kb.services.exchange.entry_errors import content_errors
from kb.services.incidents.content.guard_checks import GuardTrials, with_checked_guards, with_full_guards
from kb.services.incidents.filing.language_detection import with_language
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kb.pauses import Pause
    from kb.services.exchange.collections.reading import CollectionFile, FileEntry


class EntryError(NamedTuple):
    """An error in a collection: the location of the entry, a JSON pointer into it, and the reason."""

    location: str
    pointer: str
    detail: Message


class CheckedCollection(NamedTuple):
    """A collection's head and incidents, ready to be written if there are no errors."""

    head: dict[str, Any]
    incidents: list[dict[str, Any]]
    errors: list[EntryError]


def check_file(actor: Actor, file: CollectionFile, pause: Pause = no_pause) -> CheckedCollection:
    """Check a collection that was read from files. Writes nothing.

    `pause` is called with the number of incidents that are checked, and within incidents without it.
    """
    require(actor, Action.MANAGE_SITE)
    pause = reading(pause)
    head, errors = _load(file.head, CollectionHeadSchema())
    schema, checker = IncidentImportSchema(), _Checker(head["key"] if head else "", pause)
    checker.errors += errors
    for done, entry in enumerate(file.incidents, 1):
        data, errors = _load(entry._replace(value=_to_publish(entry.value)), schema)
        checker.errors += errors
        if data is not None:
            checker.check(entry.location, data)
        pause(done, len(file.incidents))
    return CheckedCollection(head or {}, checker.incidents, checker.errors)


def check_input(actor: Actor, key: str, data: Mapping[str, Any], pause: Pause) -> CheckedCollection:
    """Check a collection that `CollectionInputSchema` has loaded. Writes nothing.

    `pause` is called after each incident, and within them. Raises InvalidInput with pointers into the input.
    """
    require(actor, Action.MANAGE_SITE)
    pause = reading(pause)
    head, errors = _load_head({**{name: data[name] for name in data if name != "incidents"}, "key": key})
    checker = _Checker(key, pause)
    for number, incident in enumerate(data["incidents"]):
        checker.check(f"/incidents/{number}", {**incident, "status": Status.PUBLISHED})
        pause()
    errors += [FieldError(f"{error.location}{error.pointer}", error.detail) for error in checker.errors]
    if errors:
        raise InvalidInput(errors)
    return CheckedCollection(head, checker.incidents, [])


def _load_head(head: dict[str, Any]) -> tuple[dict[str, Any], list[FieldError]]:
    try:
        return CollectionHeadSchema().load(head), []
    except ValidationError as error:
        return {}, field_errors(error.messages)


def _load(
    entry: FileEntry, schema: CollectionHeadSchema | IncidentImportSchema
) -> tuple[dict[str, Any] | None, list[EntryError]]:
    if entry.problem is not None:
        return None, [EntryError(entry.location, "", entry.problem)]
    try:
        return schema.load(entry.value), []
    except ValidationError as error:
        errors = field_errors(error.messages)
        return None, [EntryError(entry.location, each.pointer, each.detail) for each in errors]


def _to_publish(value: Any) -> Any:
    return {**with_full_guards(value), "status": Status.PUBLISHED.value} if isinstance(value, dict) else value


class _Checker:
    """Collects the incidents that can be written, and the errors in the others."""

    def __init__(self, key: str, pause: Pause) -> None:
        self.incidents: list[dict[str, Any]] = []
        self.errors: list[EntryError] = []
        self._key = key
        self._team_id = find_team(MAIN_TEAM).id
        self._language = team_language(self._team_id)
        self._terms = TermLookup(attached=False)
        self._tried, self._trials = _StoredGuards(key), GuardTrials(pause)
        self._languages = self._stored_languages()
        self._locations: dict[tuple[str, str], str] = {}

    def check(self, location: str, data: dict[str, Any]) -> None:
        """Check the content of an incident that has passed the schema."""
        data, errors = self._identified(data)
        try:
            guarded = with_checked_guards(data, self._tried, self._trials)
            data, _ = with_language(guarded, self._languages.get(data["external_id"], self._language))
        except InvalidInput as error:
            errors += error.errors
        else:
            errors += content_errors(data, self._terms)
            errors += self._language_errors(data)
        errors += self._repetitions(location, data)
        self.errors += [EntryError(location, error.pointer, error.detail) for error in errors]
        if not errors:
            self.incidents.append(data)

    def _identified(self, data: dict[str, Any]) -> tuple[dict[str, Any], list[FieldError]]:
        """Add the external id to an incident: the given one, which must begin with the key, or its slug's."""
        external_id, slug = data["external_id"], data.get("slug")
        if external_id is None and slug is not None:
            return {**data, "external_id": f"{self._key}:{slug}"}, []
        if external_id is None:
            detail = Message("Give it a slug, by which it is known when the collection is updated.")
            return data, [FieldError("/slug", detail)]
        if self._key and not external_id.startswith(f"{self._key}:"):
            detail = Message("Begin it with the key of the collection: {key}:...", key=self._key)
            return data, [FieldError("/external_id", detail)]
        return data, []

    def _language_errors(self, data: Mapping[str, Any]) -> list[FieldError]:
        known = self._languages.get(data["external_id"], data["language"])
        if known == data["language"]:
            return []
        detail = Message(
            "It was added in {language} before; the original's language cannot change.", language=known
        )
        return [FieldError("/language", detail)]

    def _repetitions(self, location: str, data: Mapping[str, Any]) -> list[FieldError]:
        """Errors for values that must be unique in the collection, but occurred before."""
        errors = []
        for name in ("external_id", "slug"):
            if (value := data.get(name)) is None:
                continue
            earlier = self._locations.setdefault((name, value), location)
            if earlier != location:
                errors.append(
                    FieldError(
                        f"/{name}", Message("{place} has {value!r} already.", place=earlier, value=value)
                    )
                )
        return errors

    def _stored_languages(self) -> dict[str | None, str]:
        rows = db.session.execute(_of_collection(select(Incident.external_id, Incident.language), self._key))
        return {row.external_id: row.language for row in rows}


class _StoredGuards(Container[object]):
    """The previously added guards of a collection: trying them again would take most of the time."""

    def __init__(self, key: str) -> None:
        guards = select(Lesson.guard).join(Incident, Incident.id == Lesson.incident_id)
        self._contents = {_content(guard) for guard in db.session.scalars(_of_collection(guards, key))}

    def __contains__(self, guard: object) -> bool:
        return _content(guard) in self._contents


def _content(guard: object) -> bytes:
    """The content of a guard, which is compared with many."""
    return orjson.dumps(guard, option=orjson.OPT_SORT_KEYS)


def _of_collection(statement: Any, key: str) -> Any:
    return statement.join(Collection, Collection.id == Incident.collection_id).where(Collection.key == key)


def refuse_errors(errors: Iterable[EntryError]) -> None:
    """Raise InvalidInput, which lists the errors with their locations, if there are any."""
    found = [
        FieldError(error.pointer, Message("{place}: {reason}", place=error.location, reason=error.detail))
        for error in errors
    ]
    if found:
        raise InvalidInput(found, Message("The collection is not valid. Nothing was changed."))
