"""How many words the prefixes of a query stand for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb.search import hebrew
from kb.search.whoosh_engine.querying.plan import (
    FEW_PREFIXES,
    MAX_FORMS_OF_MANY_PREFIXES,
    MAX_FORMS_OF_PREFIXES,
    Planner,
)
from kb.search.whoosh_engine.querying.vocabulary import MAX_PREFIX_FORMS
from tests.support.small_index import SmallIndex

LETTERS = "abcdefghijklmnopqrstuvwxyz"
HEBREW_LETTERS = "אבגדהוזחטיכלמנסעפצקרשת"
WORDS = [f"zeb{a}{b}{a}" for a in LETTERS for b in "aeiou"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SmallIndex:
    titles = [" ".join(WORDS[number : number + 60]) for number in range(40)]
    return SmallIndex(tmp_path_factory.mktemp("index"), *titles)


@pytest.fixture
def terms_of_prefixes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many terms each prefix of the searches of a test stands for."""
    terms: list[int] = []
    prefix = Planner._prefix

    def counted(self: Planner, *arguments: Any) -> Any:
        leaf = prefix(self, *arguments)
        terms.append(len(leaf.terms))
        return leaf

    monkeypatch.setattr(Planner, "_prefix", counted)
    return terms


def test_all_prefixes_together_stand_for_some_words(index: SmallIndex, terms_of_prefixes: list[int]) -> None:
    index.hits(" ".join(f"zeb{letter}*" for letter in ("", *LETTERS)))
    assert len(terms_of_prefixes) > 20
    assert sum(terms_of_prefixes) <= MAX_FORMS_OF_MANY_PREFIXES


def test_a_few_prefixes_stand_for_all_of_their_words(index: SmallIndex, terms_of_prefixes: list[int]) -> None:
    few = " ".join(f"zeb{letter}*" for letter in ("", *LETTERS[: FEW_PREFIXES - 1]))
    index.hits(few)
    known = {word for word in WORDS if word in " ".join(index.titles)}
    assert terms_of_prefixes == [len(known), *[5] * (FEW_PREFIXES - 1)]
    assert sum(terms_of_prefixes) <= MAX_FORMS_OF_PREFIXES
    terms_of_prefixes.clear()
    index.hits(f"{few} zebz*")
    assert terms_of_prefixes[0] == MAX_FORMS_OF_MANY_PREFIXES // (FEW_PREFIXES + 1) < len(known)


def test_a_hebrew_prefix_stands_for_as_many_words_as_any(
    tmp_path: Path, terms_of_prefixes: list[int]
) -> None:
    particles = ("", *hebrew.PARTICLES)
    beginnings = [f"{particle}של{letter}" for particle in particles for letter in HEBREW_LETTERS]
    titles = [" ".join(beginning + end for end in HEBREW_LETTERS) for beginning in beginnings]
    found = SmallIndex(tmp_path, *titles, language="he").hits("שלא*")
    assert found
    assert len(HEBREW_LETTERS) < terms_of_prefixes[0] <= MAX_PREFIX_FORMS
    terms_of_prefixes.clear()
    SmallIndex(tmp_path / "many", *titles, language="he").hits(
        " ".join(f"של{letter}*" for letter in HEBREW_LETTERS)
    )
    assert 0 < sum(terms_of_prefixes) <= MAX_FORMS_OF_MANY_PREFIXES
