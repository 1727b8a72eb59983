"""The diagram in docs/architecture.md matches the imports."""

from __future__ import annotations

import re

import grimp
import pytest

from tests.support.api import REPOSITORY

PAGE = (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")
WINGS = {path.parent.name for path in (REPOSITORY / "kb" / "services").glob("*/__init__.py")}


def reachable(edges: set[tuple[str, str]], start: str) -> set[str]:
    below = {target for source, target in edges if source == start}
    return below.union(*(reachable(edges, wing) for wing in below))


def without_shortcuts(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The edges that are not implied by a longer path."""
    return {
        (source, target)
        for source, target in edges
        if not any(
            target in reachable(edges, middle)
            for other, middle in edges
            if other == source and middle != target
        )
    }


@pytest.fixture(scope="module")
def imports() -> set[tuple[str, str]]:
    """Pairs of wings where the first imports the second."""
    graph = grimp.build_graph("kb")
    prefix = "kb.services."
    pairs = {
        (importer.removeprefix(prefix).partition(".")[0], imported.removeprefix(prefix).partition(".")[0])
        for importer in graph.modules
        if importer.startswith(prefix)
        for imported in graph.find_modules_directly_imported_by(importer)
        if imported.startswith(prefix)
    }
    return {(importer, imported) for importer, imported in pairs if importer != imported}


def test_the_diagram_of_the_wings_matches_the_imports(imports: set[tuple[str, str]]) -> None:
    (picture,) = re.findall(r"<!-- wings -->\n```mermaid\n(.+?)```", PAGE, re.DOTALL)
    drawn = set(re.findall(r"^  (\w+) --> (\w+)$", picture, re.MULTILINE))
    assert drawn == without_shortcuts(imports)


def test_every_wing_is_listed() -> None:
    table = PAGE.partition("<!-- wing list -->")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == WINGS


def test_every_wing_documents_what_belongs_in_it() -> None:
    for wing in WINGS:
        text = (REPOSITORY / "kb" / "services" / wing / "__init__.py").read_text("utf-8")
        assert len(text.split()) > 10, wing
