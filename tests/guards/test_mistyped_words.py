"""What it takes to see that a word is no slip of the keyboard."""

from __future__ import annotations

import random

import pytest

from kb.guards.placeholders.mistyped_words import mistyped_words
from kb.search.word_lists import WordList

LATIN, HEBREW = "abcdefghijklmnopqrstuvwxyz", "אבגדהוזחטיכלמנסעפצקרשת"


@pytest.mark.parametrize("letters", [LATIN, HEBREW])
def test_words_that_nobody_knows_are_looked_up_once_at_most(
    letters: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(16)
    words = {"".join(rng.choices(letters, k=9)) for _ in range(2_000)}
    lookups = 0

    def count(self: WordList, spelling: str) -> int | None:
        nonlocal lookups
        lookups += 1
        return look_up(self, spelling)

    look_up = WordList.centibels
    monkeypatch.setattr(WordList, "centibels", count)
    mistyped_words(" ".join(words))
    assert 0 < lookups <= len(words)
