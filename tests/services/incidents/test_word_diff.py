"""Word-by-word differences between two texts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq

from kb.services.incidents.changes.word_diff import WordDiff


@given(st.text(alphabet="ab \n.'שלום\u05b0", max_size=60), st.text(alphabet="ab \n.'שלום", max_size=60))
def test_the_pieces_reproduce_both_texts(before: str, after: str) -> None:
    pieces = WordDiff().pieces(before, after)
    assert "".join(piece.text for piece in pieces if piece.op != "insert") == before
    assert "".join(piece.text for piece in pieces if piece.op != "delete") == after


def test_very_long_texts_are_compared_by_sentence() -> None:
    sentences = [f"This is sentence number {n}. " for n in range(900)]
    changed = [*sentences[:500], "Another one. ", *sentences[501:]]
    pieces = WordDiff().pieces("".join(sentences), "".join(changed))
    assert [piece.op for piece in pieces] == ["equal", "delete", "insert", "equal"]
    assert pieces[2].text == "Another one. "


def test_long_texts_with_nothing_in_common_are_compared() -> None:
    before = " ".join(f"a{n % 97}" for n in range(6_000))
    after = " ".join(f"a{n % 89}" for n in range(6_000))
    assert "".join(piece.text for piece in WordDiff().pieces(before, after) if piece.op != "insert") == before


def test_the_work_of_a_comparison_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    cells: list[int] = []

    def counted(old: list[str], new: list[str]) -> Any:
        cells.append(len(old) * len(new))
        return opcodes(old, new)

    opcodes = LCSseq.opcodes
    monkeypatch.setattr(LCSseq, "opcodes", counted)
    diff = WordDiff()
    texts = [("a. " * 6_000, "b. " * 6_000), *([("a b " * 300, "b a " * 300)] * 60)]
    for before, after in texts:
        pieces = diff.pieces(before, after)
        assert "".join(piece.text for piece in pieces if piece.op != "insert") == before
        assert "".join(piece.text for piece in pieces if piece.op != "delete") == after
    assert max(cells) <= 2_000_000
    assert sum(cells) <= 10_000_000
