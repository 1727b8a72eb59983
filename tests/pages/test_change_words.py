"""Changes of an incident as its history tells them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup

from kb.models import db
from kb.pages.words.change_words import Change, _in_phrases, changes
from kb.services.incidents.changes.word_diff import WordDiff
from kb.services.operations import bootstrap


@pytest.fixture
def _english(shared_app: Flask) -> Iterator[None]:
    with shared_app.test_request_context("/", headers={"Accept-Language": "en"}):
        bootstrap.prepare_if_needed()
        yield
        db.session.remove()


@pytest.fixture
def _hebrew(shared_app: Flask) -> Iterator[None]:
    with shared_app.test_request_context("/", headers={"Accept-Language": "he"}):
        bootstrap.prepare_if_needed()
        yield
        db.session.remove()


def told(pointer: str, before: Any, after: Any) -> Change:
    """What the history says of one field."""
    (change,) = changes([{"pointer": pointer, "before": before, "after": after, "words": None}], "en")
    return change


def plain(values: Sequence[str]) -> list[str]:
    """The texts of values without the marks that isolate their parts."""
    return [Markup(value).striptags() for value in values]


def guard(**changed: Any) -> dict[str, Any]:
    return {
        "type": "phrase",
        "severity": "caution",
        "active": True,
        "title": {"en": "Flood jokes"},
        "message": {"en": "This jokes about a flood."},
        "suggestion": {},
        "parameters": {"terms": ["flood", "deluge"], "all_of": [["rain", "joke"], ["storm"]], "distance": 3},
        "countries": [],
        "platforms": [],
        "accounts": [],
        "examples": {"bad": [{"text": "A flood of offers"}], "good": [{"text": "Help after the flood"}]},
        **changed,
    }


def phrases(before: str, after: str) -> list[tuple[str, str]]:
    return [
        (piece["op"], piece["text"])
        for piece in _in_phrases([p._asdict() for p in WordDiff().pieces(before, after)])
    ]


def test_words_that_only_spaces_part_are_one_change() -> None:
    assert phrases("Two were open in one scheduling tool.", "Two were open in one browser, all day.") == [
        ("equal", "Two were open in one "),
        ("delete", "scheduling tool"),
        ("insert", "browser, all day"),
        ("equal", "."),
    ]


def test_a_changed_text_keeps_all_its_words() -> None:
    for before, after in (
        ("a b c", "a x c"),
        ("", "new text"),
        ("old", ""),
        ("a\nb", "a\nb\nc"),
        ("a b", "b a"),
    ):
        pieces = phrases(before, after)
        assert "".join(text for op, text in pieces if op != "delete").split() == after.split()
        assert "".join(text for op, text in pieces if op != "insert").split() == before.split()


@pytest.mark.usefixtures("_english")
class TestInEnglish:
    @pytest.mark.parametrize(
        ("field", "before", "after", "name", "removed", "added"),
        [
            ("status", "draft", "published", "Status", "Draft", "Published"),
            ("visibility", "team", "organization", "Who may see it", "Its team only", "Everybody"),
            ("severity", None, 3, "Severity", None, "3 of 5, an outcry"),
            ("occurred_on", "2018", "2018-03", "Date", "2018", "March 2018"),
            ("occurred_on", "2018-03", "2018-03-24", "Date", "March 2018", "March 24, 2018"),
            ("language", "en", "he", "Language of the original", "English", "Hebrew"),
            ("slug", "slap", "a-slap", "Name in the address", "slap", "a-slap"),
            ("status", "draft", "archived", "Status", "Draft", "archived"),
            ("mood", "glad", "", "mood", "glad", None),
        ],
    )
    def test_a_value_is_told_in_words(
        self, field: str, before: Any, after: Any, name: str, removed: str | None, added: str | None
    ) -> None:
        change = told(f"/{field}", before, after)
        assert (change.name, change.language, change.words) == (name, None, None)
        assert (change.removed, change.added) == ([removed] if removed else [], [added] if added else [])

    def test_a_moment_is_told_in_the_time_zone_of_the_reader(self) -> None:
        change = told("/removed_at", None, "2018-05-25T10:00:00+00:00")
        assert (change.name, change.removed) == ("Removed", [])
        assert "May 25, 2018" in change.added[0]

    def test_terms_have_their_labels_and_unknown_ones_their_keys(self) -> None:
        change = told("/platforms", ["instagram", "facebook"], ["instagram", "gone-network"])
        assert (change.name, change.removed, change.added) == ("Platform", ["Facebook"], ["gone-network"])

    def test_a_source_that_is_changed_is_told_on_a_line(self) -> None:
        source = {
            "title": "The slap", "publisher": "Daily", "url": "https://example.com/1", "archive_url": None,
            "published_on": "2018-05-02", "kind": "news",
        }  # fmt: skip
        change = told("/sources", [source], [source, {**source, "title": "Reply", "published_on": None}])
        assert (change.name, change.removed) == ("Sources", [])
        (line,) = plain(change.added)
        assert line.startswith("Reply · Daily · https://example.com/1 · ")
        assert "None" not in line

    def test_a_response_is_told_by_what_was_done_and_when(self) -> None:
        deleted = {"kind": "deleted", "at": None}
        change = told("/responses", [deleted], [{**deleted, "at": "2018-05-02"}])
        assert change.name == "Response"
        assert plain(change.added) == [f"{plain(change.removed)[0]} · May 2, 2018"]

    def test_markup_in_a_source_stays_text(self) -> None:
        source = {
            "title": "<b>Bold</b>", "publisher": None, "url": None, "archive_url": None,
            "published_on": None, "kind": "news",
        }  # fmt: skip
        (value,) = told("/sources", [], [source]).added
        assert "<bdi>&lt;b&gt;Bold&lt;/b&gt;</bdi>" in value

    def test_a_cost_is_told_with_its_amount_and_whether_it_is_alleged(self) -> None:
        cost = {"kind": "revenue", "amount": 20350, "currency": "EUR", "source": "The Daily", "alleged": True}
        other = {"kind": "jobs", "amount": None, "currency": None, "source": None, "alleged": False}
        change = told("/impacts", [other], [cost])
        assert (change.name, change.removed) == ("What it cost", ["<bdi>Jobs</bdi>"])
        assert plain(change.added) == ["Revenue lost · 20,350 euros · The Daily · alleged"]

    def test_a_guard_is_told_by_each_thing_that_changed(self) -> None:
        before = guard()
        after = guard(
            active=False,
            message={"en": "This jokes about a disaster."},
            suggestion={"en": "Wait."},
            countries=["il", "us"],
            examples={"bad": [], "good": [{"text": "Help after the flood"}]},
        )
        change = told("/lessons/1/guard", before, after)
        assert change.name == "Guard of lesson 2"
        assert plain(change.removed) == ["Says: This jokes about a flood.", "Must find: A flood of offers"]
        assert plain(change.added) == [
            "It is switched off.", "Says: This jokes about a disaster.", "Advises: Wait.",
            "Countries: il, us",
        ]  # fmt: skip

    def test_parameters_of_a_guard_are_lists_by_commas_and_semicolons(self) -> None:
        added = told("/lessons/0/guard", None, guard()).added
        assert {
            "terms: flood, deluge",
            "The subjects that do not go together: rain, joke; storm",
            "Words between them, if these count: 3",
        } <= {*plain(added)}

    def test_what_a_guard_says_is_read_in_its_own_direction(self) -> None:
        added = told("/lessons/0/guard", None, guard(message={"he": "{text}: לא לצחוק."})).added
        assert Markup("Says: <bdi>{text}: לא לצחוק.</bdi>") in added

    def test_texts_come_before_facts_and_translations_last(self) -> None:
        pointers = ["/severity", "/translations/he/title", "/title", "/mood", "/summary"]
        fields: list[dict[str, Any]] = [
            {"pointer": each, "before": "1", "after": None, "words": []} for each in pointers
        ]
        names = [change.name for change in changes(fields, "en")]
        assert names == ["Title", "What happened", "Severity", "mood", "Title, in Hebrew"]

    def test_what_another_field_says_too_is_told_once(self) -> None:
        pointers = ["/original_language", "/translations/he/version", "/language"]
        fields = [{"pointer": each, "before": "en", "after": "he", "words": None} for each in pointers]
        assert [change.removed for change in changes(fields, "en")] == [["English"]]

    def test_a_translated_text_is_marked_with_its_language(self) -> None:
        field = {
            "pointer": "/translations/he/title", "before": "א", "after": "ב",
            "words": [{"op": "delete", "text": "א"}, {"op": "insert", "text": "ב"}],
        }  # fmt: skip
        (change,) = changes([field], "en")
        assert (change.language, change.words) == ("he", field["words"])


@pytest.mark.usefixtures("_hebrew")
def test_a_hebrew_reader_is_told_in_hebrew_and_each_part_in_its_direction() -> None:
    change = told("/status", "draft", "published")
    assert "".join([change.name, *change.removed, *change.added]).isascii() is False
    assert told("/language", "en", "he").added == ["עברית"]
    assert "2018" in told("/occurred_on", None, "2018-03").added[0]
    assert "מרץ" in told("/occurred_on", None, "2018-03").added[0]
    source = dict.fromkeys(("publisher", "url", "archive_url")) | {"title": "The slap", "kind": "news"}
    (value,) = told("/sources", [], [{**source, "published_on": "2018-05-02"}]).added
    assert "<bdi>The slap</bdi> · <bdi>2 במאי 2018</bdi> · <bdi>" in value
