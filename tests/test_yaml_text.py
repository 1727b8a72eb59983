"""YAML that repeats itself without end is refused, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import normalize

import pytest
import yaml

from kb.yaml_text import IncidentDocumentsLoader, IncidentLoader, read_yaml, read_yaml_documents

BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))


MERGES = "a0: &a0 {k: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 100))
WIDE_MERGE = (
    f"a: &a {{{', '.join(f'k{number}: 1' for number in range(1_000))}}}\nb: {{<<: [{'*a, ' * 100_000}]}}"
)


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


@pytest.mark.slow
@pytest.mark.parametrize("text", ["- 1\n" * 500_000, "---\na: 1\n" * 200_000])
def test_a_text_with_very_many_values_is_refused_before_it_takes_much_memory(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="more than 400,000 values"):
        read_yaml_documents(text)


def test_an_alias_may_repeat_a_value() -> None:
    assert read_yaml("a: &a [x, y]\nb: *a") == {"a": ["x", "y"], "b": ["x", "y"]}


@pytest.mark.parametrize("text", [MERGES, WIDE_MERGE])
def test_merged_keys_that_multiply_are_refused_before_they_take_much_memory(text: str) -> None:
    with pytest.raises(
        yaml.YAMLError, match=r"more than 100,000 keys are merged \(<<\) in it; write them out"
    ):
        read_yaml(text)


def test_objects_may_take_over_the_keys_of_others() -> None:
    text = "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: [*a, *b], z: 3}"
    assert read_yaml(text)["c"] == {"x": 1, "y": 2, "z": 3}


@pytest.mark.parametrize(
    "number",
    [
        f"1{':1' * 500_000}",
        f"1{':1' * 500_000}.5",
        "0x" + "1" * 1_000_000,
        f"!!int {{=: '1{':1' * 500_000}'}}",
    ],
)
def test_a_number_that_would_take_long_to_read_is_refused(number: str) -> None:
    with pytest.raises(yaml.YAMLError, match="a number has more than 1,000 characters"):
        read_yaml(f"a: {number}")


def test_numbers_as_people_write_them_are_read() -> None:
    assert read_yaml("[12:30, 0x1f, 1_000, 1:30.5]") == [750, 31, 1000, 90.5]


@pytest.mark.parametrize(
    "value", ["!!int ''", "!!float ''", "!!bool maybe", "!!timestamp soon", f"1{':1' * 400}.5"]
)
def test_a_value_that_is_not_of_the_kind_that_it_is_said_to_be_is_refused(value: str) -> None:
    with pytest.raises(yaml.YAMLError, match="a value is not of the kind that its tag"):
        read_yaml(f"a: {value}")


def test_a_document_with_more_values_than_an_incident_has_is_refused_before_all_are_read() -> None:
    text = "a: 1\n---\nb:" + "\n- x" * 10_000
    with pytest.raises(yaml.YAMLError, match="a document in it has more than 10,000 values; begin a new one"):
        read_yaml_documents(text, IncidentDocumentsLoader)


def test_an_incident_with_far_more_values_than_one_has_is_refused_before_all_are_read() -> None:
    with pytest.raises(yaml.YAMLError, match=r"^it has more than 10,000 values$"):
        read_yaml("b:" + "\n- x" * 10_000, IncidentLoader)


def test_each_document_may_have_as_many_values_as_an_incident_has() -> None:
    text = "---\na:" + "\n- x" * 9_997 + "\n"
    assert len(read_yaml_documents(text * 3, IncidentDocumentsLoader)) == 3


def test_only_the_first_documents_are_read_where_no_more_are_asked_for() -> None:
    assert read_yaml_documents("a\n---\nb\n---\n[", most=2) == ["a", "b"]


def test_a_message_shows_the_beginning_of_a_long_key() -> None:
    with pytest.raises(yaml.YAMLError, match=r"^the key 'x{100}\.\.\.' stands here twice"):
        read_yaml(f"? {'x' * 10_000}\n: 1\n? {'x' * 10_000}\n: 2")


@pytest.mark.parametrize("accented", ["e\u0301", "a\u0323\u0302 ", "\u1100\u1161\u11a8 ", "\u05e9\u05c1 "])
def test_a_long_text_is_composed_in_pieces_as_it_is_at_once(accented: str) -> None:
    pauses: list[None] = []
    text = "title: " + accented * 60_000 + " e\u0301\n---\n- " + accented * 60_000
    documents = read_yaml_documents(text, pause=lambda *_: pauses.append(None))
    first, second = (normalize("NFC", part) for part in text.split("\n---\n"))
    assert documents == [{"title": first.removeprefix("title: ")}, [second.removeprefix("- ").rstrip()]]
    assert len(pauses) > 2


def test_a_text_of_accents_alone_is_composed_in_pieces_too() -> None:
    pauses: list[None] = []
    read_yaml_documents("a" + "\u0301\u0323" * 300_000, pause=lambda *_: pauses.append(None))
    assert len(pauses) > 5
