"""Word lists of the rules for unfinished text."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import kb.guards
from kb.config import seeds_dir
from kb.guards.placeholders import merge_fields
from kb.guards.placeholders.alternatives import one_of
from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MODULES = sorted(Path(*kb.guards.__path__).rglob("*.py"))


def test_no_table_of_unfinished_text_repeats_a_word() -> None:
    tables: Mapping[str, list[object]] = read_yaml((seeds_dir() / "unfinished.yaml").read_text("utf-8"))[
        "tables"
    ]
    repeated = {name: _repeated(map(str, words)) for name, words in tables.items()}
    assert {name: words for name, words in repeated.items() if words} == {}


def test_no_word_is_both_a_field_and_a_modifier_of_fields() -> None:
    assert merge_fields._FIELDS.isdisjoint(merge_fields._MODIFIERS)


def test_no_list_in_the_code_repeats_a_word() -> None:
    for module in _MODULES:
        for line, words in _lists(ast.parse(module.read_text("utf-8"))):
            assert _repeated(words) == [], f"{module.name}, line {line}"


BEFORE_A_FIGURE = {"תנו ציון מ", "גדלנו ב", "נפרדנו מ", "נפרדים מ", "לפרסום ב", "גרסה ב"}
"""Hebrew phrases whose last letter stands alone before a hyphen and a figure: נפרדנו מ-20 עובדים."""


def test_no_hebrew_phrase_ends_with_the_particle_of_the_next_word() -> None:
    """A particle is written together with the word after it: a phrase that ends with one finds nothing."""
    found = {
        phrase
        for name in ("lexicon.yaml", "guards.yaml")
        for phrase in _texts(read_yaml((seeds_dir() / name).read_text("utf-8")))
        if re.fullmatch(r"[א-ת ]+ [בהוכלמש]", phrase)
    }
    assert found == BEFORE_A_FIGURE


def test_a_group_tries_the_longer_of_two_words_first() -> None:
    group = one_of("design legal designers?", phrases="press office, style guide\ndesign team")
    assert re.fullmatch(f"{group}.*", "designers")
    assert re.match(group, "designers are in")[0] == "designers"  # type: ignore[index]
    assert re.match(group, "design team")[0] == "design team"  # type: ignore[index]
    assert re.fullmatch(group, "press office")
    assert not re.fullmatch(group, "press")


def _texts(content: object) -> Iterator[str]:
    """Each text in a YAML document."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)


def _lists(tree: ast.Module) -> Iterator[tuple[int, list[str]]]:
    """The words of each list: an argument of `one_of`, or a string that is split."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        if isinstance(call.func, ast.Name) and call.func.id == "one_of":
            words = [word for argument in call.args for word in _text(argument).split()]
            phrases = [
                part for keyword in call.keywords for part in re.split(r",\s+|\n", _text(keyword.value))
            ]
            yield call.lineno, [*words, *filter(None, map(str.strip, phrases))]
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "split" and not call.args:
            yield call.lineno, _text(call.func.value).split()


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _repeated(words: Iterator[str] | list[str]) -> list[str]:
    return [word for word, count in Counter(words).items() if count > 1]
