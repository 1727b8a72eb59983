"""What it takes to see that a word is no slip of the keyboard."""

from __future__ import annotations

import random

import pytest

from kb.guards.placeholders import mistyped_words as module
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


def test_ordinary_tokens_are_remembered_up_to_a_limit() -> None:
    for first in range(0, 40_000, 5_000):
        assert mistyped_words(" ".join(f"sale{number}" for number in range(first, first + 5_000))) == []
        assert len(module._known_tokens) <= module._MAX_KNOWN


def test_long_tokens_are_not_remembered() -> None:
    token = "https://example.com/" + "a" * 100
    assert mistyped_words(f"See {token}") == []
    assert token not in module._known_tokens


def test_a_token_is_mistyped_each_time_that_it_is_sent() -> None:
    text = "Our new menu is here: dfghjk. Come and taste it."
    assert mistyped_words(text) == mistyped_words(text) == [(22, 28)]


def test_only_tokens_with_a_letter_are_read_in_the_other_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def note(token: str) -> int:
        read.append(token)
        return 0

    monkeypatch.setattr(module, "_other_layout", note)
    signs = [f"{sign}[,;{sign}." for sign in "<>{}*_-:!?#&%$"]
    assert mistyped_words(" ".join([*signs, "7/11", "19:30", "(sgukp]"])) == []
    assert read == ["(sgukp]"]
