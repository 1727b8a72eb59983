"""Guards of the type `phrase`."""

from __future__ import annotations

import pytest

from kb.guards.errors import GuardError
from tests.support.guard_matches import found, matcher


@pytest.mark.parametrize(
    ("phrase", "text", "matches"),
    [
        ("adults only", "An ADULTS-ONLY evening", ["ADULTS-ONLY"]),
        ("layoff", "Our layoffs, and one layoff", ["layoffs", "layoff"]),
        ("do not publish", "Hello. Do not  publish!", ["Do not  publish"]),
        ("do not publish", "What we do not. Publish it", []),
        ("dick", "Dickens, dictionary, predict", []),
        ("בת", "מתנה לבת", []),
        ("הנחה", "בהנחה של 20%, שההנחות", ["בהנחה", "שההנחות"]),
        ("פצצה", "הפצצות שלנו", ["הפצצות"]),
        ('מל"ט', "המל״ט באוויר, ומלט", ["המל״ט", "ומלט"]),
        ("לא לפרסום", "טיוטה, לא לפרסום", ["לא לפרסום"]),
        ("not a word", "Today: #NotAWord and #notaword2", ["#NotAWord"]),
        ("secret", "se\u200bcret, \u0455ecret, ｓecret", ["se\u200bcret", "\u0455ecret", "ｓecret"]),
        ("🔫", "Bang 🔫!", ["🔫"]),
    ],
)
def test_a_phrase_is_found_in_any_regular_form(phrase: str, text: str, matches: list[str]) -> None:
    assert found(matcher("phrase", phrases=[phrase]), text) == matches


def test_phrases_may_begin_alike_and_one_may_be_the_beginning_of_another() -> None:
    guard = matcher("phrase", phrases=["last chance", "last call", "call now", "call"])
    assert found(guard, "Last calls! Last chances. Last minute: call now, call. At last") == [
        "Last calls",
        "Last chances",
        "call now",
        "call",
    ]


def test_an_exact_phrase_is_found_as_it_is_written_in_any_case() -> None:
    exact = matcher("phrase", phrases=["sharing", "הנחה"], exact=True)
    assert found(exact, "Share, shares, Sharing. בהנחה, הנחה, הנחות") == ["Sharing", "הנחה"]


def test_nothing_is_found_in_an_exception() -> None:
    guard = matcher("phrase", phrases=["dick", "פצצה"], **{"except": ["Mr. Dick", "פצצת אנרגיה"]})
    assert found(guard, "As Mr. Dick said, what a dick.") == ["dick"]
    assert found(guard, "בפצצת אנרגיה, ופצצה") == ["ופצצה"]


def test_a_phrase_that_excuses_the_draft_takes_all_findings_away() -> None:
    unless = ["we disagree", "אנחנו חולקים על"]
    guard = matcher("phrase", phrases=["not for girls", "לא לבנות"], unless=unless)
    assert found(guard, "Not for girls, they said. Not for girls! We disagreed.") == []
    assert found(guard, "לא לבנות, אמרו לנו. אנחנו חולקים על זה.") == []
    assert found(guard, "Not for girls, they said. We agree.") == ["Not for girls"]


@pytest.mark.parametrize(
    "text",
    [
        'They called her "stupid", and we answered.',
        "They called her “really stupid”.",
        "They called her 'stupid', didn't they?",
        "Elle a dit «stupid».",
        'הנהג אמר "stupid" בצה"ל',
        'הסמל אמר "רס"ן stupid" ונשאר',
    ],
)
def test_a_quotation_is_left_out_on_demand(text: str) -> None:
    assert found(matcher("phrase", phrases=["stupid"], outside_quotes=True), text) == []
    assert found(matcher("phrase", phrases=["stupid"]), text) == ["stupid"]


def test_inches_gershayim_and_apostrophes_quote_nothing() -> None:
    guard = matcher("phrase", phrases=["stupid"], outside_quotes=True)
    for text in ('A 5" stupid 6" thing', 'בצה"ל stupid ש"ח', "Don't be stupid, it's the '90s"):
        assert found(guard, text) == ["stupid"], text


def test_of_phrases_that_overlap_the_first_and_longest_is_found() -> None:
    guard = matcher("phrase", phrases=["kill", "killer app", "app store"])
    assert found(guard, "A killer app store") == ["killer app"]


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({}, "/parameters/phrases"),
        ({"phrases": []}, "/parameters/phrases"),
        ({"phrases": ["ok", "****"]}, "/parameters/phrases/1"),
        ({"phrases": ["one two three four five six"]}, "/parameters/phrases/0"),
        ({"phrases": ["ok"], "except": ["?"]}, "/parameters/except/0"),
        ({"phrases": ["ok"], "unless": ["ok", "?"]}, "/parameters/unless/1"),
        ({"phrases": ["ok"], "exact": "yes"}, "/parameters/exact"),
        ({"phrases": ["ok"], "phrase": ["ok"]}, "/parameters/phrase"),
    ],
)
def test_invalid_parameters_are_refused_with_their_place(parameters: dict[str, object], pointer: str) -> None:
    with pytest.raises(GuardError) as error:
        matcher("phrase", **parameters)
    assert error.value.pointer == pointer


def test_a_word_that_yaml_does_not_read_as_a_text_is_asked_for_in_quotes() -> None:
    with pytest.raises(GuardError, match="quotes: it is read as 2027") as error:
        matcher("phrase", phrases=["next year", 2027])
    assert error.value.pointer == "/parameters/phrases/1"
    with pytest.raises(GuardError, match="quotes: it is read as 1320"):  # 22:00
        matcher("account", quiet_from=1320, quiet_until="06:00", time_zone="Asia/Jerusalem")
