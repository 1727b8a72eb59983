"""Word lists of the rules for unfinished text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kb.config import seeds_dir
from kb.guards.placeholders import merge_fields
from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


def test_no_table_of_unfinished_text_repeats_a_word() -> None:
    tables: Mapping[str, list[object]] = read_yaml((seeds_dir() / "unfinished.yaml").read_text("utf-8"))[
        "tables"
    ]
    repeated = {
        name: [word for word, count in Counter(map(str, words)).items() if count > 1]
        for name, words in tables.items()
    }
    assert {name: words for name, words in repeated.items() if words} == {}


def test_no_word_is_both_a_field_and_a_modifier_of_fields() -> None:
    assert merge_fields._FIELDS.isdisjoint(merge_fields._MODIFIERS)
