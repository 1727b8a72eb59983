"""Calendars: their posts are checked one by one, as each would be by itself."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from kb.domain.check import CheckRequest
from kb.domain.draft import Draft
from kb.errors import Unavailable
from kb.guards.analysis import AnalyzedDraft
from kb.guards.clean_text import CleanText, clean
from kb.messages import Message
from kb.search.concepts import ConceptTable
from kb.services.accounts.authentication import anonymous
from kb.services.check.calendars import batch
from kb.services.check.calendars.batch import Progress, check_calendar, check_calendar_in_steps
from kb.services.check.calendars.file import json_rows
from kb.services.check.checking import check_draft, examine_draft
from kb.services.infrastructure.runtime import concepts

TODAY = date(2027, 9, 1)
POSTS = [
    {"text": "Half price, today only", "scheduled_at": "2027-09-11T09:00:00Z"},
    {"text": "We mourn the victims of the attack.", "scheduled_at": "2027-09-11T15:00:00Z"},
    {"text": "Black Friday **** Need copy and link****"},
]


def _results() -> list[dict[str, Any]]:
    return list(check_calendar(anonymous(), json_rows(POSTS), ["en"], today=TODAY))


def test_rows_are_read_in_steps_before_the_first_result(shared_app: Flask) -> None:
    with shared_app.app_context():
        steps = [*check_calendar_in_steps(anonymous(), json_rows(POSTS), ["en"], today=TODAY)]
        assert steps == [*[Progress.STEP] * (len(POSTS) + 1), *_results()]


def test_an_index_that_cannot_be_asked_is_told_before_the_first_result(
    shared_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shared_app.app_context():
        monkeypatch.setattr(batch, "find_precedents", _fail)
        with pytest.raises(Unavailable):
            check_calendar(anonymous(), json_rows(POSTS), ["en"], today=TODAY)


def _fail(*_: object) -> None:
    raise Unavailable(Message("The index is being rebuilt."))


def test_a_post_is_analyzed_once_to_compare_and_to_check_it(shared_app: Flask, monkeypatch: Any) -> None:
    with shared_app.app_context():
        _results()  # guards have the text of one of the posts as an example, which is analyzed when they are
    cleaned: list[str] = []

    def clean_and_count(text: str) -> CleanText:
        cleaned.append(text)
        return clean(text)

    monkeypatch.setattr("kb.guards.analysis.clean", clean_and_count)
    with shared_app.app_context():
        _results()
    assert [cleaned.count(post["text"]) for post in POSTS] == [1, 1, 1]


@pytest.mark.parametrize("limit", [0, 60])
def test_posts_that_are_too_long_to_stay_analyzed_have_the_same_results(
    shared_app: Flask, monkeypatch: Any, limit: int
) -> None:
    with shared_app.app_context():
        expected = _results()
        monkeypatch.setattr(batch, "MAX_KEPT_CHARACTERS", limit)
        assert _results() == expected
    assert [line.get("verdict") for line in expected[2:]] == ["stop", None]
    assert expected[0]["clashes"][0]["kind"] == "tone"


def test_a_draft_that_was_analyzed_with_other_concepts_is_analyzed_again(shared_app: Flask) -> None:
    draft = Draft(text="We mourn the victims of the attack.")
    request = CheckRequest(draft=draft)
    with shared_app.app_context():
        current, other = (
            examine_draft(
                anonymous(), request, ["en"], today=TODAY, analyzed=AnalyzedDraft(request.draft, table)
            )
            for table in (concepts(), ConceptTable.of({}))
        )
    assert current.draft.touched
    assert current.draft.touched == other.draft.touched
    assert current._replace(draft=other.draft) == other


def test_a_row_is_checked_as_the_draft_would_be_by_itself(shared_app: Flask) -> None:
    with shared_app.app_context():
        (row, *_) = _results()[2:]
        alone = check_draft(
            anonymous(), CheckRequest(draft=Draft(text=POSTS[2]["text"])), ["en"], today=TODAY
        )
    assert row["findings"] == alone["findings"]
    assert row["verdict"] == alone["verdict"]
    assert row["precedents"] == [
        {"incident": each["incident"]["id"], "title": each["incident"]["title"], "strength": each["strength"]}
        for each in alone["precedents"]
    ]
    assert row["precedents"]
