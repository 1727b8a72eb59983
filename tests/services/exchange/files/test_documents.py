"""Markdown documents as files of incidents."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from kb.errors import MalformedInput
from kb.services.exchange.files import archives
from tests.services.exchange.files.conftest import Read

_DOCUMENT = """---
title: A placeholder
organization: Acme
category: internal-communication
date: 2018-05-01
authors: [Dana, Noa]
tags: [black friday, copy]
occurred_on: 2018-05
---

# Another title

Before any heading.

## What happened?

A placeholder was posted.

## שורש הבעיה

No second reader.

## Timeline

10:00 it was posted.

## Lessons learned

- Read twice.
- Ask.
"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_sections_and_front_matter_become_fields_and_nothing_is_lost(read: Read, line_end: str) -> None:
    (entry,) = read(_DOCUMENT.replace("\n", line_end), name="a.md")
    value = entry.value
    assert (entry.unit, entry.file, entry.problems) == ("document", "a.md", ())
    assert (value["title"], value["occurred_on"]) == ("A placeholder", "2018-05")
    assert value["summary"] == (
        "Before any heading.\n\nA placeholder was posted.\n\nTimeline\n\n10:00 it was posted."
    )
    assert (value["cause"], value["tags"]) == ("No second reader.", ["black friday", "copy"])
    assert [lesson["text"] for lesson in value["lessons"]] == ["Read twice.", "Ask."]
    assert value["extra"] == {"date": "2018-05-01", "authors": ["Dana", "Noa"]}
    assert "'Timeline' has no field" in entry.remarks[0].detail


def test_a_mapping_names_keys_and_sections(read: Read) -> None:
    mapping = """
    columns: {date: occurred_on, company: organization, Timeline: outcome, draft: null}
    constants: {category: offensive}
    dates: dmy
    """
    text = "---\ncompany: Acme\ndate: 03/04/2018\ndraft: true\nn: 3\n---\nx\n\n## Timeline\n\n10:00\n"
    (entry,) = read(text, mapping, name="a.md")
    value = entry.value
    assert (value["occurred_on"], value["organization"], value["outcome"]) == ("2018-04-03", "Acme", "10:00")
    assert (value["extra"], value["title"], entry.problems) == ({"n": 3}, "x", ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\na: [\n---\n", "front matter is not readable YAML"),
        ("---\na: 1\na: 2\n---\n", "line 3: the key 'a' stands here twice"),
        ("---\n- a\n---\n", "front matter has no keys"),
        ("---\nseverity: {a: 1}\n---\n", "Write one value for severity"),
        ("---\na: &a [*a]\n---\n", "front matter is not readable YAML"),
        ("---\ntitle: x\n---\n" + "x" * 2_100_000, "at most 2000000 are read"),
    ],
    ids=["broken", "twice", "list", "object", "endless", "long"],
)
def test_what_is_wrong_in_a_document_is_a_problem_of_its_entry(read: Read, text: str, message: str) -> None:
    (entry,) = read(text, name="a.md")
    assert any(message in problem.detail for problem in entry.problems), entry.problems


def _zipped(**documents: str) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in documents.items():
            archive.writestr(f"{name}.md" if "." not in name else name, text)
    return content.getvalue()


def test_an_archive_gives_its_documents_by_path(read: Read) -> None:
    content = _zipped(b=_DOCUMENT, a="---\n[\n---\n", **{"._c": "x", "read.txt": "x"})
    entries = read(content, name="all.zip")
    assert [(entry.number, entry.file, bool(entry.problems)) for entry in entries] == [
        (1, "a.md", True), (2, "b.md", False),
    ]  # fmt: skip
    with pytest.raises(MalformedInput, match="no Markdown document in the archive"):
        read(_zipped(**{"read.txt": "x"}))


def test_an_archive_of_too_many_or_too_large_parts_is_refused(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "at most 2000000" in read(_zipped(a="x" * 3_000_000))[0].problems[0].detail
    monkeypatch.setattr(archives, "MAX_PARTS", 1)
    with pytest.raises(MalformedInput, match="The archive has 2 parts"):
        read(_zipped(a="x", b="y"))


def test_front_matter_in_the_form_of_the_api_stays_as_it_is(read: Read) -> None:
    text = """---
organization: Acme
title: 2018
category: offensive
severity: 4
summary:
tags: []
lessons:
- text: Read twice.
- Ask.
platforms: [instagram, Facebook]
sources:
- {title: The Daily, url: "https://example.com/a"}
extra: {owner: Dana}
---
"""
    (entry,) = read(text, name="a.md")
    value = entry.value
    assert (value["severity"], value["title"], entry.problems) == (4, "2018", ())
    assert value["lessons"] == [{"text": "Read twice."}, {"text": "Ask."}]
    assert value["platforms"] == ["instagram", "Facebook"]
    assert value["sources"] == [{"title": "The Daily", "url": "https://example.com/a"}]
    assert (value["extra"], "tags" in value) == ({"owner": "Dana"}, False)


def test_further_facts_that_are_no_object_keep_their_key(read: Read) -> None:
    (entry,) = read("---\norganization: Acme\ntitle: a\ncategory: offensive\nextra: ask\n---\n", name="a.md")
    assert entry.value["extra"] == {"extra": "ask"}


def test_a_section_may_be_a_list_or_empty_or_a_fact(read: Read) -> None:
    mapping = (
        "columns: {Rating: severity, Topics: tags}\nconstants: {organization: Acme, category: offensive}"
    )
    text = "# A slap\n\n## Cause\n\n## Rating\n\n4\n\n## Topics\n\nflood; joke\n"
    (entry,) = read(text, mapping, name="a.md")
    assert (entry.value["severity"], entry.value["tags"]) == (4, ["flood", "joke"])
    assert ("cause" in entry.value, entry.value["title"], entry.problems) == (False, "A slap", ())


@pytest.mark.parametrize("text", ["--- no front matter\nx", "---\ntitle: never closed", "A joke.\n---\nx"])
def test_what_only_looks_like_front_matter_is_text(read: Read, text: str) -> None:
    (entry,) = read(text, "constants: {organization: Acme, category: offensive, title: A slap}", name="a.md")
    assert (entry.value["title"], entry.value["summary"], entry.problems) == ("A slap", text, ())


def test_a_document_of_an_archive_in_no_known_encoding_is_a_problem_of_its_entry(read: Read) -> None:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.md", "Nestlé, Über uns".encode("cp1252"))
        archive.writestr("b.md", _DOCUMENT)
    broken, whole = read(content.getvalue(), name="all.zip")
    assert (broken.file, "not in UTF-8" in broken.problems[0].detail) == ("a.md", True)
    assert (whole.file, whole.problems) == ("b.md", ())
