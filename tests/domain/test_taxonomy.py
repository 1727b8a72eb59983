"""What replaces retired terms."""

from __future__ import annotations

import pytest

from kb.domain.taxonomy import replacements


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ({"a": None, "b": None}, {}),
        ({"a": "b", "b": None}, {"a": "b"}),
        ({"a": "b", "b": "c", "c": None}, {"a": "c", "b": "c"}),
        ({"a": "nothing", "b": "a"}, {"b": "a"}),
        ({"a": "a"}, {}),
        ({"a": "b", "b": "a", "c": "a"}, {}),
    ],
)
def test_a_term_is_replaced_by_the_last_of_its_replacements(
    terms: dict[str, str | None], found: dict[str, str]
) -> None:
    assert replacements(terms.items()) == found
