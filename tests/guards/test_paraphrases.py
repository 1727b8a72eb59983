"""Plain paraphrases of the cases, and ordinary drafts of the same words, as all shipped guards judge them."""

from __future__ import annotations

import pytest

from kb.config import seeds_dir
from kb.domain.draft import Draft
from kb.domain.guard import Guard, Severity
from kb.guards.analysis import AnalyzedDraft
from kb.guards.definition import expand_shorthand, to_guard
from kb.guards.ruleset import CompiledGuard, compile_guard
from kb.search.concepts import ConceptTable
from kb.services.check.guard_files import read_guards
from kb.yaml_text import read_yaml

CASES = sorted((seeds_dir() / "incidents").glob("*.yaml"))


@pytest.fixture(scope="module")
def guards(concepts: ConceptTable) -> list[CompiledGuard]:
    cases: list[Guard] = [
        to_guard(path.stem, expand_shorthand(lesson["guard"]))
        for path in CASES
        for lesson in read_yaml(path.read_text("utf-8"))["lessons"]
        if lesson.get("guard")
    ]
    return [compile_guard(guard, concepts) for guard in (*read_guards(seeds_dir() / "guards.yaml"), *cases)]


def speaking(guards: list[CompiledGuard], concepts: ConceptTable, text: str) -> set[str]:
    """The guards that stop a text or ask for caution."""
    draft = AnalyzedDraft(Draft(text=text), concepts)
    return {
        compiled.guard.key
        for compiled in guards
        if compiled.guard.active
        and compiled.guard.severity is not Severity.NOTE
        and any(True for _ in compiled.matches(draft))
    }


@pytest.mark.parametrize(
    ("text", "guard"),
    [
        (
            "Who would you sooner smack: Rihanna or Chris Brown? Tap to play",
            "snapchat-domestic-violence-ad",
        ),
        (
            "להרביץ לריהאנה או לבעוט בכריס בראון? תחליטו ושחקו עכשיו בחינם",
            "snapchat-domestic-violence-ad",
        ),
        ("Who would you sooner smack: your wife or your boss?", "snapchat-domestic-violence-ad"),
        ("למי הייתם נותנים סטירה, לריהאנה או לכריס בראון? שחקו עכשיו", "snapchat-domestic-violence-ad"),
        ("Smack Rihanna or Chris Brown? Play free", "partner-and-violence"),
        (
            "Blue dress or gold dress? For the fighters near Kunduz the only answer was the drone overhead",
            "us-air-force-yanny-laurel",
        ),
        ("אתגר הבקבוק? אצלנו בטייסת עושים את זה עם פצצה של טון", "us-air-force-yanny-laurel"),
        (
            "חזרתי מספארי יוקרה בבוטסואנה, נזכרתי כמה הפלנטה שלנו יפה. לכן אנחנו בונים חלליות. #יוםכדורהארץ",
            "bezos-earth-day-dog-sledding",
        ),
        ("#יוםהשואה מבצע ענק", "memorial-and-sale"),
        ("שלחו לנו תמונה מהמנגל שלכם ותוכלו לזכות בטיסה", "giveaway-without-rules"),
        ("לזכות בפרס? שתפו את הפוסט", "giveaway-without-rules"),
        ("Why did you choose us? Because we want to know, write your story below", "open-invitation"),
    ],
)
def test_a_plain_paraphrase_is_found(
    text: str, guard: str, guards: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert any(key.startswith(guard) for key in speaking(guards, concepts, text))


@pytest.mark.parametrize(
    "text",
    [
        "את מי הייתם מעדיפים לשמוע: ריהאנה או אדל?",
        "הצטרפו לאתגר הבקבוק: שתייה בריאה כל יום",
        "Blue dress or gold dress? Both are half price",
        "תייגו חבר ותוכלו לזכות בארוחה. בכפוף לתקנון",
        "Dad jokes: why did the soldier bring string? To tie the battle",
        "Why did the chicken cross the road? To get to our sale",
        "למה התרנגולת חצתה את הכביש? כי היה מבצע",
    ],
)
def test_an_ordinary_draft_of_the_same_words_raises_no_alarm(
    text: str, guards: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert speaking(guards, concepts, text) == set()
