"""Words typed with the wrong keyboard layout."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.keyboard import retyped


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ayrtux xknubkv", "שטראוס סלמונלה"),
        ("Phmv Vty", "פיצה האט"),
        ("eu,d, kjo", "קותגת לחם"),
        ("xbtpmwy", "סנאפצ'ט"),
        ("נורעקר לןמע", "burger king"),
        ("/וןקא'", "quietw"),
        ("צבגםמשךגד", "mcdonalds"),
        ("yhuyv 2018", "טיוטה 2018"),
    ],
)
def test_the_keys_type_the_other_alphabet(typed: str, meant: str) -> None:
    assert retyped(typed) == meant


@pytest.mark.parametrize(
    "text", ["", "abc", "2018", "tag:ayrtux", "שטראוס tweet", "žluťoučký", "\u202eayrtux", "zzqqxx", "blorp"]
)
def test_what_one_layout_cannot_have_typed_stands(text: str) -> None:
    assert retyped(text) is None


@given(st.text("אבגדהוזחטיכךלמםנןסעפףצץקרשת ", min_size=8))
def test_what_is_typed_twice_in_the_wrong_layout_is_right_again(text: str) -> None:
    other = retyped(text)
    if other is not None:
        assert retyped(other) in {text, None}
