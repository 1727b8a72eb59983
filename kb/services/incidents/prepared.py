"""New incidents as rows that are made before the transaction, for an import of thousands of them.

`NewIncidents` makes the same rows through the session, within the transaction, which takes ten times as long
(tests/services/incidents/test_prepared.py compares both). On SQLite nobody else writes meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from kb.domain.dates import MOMENTS, UNKNOWN_DATE
from kb.domain.incident import TEXT_FIELDS, Operation, Status
from kb.domain.links import link_key
from kb.domain.organization import organization_key
from kb.domain.permissions import is_public
from kb.domain.text import tag_key, title_key
from kb.domain.workflow import Step
from kb.errors import InvalidInput
from kb.models import (
    Impact,
    Incident,
    IncidentTag,
    IncidentTerm,
    IncidentText,
    Lesson,
    LessonText,
    Response,
    ReviewEvent,
    Revision,
    Source,
    db,
)
from kb.models.bulk_insert import BulkInsert
from kb.services.core.presenters import snapshot
from kb.services.incidents.facts import classify, require_order, response_terms
from kb.services.incidents.tags import first_spellings
from kb.services.incidents.texts import require_characters
from kb.services.review.completeness import require_published_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Table

    from kb.domain.permissions import Actor
    from kb.models import Team, Term
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.taxonomy.lookup import TermLookup

_MODELS = (
    Incident,
    IncidentText,
    IncidentTerm,
    IncidentTag,
    Lesson,
    LessonText,
    Source,
    Response,
    Impact,
    Revision,
    ReviewEvent,
)
"""What an incident consists of, in the order in which rows refer to each other."""

_NUMBERED = (Incident, Lesson)
"""Those whose ids are known before they are inserted: others refer to them."""

_FIRST = 1
"""The version of what is new."""


def can_prepare(data: Mapping[str, Any]) -> bool:
    """Whether a new incident can be made of its input alone; else `NewIncidents` makes it, or refuses it."""
    if data["status"] == Status.IN_REVIEW or data.get("passed_check") is not None or not data.get("slug"):
        return False
    translated = [each.get("lessons") or () for each in data.get("translations", {}).values()]
    lessons = data["lessons"]
    if any(len(items) not in (0, len(lessons)) for items in translated):
        return False
    given = [item for items in translated for item in items if item is not None]
    return not any("id" in item for item in (*lessons, *given)) and not any("guard" in i for i in given)


class PreparedIncidents:
    """New incidents of a team: their rows, ready to be inserted."""

    def __init__(self, actor: Actor, team: Team, at: datetime, terms: TermLookup) -> None:
        self._actor = actor
        self._team = SimpleNamespace(id=team.id, key=team.key)
        self._at = at
        self._terms = terms
        self._spellings: dict[str, str] = {}
        self._rows: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
        self._inserts = {model: BulkInsert(_table(model), [*_columns(model)]) for model in _MODELS}
        self._ready: dict[Any, list[Any]] = defaultdict(list)
        self._changes: list[tuple[int, bool]] = []

    def learn_tags(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        """Look up how tags are spelled, before the incidents that have them are added."""
        keys = {tag_key(tag) for data in inputs for tag in data.get("tags", ())} - self._spellings.keys()
        for key, tag in first_spellings(self._team.id, keys).items():
            self._spellings.setdefault(key, tag)

    def add(self, data: Mapping[str, Any], incident_id: int, lesson_ids: Iterator[int]) -> None:
        """Add one, which `can_prepare`. Raises InvalidInput, and has then added nothing."""
        self._terms.errors.clear()
        classification = classify(self._terms, data)
        answers = response_terms(self._terms, data)
        if self._terms.errors:
            raise InvalidInput(self._terms.errors)
        require_order(data)
        if data["status"] == Status.PUBLISHED:
            require_published_fields(data)
        texts = self._texts(data, incident_id)
        lessons = _lessons(data, incident_id, lesson_ids)
        characters = sum(len(text[field]) for text in texts.values() for field in TEXT_FIELDS)
        require_characters(
            characters + sum(len(text.text) for lesson in lessons for text in lesson.texts.values())
        )
        incident = self._incident(data, incident_id, classification[0])
        rows = self._rows
        rows[Incident].append(incident)
        rows[IncidentText].extend(texts.values())
        rows[IncidentTerm].extend(
            {"incident_id": incident_id, "term_id": term.id, "position": position}
            for position, term in enumerate(classification)
        )
        tags = self._tags(data, incident_id)
        rows[IncidentTag].extend(tags)
        for lesson in lessons:
            rows[Lesson].append({name: getattr(lesson, name) for name in _columns(Lesson)})
            rows[LessonText].extend(
                {"lesson_id": lesson.id, "language": text.language, "text": text.text}
                for text in lesson.texts.values()
            )
        evidence = _evidence(data, incident_id, answers)
        for model, items in evidence.items():
            rows[model].extend(items)
        state = SimpleNamespace(
            **incident,
            texts={language: SimpleNamespace(**text) for language, text in texts.items()},
            original=SimpleNamespace(**texts[data["language"]]),
            languages=[data["language"], *sorted(tag for tag in texts if tag != data["language"])],
            terms=lambda namespace: [term.key for term in classification if term.namespace == namespace],
            tags=[tag["tag"] for tag in tags],
            lessons=lessons,
            sources=[SimpleNamespace(**row) for row in evidence[Source]],
            responses=[SimpleNamespace(term=row["term"], at=row["at"]) for row in evidence[Response]],
            impacts=[SimpleNamespace(**row) for row in evidence[Impact]],
            team=self._team,
            collection=None,
        )
        self._record(state, data.get("comment"))

    def convert(self) -> None:
        """Make what was added ready for the database; the rows in between take more memory."""
        for model in _MODELS:
            self._ready[model] += self._inserts[model].converted(self._rows.pop(model, ()))

    def insert(self, work: UnitOfWork) -> None:
        """Insert what was converted, and announce it in the feed."""
        connection = db.session.connection()
        for model in _MODELS:
            self._inserts[model].execute(connection, self._ready[model])
        for incident_id, public in self._changes:
            work.announce(
                incident_id, self._team.id, operation=Operation.CREATED, version=_FIRST, public=public
            )

    def _incident(self, data: Mapping[str, Any], incident_id: int, category: Term) -> dict[str, Any]:
        occurred = data.get("occurred_on", UNKNOWN_DATE)
        is_published = data["status"] == Status.PUBLISHED
        return {
            "id": incident_id,
            **{name: data[name] for name in ("slug", "external_id", "kind", "visibility", "language")},
            "status": Status.PUBLISHED if is_published else Status.DRAFT,
            "organization": data["organization"],
            "organization_key": organization_key(data["organization"]),
            "occurred_on": occurred.first,
            "occurred_until": occurred.last,
            "occurred_precision": occurred.precision,
            **{name: data.get(name) for name in (*MOMENTS, "severity", "confidence")},
            "category_id": category.id,
            "team_id": self._team.id,
            "author": self._actor.name,
            "extra": data.get("extra") or None,
            **dict.fromkeys(("duplicate_of_id", "passed_check_id", "collection_id")),
            "created_at": self._at,
            "updated_at": self._at,
            "published_at": self._at if is_published else None,
            "version": _FIRST,
        }

    def _texts(self, data: Mapping[str, Any], incident_id: int) -> dict[str, dict[str, Any]]:
        texts = {data["language"]: data, **data.get("translations", {})}
        return {
            language: {
                "incident_id": incident_id,
                "language": language,
                "version": _FIRST,
                "title_key": title_key(fields.get("title", "")),
                **{field: fields.get(field, "") for field in TEXT_FIELDS},
            }
            for language, fields in texts.items()
        }

    def _tags(self, data: Mapping[str, Any], incident_id: int) -> list[dict[str, Any]]:
        typed: dict[str, str] = {}
        for tag in data.get("tags", ()):
            typed.setdefault(tag_key(tag), tag)
        rows = [
            {"incident_id": incident_id, "key": key, "tag": self._spellings.setdefault(key, tag)}
            for key, tag in typed.items()
        ]
        return sorted(rows, key=lambda row: str(row["tag"]))

    def _record(self, state: SimpleNamespace, comment: str | None) -> None:
        # It has all that a snapshot shows.
        content = snapshot(cast("Incident", state))
        event = {
            "incident_id": state.id,
            "author": self._actor.name,
            "principal": self._actor.principal,
            "comment": comment or None,
            "at": self._at,
        }
        self._rows[Revision].append(
            {**event, "number": _FIRST, "operation": Operation.CREATED, "words_of": None, "snapshot": content}
        )
        if state.status is Status.PUBLISHED:
            step = {"step": Step.PUBLISH, "before": Status.DRAFT, "after": state.status}
            self._rows[ReviewEvent].append({**event, **step, "version": _FIRST, "overridden": None})
        self._changes.append((state.id, is_public(state.status, state.visibility)))


def _lessons(data: Mapping[str, Any], incident_id: int, lesson_ids: Iterator[int]) -> list[SimpleNamespace]:
    lessons = [
        SimpleNamespace(
            id=lesson_id,
            incident_id=incident_id,
            position=position,
            guard=item.get("guard"),
            texts={data["language"]: SimpleNamespace(language=data["language"], text=item["text"])},
        )
        for position, (item, lesson_id) in enumerate(zip(data["lessons"], lesson_ids, strict=False))
    ]
    for language, translation in data.get("translations", {}).items():
        for lesson, item in zip(lessons, translation.get("lessons") or (), strict=False):
            if item is not None:
                lesson.texts[language] = SimpleNamespace(language=language, text=item["text"])
    return lessons


def _evidence(
    data: Mapping[str, Any], incident_id: int, answers: Sequence[Term | None]
) -> dict[Any, list[dict[str, Any]]]:
    """The rows of sources, responses and impacts; those of responses with their terms."""
    return {
        Source: [
            {
                **source,
                "incident_id": incident_id,
                "position": position,
                "url_key": link_key(source["url"]) if source["url"] else None,
                "archive_key": link_key(source["archive_url"]) if source["archive_url"] else None,
            }
            for position, source in enumerate(data.get("sources", ()))
        ],
        Response: [
            {
                "incident_id": incident_id,
                "position": position,
                "term": term,
                "term_id": term.id,
                "at": response["at"],
            }
            for position, (term, response) in enumerate(zip(answers, data.get("responses", ()), strict=True))
            if term is not None
        ],
        Impact: [
            {**impact, "incident_id": incident_id, "position": position}
            for position, impact in enumerate(data.get("impacts", ()))
        ],
    }


def _columns(model: Any) -> list[str]:
    """The columns that a row has; the database gives the ids that nothing refers to."""
    return [column.name for column in _table(model).columns if model in _NUMBERED or column.name != "id"]


def _table(model: Any) -> Table:
    return cast("Table", model.__table__)
