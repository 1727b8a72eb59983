"""Merging a change into a state that has changed meanwhile."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kb.domain.field_diff import content
from kb.domain.incident import TEXT_FIELDS
from kb.domain.three_way_merge import (
    Lessons,
    edited_fields,
    edited_language,
    merge,
    merge_lessons,
    outdated_translations,
)

WORDS = st.sampled_from(["", "a", "b", "ג"])
TEXTS = st.fixed_dictionaries(dict.fromkeys(TEXT_FIELDS, WORDS))
LESSONS = st.lists(st.integers(1, 3), unique=True, max_size=3).map(
    lambda ids: [{"id": number, "text": f"lesson {number}"} for number in ids]
)


@st.composite
def states(draw: st.DrawFn) -> dict[str, Any]:
    """A snapshot with the fields that merging distinguishes."""
    languages = draw(st.sets(st.sampled_from(["he", "ar"])))
    return {
        **draw(TEXTS),
        "lessons": draw(LESSONS),
        "id": 7,
        "status": "published",
        "version": 3,
        "text_version": 2,
        "severity": draw(st.none() | st.integers(1, 5)),
        "occurred_on": draw(st.none() | st.just("2018-01-01")),
        "occurred_precision": draw(st.sampled_from(["day", "year"])),
        "tags": draw(st.lists(WORDS, max_size=2)),
        "translations": {
            tag: {**draw(TEXTS), "lessons": draw(LESSONS), "version": draw(st.sampled_from([1, 2]))}
            for tag in sorted(languages)
        },
    }


@st.composite
def edits_of(draw: st.DrawFn, base: dict[str, Any]) -> dict[str, Any]:
    """The base with some of its fields edited; a translation may be added, and none is removed."""
    edited, other = deepcopy(base), draw(states())
    for name in draw(st.sets(st.sampled_from([*TEXT_FIELDS, "lessons", "severity", "tags"]))):
        edited[name] = other[name]
    for tag, texts in other["translations"].items():
        if draw(st.booleans()):
            edited["translations"][tag] = texts
    return edited


@st.composite
def three_states(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    base = draw(states())
    return base, draw(edits_of(base)), draw(edits_of(base))


@given(three_states())
def test_each_field_comes_from_whoever_edited_it(
    three: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
) -> None:
    base, current, changed = three
    merged, conflicts = merge(base, current, changed)
    ours = {pointer for pointer in edited_fields(base, changed) if not pointer.endswith("/outdated")}
    both = ours & set(edited_fields(base, current))
    for pointer, value in content(merged).items():
        if pointer in both and pointer.endswith("/lessons"):
            continue  # they are merged one by one
        source = changed if pointer in ours else current
        assert content(source).get(pointer) == value, pointer
    assert set(conflicts) <= both


@given(three_states())
def test_a_merge_without_other_edits_gives_the_changed_state(
    three: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
) -> None:
    base, _, changed = three
    merged, conflicts = merge(base, base, changed)
    assert content(merged) == content(changed)
    assert conflicts == []


@given(three_states())
def test_a_merge_leaves_its_arguments_alone(
    three: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
) -> None:
    before = deepcopy(three)
    merge(*three)
    assert three == before


@given(three_states())
def test_the_same_edits_on_both_sides_do_not_conflict(
    three: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
) -> None:
    base, _, changed = three
    merged, conflicts = merge(base, changed, changed)
    assert (content(merged), conflicts) == (content(changed), [])


NUMBERED = st.dictionaries(st.integers(1, 5), st.sampled_from("abc"), max_size=4).map(
    lambda texts: [{"id": number, "text": text} for number, text in texts.items()]
)


@given(NUMBERED, NUMBERED, NUMBERED)
def test_each_lesson_comes_from_whoever_added_removed_or_reworded_it(
    base: Lessons, current: Lessons, changed: Lessons
) -> None:
    merged, conflict = merge_lessons(base, current, changed)
    before, theirs, ours, after = (
        {item["id"]: item["text"] for item in items} for items in (base, current, changed, merged)
    )
    assert len(after) == len(merged)
    contested = False
    for number in before.keys() | theirs.keys() | ours.keys():
        old, one, other = before.get(number), theirs.get(number), ours.get(number)
        clash = len({old, one, other}) == 3
        expected = other if old != other else one
        assert after.get(number) == expected, number
        contested |= clash and old is not None
    assert conflict == contested


GUARDED = st.dictionaries(
    st.integers(1, 3), st.tuples(st.sampled_from("abc"), st.sampled_from([None, {"type": "phrase"}, {}]))
).map(
    lambda lessons: [
        {"id": number, "text": text, "guard": guard} for number, (text, guard) in lessons.items()
    ]
)


@given(GUARDED, GUARDED, GUARDED)
def test_text_and_guard_of_a_lesson_come_each_from_whoever_edited_it(
    base: Lessons, current: Lessons, changed: Lessons
) -> None:
    merged, conflict = merge_lessons(base, current, changed)
    before, theirs, ours, after = (
        {item["id"]: item for item in items} for items in (base, current, changed, merged)
    )
    for number in before.keys() & theirs.keys() & ours.keys():
        for name in ("text", "guard"):
            old, one, other = (items[number][name] for items in (before, theirs, ours))
            assert after[number][name] == (other if old != other else one)
            assert conflict or old == one or other in (old, one)
    for number in before.keys() - theirs.keys():
        assert (number in after) == (number in ours and ours[number] != before[number])
        assert conflict or number not in after


def test_guards_on_two_lessons_do_not_conflict_and_two_on_one_lesson_do() -> None:
    def lessons(*guards: Any) -> Lessons:
        return [{"id": number, "text": "-", "guard": guard} for number, guard in enumerate(guards)]

    base, current = _state(lessons=lessons(None, None)), _state(lessons=lessons({"a": 1}, None))
    merged, conflicts = merge(base, current, _state(lessons=lessons(None, {"b": 2})))
    assert (merged["lessons"], conflicts) == (lessons({"a": 1}, {"b": 2}), [])
    merged, conflicts = merge(base, current, _state(lessons=lessons({"c": 3}, None)))
    assert (merged["lessons"], conflicts) == (lessons({"c": 3}, None), ["/lessons"])


def test_a_guard_makes_no_translation_outdated() -> None:
    plain = _state(lessons=[{"id": 1, "text": "-", "guard": None}])
    merged, _ = merge(plain, plain, _state(lessons=[{"id": 1, "text": "-", "guard": {"a": 1}}]))
    assert merged["lessons"][0]["guard"] == {"a": 1}
    assert outdated_translations(merged) == set()


def test_lessons_that_both_added_stand_where_each_put_them() -> None:
    base = [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}]
    current = [base[0], {"id": 3, "text": "theirs"}, base[1]]
    changed = [base[1], base[0], {"id": 4, "text": "ours"}]
    merged, conflict = merge_lessons(base, current, changed)
    assert ([item["id"] for item in merged], conflict) == ([2, 1, 3, 4], False)


def test_moments_that_are_in_order_only_apart_conflict() -> None:
    base = _state(posted_at="2019-03-02T00:00:00Z", acknowledged_at=None, removed_at="2019-03-05T00:00:00Z")
    merged, conflicts = merge(
        base, {**base, "posted_at": "2019-03-04T00:00:00Z"}, {**base, "removed_at": "2019-03-03T00:00:00Z"}
    )
    assert (merged["posted_at"], conflicts) == ("2019-03-04T00:00:00Z", ["/removed_at"])


def _state(**fields: Any) -> dict[str, Any]:
    texts = dict.fromkeys(TEXT_FIELDS, "")
    hebrew = {**texts, "lessons": [], "version": 2}
    return {**texts, "lessons": [], "version": 3, "text_version": 2, "translations": {"he": hebrew}, **fields}


def test_a_changed_original_makes_the_translations_outdated() -> None:
    merged, _ = merge(_state(), _state(), _state(cause="Another."))
    assert outdated_translations(merged) == {"he"}


def test_a_translation_of_an_original_that_has_changed_meanwhile_is_outdated() -> None:
    translated = _state()
    translated["translations"]["he"]["cause"] = "סיבה"
    merged, conflicts = merge(_state(), _state(cause="Another.", text_version=3), translated)
    assert (merged["cause"], merged["translations"]["he"]["cause"], conflicts) == ("Another.", "סיבה", [])
    assert outdated_translations(merged) == {"he"}
    merged, _ = merge(_state(), _state(), translated)
    assert outdated_translations(merged) == set()


def test_a_date_and_its_precision_change_together() -> None:
    base = _state(occurred_on="2018-05-16", occurred_precision="day")
    changed = _state(occurred_on="2018-01-01", occurred_precision="year")
    merged, _ = merge(base, base, changed)
    assert (merged["occurred_on"], merged["occurred_precision"]) == ("2018-01-01", "year")


def test_an_edit_in_one_translation_is_told_from_any_other() -> None:
    assert edited_language(["/translations/he/cause", "/translations/he/title"], "en") == "he"
    assert edited_language(["/translations/he/cause", "/severity"], "en") == "en"
    assert edited_language(["/translations/he/cause", "/translations/ar/cause"], "en") == "en"
    assert edited_language(["/cause"], "en") == "en"
