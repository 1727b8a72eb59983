"""Words that follow themselves are found, whatever stands around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.guards.placeholders.repetitions import repeated_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST, MOST = 4, 12


@given(st.lists(st.sampled_from("abcdefg"), max_size=40))
def test_words_that_stand_twice_in_a_row_are_found_at_the_second_place(words: Sequence[str]) -> None:
    found = {(start // 2, end // 2 + 1) for start, end in repeated_parts(" ".join(words))}
    assert found == {
        (first + count, first + 2 * count)
        for count in range(LEAST, MOST + 1)
        for first in range(len(words) - 2 * count + 1)
        if _stand_twice(words, first, count) and not (first and words[first - 1] == words[first - 1 + count])
    }


def _stand_twice(words: Sequence[str], first: int, count: int) -> bool:
    once = words[first : first + count]
    return once == words[first + count : first + 2 * count] and len({*once}) == count


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Our vets are on call are on call tonight", "are on call"),
        ("The ferry now leaves leaves every hour", "leaves leaves"),
        ("The price includes includes all taxes", "includes includes"),
        ("Now or never now or never", None),
        ("How it works works for everyone", None),
        ("Whatever it does does matter", None),
        ("We sell boots boots boots and boots", None),
        ("On and on and on it went", None),
        ("That is what she says yes yes to", None),
    ],
)
def test_fewer_words_are_found_only_amid_a_clause(text: str, part: str | None) -> None:
    assert [text[start:end] for start, end in repeated_parts(text)] == ([part] if part else [])
