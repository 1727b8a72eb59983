"""Names across scripts are found as often as the documentation says."""

from __future__ import annotations

import pytest

from bench import names
from kb.search.transliteration import NameIndex

DATA = names.load()


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex(names.vocabulary_of(DATA))


@pytest.mark.parametrize("script", ["hebrew", "latin"])
def test_names_that_no_rule_was_tuned_on_are_found(index: NameIndex, script: str) -> None:
    ranks = [names.rank_of(index, pair) for pair in DATA["held_out"][script]]
    assert sum(rank == 0 for rank in ranks) >= 0.9 * len(ranks)
    assert sum(rank is not None for rank in ranks) >= 0.92 * len(ranks)


@pytest.mark.parametrize("language", ["hebrew", "english"])
def test_few_ordinary_words_are_mistaken_for_a_name(index: NameIndex, language: str) -> None:
    words = set(DATA[f"ordinary_{language}"].split())
    assert sum(bool(index.nearest(word)) for word in words) < 0.08 * len(words)


@pytest.mark.parametrize("script", ["hebrew", "latin"])
def test_no_name_is_both_tuned_and_held_out(script: str) -> None:
    tuned, held_out = ({pair["ask"] for pair in DATA[part][script]} for part in ("tuned", "held_out"))
    assert not tuned & held_out
