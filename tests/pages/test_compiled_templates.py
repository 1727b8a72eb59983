"""Templates are compiled once, not by each process."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest
from jinja2 import Environment, FileSystemLoader

from kb.pages.compiled_templates import CompiledTemplates

TEMPLATE = "{% for each in names %}{{ loop.index }}. {{ each }} {% endfor %}"


class Precompiled(Environment):
    """An environment of a process that compiles nothing."""

    def compile(self, *_: Any, **__: Any) -> NoReturn:
        raise AssertionError


@pytest.fixture(autouse=True)
def written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "list.html"
    path.write_text(TEMPLATE)
    return path


def _rendered(template: Path, kind: type[Environment] = Environment) -> str:
    environment = kind(loader=FileSystemLoader(template.parent), bytecode_cache=CompiledTemplates())
    return environment.get_template(template.name).render(names=["Ann", "Ben"])


def _compiled(template: Path) -> Path:
    (found,) = (template.parent / "__pycache__").iterdir()
    return found


def test_a_template_is_compiled_for_all_processes(template: Path) -> None:
    assert _rendered(template) == "1. Ann 2. Ben "
    assert _rendered(template, Precompiled) == "1. Ann 2. Ben "


def test_a_changed_template_is_compiled_again(template: Path) -> None:
    _rendered(template)
    template.write_text("{{ names | length }}")
    assert _rendered(template) == "2"
    assert _rendered(template, Precompiled) == "2"


def test_another_program_compiles_templates_again(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _rendered(template)
    monkeypatch.setattr("kb.pages.compiled_templates.program_digest", lambda: b"another")
    with pytest.raises(AssertionError):
        _rendered(template, Precompiled)
    assert _rendered(template) == "1. Ann 2. Ben "
    assert _rendered(template, Precompiled) == "1. Ann 2. Ben "


def test_code_of_another_template_is_not_run(template: Path) -> None:
    _rendered(template)
    other = template.parent / "other" / "list.html"
    other.parent.mkdir()
    other.write_text(TEMPLATE)
    _rendered(other)
    _compiled(template).replace(_compiled(other))
    with pytest.raises(AssertionError):
        _rendered(other, Precompiled)


@pytest.mark.parametrize("place", [0, 40, -1])
def test_damaged_code_is_compiled_again(template: Path, place: int) -> None:
    _rendered(template)
    content = bytearray(_compiled(template).read_bytes())
    content[place] ^= 1
    for damaged in (bytes(content), bytes(content[:40]), b""):
        _compiled(template).write_bytes(damaged)
        with pytest.raises(AssertionError):
            _rendered(template, Precompiled)
    assert _rendered(template) == "1. Ann 2. Ben "
    assert _rendered(template, Precompiled) == "1. Ann 2. Ben "


def test_nothing_is_written_where_python_writes_no_compiled_modules(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert _rendered(template) == "1. Ann 2. Ben "
    assert [*template.parent.iterdir()] == [template]


def test_a_template_is_rendered_where_its_code_cannot_be_written(template: Path) -> None:
    (template.parent / "__pycache__").write_text("in the way")
    assert _rendered(template) == "1. Ann 2. Ben "
    assert (template.parent / "__pycache__").read_text() == "in the way"
