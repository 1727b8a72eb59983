"""The samples of `kb check` in the documentation show what it prints."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.api import REPOSITORY
from tests.support.cli import Kb

_PAGES = ("README.md", "docs/check.md")
_FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PIPED = re.compile(
    r"^```sh\necho '(?P<typed>[^\n]*)' \| \.venv/bin/kb (?P<command>check [^\n]*)\n```\n\n"
    r"```text\n(?P<shown>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_CUT = "..."


class _Sample(NamedTuple):
    """A command of the documentation with what it shows, and the files or the input that it is shown with."""

    command: str
    shown: str
    typed: str = ""
    files: tuple[tuple[str, str], ...] = ()


def _samples(page: str) -> Iterator[_Sample]:
    text = (REPOSITORY / page).read_text("utf-8")
    for found in _PIPED.finditer(text):
        yield _Sample(found["command"], found["shown"], typed=f"{found['typed']}\n")
    for block in _FENCED.findall(text):
        files: tuple[tuple[str, str], ...] = ()
        for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = session.partition("\n")
            program, _, arguments = command.partition(" ")
            if program == "cat":
                files = (*files, (arguments, shown))
            elif command.startswith("kb check "):
                yield _Sample(arguments, shown, files=files)


def _pattern(shown: str) -> re.Pattern[str]:
    """What matches an output, of which `...` on a line stands for any lines, and at its end for any text."""
    lines = []
    for line in shown.rstrip().split("\n"):
        if line.strip() == _CUT:
            lines.append(r"(?:.*\n)*?")
        elif line.endswith(f" {_CUT}"):
            lines.append(re.escape(line.removesuffix(_CUT)) + r".+\n")
        else:
            lines.append(re.escape(line) + r"\n")
    return re.compile("".join(lines))


_ALL = [(page, sample) for page in _PAGES for sample in _samples(page)]


@pytest.mark.parametrize(("page", "sample"), _ALL, ids=[f"{page}: {each.command}" for page, each in _ALL])
def test_a_sample_of_the_documentation_shows_what_is_printed(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, sample: _Sample
) -> None:
    for name, content in sample.files:
        (tmp_path / name).write_text(content, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.delenv("COLUMNS", raising=False)
    printed = kb(*shlex.split(sample.command), typed=sample.typed).stdout.rstrip() + "\n"
    assert _pattern(sample.shown).fullmatch(printed), printed


def test_each_page_has_samples_and_each_command_that_it_shows_is_one() -> None:
    assert {page for page, _ in _ALL} == {*_PAGES}
    shown = sum((REPOSITORY / page).read_text("utf-8").count("\n$ kb check ") for page in _PAGES)
    assert shown == sum(not sample.typed for _, sample in _ALL)
