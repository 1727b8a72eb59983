"""Bringing validated input into an incident: its columns, classification, texts, lessons and evidence."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any

from kb.domain.dates import out_of_order
from kb.domain.incident import TEXT_FIELDS
from kb.domain.taxonomy import CLASSIFICATIONS, PRIMARY_CATEGORY, SECONDARY_CATEGORIES
from kb.domain.text import address_key, organization_key
from kb.errors import FieldError, InvalidInput
from kb.models import (
    Impact,
    Incident,
    IncidentTag,
    IncidentTerm,
    IncidentText,
    Lesson,
    LessonText,
    Response,
    Source,
)
from kb.services.core.presenters import evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.models import Term
    from kb.services.taxonomy.lookup import TermLookup

_COLUMNS = (
    "kind",
    "visibility",
    "posted_at",
    "acknowledged_at",
    "removed_at",
    "severity",
    "confidence",
)


def classify(terms: TermLookup, data: Mapping[str, Any], current: Incident | None = None) -> list[Term]:
    """The terms that the input classifies an incident by, the primary category first.

    What the input leaves out stays as it is in `current`. Unknown keys are noted in `terms.errors`.
    """
    found: dict[int, Term] = {}

    def add(namespace: str, key: str, pointer: str) -> None:
        term = terms.find(namespace, key, pointer)
        if term is not None:
            found.setdefault(term.id, term)

    def given(field: str, namespace: str) -> Sequence[str]:
        if field in data:
            value = data[field]
            return value if isinstance(value, list) else [value] if value else []
        return current.terms(namespace) if current else []

    primary = given(PRIMARY_CATEGORY, "category")[:1]
    for key in primary:
        add("category", key, "/category")
    kept = current.terms("category")[1:] if current else []
    for position, key in enumerate(data.get(SECONDARY_CATEGORIES, kept)):
        add("category", key, f"/{SECONDARY_CATEGORIES}/{position}")
    for field, namespace in CLASSIFICATIONS.items():
        for position, key in enumerate(given(field, namespace)):
            add(namespace, key, f"/{field}/{position}")
    for key in given("industry", "industry"):
        add("industry", key, "/industry")
    return list(found.values())


def response_terms(terms: TermLookup, data: Mapping[str, Any]) -> list[Term | None]:
    """The term of each response in the input."""
    return [
        terms.find("response", response["kind"], f"/responses/{position}/kind")
        for position, response in enumerate(data.get("responses", ()))
    ]


def fill(incident: Incident, data: Mapping[str, Any], terms: TermLookup) -> None:
    """Write the input's facts into an incident; what the input leaves out stays. Texts come on their own.

    Raises InvalidInput, with all that is wrong, before anything is changed.
    """
    classification = classify(terms, data, incident if incident.id else None)
    responses = response_terms(terms, data)
    if terms.errors:
        raise InvalidInput(terms.errors)
    columns = {name: data[name] if name in data else getattr(incident, name) for name in _COLUMNS}
    if (name := out_of_order(columns)) is not None:
        raise InvalidInput([FieldError(f"/{name}", "This is earlier than posted_at.")])
    for name, value in columns.items():
        setattr(incident, name, value)
    if "organization" in data:
        incident.organization = data["organization"]
        incident.organization_key = organization_key(data["organization"])
    if "occurred_on" in data:
        occurred = data["occurred_on"]
        incident.occurred_on, incident.occurred_until = occurred.first, occurred.last
        incident.occurred_precision = occurred.precision
    _set_terms(incident, classification)
    if "tags" in data:
        tags = sorted(set(data["tags"]))
        if tags != incident.tags:
            incident.tag_links = [IncidentTag(tag=tag) for tag in tags]
    _set_evidence(incident, data, responses)


def _set_terms(incident: Incident, classification: list[Term]) -> None:
    links = {link.term_id: link for link in incident.term_links}
    new = []
    for position, term in enumerate(classification):
        link = links.get(term.id) or IncidentTerm(term_id=term.id, term=term, position=position)
        link.position = position
        new.append(link)
    incident.term_links = new
    incident.category_id = classification[0].id


def _set_evidence(incident: Incident, data: Mapping[str, Any], responses: list[Term | None]) -> None:
    """Replace sources, responses and impacts, where they are given and differ."""
    before = evidence(incident)
    new_sources = [
        Source(position=n, **source, url_key=address_key(source["url"]) if source["url"] else None)
        for n, source in enumerate(data.get("sources", ()))
    ]
    new_responses = [
        Response(position=n, term=term, term_id=term.id, at=response["at"])
        for n, (term, response) in enumerate(zip(responses, data.get("responses", ()), strict=True))
        if term is not None
    ]
    new_impacts = [Impact(position=n, **impact) for n, impact in enumerate(data.get("impacts", ()))]
    wanted = Incident(sources=new_sources, responses=new_responses, impacts=new_impacts)
    after = evidence(wanted)
    for field in ("sources", "responses", "impacts"):
        if field in data and before[field] != after[field]:
            rows = list(getattr(wanted, field))
            setattr(wanted, field, [])
            setattr(incident, field, rows)


def write_texts(incident: Incident, language: str, data: Mapping[str, Any], version: int) -> None:
    """Write the given texts in one language; `version` is the one that this write makes."""
    text = incident.texts.get(language)
    if text is None:
        text = IncidentText(language=language, version=version, **dict.fromkeys(TEXT_FIELDS, ""))
        incident.texts[language] = text
    for field in TEXT_FIELDS:
        if field in data and getattr(text, field) != data[field]:
            setattr(text, field, data[field])
            text.version = version


def write_lessons(
    incident: Incident, language: str, given: Sequence[Mapping[str, Any]], version: int
) -> None:
    """Replace the lessons in the original's language; a lesson that stays keeps its id and translations."""
    before = [(lesson.id, lesson.texts[language].text) for lesson in incident.lessons]
    by_id = {lesson.id: lesson for lesson in incident.lessons if lesson.id is not None}
    by_text: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in incident.lessons:
        by_text[lesson.texts[language].text].append(lesson)
    lessons: list[Lesson] = []
    errors: list[FieldError] = []
    for position, item in enumerate(given):
        if "id" not in item:
            same = [lesson for lesson in by_text[item["text"]] if lesson not in lessons]
            lesson = same[0] if same else Lesson()
        elif item["id"] not in by_id:
            errors.append(FieldError(f"/lessons/{position}/id", "This incident has no such lesson."))
            continue
        elif by_id[item["id"]] in lessons:
            errors.append(FieldError(f"/lessons/{position}/id", "This lesson stands there already."))
            continue
        else:
            lesson = by_id[item["id"]]
        lesson.position = position
        _write_lesson(lesson, language, item["text"])
        lessons.append(lesson)
    if errors:
        raise InvalidInput(errors)
    incident.lessons = lessons
    if before != [(lesson.id, lesson.texts[language].text) for lesson in lessons]:
        incident.texts[language].version = version


def restore_lessons(
    incident: Incident, wanted: Mapping[str, Sequence[Mapping[str, Any]]], version: int
) -> None:
    """Make the lessons those of an earlier state, by language. One that is still there keeps the translations
    in languages that the state did not have; one that is gone comes back under its id, which is never reused.
    """
    language = incident.language
    before = [(lesson.id, lesson.texts[language].text) for lesson in incident.lessons]
    by_id = {lesson.id: lesson for lesson in incident.lessons}
    by_text = {lesson.texts[language].text: lesson for lesson in incident.lessons}
    ids = [item["id"] for item in wanted[language]]
    by_text = {text: lesson for text, lesson in by_text.items() if lesson.id not in ids}
    restored = {
        item["id"]: by_id.get(item["id"]) or by_text.pop(item["text"], None) or Lesson(id=item["id"])
        for item in wanted[language]
    }
    for position, (old_id, lesson) in enumerate(restored.items()):
        lesson.position = position
        for tag, items in wanted.items():
            text = next((item["text"] for item in items if item["id"] == old_id), None)
            if text is None:
                lesson.texts.pop(tag, None)
            else:
                _write_lesson(lesson, tag, text)
    incident.lessons = [*restored.values()]
    if before != [(lesson.id, lesson.texts[language].text) for lesson in incident.lessons]:
        incident.texts[language].version = version


def read_evidence(state: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The sources, responses and impacts of a snapshot, as input: what `evidence` wrote."""

    def day(text: str | None) -> date | None:
        return None if text is None else date.fromisoformat(text)

    return {
        "sources": [{**item, "published_on": day(item["published_on"])} for item in state["sources"]],
        "responses": [{**item, "at": day(item["at"])} for item in state["responses"]],
        "impacts": [{**item} for item in state["impacts"]],
    }


def translate_lessons(incident: Incident, language: str, given: Sequence[Mapping[str, Any]]) -> None:
    """Write the lessons' texts in another language, in the order of the original's; none removes them."""
    if not given:
        for lesson in incident.lessons:
            lesson.texts.pop(language, None)
        return
    if len(given) != len(incident.lessons):
        detail = f"Give {len(incident.lessons)} lessons, as the original has, or none."
        raise InvalidInput([FieldError("/lessons", detail)])
    for lesson, item in zip(incident.lessons, given, strict=True):
        _write_lesson(lesson, language, item["text"])


def _write_lesson(lesson: Lesson, language: str, text: str) -> None:
    current = lesson.texts.get(language)
    if current is None:
        lesson.texts[language] = LessonText(language=language, text=text)
    elif current.text != text:
        current.text = text
