"""Bodies of incidents to file."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse


def incident(**changes: Any) -> dict[str, Any]:
    """The smallest incident that can be filed, with some fields changed or added; None leaves one out."""
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


def stored(answer: TestResponse) -> dict[str, Any]:
    """The incident in the answer to a write, without what is said beside it."""
    body = answer.get_json()
    return {name: value for name, value in body.items() if name not in ("notes", "likely_duplicates")}
