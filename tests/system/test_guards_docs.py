"""What docs/guards.md and docs/guard-types.md teach holds."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from kb.config import seeds_dir
from kb.domain.guard import Guard, GuardType
from kb.guards.definition import to_data
from kb.guards.errors import GuardError
from kb.guards.examples import failed_examples
from kb.guards.ruleset import compile_guard
from kb.search.concept_files import ConceptFiles
from kb.search.concepts import ConceptTable
from kb.services.check.guard_files import load_guard, read_guards
from kb.yaml_text import read_yaml
from tests.support.api import REPOSITORY
from tests.support.guard_matches import matcher

TUTORIAL, REFERENCE = (REPOSITORY / "docs" / name for name in ("guards.md", "guard-types.md"))
_BLOCK = re.compile(r"^( *)```yaml\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


def yaml_blocks(page: Path) -> list[Any]:
    """The YAML on a page; a list stands for what a file has under `guards:`."""
    texts = [dedent(match[2]) for match in _BLOCK.finditer(page.read_text("utf-8"))]
    return [read_yaml(f"guards:\n{indent(text, '  ')}" if text.startswith("- ") else text) for text in texts]


def guard_rows(page: Path) -> list[dict[str, Any]]:
    """The guards on a page, each as a file has it."""
    return [row for block in yaml_blocks(page) for row in block.get("guards", ())]


@pytest.fixture(scope="module")
def shipped() -> dict[str, Guard]:
    return {guard.key: guard for guard in read_guards(seeds_dir() / "guards.yaml")}


@pytest.fixture(scope="module")
def concepts(tmp_path_factory: pytest.TempPathFactory) -> ConceptTable:
    """The shipped concepts, with what the page adds to them."""
    texts = [match[2] for match in _BLOCK.finditer(TUTORIAL.read_text("utf-8")) if "concepts:" in match[2]]
    own = tmp_path_factory.mktemp("data") / "lexicon.yaml"
    own.write_text("\n".join(texts), "utf-8")
    return ConceptFiles(seeds_dir() / "lexicon.yaml", own).current()


@pytest.mark.parametrize("page", [TUTORIAL, REFERENCE], ids=lambda page: page.name)
def test_the_guards_on_a_page_hold_on_their_examples(
    page: Path, shipped: dict[str, Guard], concepts: ConceptTable
) -> None:
    rows = guard_rows(page)
    assert len(rows) > 3
    for row in rows:
        base = {} if row["key"] not in shipped else to_data(shipped[row["key"]])
        guard = load_guard(page, {**base, **row})
        assert guard.bad, row["key"]
        assert guard.good, row["key"]
        failed = [
            (each.pointer, each.message) for each in failed_examples(compile_guard(guard, concepts), concepts)
        ]
        assert failed == [], row["key"]


def test_every_included_guard_is_listed_with_its_title_and_severity(shipped: dict[str, Guard]) -> None:
    row = r"^\| `([\w-]+)` \| (.+) \| (stop|caution|note) \|$"
    rows = re.findall(row, TUTORIAL.read_text("utf-8"), re.MULTILINE)
    assert rows == [(key, guard.title["en"], guard.severity.value) for key, guard in shipped.items()]


def test_changes_of_shipped_guards_name_guards_that_are_shipped(shipped: dict[str, Guard]) -> None:
    changes = [row["key"] for row in guard_rows(TUTORIAL) if "type" not in row]
    assert changes
    assert set(changes) <= shipped.keys()


def test_every_type_has_a_section_with_an_example_and_each_parameter() -> None:
    text = REFERENCE.read_text("utf-8")
    sections = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    parameters = {row["type"]: row.get("parameters", {}) for row in guard_rows(REFERENCE)}
    assert sections.keys() == parameters.keys() == {each.value for each in GuardType}
    concepts = ConceptFiles(seeds_dir() / "lexicon.yaml", Path("none")).current()
    for type_, section in sections.items():
        names = accepted_names(type_, parameters[type_], concepts)
        assert names, type_
        for name in names:
            assert f"`{name}`" in section, f"{type_}: {name}"
        for name in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", section, re.MULTILINE):
            assert set(re.findall(r"\w+", name)) <= names, f"{type_}: {name}"
        assert f"(guard-types.md#{type_})" in TUTORIAL.read_text("utf-8")


def accepted_names(type_: str, parameters: dict[str, Any], concepts: ConceptTable) -> set[str]:
    """The names of the parameters of a type: the error for an unknown one lists them."""
    with pytest.raises(GuardError) as refused:
        matcher(type_, concepts, **parameters, **{"?": ""})
    return set(str(refused.value).partition("There are: ")[2].rstrip(".").split(", "))


def test_every_concept_is_listed_by_its_kind(concepts: ConceptTable) -> None:
    text = TUTORIAL.read_text("utf-8")
    shipped = ConceptFiles(seeds_dir() / "lexicon.yaml", Path("none")).current()
    for heading, risky in (("sensitive", True), ("moves of marketing, and what goes wrong with them", False)):
        (line,) = re.findall(rf"^- {heading}: (.+)$", text, re.MULTILINE)
        keys = {key for key, concept in shipped.concepts.items() if concept.risky is risky}
        assert set(re.findall(r"`([\w-]+)`", line)) == keys
    assert "recall" in concepts.concepts
