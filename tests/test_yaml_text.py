"""YAML that repeats itself without end is refused, whoever wrote it."""

from __future__ import annotations

import pytest
import yaml

from kb.yaml_text import read_yaml

BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))


@pytest.mark.parametrize("text", ["guards: &a [*a]", "guards: [&g {key: k, message: *g}]", BOMB])
def test_aliases_that_repeat_without_end_are_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="more than 1,000,000 values"):
        read_yaml(text)


def test_an_alias_may_repeat_a_value() -> None:
    assert read_yaml("a: &a [x, y]\nb: *a") == {"a": ["x", "y"], "b": ["x", "y"]}
