"""Strict JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.strict_json import MAX_DIGITS, loads


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(), st.lists))
def test_valid_json_is_parsed(value: object) -> None:
    assert loads(json.dumps(value)) == value


@pytest.mark.parametrize("encode", [str, str.encode])
def test_a_byte_order_mark_at_the_start_is_no_part_of_the_value(encode: type[str]) -> None:
    assert loads(encode('\ufeff{"a": "\ufeffb"}')) == {"a": "\ufeffb"}
    with pytest.raises(ValueError, match="Expecting value at line 1, column 1"):
        loads(encode("\ufeff"))


@pytest.mark.parametrize("encode", [str, str.encode])
def test_the_first_key_that_is_there_twice_is_named(encode: type[str]) -> None:
    with pytest.raises(ValueError, match="The key 'b' is there twice"):
        loads(encode('{"a": {"c": 1}, "b": 2, "d": 3, "b": 4, "a": 5}'))


@pytest.mark.parametrize("encode", [str, str.encode])
def test_a_number_of_too_many_digits_is_refused_and_a_text_of_them_is_not(encode: type[str]) -> None:
    longest = "9" * MAX_DIGITS
    assert loads(encode(f'[{longest}, -{longest[1:]}, "{longest}0"]')) == [
        int(longest),
        -int(longest[1:]),
        f"{longest}0",
    ]
    with pytest.raises(ValueError, match="A number of 101 digits is too long"):
        loads(encode(f"[1, {longest}0]"))
    with pytest.raises(ValueError, match="A number of 101 digits is too long"):
        loads(encode(f"[-{longest}]"))


@pytest.mark.parametrize("encode", [str, str.encode])
def test_a_value_that_is_nested_too_deeply_is_refused_with_what_to_do(encode: type[str]) -> None:
    with pytest.raises(ValueError, match="Send fewer lists and objects inside one another"):
        loads(encode("[" * 100_000))
