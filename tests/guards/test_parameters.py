"""What is wrong with the parameters of a guard is said with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kb.guards.errors import GuardError
from kb.guards.parameters import MAX_ITEMS, MAX_TEXT_LENGTH, Parameters

Read = Callable[[Parameters], object]


def texts(parameters: Parameters) -> object:
    return parameters.texts("phrases", required=True)


def groups(parameters: Parameters) -> object:
    return parameters.groups("all_of", ["war", "joke"])


def rows(parameters: Parameters) -> object:
    return parameters.rows("days", ["day", "name"])


@pytest.mark.parametrize(
    ("read", "value", "pointer", "says"),
    [
        (texts, {"phrases": "one"}, "/phrases", "Write a list of texts."),
        (texts, {"phrases": ["one", None]}, "/phrases", "Write a list of texts."),
        (texts, {"phrases": ["one", " "]}, "/phrases", "Write a list of texts."),
        (texts, {"phrases": ["one", 2027]}, "/phrases/1", "Put this in quotes: it is read as 2027"),
        (texts, {"phrases": [True]}, "/phrases/0", "Put this in quotes"),
        (texts, {"phrases": []}, "/phrases", "Write at least one text."),
        (texts, {}, "/phrases", "Write at least one text."),
        (texts, {"phrases": ["x"] * (MAX_ITEMS + 1)}, "/phrases", f"There are {MAX_ITEMS + 1} items"),
        (texts, {"phrases": ["x" * (MAX_TEXT_LENGTH + 1)]}, "/phrases/0", f"at most {MAX_TEXT_LENGTH}"),
        (groups, {"all_of": ["war"]}, "/all_of", "Write a list of lists"),
        (groups, {"all_of": [["war"], []]}, "/all_of", "Write a list of lists"),
        (groups, {"all_of": [["war"], ["joke", "jok"]]}, "/all_of/1/1", "joke"),
        (rows, {"days": {"day": 1}}, "/days", "Write a list of objects with day, name."),
        (rows, {"days": ["monday"]}, "/days", "Write a list of objects with day, name."),
        (rows, {"days": [{}] * (MAX_ITEMS + 1)}, "/days", f"There are {MAX_ITEMS + 1} items"),
        (rows, {"days": [{"day": 1}, {"nmae": "x"}]}, "/days/1/nmae", "name"),
    ],
)
def test_a_wrong_value_is_an_error_at_its_place(
    read: Read, value: dict[str, Any], pointer: str, says: str
) -> None:
    with pytest.raises(GuardError) as caught:
        read(Parameters(value))
    assert (caught.value.pointer, says in str(caught.value)) == (f"/parameters{pointer}", True), caught.value


def test_right_values_are_read_and_unknown_names_refused() -> None:
    parameters = Parameters(
        {"phrases": ["one"], "all_of": [["war"], ["joke"]], "days": [{"day": 1}], "fo": 1}
    )
    assert (texts(parameters), groups(parameters)) == (("one",), (("war",), ("joke",)))
    assert rows(parameters) == ({"day": 1},)
    with pytest.raises(GuardError) as caught:
        parameters.finish()
    assert caught.value.pointer == "/parameters/fo"
