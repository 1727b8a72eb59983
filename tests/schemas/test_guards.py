"""Drafts and guards as requests have them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from kb.domain.draft import MAX_DRAFT_LENGTH
from kb.domain.guard import MAX_EXAMPLE_CHARACTERS
from kb.schemas.backtest import BacktestInputSchema
from kb.schemas.drafts import DraftSchema
from kb.schemas.guards import GuardInputSchema
from tests.support.incidents import lesson_guard


def errors_of(**draft: Any) -> dict[str, Any]:
    with pytest.raises(ValidationError) as error:
        DraftSchema().load(draft)
    messages: dict[str, Any] = error.value.messages_dict
    return messages


@pytest.mark.parametrize(
    "text", [" a ", "e\u0301", "שלום\u200f", "a\u200bb", "😂", "<p>a</p>\r\n", "\ufeffa"]
)
def test_the_text_of_a_draft_stays_as_it_was_sent(text: str) -> None:
    assert DraftSchema().load({"text": text}) == {"text": text}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing to check"),
        (" \u200f\n", "nothing to check"),
        ("x" * (MAX_DRAFT_LENGTH + 1), "Split the text"),
        ("\ufdfa" * 4_000, "has 72,000 characters"),
        ("…" * (MAX_DRAFT_LENGTH // 2), "ligatures and other signs written out"),
        ("9/11 " * 8_000, "has 16,000 words"),
        (" ".join(map(str, range(10_000, 15_001))), "has 5,001 different words"),
        ("a\ud83d", "U+D83D cannot be published"),
        ("a\x00", "U+0000"),
        (7, "Write a text"),
        (None, "null"),
    ],
)
def test_a_text_that_cannot_be_checked_is_refused_with_what_to_do(text: Any, message: str) -> None:
    assert message in errors_of(text=text)["text"][0]


@pytest.mark.parametrize(
    "text",
    [
        "א" * MAX_DRAFT_LENGTH,
        "ภาษาน้ำ… " * 5_000,
        "\ufdfa" * 3_000,
        "9/11 " * 7_500,
        " ".join(map(str, range(10_000, 15_000))),
        "שָׁלוֹם " * 6_000,
        "😂" * MAX_DRAFT_LENGTH,
    ],
)
def test_the_longest_text_is_taken(text: str) -> None:
    assert DraftSchema().load({"text": text})["text"] == text


def test_what_is_empty_or_null_is_unknown() -> None:
    empty: dict[str, Any] = {
        "platform": None,
        "account": "",
        "links": [],
        "audience_countries": None,
        "scheduled_at": None,
    }
    assert DraftSchema().load({"text": "a", **empty}) == {"text": "a"}


def test_a_moment_keeps_its_time_zone_and_may_be_past() -> None:
    for moment, hours in [
        ("2001-09-11T08:46:00-04:00", -4),
        ("2027-04-22T23:30:00+03:00", 3),
        ("2027-04-22T10:00Z", 0),
    ]:
        loaded = DraftSchema().load({"text": "a", "scheduled_at": moment})["scheduled_at"]
        assert loaded.utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "moment", ["2027-09-11T09:00:00", "2027-09-11", "tomorrow", 7, "2027-13-01T00:00:00Z"]
)
def test_a_moment_without_a_time_zone_is_refused(moment: Any) -> None:
    assert errors_of(text="a", scheduled_at=moment)["scheduled_at"][0].startswith(
        "Write a date and time with its"
    )


def test_a_moment_beyond_all_calendars_is_refused() -> None:
    for year in ("0001", "9999"):
        assert "1900" in errors_of(text="a", scheduled_at=f"{year}-01-01T00:00:00Z")["scheduled_at"][0]


def test_countries_are_two_letters() -> None:
    loaded = DraftSchema().load({"text": "a", "audience_countries": ["il", "US", "UK"]})
    assert loaded["audience_countries"] == ["IL", "US", "GB"]
    for country in ("ISR", "I", "", "קק", "1L", "*"):
        assert "two-letter" in errors_of(text="a", audience_countries=[country])["audience_countries"][0][0]


def test_parameters_are_free_but_can_be_stored() -> None:
    free = {"any": [{"thing": [1, True, None, "e\u0301"]}]}
    assert GuardInputSchema().load(lesson_guard(parameters=free))["parameters"] == {
        "any": [{"thing": [1, True, None, "é"]}]
    }
    deep: Any = "deep"
    for _ in range(500):
        deep = [deep]
    for value in (deep, "\ud800", {"\x00": 1}):
        with pytest.raises(ValidationError):
            GuardInputSchema().load(lesson_guard(parameters={"value": value}))


def test_examples_that_are_too_long_in_all_are_refused_with_what_to_do() -> None:
    long = {"text": "x" * (MAX_EXAMPLE_CHARACTERS // 4)}
    guard = lesson_guard(examples={"bad": [long, long], "good": [long]})
    assert len(GuardInputSchema().load(guard)["examples"]["bad"]) == 2
    with pytest.raises(ValidationError, match="Shorten them"):
        GuardInputSchema().load({**guard, "examples": {"bad": [long, long], "good": [long, long, long]}})
    # Together, guards that are tested at once may have no more than one alone.
    with pytest.raises(ValidationError, match="125,000 characters in all"):
        BacktestInputSchema().load(
            {"guards": [guard, {**guard, "examples": {"bad": [long], "good": [long]}}]}
        )


def test_a_text_alone_is_in_english_or_in_hebrew() -> None:
    texts = {"title": "Links", "message": "אין כאן קישור: {text}", "suggestion": " Add it. "}
    loaded = GuardInputSchema().load({**lesson_guard(), **texts})
    assert loaded["title"] == {"en": "Links"}
    assert loaded["message"] == {"he": "אין כאן קישור: {text}"}
    assert loaded["suggestion"] == {"en": "Add it."}


@pytest.mark.parametrize(
    ("message", "advice"), [(7, 'such as {"en": "Add the link."}'), (["a"], "object"), (" ", "between 1 and")]
)
def test_a_message_that_is_no_text_by_language_is_refused_with_what_to_write(
    message: Any, advice: str
) -> None:
    with pytest.raises(ValidationError) as error:
        GuardInputSchema().load({**lesson_guard(), "message": message})
    [detail] = error.value.messages_dict["message"]
    assert advice in str(detail)


def test_parameters_are_counted_before_any_is_looked_at() -> None:
    parameters = {f"x{number}": object() for number in range(101)}
    with pytest.raises(ValidationError) as error:
        GuardInputSchema().load({**lesson_guard(), "parameters": parameters})
    assert error.value.messages_dict["parameters"] == ["Send at most 100 parameters; these are 101."]
