"""The parameters of GET /changes. Its Atom form has tests of its own."""

from __future__ import annotations

import pytest

from tests.support.api import Api


@pytest.mark.parametrize("since", ["-1", "x", str(10**30)])
def test_an_invalid_position_is_rejected(reader: Api, since: str) -> None:
    assert reader.get("/changes", since=since).status_code == 422
