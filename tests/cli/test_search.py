"""`kb search`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.cli import Kb, write_jsonl
from tests.support.incidents import incident


@pytest.mark.parametrize("words", [["placeholder", "published"], ["טיוטה שפורסמה בטעות"]])
def test_the_precedent_is_printed(kb: Kb, words: list[str]) -> None:
    result = kb("search", *words)
    assert "McDonald's" in result.stdout.split("\n")[1]
    assert "found in" in result.stderr


def test_a_draft_is_marked_and_a_date_shows_only_its_known_precision(kb: Kb, tmp_path: Path) -> None:
    kb("import", write_jsonl(tmp_path, [incident(title="Zebra", occurred_on="2019-03")]))
    line = kb("search", "zebra").stdout.split("\n")[1]
    assert line == "   Acme · March 2019 · Post to the wrong account · incident 7 · DRAFT"


def test_a_category_is_named_in_the_language_of_the_command(kb: Kb) -> None:
    line = kb("search", "placeholder", "--lang", "he").stdout.split("\n")[1]
    assert "כשל בתקשורת הפנימית" in line
    assert "internal-communication" not in line


def test_an_invalid_language_is_rejected(kb: Kb) -> None:
    assert "BCP 47" in kb("search", "zebra", "--lang", "klingon").stderr


def test_results_are_available_as_json(kb: Kb) -> None:
    page = json.loads(kb("search", "placeholder", "--format", "json", "--lang", "he").stdout)
    assert page["items"][0]["incident"]["language"] == "he"


def test_corrections_and_explanations_are_printed(kb: Kb) -> None:
    result = kb("search", "--explain", "placholder", "-senator")
    assert result.exit_code == 0
    assert "placeholder" in result.output
    assert "relevance" in result.output


@pytest.mark.parametrize(("typed", "meant"), [("--limti", "--limit"), ("--explian", "--explain")])
def test_a_misspelled_option_is_refused_and_not_searched_for(kb: Kb, typed: str, meant: str) -> None:
    result = kb("search", typed, "3", "mcdonald")
    assert result.exit_code == 2
    assert f"No such option '{typed}'." in result.stderr
    assert f"'{meant}'" in result.stderr
    assert kb("search", f"{typed}=3", "mcdonald").exit_code == 2


def test_an_option_that_resembles_none_is_refused_in_the_language_of_the_command(kb: Kb) -> None:
    assert "No such option '--zzz'.\n" in kb("search", "mcdonald", "--zzz").stderr
    assert "אין אפשרות '--zzz'" in kb("search", "mcdonald", "--zzz", "--lang", "he").stderr


def test_a_word_may_be_excluded_by_a_single_hyphen(kb: Kb) -> None:
    assert "McDonald's" in kb("search", "placeholder").stdout
    assert "McDonald's" not in kb("search", "placeholder", "-mcdonald").stdout


@pytest.mark.parametrize(
    ("query", "english", "hebrew"),
    [
        ("zebra ad", "2 found in", "תוצאות: 2"),
        ("violence ad", " 1 of them matches well.", " אחת מהן מתאימה היטב."),
        ("the post of a brand", " 3 of them match well.", " 3 מהן מתאימות היטב."),
    ],
)
def test_how_many_hits_match_well_is_said_unless_none_does(
    kb: Kb, query: str, english: str, hebrew: str
) -> None:
    said = [kb("search", *query.split(), "--lang", language).stderr for language in ("en", "he")]
    assert english in said[0]
    assert hebrew in said[1]
    assert "0" not in re.sub(r"\d+ ms|\d+ אלפיות", "", "".join(said))


def test_a_filter_that_names_no_term_is_told_with_the_nearest_one(kb: Kb) -> None:
    errors = kb("search", "platform:twiter", "before:2018-13").stderr.splitlines()
    assert errors[:3] == [
        "There is no platform 'twiter', so it was read as words.",
        "Did you mean: platform:twitter",
        "2018-13 is not a calendar date. It was read as words.",
    ]
