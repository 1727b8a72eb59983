"""Guards of the type `placeholder`: what stands where a sentence expects a value. Data: stand_ins.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kb.yaml_text import read_yaml
from tests.support.guard_matches import found, matcher

GRIDS: list[dict[str, Any]] = read_yaml(Path(__file__).with_name("stand_ins.yaml").read_text("utf-8"))
UNFINISHED = matcher("placeholder", kinds=["form", "slip"])


def test_what_stands_for_a_value_is_found_in_a_sentence() -> None:
    texts = [
        sentence.replace("{}", stand_in)
        for grid in GRIDS
        for sentence in grid["sentences"]
        for stand_in in grid["stand_ins"]
    ]
    assert [text for text in texts if not found(UNFINISHED, text)] == []
