"""Present incidents as JSON-ready dictionaries: a summary, the detail in one language, a snapshot in all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.dates import DatePrecision, iso
from kb.domain.incident import TEXT_FIELDS
from kb.domain.language import choose_language
from kb.domain.taxonomy import CLASSIFICATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.models import Incident, Lesson


def summary(incident: Incident, languages: Sequence[str] = ()) -> dict[str, Any]:
    """A summary of an incident, in the first available of `languages`, else in the original language."""
    language = choose_language(languages, incident.languages, incident.language)
    text = incident.texts[language]
    primary, *secondary = incident.terms("category")
    dated = incident.occurred_precision is not DatePrecision.UNKNOWN
    return {
        "id": incident.id,
        "slug": incident.slug,
        "kind": incident.kind,
        "status": incident.status,
        "organization": incident.organization,
        "title": text.title,
        "summary": text.summary,
        "language": language,
        "languages": incident.languages,
        "occurred_on": iso(incident.occurred_on) if dated else None,
        "occurred_precision": incident.occurred_precision if dated else None,
        "severity": incident.severity,
        "category": primary,
        "secondary_categories": secondary,
        **{field: incident.terms(namespace) for field, namespace in CLASSIFICATIONS.items()},
        "industry": next(iter(incident.terms("industry")), None),
        "tags": incident.tags,
        "collection": None if incident.collection is None else incident.collection.key,
    }


def detail(incident: Incident, languages: Sequence[str] = ()) -> dict[str, Any]:
    """The full incident, in the first available of `languages`, else in the original language."""
    fields = summary(incident, languages)
    language = fields["language"]
    text = incident.texts[language]
    return {
        **fields,
        **{field: getattr(text, field) for field in TEXT_FIELDS},
        "external_id": incident.external_id,
        "extra": incident.extra,
        "visibility": incident.visibility,
        "original_language": incident.language,
        "outdated": text.version < incident.original.version,
        "posted_at": iso(incident.posted_at),
        "acknowledged_at": iso(incident.acknowledged_at),
        "removed_at": iso(incident.removed_at),
        "confidence": incident.confidence,
        "lessons": [
            {**lesson_text(lesson, language, incident.language), "guard": lesson.guard}
            for lesson in incident.lessons
        ],
        **evidence(incident),
        "duplicate_of": incident.duplicate_of_id,
        "team": incident.team.key,
        "author": incident.author,
        "version": incident.version,
        "created_at": iso(incident.created_at),
        "updated_at": iso(incident.updated_at),
        "published_at": iso(incident.published_at),
    }


def evidence(incident: Incident) -> dict[str, list[dict[str, Any]]]:
    """The sources, responses and impacts of an incident, which are the same in every language."""
    return {
        "sources": [
            {
                "title": source.title,
                "publisher": source.publisher,
                "url": source.url,
                "archive_url": source.archive_url,
                "published_on": iso(source.published_on),
                "kind": source.kind,
            }
            for source in incident.sources
        ],
        "responses": [{"kind": response.term.key, "at": iso(response.at)} for response in incident.responses],
        "impacts": impacts(incident),
    }


def impacts(incident: Incident) -> list[dict[str, Any]]:
    """The costs of an incident."""
    return [
        {
            "kind": impact.kind,
            "amount": impact.amount,
            "currency": impact.currency,
            "alleged": impact.alleged,
            "source": impact.source,
        }
        for impact in incident.impacts
    ]


def snapshot(incident: Incident) -> dict[str, Any]:
    """An incident in all languages: the detail in the original language, and the translations.

    `text_version` is the version in which the original texts were last written; a translation whose `version`
    is lower is out of date.
    """
    return {
        **detail(incident),
        "text_version": incident.original.version,
        "translations": {
            language: {
                **{field: getattr(incident.texts[language], field) for field in TEXT_FIELDS},
                "version": incident.texts[language].version,
                "lessons": [
                    {"id": lesson.id, "text": lesson.texts[language].text}
                    for lesson in incident.lessons
                    if language in lesson.texts
                ],
            }
            for language in incident.languages[1:]
        },
    }


def detail_in(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """The detail in the original language that a snapshot contains."""
    return {name: value for name, value in snapshot.items() if name not in ("text_version", "translations")}


def lesson_text(lesson: Lesson, language: str, fallback: str) -> dict[str, Any]:
    """A lesson in a language, or in the fallback language if it has no text in the first."""
    text = lesson.texts.get(language) or lesson.texts[fallback]
    return {"id": lesson.id, "text": text.text, "language": text.language}
