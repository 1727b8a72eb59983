"""The command line speaks the language of the terminal, or that of `--lang`."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo

from kb.config import Settings
from tests.support.api import REPOSITORY
from tests.support.cli import Kb, run_kb

_CLI = sorted((REPOSITORY / "kb" / "cli").rglob("*.py"))
_SPEAKING = {"say", "localized", "failure", "wrong_usage", "wrong_value", "progress_bar"}
_MESSAGES = {"Message", "counted"}
_OF_CLICK = {"ClickException", "UsageError", "BadParameter"}
_KEPT = re.compile(r"\u2068.*?\u2069|--[\w-]+|https?://\S+|\bkb(?: [a-z]+)+")
"""What stays as it is in any language: values, options, addresses and commands."""


def _prose(call: ast.Call) -> list[str]:
    """The texts of a call that are in no message, and so in no catalog."""
    messages = [node for node in ast.walk(call) if isinstance(node, ast.Call) and _name(node) in _MESSAGES]
    translated = {id(part) for message in messages for part in ast.walk(message)}
    texts = (node for node in ast.walk(call) if isinstance(node, ast.Constant) and id(node) not in translated)
    return [
        text.value for text in texts if isinstance(text.value, str) and re.search("[A-Za-z] ", text.value)
    ]


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


@pytest.mark.parametrize("path", _CLI, ids=lambda path: path.name)
def test_everything_that_the_command_line_says_is_in_the_catalog(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    assert [text for call in calls if _name(call) in _SPEAKING for text in _prose(call)] == []
    raised = {node.func.attr for node in calls if isinstance(node.func, ast.Attribute)}
    if path.name not in ("language.py", "common.py"):
        assert not raised & _OF_CLICK, "raise what kb.cli.language makes"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "-", "--time-zone", "Mars/Base"),
        ("check", "-", "--at", "someday"),
        ("check", "-", "--server", "kb.example.com"),
        ("calendar", "--from", "2027", "--to", "2026"),
        ("guards", "new"),
        ("guards", "new", "--from-incident", "9999"),
        ("search", "?!"),
        ("search", "placholder"),
        ("trends", "--filter", "tone-deaf"),
        ("trends", "--from", "soon"),
        ("trends", "--group-by", "nope"),
        ("calendar", "--country", "ZZ"),
        ("checks", "--from", "soon"),
        ("team", "create", "main"),
        ("team", "set", "main"),
        ("token", "revoke", "9999"),
        ("user", "disable", "nobody@example.com"),
        ("index", "rebuild"),
    ],
    ids=" ".join,
)
def test_what_is_said_in_a_hebrew_terminal_is_hebrew(
    kb: Kb, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    said = kb(*arguments, typed="Hello").stderr
    ours = "\n".join(line for line in said.splitlines() if not line.startswith(("Usage:", "Try ")))
    assert re.search("[א-ת]", ours)
    assert re.findall(r"\b(?:the|is|not|of|there|write|no)\b", _KEPT.sub("", ours)) == []


def test_the_option_decides_in_a_terminal_of_another_language(
    kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert "אין אזור זמן" in kb("check", "-", "--time-zone", "Mars/Base", "--lang", "he").stderr
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    assert "There is no time zone" in kb("check", "-", "--lang", "en", "--time-zone", "Mars/Base").stderr


def test_what_click_says_of_options_is_hebrew_too(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    for arguments in (("calendar", "--frm"), ("check",), ("search", "x", "--limit", "many"), ("lost",)):
        *_, said = kb(*arguments).stderr.splitlines()
        assert said.startswith("שגיאה: ")
        assert (
            re.findall(r"\b(?:is|not|no|missing|invalid|value)\b", _KEPT.sub("", said), re.IGNORECASE) == []
        )


@pytest.mark.parametrize(
    ("terminal", "more", "language"),
    [
        ({"LANGUAGE": "he", "LANG": "C.UTF-8"}, (), "en"),
        ({"LANGUAGE": "he", "LC_ALL": "en_US.UTF-8"}, (), "en"),
        ({"LANGUAGE": "en", "LC_ALL": "he_IL.UTF-8"}, (), "he"),
        ({"LC_ALL": "he_IL.UTF-8"}, ("--lang", "en"), "en"),
        ({"LC_ALL": "en_US.UTF-8"}, ("--lang", "he"), "he"),
    ],
)
def test_a_message_is_in_one_language_with_what_click_adds_to_it(
    kb: Kb,
    monkeypatch: pytest.MonkeyPatch,
    terminal: dict[str, str],
    more: tuple[str, ...],
    language: str,
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in terminal.items():
        monkeypatch.setenv(name, value)
    for arguments in (("check", "-", "--at", "soon"), ("check", "no-such-file")):
        *_, said = kb(*arguments, *more, typed="Hello").stderr.splitlines()
        text = re.sub(r"'.*?'", "", _KEPT.sub("", said))
        foreign = "[א-ת]" if language == "en" else "[A-Za-z]"
        assert re.findall(foreign, text) == [], said
    assert {name: os.environ.get(name) for name in terminal} == terminal


@pytest.mark.parametrize(
    ("content", "english"),
    [
        (
            b"guards: [{key: a, type: phrase\n",
            "line 2: did not find expected ',' or '}'; a text with a colon",
        ),
        (b"guards: [{key: a, key: b}]", "line 1: the key 'key' stands here twice"),
        (b"guards: &a [*a]", "it has more than 1,000,000 values"),
        (b"guards: [{key: 2018-02-30}]", "day is out of range"),
        (b"guards: [\xff]", "save it as UTF-8"),
        (b"guards: [\x07]", "take them away"),
    ],
)
def test_what_is_wrong_in_yaml_is_said_in_one_language(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, english: str
) -> None:
    file = tmp_path / "b.yaml"
    file.write_bytes(content)
    table = tmp_path / "table.csv"
    table.write_text("Brand\nAcme\n", "utf-8")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert english in kb("guards", "test", str(file)).stderr
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    for command in (("guards", "test", str(file)), ("import", str(table), "--mapping", str(file))):
        said = kb(*command).stderr
        assert "שגיאה: " in said
        assert set(re.findall("[A-Za-z][A-Za-z-]+", _KEPT.sub("", said))) <= {
            "YAML",
            "UTF-8",
            "UTF-",
            "guards",
        }


def test_what_click_says_is_translated_as_this_version_says_it() -> None:
    """A message that a new version of click words differently would silently be English again."""
    folder = Path(click.__file__).parent
    said = {found[2] for found in extract_from_dir(folder, keywords={"_": None, "ngettext": (1, 2)})}
    catalog = REPOSITORY / "kb" / "cli" / "translations" / "he" / "LC_MESSAGES" / "click.mo"
    with catalog.open("rb") as file:
        ids = [entry.id for entry in read_mo(file) if entry.id]
    assert {each if isinstance(each, str) else tuple(each) for each in ids} <= said


def test_a_folder_without_a_knowledge_base_is_said_in_hebrew(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    assert "אין מאגר ידע ב" in run_kb("search", "zebra", data_dir=tmp_path / "none").stderr


def test_a_calendar_row_that_cannot_be_checked_says_why_in_hebrew(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    plan = tmp_path / "plan.csv"
    plan.write_text("Date,Copy\n2027-06-31,Hello\n2027-06-30,\n", "utf-8")
    assert "does not exist" not in kb("check", str(plan)).output


def test_tables_have_headings_and_answers_in_the_language_of_the_terminal(
    kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb("user", "create", "dana@example.com", "--name", "Dana", "--no-password")
    headings, row = (line.split() for line in kb("user", "list").stdout.splitlines())
    assert headings[:5] == ["id", "email", "name", "site_admin", "disabled"]
    assert row[3:5] == ["no", "no"]
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    headings_line, row_line = kb("user", "list").stdout.splitlines()
    assert headings_line.startswith("מספר  מייל")
    assert row_line.count("לא") == 3
    assert kb("audit").stdout.startswith("מספר  מתי")
    assert '"site_admin": false' in kb("user", "list", "--format", "json").stdout


def test_the_only_column_of_trends_without_an_interval_is_in_the_language_of_the_report(kb: Kb) -> None:
    assert kb("trends").stdout.split()[0] == "all"
    assert kb("trends", "--lang", "he").stdout.split()[0] == "הכול"
