"""What is kept of files (`kb.derived_files`) answers as what has just been derived of them does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kb import derived_files
from kb.config import seeds_dir
from kb.derived_files import keep_in
from kb.domain.draft import Draft
from kb.guards import unfinished_kinds
from kb.guards.analysis import AnalyzedDraft
from kb.guards.corpus import harmless_drafts
from kb.guards.example_drafts import analyzed_example_drafts, shipped_example_drafts
from kb.guards.invitations import InvitationForms, invitation_forms
from kb.guards.placeholders import note_words
from kb.guards.placeholders.rule_set import RuleSet, shipped_rules
from kb.search import concept_files, glossary, known_words, word_lists
from kb.search.words import words
from kb.services.check import guard_files
from kb.services.operations import seeding
from kb.yaml_text import read_shipped_yaml
from tests.support.environment import clean_environment

TEXTS = [
    *(draft.text for draft in harmless_drafts()[::20]),
    *(example.text for example in shipped_example_drafts()[::20]),
    "Hi [NAME], TODO: ask legal before the 31st of June. lorem ipsum dolor. Share your photo with #AskAcme!",
    "היי [שם], לשאול את הלקוח לפני הפרסום. ספרו לנו בתגובות את הסיפור שלכם",
]

SEEDS = seeds_dir()


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = derived_files._folder
    yield
    keep_in(before)


def _concepts() -> Any:
    table = concept_files._table("concepts", SEEDS / "lexicon.yaml")
    found = [table.hits(words(text)) for text in TEXTS]
    return found, table.digest, table.concepts, table.stopwords, table.beginnings, table.split("עולמייאוש")


def _glossary() -> Any:
    translations = glossary._glossary("glossary", SEEDS / "glossary.yaml")
    return [translations.translations(words(text)) for text in TEXTS], [*translations.entries()]


def _known_words() -> Any:
    known = known_words.KnownWords(["Xyzzyx bank", "קשקבלק"])
    return known._extra


def _word_list() -> Any:
    found = word_lists._read(word_lists._data_folder() / "large_he.msgpack.gz")
    return len(found), [found.centibels(word) for text in TEXTS for word in words(text)]


def _rules() -> Any:
    rules: RuleSet = shipped_rules.__wrapped__()
    return [rules._set.matches(text) for text in TEXTS], [*rules._set._parts]


def _invitations() -> Any:
    forms: InvitationForms = invitation_forms.__wrapped__()
    return [forms._set.matches(text) for text in TEXTS], [*forms._set._parts]


def _assistant() -> Any:
    rules: RuleSet = unfinished_kinds._assistant_rules.__wrapped__()
    return [rules._set.matches(text) for text in TEXTS], [*rules._set._parts]


def _notes() -> Any:
    literals = note_words._literals.__wrapped__()
    return [literals.candidates(text) for text in TEXTS], literals.unconditional


def _seeds() -> Any:
    return seeding._read(sorted(SEEDS.glob("*/*.yaml")))


def _examples() -> Any:
    table = concept_files._shipped(SEEDS / "lexicon.yaml")
    examples = analyzed_example_drafts(table)
    drafts = (AnalyzedDraft(Draft(text=text), table) for text in TEXTS)
    return [examples.resemblances(examples.compare(draft)) for draft in drafts], examples.rarities


def _guards() -> Any:
    return guard_files._shipped.__wrapped__(SEEDS / "guards.yaml")


def _observances() -> Any:
    return read_shipped_yaml(SEEDS / "observances.yaml")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("concepts", _concepts),
        ("glossary", _glossary),
        ("known-words", _known_words),
        ("words-large_he", _word_list),
        ("unfinished", _rules),
        ("invitations", _invitations),
        ("assistant", _assistant),
        ("notes", _notes),
        ("seeds", _seeds),
        ("example-drafts", _examples),
        ("guards", _guards),
        ("yaml-observances", _observances),
    ],
)
def test_the_answers_are_the_same(name: str, answer: Callable[[], Any], tmp_path: Path) -> None:
    keep_in(None)
    derived = answer()
    keep_in(tmp_path)
    assert answer() == derived
    kept = (tmp_path / f"{name}.json").read_bytes()
    assert answer() == derived
    assert (tmp_path / f"{name}.json").read_bytes() == kept


def test_a_changed_file_of_a_team_is_read_again(tmp_path: Path) -> None:
    keep_in(tmp_path / "cache")
    shipped, own = tmp_path / "shipped.yaml", tmp_path / "own.yaml"
    shipped.write_text("concepts: {storm: {phrases: {en: [hurricane]}}}")
    found = {}
    for text in ("gale warning", "squall", "gale warning"):
        own.write_text(f"concepts: {{storm: {{phrases: {{en: [{text}]}}}}}}")
        table = concept_files._table("own-concepts", shipped, own)
        found[text] = [bool(table.hits(words(each))) for each in ("hurricane", "gale warnings", "squalls")]
    assert found == {"gale warning": [True, True, False], "squall": [True, False, True]}
    own.write_text("concepts: 7")
    with pytest.raises(concept_files.LexiconError):
        concept_files._table("own-concepts", shipped, own)


@pytest.mark.slow
def test_commands_answer_without_kept_files_as_with_them(prepared: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    draft = tmp_path / "draft.txt"
    draft.write_text("Hi [NAME], our tank tops are the bomb! #AskAcme\n")

    def check() -> str:
        command = [sys.executable, "-m", "kb", "check", str(draft), "--data-dir", str(data)]
        run = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
        return run.stdout

    first = check()
    kept = {path: path.read_bytes() for path in (data / "cache").iterdir()}
    assert len(kept) > 5
    assert "[NAME]" in first
    assert check() == first
    assert {path: path.read_bytes() for path in (data / "cache").iterdir()} == kept
