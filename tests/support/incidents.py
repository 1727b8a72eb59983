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


def stored(response: TestResponse) -> dict[str, Any]:
    """The incident in the response to a write, without its style hints and likely duplicates."""
    body = response.get_json()
    return {name: value for name, value in body.items() if name not in ("notes", "likely_duplicates")}
