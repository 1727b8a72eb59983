"""Words that mean the same are found for each other, across languages; a team may add its own."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from conftest import REPOSITORY

from kb.search.analysis import words
from kb.search.synonyms import SynonymError, SynonymFiles, Synonyms, _key, load

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
    ],
)
def test_a_word_or_phrase_has_what_else_is_said_for_it(
    query: str, start: int, end: int, others: tuple[tuple[str, ...], ...]
) -> None:
    assert TABLE.alternatives(query.split()) == [(start, end, others)]


def test_a_part_of_a_phrase_and_an_empty_word_have_none() -> None:
    assert TABLE.alternatives(["black", "", "friday", "job"]) == []


def test_no_entry_of_the_shipped_table_stands_in_two_groups() -> None:
    groups, _ = load(SHIPPED)
    seen: dict[tuple[str, ...], int] = {}
    for number, group in enumerate(groups):
        for entry in group:
            assert seen.setdefault(_key(tuple(words(entry))), number) == number, entry
    assert len(groups) > 100


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
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_change(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "synonyms.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(SynonymError, match=says):
        load(path)


def test_a_team_adds_replaces_and_breaks_its_own_file(
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
