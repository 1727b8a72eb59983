"""Open invitations: every verb with every object, in every place. The grids are in asked_for_content.yaml."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

from kb.yaml_text import read_yaml
from tests.support.guard_matches import found, matcher

CONTENT: dict[str, Any] = read_yaml(Path(__file__).with_name("asked_for_content.yaml").read_text("utf-8"))
INVITATION = matcher("open-invitation")


def test_a_request_for_what_people_make_is_found() -> None:
    texts = [
        f"{grid['before']} {ask} {what}{where}"
        for grid in CONTENT["grids"]
        for ask, what, where in product(grid["asks"], grid["what"], grid["where"])
    ]
    assert [text for text in texts if not found(INVITATION, text)] == []


def test_a_request_in_other_words_is_found() -> None:
    assert [text for text in CONTENT["asks"] if not found(INVITATION, text)] == []


def test_a_post_that_asks_for_no_content_is_left_alone() -> None:
    assert {text: parts for text in CONTENT["others"] if (parts := found(INVITATION, text))} == {}
