"""What is remembered of words is what a function makes of them, of the last ones, and of no long texts."""

from __future__ import annotations

from kb.caches import SHORT, WordMemo


class _Lengths:
    """A memo of the lengths of words, which notes what it has to measure."""

    def __init__(self, max_words: int) -> None:
        self.measured: list[str] = []
        self.memo: WordMemo[int] = WordMemo(self._measure, max_words)

    def _measure(self, word: str) -> int:
        self.measured.append(word)
        return len(word)


def test_a_word_is_looked_at_once() -> None:
    lengths = _Lengths(max_words=4)
    assert [lengths.memo[word] for word in ("sale", "today", "sale", "")] == [4, 5, 4, 0]
    assert lengths.measured == ["sale", "today", ""]


def test_words_that_are_used_again_stay() -> None:
    lengths = _Lengths(max_words=4)
    for word in ("sale", "one", "sale", "two", "sale", "three", "sale", "four", "sale"):
        assert lengths.memo[word] == len(word)
    assert lengths.measured.count("sale") == 1


def test_words_that_were_not_used_for_long_are_forgotten() -> None:
    lengths = _Lengths(max_words=4)
    for number in range(1_000):
        lengths.memo[str(number)]
    assert len(lengths.memo) <= 4
    assert lengths.memo["0"] == 1
    assert lengths.measured.count("0") == 2


def test_long_texts_are_not_remembered() -> None:
    lengths = _Lengths(max_words=4)
    text = "a" * (SHORT + 1)
    assert [lengths.memo[text], lengths.memo[text]] == [SHORT + 1] * 2
    assert not lengths.memo
    assert lengths.measured == [text, text]
