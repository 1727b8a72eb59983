"""Guards of the type `placeholder`, by kinds of unfinished text. The texts are in unfinished_kinds.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb.yaml_text import read_yaml
from tests.support.guard_matches import found, matcher

KINDS: list[dict[str, Any]] = read_yaml(Path(__file__).with_name("unfinished_kinds.yaml").read_text("utf-8"))
UNFINISHED = matcher("placeholder", kinds=["form", "slip"])


@pytest.mark.parametrize("kind", KINDS, ids=[kind["kind"] for kind in KINDS])
def test_unfinished_text_of_this_kind_is_found(kind: dict[str, Any]) -> None:
    assert [text for text in kind["unfinished"] if not found(UNFINISHED, text)] == []


@pytest.mark.parametrize("kind", KINDS, ids=[kind["kind"] for kind in KINDS])
def test_finished_text_that_looks_alike_is_left_alone(kind: dict[str, Any]) -> None:
    finished = kind.get("finished", ())
    assert {text: parts for text in finished if (parts := found(UNFINISHED, text))} == {}
