"""Strict JSON."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from kb.domain.strict_json import loads


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(), st.lists))
def test_valid_json_is_parsed(value: object) -> None:
    assert loads(json.dumps(value)) == value
