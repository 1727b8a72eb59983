"""Reports of `kb check` as people read them."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from kb.cli import check, main
from kb.config import Settings
from kb.factory import create_app
from tests.support.cli import run_kb

_CALENDAR = """\
Copy,Date,Time,Channel
"Share your story with us",2027-09-11,09:00,Facebook
Good morning,2027-09-11,09:05,Facebook
"""


@pytest.fixture
def folder(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a calendar, for a reader of English."""
    (tmp_path / "posts.csv").write_text(_CALENDAR, "utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    return settings.data_dir


def test_the_rows_of_a_calendar_have_their_clashes_and_precedents(folder: Path) -> None:
    text = run_kb("check", "posts.csv", data_dir=folder).stdout
    first, second = text.removeprefix("posts.csv:2: ").split("posts.csv:3: ")
    assert "  NOTE Clash: Within 15 minutes of row 3 on the same channel." in first
    assert "  NOTE Clash: Within 15 minutes of row 2 on the same channel." in second
    assert re.search(r"Precedents\n    strong: .* · incident \d+\n", first)
    assert "Precedents" not in second


def test_in_color_found_text_is_marked_instead_of_underlined_below(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "wants_color", lambda: True)
    arguments = ["check", "-", "--data-dir", str(folder)]
    typed = "Opens on [insert date], at noon."
    lines = CliRunner().invoke(main, arguments, input=typed, obj=create_app, color=True).stdout.splitlines()
    marked = click.style("[insert date]", bold=True, underline=True, fg="red")
    assert f"    Opens on {marked}, at noon." in lines
    assert not any("^^" in line for line in lines)
