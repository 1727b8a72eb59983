"""The fields that differ between two snapshots of an incident."""

from __future__ import annotations

from typing import Any

from kb.domain.field_diff import FieldChange, content, field_changes

PHRASE, PATTERN = {"type": "phrase"}, {"type": "pattern"}


def _state(*lessons: tuple[int, str, Any]) -> dict[str, Any]:
    return {"lessons": [{"id": number, "text": text, "guard": guard} for number, text, guard in lessons]}


def test_a_guard_is_a_field_at_the_place_of_its_lesson() -> None:
    assert content(_state((1, "a", None), (2, "b", PHRASE))) == {
        "/lessons": ["a", "b"],
        "/lessons/1/guard": PHRASE,
    }


def test_a_guard_that_moves_with_its_lesson_has_not_changed() -> None:
    before, after = _state((1, "a", PHRASE)), _state((2, "b", None), (1, "a", PHRASE))
    assert field_changes(before, after) == [FieldChange("/lessons", ["a"], ["b", "a"])]


def test_an_added_a_changed_and_a_removed_guard_are_changes() -> None:
    for earlier, later in [(None, PHRASE), (PHRASE, PATTERN), (PHRASE, None)]:
        change = FieldChange("/lessons/1/guard", earlier, later)
        other = (1, "a", PATTERN)
        assert field_changes(_state(other, (2, "b", earlier)), _state(other, (2, "b", later))) == [change]
        # Filed again, under another id.
        assert field_changes(_state((2, "b", earlier)), _state(other, (3, "b", later)))[-1] == change


def test_a_snapshot_from_before_there_were_guards_has_none() -> None:
    old = {"lessons": [{"id": 1, "text": "a"}]}
    assert field_changes(old, _state((1, "a", None))) == []
    assert field_changes(old, _state((1, "a", PHRASE))) == [FieldChange("/lessons/0/guard", None, PHRASE)]
