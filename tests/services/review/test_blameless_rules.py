"""The files of blameless rules: the shipped one, and a team's additions."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb.domain.blameless import WORD_LISTS, BlamelessRules
from kb.services.review.blameless_rules import BlamelessFiles, RulesError, hints_of, load
from tests.support.api import REPOSITORY, Api

SEEDS = REPOSITORY / "seeds"


SHIPPED = SEEDS / "blameless.yaml"


CONFIGURATION = load(SHIPPED)


def test_the_shipped_lists_are_complete_and_free_of_repeats() -> None:
    for name in WORD_LISTS:
        assert any(CONFIGURATION[name].values()), name
        for entries in CONFIGURATION[name].values():
            assert len(entries) == len(set(entries)), name
    for tag in ("en", "he"):
        assert set(CONFIGURATION["given_names"][tag]).isdisjoint(CONFIGURATION["ambiguous_names"][tag])
        assert len(CONFIGURATION["given_names"][tag]) >= 150


OWN = """
blame:
  - phrases: {en: [butterfingers], he: [ידיים שמאליות]}
    suggest: {en: Say what slipped., he: לכתוב מה נפל.}
public_figures: {en: [Dana Levi]}
"""


TEXT = "Dana Levi has butterfingers; Anna Roth was careless."


def _files(folder: Path, own: str | None) -> BlamelessFiles:
    path = folder / "blameless.yaml"
    if own is not None:
        path.write_text(own, "utf-8")
    return BlamelessFiles(SHIPPED, path)


def _passages(files: BlamelessFiles, text: str = TEXT) -> list[str]:
    return [note.passage for note in files.current().hints(text)]


def _rewrite(path: Path, content: str) -> None:
    """Write a file with a new modification time, however coarse the clock of the file system is."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(content, "utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))


def test_without_its_own_file_a_team_has_the_shipped_rules(tmp_path: Path) -> None:
    assert _passages(_files(tmp_path, None)) == ["Dana Levi", "Anna Roth", "careless"]


def test_the_file_of_a_team_extends_the_shipped_rules(tmp_path: Path) -> None:
    files = _files(tmp_path, OWN)
    assert _passages(files) == ["butterfingers", "Anna Roth", "careless"]
    assert files.current().hints(TEXT)[0].detail == {"en": "Say what slipped.", "he": "לכתוב מה נפל."}


def test_the_file_of_a_team_can_replace_the_shipped_rules(tmp_path: Path) -> None:
    files = _files(tmp_path, "replace: true\ngiven_names: {en: [Anna]}\n" + OWN)
    assert _passages(files) == ["butterfingers", "Anna Roth"]
    assert "role" in files.current().hints(TEXT)[1].detail["en"]


def test_a_team_can_reword_a_shipped_suggestion(tmp_path: Path) -> None:
    own = "blame:\n  - phrases: {en: [careless]}\n    suggest: {en: Ours., he: שלנו.}\n"
    notes = _files(tmp_path, own).current().hints("careless")
    assert [note.detail["en"] for note in notes] == ["Ours."]


def test_a_change_of_the_file_takes_effect_with_the_next_text(tmp_path: Path) -> None:
    files = _files(tmp_path, None)
    first = files.current()
    assert files.current() is first
    _rewrite(tmp_path / "blameless.yaml", OWN)
    assert "butterfingers" in _passages(files)
    (tmp_path / "blameless.yaml").unlink()
    assert "butterfingers" not in _passages(files)


def test_a_broken_file_is_logged_once_and_the_last_valid_rules_stay(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = _files(tmp_path, OWN)
    before = _passages(files)
    _rewrite(tmp_path / "blameless.yaml", "blame: {")
    with caplog.at_level(logging.WARNING):
        assert _passages(files) == before
        assert _passages(files) == before
    assert [record.getMessage().count("cannot be read as YAML") for record in caplog.records] == [1]


def test_a_broken_shipped_file_blocks_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    own = tmp_path / "blameless.yaml"
    assert _passages(BlamelessFiles(tmp_path / "none.yaml", own)) == []
    (tmp_path / "broken.yaml").write_text("[]", "utf-8")
    with caplog.at_level(logging.WARNING):
        assert _passages(BlamelessFiles(tmp_path / "broken.yaml", own)) == []
    assert "must have keys" in caplog.text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- a", "must have keys"),
        ("\udc00", "cannot be read as YAML"),
        ("a: 2018-02-30", "cannot be read as YAML"),
        ("blam: []", "`blam:`, which is not a key"),
        ("replace: 1", "true or false"),
        ("suggest: {blame: {en: a, he: b}}", "may have `person:` and `contact:`"),
        ("suggest: {person: {en: a}}", "a text under `en:` and one under `he:`"),
        ("blame: {en: []}", "must be a list"),
        ("blame: [careless]", "Group 1 of `blame:`"),
        ("blame: [{phrases: {en: [a]}, suggest: {en: a, he: ''}}]", "in group 1 of `blame:`"),
        ("blame: [{phrases: [a], suggest: {en: a, he: b}}]", "`phrases:` in group 1"),
        ("roles: [editor]", "a list under `en:`"),
        ("roles: {fr: [rédacteur]}", "a list under `en:`"),
        ("roles: {en: editor}", "words or phrases"),
        ("negations: {en: [not, no]}", "entry 2 as False. Write it in quotes"),
        ("not_blame: {en: [a b c d e f g]}", "one to 6 words"),
        ("not_blame: {en: ['?!']}", "one to 6 words"),
    ],
)
def test_an_invalid_file_is_rejected_with_the_reason(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "blameless.yaml"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(RulesError) as error:
        load(path)
    assert message in str(error.value)


def test_a_text_gets_at_most_twenty_hints_the_first_ones(as_role: Callable[..., Api]) -> None:
    many = ", ".join(f"user{number}@example.com" for number in range(50))
    notes = as_role("contributor").file(summary=many, cause="Write to user50@example.com.")["notes"]
    passages = [note["passage"] for note in notes]
    assert passages == [*(f"user{number}@example.com" for number in range(20)), "user50@example.com"]


def test_a_write_looks_for_hints_once_in_each_text(
    as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    hints_of.cache_clear()  # the texts of an incident are those of other tests
    looked_at: list[str] = []
    hints = BlamelessRules.hints

    def counted(self: BlamelessRules, text: str, **options: Any) -> Any:
        looked_at.append(text)
        return hints(self, text, **options)

    monkeypatch.setattr(BlamelessRules, "hints", counted)
    as_role("reviewer").file(
        cause="Jane Roe was careless.", status="published", acknowledge=["private_names"]
    )
    assert len(looked_at) == len(set(looked_at)) > 1
