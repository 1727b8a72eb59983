"""Open invitations: every verb with every object, in every place. The grids are in asked_for_content.yaml."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from kb.yaml_text import read_yaml
from tests.support.guard_matches import found, matcher

CONTENT: dict[str, Any] = read_yaml(Path(__file__).with_name("asked_for_content.yaml").read_text("utf-8"))
INVITATION = matcher("open-invitation")


@pytest.mark.parametrize(
    ("ask", "grid"),
    [(ask, grid) for grid in CONTENT["grids"] for ask in grid["asks"]],
)
def test_a_request_for_what_people_make_is_found(ask: str, grid: dict[str, Any]) -> None:
    texts = [f"{grid['before']} {ask} {what}{where}" for what, where in product(grid["what"], grid["where"])]
    assert [text for text in texts if not found(INVITATION, text)] == []


@pytest.mark.parametrize("text", CONTENT["asks"])
def test_a_request_in_other_words_is_found(text: str) -> None:
    assert found(INVITATION, text) != []


@pytest.mark.parametrize("text", CONTENT["others"])
def test_a_post_that_asks_for_no_content_is_left_alone(text: str) -> None:
    assert found(INVITATION, text) == []
