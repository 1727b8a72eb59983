"""The parameters of guards, in words."""

from __future__ import annotations

import pytest
from flask import Flask

from kb.domain.guard import Guard, GuardType, Severity
from kb.guards.definition import expand_shorthand, to_guard
from kb.pages.guards.guard_rules import MAX_SHOWN, rules_of
from kb.services.check.guard_files import shipped_guards
from kb.services.check.guard_writing.skeletons import guard_skeleton
from kb.services.infrastructure.runtime import concepts
from kb.yaml_text import read_yaml


def said(app: Flask, guard: Guard, language: str = "en") -> dict[str, list[str]]:
    with app.test_request_context(f"/?lang={language}"):
        return {rule.heading: [*rule.shown, *rule.folded] for rule in rules_of(guard)}


def themes(**parameters: object) -> Guard:
    return Guard(
        key="sale-and-disaster",
        type=GuardType.THEMES,
        severity=Severity.CAUTION,
        message={"en": "No"},
        parameters={"all_of": [["disaster", "death"], ["discount"]], **parameters},
        countries=("US",),
        platforms=("twitter",),
    )


def test_subjects_are_said_with_where_they_stand_and_for_whom(shared_app: Flask) -> None:
    assert said(shared_app, themes(unless=["donate to", "תרמו"])) == {
        "Looks for a word about any of": ["Disasters and accidents", "Death and mourning"],
        "and a word about any of": ["Sales and discounts"],
        "Where they stand": ["in one sentence"],
        "Unless it also says": ["donate to", "תרמו"],
        "Countries": ["United States"],
        "Platforms": ["Twitter / X"],
    }
    hebrew = said(shared_app, themes(unless=["donate to", "תרמו"], within="distance", distance=1), "he")
    assert hebrew["אלא אם כתוב גם"] == ["תרמו", "donate to"]
    assert hebrew["איפה הם נמצאים"] == ["עם מילה אחת לכל היותר ביניהם"]
    assert hebrew["מדינות"] == ["ארצות הברית"]


def test_phrases_are_said_with_what_excuses_them(shared_app: Flask) -> None:
    guard = Guard(
        key="slogan",
        type=GuardType.PHRASE,
        severity=Severity.CAUTION,
        message={"en": "No"},
        parameters={
            "phrases": ["not for girls"],
            "except": ["not for girls alone"],
            "unless": ["we disagree"],
        },
    )
    assert said(shared_app, guard) == {
        "Looks for any of, in any form": ["not for girls"],
        "Lets pass": ["not for girls alone"],
        "Unless it also says": ["we disagree"],
    }


def test_a_long_list_is_folded(shared_app: Flask) -> None:
    words = [f"word {number}" for number in range(40)]
    with shared_app.test_request_context():
        rule = next(rule for rule in rules_of(themes(near=words)) if rule.heading == "Only beside")
    assert (rule.shown, rule.folded) == (words[:MAX_SHOWN], words[MAX_SHOWN:])


@pytest.mark.parametrize("language", ["en", "he"])
def test_no_rule_of_an_included_guard_or_a_skeleton_shows_a_key(shared_app: Flask, language: str) -> None:
    with shared_app.app_context():
        keys = concepts().concepts.keys() | {"no-promotion", "missing", "tag", "slip", "defense"}
    rows = [read_yaml(guard_skeleton(each))[0] for each in GuardType]
    skeletons = [to_guard(row["key"], expand_shorthand(row)) for row in rows]
    assert {guard.type for guard in skeletons} == {*GuardType}
    for guard in (*shipped_guards(), *skeletons):
        rules = said(shared_app, guard, language)
        assert rules, guard.key
        assert not keys & {value for values in rules.values() for value in values}, guard.key
