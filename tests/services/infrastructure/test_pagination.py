"""Cursors of paginated lists."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import InvalidInput
from kb.services.infrastructure.pagination import cursor_integer, decode_cursor, encode_cursor


@given(st.integers(0, 2**31 - 1), st.text())
def test_a_cursor_decodes_to_its_position(number: int, text: str) -> None:
    assert decode_cursor(encode_cursor([number, text]), cursor_integer, str) == [number, text]


@pytest.mark.parametrize("position", [[], [1, 2], ["1"], [-1], [1.5], [True], [2**63], {"a": 1}])
def test_a_forged_cursor_is_rejected(position: Any) -> None:
    with pytest.raises(InvalidInput) as error:
        decode_cursor(encode_cursor(position), cursor_integer)
    assert [each.pointer for each in error.value.errors] == ["cursor"]


@given(st.text())
def test_any_other_text_is_rejected_as_a_cursor(text: str) -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(text, cursor_integer, cursor_integer, cursor_integer)
