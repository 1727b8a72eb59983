"""The test suite itself: every test asserts something, and has a knowledge base of its own."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from kb.config import Settings
from kb.models import db
from kb.services.core import change_feed
from kb.services.infrastructure.runtime import engine
from tests.support.api import REPOSITORY, running
from tests.support.tracing import untraced

TESTS = REPOSITORY / "tests"
EXPECTATIONS = {"raises", "fail", "warns", "eventually", "expect"}
"""Functions of pytest and of tests/support/ that fail a test by themselves."""


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def unasserted(tree: ast.Module) -> Iterator[str]:
    """Tests that assert nothing, neither themselves nor in functions and classes of their module."""
    definitions = {
        node.name: node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }

    def asserts(node: ast.AST, seen: frozenset[str]) -> bool:
        for child in ast.walk(node):
            if isinstance(child, ast.Assert):
                return True
            if isinstance(child, ast.Attribute) and child.attr in EXPECTATIONS:
                return True
            name = child.id if isinstance(child, ast.Name) else ""
            if name in EXPECTATIONS:
                return True
            if name in definitions and name not in seen and asserts(definitions[name], seen | {name}):
                return True
        return False

    for name, node in definitions.items():
        if name.startswith("test_") and not asserts(node, frozenset({name})):
            yield name


@pytest.mark.no_cover
def test_every_test_asserts_something() -> None:
    found = {str(path.relative_to(TESTS)): [*unasserted(_parsed(path))] for path in TESTS.rglob("test_*.py")}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_test_without_assertion_is_found() -> None:
    tree = ast.parse("def test_a(): b()\ndef b(): pass\ndef test_c(): d()\ndef d(): assert True")
    assert [*unasserted(tree)] == ["test_a"]


def test_copies_of_a_knowledge_base_have_ids_of_their_own_and_an_index_that_is_current(
    any_new_settings: Callable[[], Settings],
) -> None:
    ids = []
    for _ in range(2):
        for app in running(any_new_settings()):
            with app.app_context():
                position = change_feed.position()
                assert engine().position() == position
                ids.append(position.database_id)
                db.session.remove()
    assert len({*ids}) == 2


def test_a_tracer_sees_nothing_of_what_runs_untraced_and_all_of_what_follows() -> None:
    seen: list[str] = []

    def trace(frame: FrameType, event: str, _: object) -> None:
        seen.append(frame.f_code.co_name)

    def first() -> None: ...
    def second() -> None: ...

    tracer = sys.gettrace()
    sys.settrace(trace)
    try:
        untraced(first)
        second()
    finally:
        sys.settrace(tracer)
    assert "first" not in seen
    assert "second" in seen
