"""Word-by-word differences between two texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.services.incidents.word_diff import word_diff


@given(st.text(alphabet="ab \n.'שלום\u05b0", max_size=60), st.text(alphabet="ab \n.'שלום", max_size=60))
def test_the_pieces_reproduce_both_texts(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.op != "insert") == before
    assert "".join(piece.text for piece in pieces if piece.op != "delete") == after


def test_very_long_texts_are_compared_by_sentence() -> None:
    sentences = [f"This is sentence number {n}. " for n in range(900)]
    changed = [*sentences[:500], "Another one. ", *sentences[501:]]
    pieces = word_diff("".join(sentences), "".join(changed))
    assert [piece.op for piece in pieces] == ["equal", "delete", "insert", "equal"]
    assert pieces[2].text == "Another one. "


def test_long_texts_with_nothing_in_common_are_compared() -> None:
    before = " ".join(f"a{n % 97}" for n in range(6_000))
    after = " ".join(f"a{n % 89}" for n in range(6_000))
    assert "".join(piece.text for piece in word_diff(before, after) if piece.op != "insert") == before
