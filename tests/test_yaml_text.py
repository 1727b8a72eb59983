"""YAML that repeats itself without end is refused, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from kb.yaml_text import read_yaml, read_yaml_documents

BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))


@pytest.mark.parametrize("text", ["guards: &a [*a]", "guards: [&g {key: k, message: *g}]", BOMB])
def test_aliases_that_repeat_without_end_are_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="more than 1,000,000 values"):
        read_yaml(text)


@pytest.mark.parametrize("text", ["[" * 200_000, "- " * 200_000, "{a: " * 200_000])
@pytest.mark.parametrize("read", [read_yaml, read_yaml_documents])
def test_what_is_nested_without_end_is_refused_before_the_stack_overflows(
    read: Callable[[str], object], text: str
) -> None:
    with pytest.raises(yaml.YAMLError, match="nested more than 100 levels deep"):
        read(text)


def test_values_that_are_nested_as_people_nest_them_are_read() -> None:
    assert read_yaml("[" * 99 + "]" * 99)


@pytest.mark.parametrize("text", ["- 1\n" * 500_000, "---\na: 1\n" * 200_000])
def test_a_text_with_very_many_values_is_refused_before_it_takes_much_memory(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="more than 400,000 values"):
        read_yaml_documents(text)


def test_an_alias_may_repeat_a_value() -> None:
    assert read_yaml("a: &a [x, y]\nb: *a") == {"a": ["x", "y"], "b": ["x", "y"]}
