"""Collections are read from folders, from files of YAML documents, and from JSON Lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kb.domain.collection import MAX_INCIDENTS
from kb.errors import MalformedInput
from kb.services.exchange.collections.reading import read_collection, read_file
from kb.services.exchange.collections.shipped import shipped_folders, shipped_heads
from tests.support.collections import HEAD, case, write_documents, write_folder


def lines(*values: Any) -> bytes:
    """JSON Lines of some values; a text is a line as it stands."""
    return "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values).encode()


def refusal(name: str, content: bytes) -> str:
    """What is said of a file that is no collection."""
    with pytest.raises(MalformedInput) as refused:
        read_file(name, content)
    return str(refused.value)


def test_each_form_of_the_same_collection_is_read_alike(tmp_path: Path) -> None:
    one, two = case("one", occurred_on="2020-05"), case("two")
    folder = write_folder(tmp_path / "examples", one, two)
    documents = write_documents(tmp_path / "examples.yaml", one, two)
    (tmp_path / "examples.jsonl").write_bytes(lines(HEAD, one, two))
    (tmp_path / "examples.json").write_bytes(json.dumps([HEAD, one, two]).encode())
    paths = [folder, Path(documents), tmp_path / "examples.jsonl", tmp_path / "examples.json"]
    for read in map(read_collection, paths):
        assert read.head.value == HEAD
        assert [entry.value for entry in read.incidents] == [one, two]
    assert [entry.location for entry in read_collection(paths[0]).incidents] == ["one.yaml", "two.yaml"]
    assert [entry.location for entry in read_collection(paths[1]).incidents] == [
        "examples.yaml, document 2", "examples.yaml, document 3",
    ]  # fmt: skip
    assert read_collection(paths[2]).incidents[0].location == "examples.jsonl, line 2"
    assert read_collection(paths[3]).incidents[0].location == "examples.json, item 2"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"[%s{}]" % (b"{}," * 510_000), id="an array of empty objects"),
        pytest.param(
            lines(HEAD, {f"k{number}": 1 for number in range(120_000)}), id="an object of many members"
        ),
    ],
)
def test_a_file_of_hardly_anything_but_members_is_refused_before_it_is_read(content: bytes) -> None:
    assert "members; a collection of its size has at most 100,000" in refusal("a.json", content)


def test_dates_stay_as_precise_as_they_were_written() -> None:
    (entry,) = read_file("a.yml", b"key: a\n---\noccurred_on: 2020-05-01\n").incidents
    assert entry.value == {"occurred_on": "2020-05-01"}


def test_an_empty_document_is_left_out_and_not_counted_as_an_incident() -> None:
    assert "its head alone" in refusal("a.yaml", b"key: a\n---\n---\n")


def test_an_entry_that_cannot_be_read_is_told_apart_from_the_others(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "examples", case("one"), case("two"))
    (folder / "two.yaml").write_bytes(b"title: \xff")
    one, two = read_collection(folder).incidents
    assert (one.problem, two.value) == (None, None)
    assert "not readable YAML" in str(two.problem)
    assert "not readable JSON" in str(read_file("a.jsonl", lines(HEAD, "{")).incidents[0].problem)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"x", "a.csv is not a collection: the name of one ends in"),
        ("a", b"x", "a is not a collection"),
        ("a.yaml", b"key: [", "a.yaml: This is not readable YAML"),
        ("a.yaml", b"a: 1\na: 2", "the key 'a' stands here twice"),
        ("a.yaml", b"\xff\xfe", "a.yaml: This is not readable YAML in UTF-8"),
        ("a.yaml", b"", "a.yaml is empty."),
        ("a.yaml", b"[" * 5_000, "a.yaml: This is not readable YAML"),
        ("a.yaml", b"key: a", "The collection has no incidents: a.yaml, document 1 holds its head alone."),
        ("a.jsonl", b"", "The file is empty"),
        ("a.jsonl", lines(HEAD), "a.jsonl, line 1 holds its head alone."),
        ("a.jsonl", b"PK\x03\x04", "It is a ZIP file"),
    ],
)
def test_a_file_that_is_no_collection_is_refused_with_the_reason(
    name: str, content: bytes, said: str
) -> None:
    assert said in refusal(name, content)


def test_a_folder_without_a_head_is_no_collection(tmp_path: Path) -> None:
    with pytest.raises(MalformedInput, match=r"there is no collection\.yaml in it"):
        read_collection(tmp_path)


def test_a_collection_has_at_most_so_many_incidents() -> None:
    many = refusal("a.jsonl", lines(*({"slug": str(number)} for number in range(MAX_INCIDENTS + 2))))
    assert many == f"A collection has at most {MAX_INCIDENTS} incidents; these are {MAX_INCIDENTS + 1}."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", b"---\na: 1\n" * 500_000),
        ("a.yaml", b"---\n" * 500_000),
        ("a.json", b"[%b{}]" % (b"{}," * 500_000)),
    ],
)
def test_a_file_with_far_more_entries_is_refused_before_all_are_looked_into(
    name: str, content: bytes
) -> None:
    most = f"A collection has at most {MAX_INCIDENTS} incidents; these are more than {2 * MAX_INCIDENTS}."
    assert refusal(name, content) == most


def test_an_entry_with_far_more_values_than_an_incident_is_not_looked_into() -> None:
    content = lines(HEAD, {f"key {number}": number for number in range(20_000)}, case("two"))
    many, two = read_file("a.jsonl", content).incidents
    assert str(many.problem) == "It has more than 10,000 values. Write each incident as an entry of its own."
    assert two.problem is None
    listed = b"key: a\n---\nincidents:" + b"\n- a: 1" * 10_000
    assert "begin a new one with a line of three hyphens (---)" in refusal("a.yaml", listed)


def test_the_shipped_collections_are_known_by_the_names_of_their_folders() -> None:
    assert {key: head["key"] for key, head in shipped_heads().items()} == {
        key: key for key in shipped_folders()
    }
