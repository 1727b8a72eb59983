"""The shipped guards, and those on the lessons of the six cases, hold on their examples and on traps.

The texts are in shipped_guard_texts.yaml.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kb.config import seeds_dir
from kb.domain.draft import Draft
from kb.domain.guard import Guard, Severity
from kb.guards.analysis import AnalyzedDraft
from kb.guards.definition import expand_shorthand, to_guard
from kb.guards.examples import failed_examples
from kb.guards.ruleset import CompiledGuard, compile_guard
from kb.search.concepts import ConceptTable
from kb.yaml_text import read_yaml

TEXTS: dict[str, list[str]] = read_yaml(
    Path(__file__).with_name("shipped_guard_texts.yaml").read_text("utf-8")
)
CASES = sorted((seeds_dir() / "incidents").glob("*.yaml"))


def case_guards(path: Path) -> list[Guard]:
    """The guards on the lessons of a case, in the order of the lessons."""
    lessons: list[dict[str, Any]] = read_yaml(path.read_text("utf-8"))["lessons"]
    return [
        to_guard(path.stem, expand_shorthand(lesson["guard"])) for lesson in lessons if lesson.get("guard")
    ]


def failures(guards: list[CompiledGuard], concepts: ConceptTable) -> list[tuple[str, str, str]]:
    return [
        (compiled.guard.key, failed.draft.text, failed.message)
        for compiled in guards
        for failed in failed_examples(compiled, concepts)
    ]


def findings(
    guards: list[CompiledGuard], concepts: ConceptTable, text: str, platform: str | None = None
) -> dict[str, str]:
    """What stops a text, or asks for caution: the texts found, by guard."""
    draft = AnalyzedDraft(Draft(text=text, platform=platform), concepts)
    return {
        compiled.guard.key: draft.text_at(match.span) if match.span else ""
        for compiled in guards
        if compiled.guard.active and compiled.guard.severity is not Severity.NOTE
        for match in compiled.matches(draft)
    }


def test_the_examples_of_every_shipped_guard_hold(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert failures(shipped, concepts) == []


def test_a_shipped_guard_speaks_two_languages_and_has_examples_in_both(shipped: list[CompiledGuard]) -> None:
    for guard in (compiled.guard for compiled in shipped):
        for texts in (guard.title, guard.message, guard.suggestion):
            assert texts.keys() == {"en", "he"}, guard.key
        for examples in (guard.bad, guard.good):
            in_hebrew = {re.search("[א-ת]", draft.text) is not None for draft in examples}
            assert in_hebrew == {True, False}, guard.key
            assert len(examples) <= 10, guard.key


@pytest.mark.parametrize("text", TEXTS["tasteless"])
def test_terror_war_and_disaster_beside_a_sale_or_a_taste_are_found(
    text: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert findings(shipped, concepts, text).keys() - {"mourning-day"}


@pytest.mark.parametrize("text", TEXTS["numbers"])
def test_ranges_amounts_shares_and_deadlines_are_no_attack(
    text: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert not findings(shipped, concepts, text)


def test_an_offer_that_ends_on_the_day_of_an_attack_is_left_to_the_guards_on_dates(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert findings(shipped, concepts, "Sale ends 9/11!").keys() == {"mourning-day"}
    assert "war-and-wares" in findings(shipped, concepts, "9/11 sale!")


@pytest.mark.parametrize("text", TEXTS["careless"])
def test_careless_drafts_of_everyday_kinds_are_found(
    text: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert findings(shipped, concepts, text)


def test_no_two_guards_have_the_same_title(shipped: list[CompiledGuard]) -> None:
    guards = [
        *(compiled.guard for compiled in shipped),
        *(guard for path in CASES for guard in case_guards(path)),
    ]
    for language in ("en", "he"):
        titles = [guard.title[language] for guard in guards]
        assert len({*titles}) == len(titles)
        assert not [title for title in titles if "{" in title]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_case_has_a_guard_that_finds_its_own_post(path: Path, concepts: ConceptTable) -> None:
    guards = [compile_guard(guard, concepts) for guard in case_guards(path)]
    assert guards
    assert failures(guards, concepts) == []
    assert all(compiled.guard.severity is not Severity.NOTE for compiled in guards)


def test_ordinary_words_that_look_like_forms_of_a_grave_one_raise_no_alarm(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    cases = [compile_guard(guard, concepts) for path in CASES for guard in case_guards(path)]
    guards = [*shipped, *cases]
    assert {text: found for text in TEXTS["homographs"] if (found := findings(guards, concepts, text))} == {}


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("לא אכפת לי, על הזין", "profanity"),
        ("איזה זין", "profanity"),
        ("He OD'd on pills", "suicide"),
        ("He came home with a black eye", "domestic-violence"),
        ("RIP to our old logo", "death"),
        ("ICE raids", "migration"),
        ("פרעות בעיר", "genocide"),
        ("הוא אנס אותה", "consent"),
    ],
)
def test_the_grave_words_themselves_still_touch_their_concept(
    concepts: ConceptTable, text: str, concept: str
) -> None:
    touched = AnalyzedDraft(Draft(text=text), concepts).touched
    assert any(touch.clear for touch in touched[concept])


def test_idioms_and_grave_words_said_gravely_raise_no_alarm(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert {text: found for text in TEXTS["idioms"] if (found := findings(shipped, concepts, text))} == {}


def test_grave_words_in_their_everyday_sense_raise_no_alarm(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    cases = [compile_guard(guard, concepts) for path in CASES for guard in case_guards(path)]
    guards = [*shipped, *cases]
    assert {
        text: found for text in TEXTS["everyday_senses"] if (found := findings(guards, concepts, text))
    } == {}


def test_the_same_words_in_their_grave_sense_are_still_found(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert [text for text in TEXTS["grave_senses"] if not findings(shipped, concepts, text)] == []


@pytest.mark.parametrize(
    ("platform", "found"),
    [
        (None, {"markup-in-post": "<p>"}),
        ("instagram", {"markup-in-post": "<p>"}),
        ("email", {}),
        ("website", {}),
    ],
)
def test_html_is_a_finding_where_readers_would_see_its_tags(
    shipped: list[CompiledGuard], concepts: ConceptTable, platform: str | None, found: dict[str, str]
) -> None:
    text = "<p>Our <strong>summer menu</strong> is here.</p><p>Come by on Saturday.</p>"
    assert findings(shipped, concepts, text, platform) == found
