"""Incidents of the largest size, and titles in each language that the index knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.worst import nasty
from kb.domain.incident import MAX_LESSONS, MAX_SOURCES, TEXT_FIELDS
from kb.domain.publication import Concern
from kb.schemas.incident_input import MAX_TEXT_LENGTH, MAX_TITLE_LENGTH
from kb.schemas.incident_parts_input import MAX_LESSON_LENGTH

if TYPE_CHECKING:
    import random

TITLES = {
    "ar": "اعتذار بعد إعلان",
    "ca": "Una disculpa després d'un anunci",
    "da": "En undskyldning efter en annonce",
    "de": "Eine Entschuldigung nach einer Anzeige",
    "el": "Συγγνώμη μετά από διαφήμιση",
    "es": "Una disculpa tras un anuncio",
    "fi": "Anteeksipyyntö mainoksen jälkeen",
    "fr": "Des excuses après une publicité",
    "he": "התנצלות אחרי פרסומת",
    "hu": "Bocsánatkérés egy hirdetés után",
    "hy": "Ներողություն գովազդից հետո",
    "id": "Permintaan maaf setelah iklan",
    "it": "Scuse dopo una pubblicità",
    "lt": "Atsiprašymas po reklamos",
    "nl": "Excuses na een advertentie",
    "no": "En unnskyldning etter en annonse",
    "pt": "Um pedido de desculpas após um anúncio",
    "ro": "Scuze după o reclamă",
    "ru": "Извинения после рекламы",
    "sv": "En ursäkt efter en annons",
    "tr": "Bir reklamdan sonra özür",
}
"""A title in each of the languages whose words are stemmed, by language."""


def large_texts(rng: random.Random, share: int = 2) -> dict[str, str]:
    """All texts of an incident; by default half as long as each may be, which is as long as all may be."""
    texts = {field: nasty.prose(rng, MAX_TEXT_LENGTH // share) for field in TEXT_FIELDS}
    return {**texts, "title": nasty.prose(rng, MAX_TITLE_LENGTH // share)}


def large_translation(rng: random.Random, share: int = 2) -> dict[str, Any]:
    """The texts and the lessons of an incident, as `large_texts`."""
    lessons = [{"text": nasty.prose(rng, MAX_LESSON_LENGTH // share)} for _ in range(MAX_LESSONS)]
    return {**large_texts(rng, share), "lessons": lessons}


def large_incident(rng: random.Random) -> dict[str, Any]:
    """An incident of the largest size, whose every list is as long as it may be."""
    url = "https://example.com/" + "a" * 1_500
    return {
        **large_translation(rng),
        "language": "en",
        "status": "published",
        "acknowledge": [*Concern],
        "organization": nasty.prose(rng, 200),
        "category": "tone-deaf",
        "severity": 3,
        "occurred_on": "2020-05-05",
        "tags": [nasty.prose(rng, 70).replace(",", "") for _ in range(50)],
        "sources": [
            {
                "title": nasty.prose(rng, 400),
                "publisher": nasty.prose(rng, 150),
                "url": f"{url}{number}",
                "archive_url": url,
            }
            for number in range(MAX_SOURCES)
        ],
        "impacts": [
            {"kind": "revenue", "amount": number, "currency": "USD", "source": "x" * 200}
            for number in range(100)
        ],
    }


def encoded(value: Any) -> bytes:
    """A value as the body of a request."""
    return json.dumps(value, ensure_ascii=False).encode()
