"""Request bodies of incidents."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

HEBREW = {"title": "כותרת", "summary": "תקציר", "cause": "סיבה", "outcome": "תוצאה"}
"""A short translation into Hebrew."""


def incident(**changes: Any) -> dict[str, Any]:
    """The smallest valid incident, with some fields changed or added; None omits a field."""
    body = {
        "language": "en",
        "organization": "Acme",
        "title": "A reply went out from the wrong account",
        "summary": "A private joke was published on the brand's account.",
        "cause": "Two accounts were open in one scheduling tool.",
        "outcome": "Deleted after ten minutes, with an apology.",
        "occurred_on": "2019-03-02",
        "category": "wrong-account",
        "lessons": [{"text": "Keep personal and brand accounts in different tools."}],
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def lesson_guard(**changes: Any) -> dict[str, Any]:
    """A guard that finds an unfinished post, with some of its fields changed or added."""
    return {
        "type": "phrase",
        "severity": "stop",
        "message": {"en": "{text} is a note, not a post.", "he": "{text} הוא הערה, לא פוסט."},
        "parameters": {"phrases": ["need copy"]},
        "examples": {
            "bad": [{"text": "Black Friday: need copy and link"}],
            "good": [{"text": "A copy for all."}],
        },
        **changes,
    }


def stored(response: TestResponse) -> dict[str, Any]:
    """The incident in the response to a write, without what only that response says."""
    body = response.get_json()
    only_once = ("notes", "likely_duplicates", "language_source")
    return {name: value for name, value in body.items() if name not in only_once}


FULL_INCIDENT = incident(
    organization="מקדונלד'ס",
    title="A placeholder went out",
    why_failure="It suggests incompetence.",
    alternative="Let a second person sign off.",
    severity_evidence="Mocked, not hurt.",
    audience="Followers.",
    occurred_on="2017-11-24",
    posted_at="2017-11-24T03:00:00Z",
    acknowledged_at="2017-11-24T12:30:00+02:00",
    severity=2,
    confidence="medium",
    visibility="team",
    category="internal-communication",
    secondary_categories=["tone-deaf"],
    failure_modes=["placeholder-published"],
    themes=["competence"],
    platforms=["twitter", "facebook"],
    industry="food",
    tags=["scheduling", "black-friday"],
    lessons=[{"text": "Proofread.", "guard": lesson_guard()}, {"text": "Sign off."}],
    sources=[
        {"title": "The tweet", "publisher": "Twitter", "url": "https://example.org/1", "kind": "social"}
    ],
    responses=[{"kind": "mocked_back", "at": "2017-11-24"}],
    impacts=[
        {"kind": "market_value", "amount": 1.5e6, "currency": "USD", "alleged": True, "source": "A paper"}
    ],
)
"""An incident with every field."""
