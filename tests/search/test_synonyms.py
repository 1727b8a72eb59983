"""Words that mean the same are found for each other, across languages; a team may add its own."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kb.search.phrase_table import lookup_key
from kb.search.synonyms import SynonymError, SynonymFiles, Synonyms, load
from kb.search.words import words
from tests.support.api import REPOSITORY

SHIPPED = REPOSITORY / "seeds" / "synonyms.yaml"
TABLE = Synonyms([["tweet", "ציוץ"], ["black friday", "בלאק פריידיי"], ["layoffs", "job cuts", "פיטורים"]])


@pytest.mark.parametrize(
    ("query", "start", "end", "others"),
    [
        ("a tweets", 1, 2, (("ציוץ",),)),
        ("הציוץ", 0, 1, (("tweet",),)),
        ("on Black Friday", 1, 3, (("בלאק", "פריידיי"),)),
        ("בבלאק פריידיי", 0, 2, (("black", "friday"),)),
        ("job cuts", 0, 2, (("layoffs",), ("פיטורים",))),
        ("layoff", 0, 1, (("job", "cuts"), ("פיטורים",))),
        ("לציוצים", 0, 1, (("tweet",),)),
        ("הפיטורים", 0, 1, (("layoffs",), ("job", "cuts"))),
    ],
)
def test_a_word_or_phrase_has_its_synonyms(
    query: str, start: int, end: int, others: tuple[tuple[str, ...], ...]
) -> None:
    assert TABLE.alternatives(query.split()) == [(start, end, others)]


def test_a_part_of_a_phrase_and_an_empty_word_have_no_synonyms() -> None:
    assert TABLE.alternatives(["black", "", "friday", "job"]) == []


def test_a_word_has_synonyms_on_its_own_and_in_a_phrase() -> None:
    table = Synonyms([["earth day", "יום כדור הארץ"], ["day", "יום"]])
    assert table.alternatives(["earth", "day"]) == [
        (0, 2, (("יום", "כדור", "הארץ"),)),
        (1, 2, (("יום",),)),
    ]
    assert table.alternatives(["ביום", "כדור", "הארץ"]) == [
        (0, 1, (("day",),)),
        (0, 3, (("earth", "day"),)),
    ]


def test_a_spelling_variant_is_not_its_own_synonym() -> None:
    table = Synonyms([["mcdonald's", "mcdonalds", "מקדונלד'ס", "מקדונלדס"], ["leak", "leaked"]])
    assert table.alternatives(["McDonald’s"]) == [(0, 1, (("מקדונלד'ס",),))]
    assert table.alternatives(["מקדונלד׳ס"]) == [(0, 1, (("mcdonald's",),))]
    assert table.alternatives(["leaks"]) == []


def test_without_words_or_groups_there_are_no_synonyms() -> None:
    assert TABLE.alternatives([]) == []
    assert Synonyms([]).alternatives(["tweet"]) == []


def test_groups_that_share_an_entry_are_merged() -> None:
    table = Synonyms([["ad", "פרסומת"], ["commercial", "מודעה"], ["ads", "commercials"]])
    ((_, _, others),) = table.alternatives(["מודעה"])
    assert set(others) == {("ad",), ("פרסומת",), ("commercial",)}


def test_an_entry_that_links_too_many_groups_is_rejected() -> None:
    with pytest.raises(SynonymError, match="Leave out the entry that they share"):
        Synonyms([["brand", f"brand{number}"] for number in range(100)])


@pytest.mark.parametrize(
    ("query", "other"),
    [
        ("fired", "פיטורים"),
        ("בפרסומות", "advertisement"),
        ("הטעויות", "mistake"),
        ("התנצלה", "apology"),
        ("מנכ״לית", "ceo"),
        ("בחשבון הלא נכון", "wrong account"),
        ("air strikes", "הפצצה"),
        ("9 11", "11 בספטמבר"),
        ("ברשתות החברתיות", "social media"),
        ("ביום הזיכרון", "memorial day"),
    ],
)
def test_the_shipped_synonyms_cross_between_english_and_hebrew(query: str, other: str) -> None:
    groups, _ = load(SHIPPED)
    typed = query.split()
    found = {(start, end): others for start, end, others in Synonyms(groups).alternatives(typed)}
    assert tuple(other.split()) in found[0, len(typed)]


@pytest.mark.parametrize(
    ("query", "other"),
    [
        ("carmakers", "automaker"),
        ("a lender", "bank"),
        ("elevator", "lift"),
        ("sneakers", "trainers"),
        ("gas station", "petrol station"),
        ("screw up", "blunder"),
        ("redundancies", "laid off"),
        ("VW", "volkswagen"),
        ("NGO", "charity"),
        ("push message", "push notification"),
        ("outage", "downtime"),
        ("יצרנית רכב", "carmaker"),
        ("בפולקסוואגן", "vw"),
        ("העמותה", "nonprofit"),
        ("עיריית", "city hall"),
        ("הפשלה", "mistake"),
        ("שדה אישי", "mail merge"),
        ("חבר כנסת", "lawmaker"),
    ],
)
def test_the_shipped_synonyms_have_what_people_half_remember(query: str, other: str) -> None:
    groups, _ = load(SHIPPED)
    others = {entry for _, _, entries in Synonyms(groups).alternatives(query.split()) for entry in entries}
    assert tuple(other.split()) in others


@pytest.mark.parametrize(
    "word",
    [
        *[
            "fine",
            "quite",
            "period",
            "excellent",
            "copy",
            "target",
            "correct",
            "publishing",
            "training",
            "profit",
        ],
        *[
            "עוד",
            "בעוד",
            "לאומי",
            "במסגרת",
            "חברתית",
            "לקחת",
            "שירים",
            "נעלם",
            "במטבח",
            "שמעון",
            "אבל",
            "אם",
            "עבד",
        ],
    ],
)
def test_an_ordinary_word_is_no_form_of_a_shipped_entry(word: str) -> None:
    groups, _ = load(SHIPPED)
    assert Synonyms(groups).alternatives([word]) == []


def test_no_shipped_entry_is_in_two_groups() -> None:
    groups, _ = load(SHIPPED)
    seen: dict[tuple[str, ...], int] = {}
    for number, group in enumerate(groups):
        for entry in group:
            assert seen.setdefault(lookup_key(tuple(words(entry))), number) == number, entry
    assert len(groups) > 500


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("groups: [[no, לא]]", "in quotes"),
        ("groups: [[alone]]", "2 to 30"),
        ("groups: 3", "a list of lists"),
        ("group: []", "`groups:`"),
        ("groups: [[a, b]]\nreplaces: true", "nothing else"),
        ("groups: [[a b c d e f, g]]", "one to 5 words"),
        ("groups: [[a, '!?']]", "one to 5 words"),
        ("groups: [", "read as YAML"),
        ("groups: [[2020-13-45, date]]", "read as YAML"),
        ("groups: " + "[" * 5_000, "read as YAML"),
        ("groups: [[ok, fine], [seven, 7]]", "Group 2 .*entry 2 as 7. Write it in quotes"),
        ("groups: [[a, " + "b" * 101 + "]]", "at most 100 characters"),
        ("groups: [[" + ", ".join(f"w{number}" for number in range(31)) + "]]", "2 to 30"),
        ("groups:" + "\n- [a, b]" * 5_001, "at most 5000"),
        ("", "`groups:`"),
    ],
)
def test_an_invalid_file_is_rejected_with_what_to_change(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "synonyms.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(SynonymError, match=says) as error:
        load(path)
    assert str(path) in str(error.value)


def test_a_file_in_another_encoding_is_reported_as_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.yaml"
    path.write_bytes("groups: [[tweet, ציוץ]]".encode("cp1255"))
    with pytest.raises(SynonymError, match="cannot be read"):
        load(path)


def test_a_team_file_extends_or_replaces_and_survives_mistakes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = tmp_path / "synonyms.yaml"
    files = SynonymFiles(SHIPPED, own)
    assert files.current().alternatives(["zebra"]) == []
    own.write_text("groups: [[zebra, זברה], [tweet, skeet]]", "utf-8")
    assert files.current().alternatives(["zebra"]) == [(0, 1, (("זברה",),))]
    assert ("skeet",) in files.current().alternatives(["ציוץ"])[0][2]
    own.write_text("groups: [[zebra]]", "utf-8")
    with caplog.at_level(logging.WARNING):
        assert files.current().alternatives(["zebra"]) == [(0, 1, (("זברה",),))]
        files.current()
    assert len(caplog.records) == 1
    own.write_text("replace: true\ngroups: [[okapi, אוקאפי]]", "utf-8")
    assert files.current().alternatives(["tweet"]) == []
    own.unlink()
    assert files.current().alternatives(["tweet"]) != []


def test_an_inaccessible_team_file_keeps_the_last_valid_synonyms(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = tmp_path / "synonyms.yaml"
    own.write_text("groups: [[zebra, זברה]]", "utf-8")
    files = SynonymFiles(SHIPPED, own)
    good = files.current()
    own.unlink()
    own.symlink_to(own)
    assert files.current() is good
    own.unlink()
    own.mkdir()
    assert files.current() is good
    assert len(caplog.records) == 2


def test_a_team_file_broken_from_the_start_keeps_the_shipped_synonyms(tmp_path: Path) -> None:
    own = tmp_path / "synonyms.yaml"
    own.write_text("groups: [[brand, x1]" + "".join(f", [brand, y{n}]" for n in range(99)) + "]", "utf-8")
    assert ("tweet",) in SynonymFiles(SHIPPED, own).current().alternatives(["ציוץ"])[0][2]


def test_an_unchanged_file_is_read_once(tmp_path: Path) -> None:
    files = SynonymFiles(SHIPPED, tmp_path / "synonyms.yaml")
    with ThreadPoolExecutor(8) as pool:
        tables = set(pool.map(lambda _: files.current(), range(64)))
    assert len(tables) == 1
