"""Guards of the type `placeholder`, by kinds of unfinished text. The texts are in unfinished_kinds.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kb.yaml_text import read_yaml
from tests.support.guard_matches import found, matcher

KINDS: list[dict[str, Any]] = read_yaml(Path(__file__).with_name("unfinished_kinds.yaml").read_text("utf-8"))
UNFINISHED = matcher("placeholder", kinds=["form", "slip"])


def test_unfinished_text_of_each_kind_is_found() -> None:
    texts = [(kind["kind"], text) for kind in KINDS for text in kind["unfinished"]]
    assert [(kind, text) for kind, text in texts if not found(UNFINISHED, text)] == []


def test_finished_text_that_looks_alike_is_left_alone() -> None:
    texts = [(kind["kind"], text) for kind in KINDS for text in kind.get("finished", ())]
    assert {(kind, text): parts for kind, text in texts if (parts := found(UNFINISHED, text))} == {}
