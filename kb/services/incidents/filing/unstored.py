"""A new incident that is not stored yet: made from its input, checked, and ready to be inserted.

It has the attributes that presenters, snapshots and index documents read. `NewIncidents` makes the same
incident through the session, within the transaction, which takes several times as long
(tests/services/incidents/test_prepared.py compares both).
"""

from __future__ import annotations

from itertools import chain
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from kb.domain.dates import MOMENTS, UNKNOWN_DATE, iso
from kb.domain.incident import TEXT_FIELDS, Operation, Status
from kb.domain.links import link_key
from kb.domain.organization import organization_key
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
)
from kb.services.core.presenters import snapshot
from kb.services.incidents.content.facts import classify, require_order, response_terms
from kb.services.incidents.content.texts import count_characters, require_characters
from kb.services.review.completeness import require_published_fields
from kb.services.review.four_eyes import may_publish_directly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from kb.domain.permissions import Actor
    from kb.models import Term
    from kb.services.taxonomy.lookup import TermLookup

FIRST = 1
"""The version of new rows."""

_REQUIRED = ("kind", "visibility", "language", "organization")
_OPTIONAL = ("slug", "external_id", *MOMENTS, "severity", "confidence")
_NONE = (
    "id", "created_at", "updated_at", "published_at",
    "duplicate_of_id", "passed_check_id", "collection_id", "collection",
)  # fmt: skip

Rows = dict[Any, list["Mapping[str, Any]"]]
"""Rows by model, ordered so that rows refer only to earlier ones."""


def is_self_contained(data: Mapping[str, Any]) -> bool:
    """Whether a new incident can be made from its input alone; else `NewIncidents` makes or refuses it."""
    if data["status"] == Status.IN_REVIEW:
        return False
    translated = [each.get("lessons") or () for each in data.get("translations", {}).values()]
    lessons = data["lessons"]
    if any(len(items) not in (0, len(lessons)) for items in translated):
        return False
    given = [item for items in translated for item in items if item is not None]
    return not any("id" in item for item in (*lessons, *given)) and not any("guard" in i for i in given)


class Owner(NamedTuple):
    """The team of new incidents, independent of any session."""

    id: int
    key: str


class UnstoredIncident(SimpleNamespace):
    """A new incident of a team, with the attributes of a stored one.

    Tags, ids and times are known only late: `spell_tags` and `number` set them, and `complete` brings up to
    date what was read before. Its slug is the input's or None, and it names no check; both may be set.
    """

    def __init__(self, actor: Actor, team: Owner, data: Mapping[str, Any], terms: TermLookup) -> None:
        """Make one from an input that `is_self_contained`. Raises InvalidInput."""
        terms.errors.clear()
        classification = classify(terms, data)
        answers = response_terms(terms, data)
        if terms.errors:
            raise InvalidInput(terms.errors)
        require_order(data)
        publishes = data["status"] == Status.PUBLISHED and may_publish_directly(actor, team.id)
        if publishes:
            require_published_fields(data)
        super().__init__(**_columns(data))
        self.status = Status.PUBLISHED if publishes else Status.DRAFT
        self.author, self.principal = actor.name, actor.principal
        self.comment = data.get("comment") or None
        self.team_id, self.team = team.id, team
        self.category_id = classification[0].id
        self.tag_links: list[SimpleNamespace] = []
        self.texts = _texts(data)
        self.lessons = _lessons(data)
        require_characters(count_characters(self.as_incident()))
        self.term_links = [
            SimpleNamespace(term_id=term.id, position=position, term=term)
            for position, term in enumerate(classification)
        ]
        self.sources = _sources(data)
        self.responses = _responses(data, answers)
        self.impacts = [
            SimpleNamespace(**impact, position=position)
            for position, impact in enumerate(data.get("impacts", ()))
        ]

    # Properties that read only attributes that this class has, too.
    original, languages, tags, terms = Incident.original, Incident.languages, Incident.tags, Incident.terms

    def as_incident(self) -> Incident:
        """This incident, typed for code that only reads an incident."""
        return cast("Incident", self)

    def spell_tags(self, tags: Sequence[str], spellings: dict[str, str]) -> None:
        """Set its tags, in their existing spellings (`first_spellings`); spellings of new tags are added to
        `spellings`.
        """
        typed: dict[str, str] = {}
        for tag in tags:
            typed.setdefault(tag_key(tag), tag)
        links = [SimpleNamespace(key=key, tag=spellings.setdefault(key, tag)) for key, tag in typed.items()]
        self.tag_links = sorted(links, key=lambda link: str(link.tag))

    def number(self, incident_id: int | None, lesson_ids: Iterator[int | None], at: datetime) -> None:
        """Set its id, its lessons' ids, and the time at which it is stored; ids are None until it has any."""
        self.id = incident_id
        self.created_at = self.updated_at = at
        if self.status is Status.PUBLISHED:
            self.published_at = at
        for part in chain(
            self.texts.values(), self.term_links, self.tag_links, self.lessons,
            self.sources, self.responses, self.impacts,
        ):  # fmt: skip
            part.incident_id = incident_id
        for lesson, lesson_id in zip(self.lessons, lesson_ids, strict=False):
            lesson.id = lesson_id
            for text in lesson.texts.values():
                text.lesson_id = lesson_id

    def complete(self, content: dict[str, Any]) -> None:
        """Bring its snapshot, taken before it was numbered, up to date."""
        content |= {"id": self.id, "slug": self.slug, "tags": [link.tag for link in self.tag_links]}
        content |= {name: iso(getattr(self, name)) for name in ("created_at", "updated_at", "published_at")}
        for shown, lesson in zip(content["lessons"], self.lessons, strict=True):
            shown["id"] = lesson.id
        for language, translation in content["translations"].items():
            translated = (lesson for lesson in self.lessons if language in lesson.texts)
            for shown, lesson in zip(translation["lessons"], translated, strict=True):
                shown["id"] = lesson.id

    def rows(self, content: Mapping[str, Any] | None = None) -> Rows:
        """Its rows, including its first revision and its publication.

        `content` is its snapshot, if that was taken before (`complete`).
        """
        event = {
            "incident_id": self.id,
            "author": self.author,
            "principal": self.principal,
            "comment": self.comment,
            "at": self.created_at,
        }
        created = {"number": FIRST, "operation": Operation.CREATED, "words_of": None}
        published = {"version": FIRST, "step": Step.PUBLISH, "before": Status.DRAFT, "after": self.status}
        return {
            Incident: [vars(self)],
            IncidentText: [vars(text) for text in self.texts.values()],
            IncidentTerm: [vars(link) for link in self.term_links],
            IncidentTag: [vars(link) for link in self.tag_links],
            Lesson: [vars(lesson) for lesson in self.lessons],
            LessonText: [vars(text) for lesson in self.lessons for text in lesson.texts.values()],
            Source: [vars(source) for source in self.sources],
            Response: [vars(response) for response in self.responses],
            Impact: [vars(impact) for impact in self.impacts],
            Revision: [{**event, **created, "snapshot": content or snapshot(self.as_incident())}],
            ReviewEvent: [{**event, **published, "overridden": None}] if self.published_at else [],
        }


def _columns(data: Mapping[str, Any]) -> dict[str, Any]:
    """The columns filled from the input."""
    occurred = data.get("occurred_on", UNKNOWN_DATE)
    return {
        **{name: data[name] for name in _REQUIRED},
        **{name: data.get(name) for name in _OPTIONAL},
        **dict.fromkeys(_NONE),
        "organization_key": organization_key(data["organization"]),
        "occurred_on": occurred.first,
        "occurred_until": occurred.last,
        "occurred_precision": occurred.precision,
        "extra": data.get("extra") or None,
        "version": FIRST,
    }


def _texts(data: Mapping[str, Any]) -> dict[str, SimpleNamespace]:
    texts = {data["language"]: data, **data.get("translations", {})}
    return {
        language: SimpleNamespace(
            language=language,
            version=FIRST,
            title_key=title_key(fields.get("title", "")),
            **{field: fields.get(field, "") for field in TEXT_FIELDS},
        )
        for language, fields in texts.items()
    }


def _lessons(data: Mapping[str, Any]) -> list[SimpleNamespace]:
    original = data["language"]
    lessons = [
        SimpleNamespace(
            id=None,
            position=position,
            guard=item.get("guard"),
            texts={original: SimpleNamespace(language=original, text=item["text"])},
        )
        for position, item in enumerate(data["lessons"])
    ]
    for language, translation in data.get("translations", {}).items():
        for lesson, item in zip(lessons, translation.get("lessons") or (), strict=False):
            if item is not None:
                lesson.texts[language] = SimpleNamespace(language=language, text=item["text"])
    return lessons


def _sources(data: Mapping[str, Any]) -> list[SimpleNamespace]:
    sources = []
    for position, source in enumerate(data.get("sources", ())):
        keys = [link_key(source[name]) if source[name] else None for name in ("url", "archive_url")]
        sources.append(
            SimpleNamespace(
                **source,
                position=position,
                url_key=keys[0],
                archive_key=keys[1],
                link_keys={key for key in keys if key is not None},
            )
        )
    return sources


def _responses(data: Mapping[str, Any], terms: Sequence[Term | None]) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(position=position, term=term, term_id=term.id, at=response["at"])
        for position, (term, response) in enumerate(zip(terms, data.get("responses", ()), strict=True))
        if term is not None
    ]
