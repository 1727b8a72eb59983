"""What all commands have in common."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import click
import psycopg
import pytest

from kb.cli import main
from kb.config import Settings
from tests.support.cli import Kb, run_kb
from tests.support.postgres import create_database


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all commands: `("token", "create")` and so on."""
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
        else:
            found.append((*path, name))
    return found


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_every_command_has_help_and_takes_a_data_folder(path: tuple[str, ...]) -> None:
    result = run_kb(*path, "--help")
    assert result.exit_code == 0
    assert "--data-dir" in result.stdout
    assert len(result.stdout.split("\n")[2]) > 15


CREATING = {("serve",), ("seed",), ("db", "upgrade"), ("restore",)}
"""The commands that create a knowledge base where there is none."""


def leaf(path: tuple[str, ...]) -> click.Command:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command


def valid_arguments(command: click.Command, file: Path) -> list[str]:
    """A value for each required argument and option of a command."""
    arguments: list[str] = []
    for parameter in command.params:
        if parameter.required:
            value = "1"
            if isinstance(parameter.type, click.Path):
                value = str(file)
            elif isinstance(parameter.type, click.Choice):
                value = str(parameter.type.choices[0])
            arguments += [parameter.opts[0], value] if isinstance(parameter, click.Option) else [value]
    return arguments


def contents(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.mark.parametrize("path", [path for path in commands(main) if path not in CREATING], ids=" ".join)
def test_a_command_in_a_folder_without_a_knowledge_base_says_so_and_creates_nothing(
    path: tuple[str, ...], tmp_path: Path
) -> None:
    (file := tmp_path / "incidents.jsonl").touch()
    missing, empty = tmp_path / "ידע של המותג", tmp_path / "empty"
    empty.mkdir()
    for folder in (missing, empty):
        before = contents(tmp_path)
        result = run_kb(*path, *valid_arguments(leaf(path), file), data_dir=folder)
        # 1 is a verdict of a check, and of the doctor.
        assert result.exit_code == {"check": 69, "doctor": 2}.get(" ".join(path), 1)
        assert result.stderr.startswith(f"Error: There is no knowledge base in {folder}.")
        assert (result.stderr.count("\n"), result.stdout) == (1, "")
        assert contents(tmp_path) == before


@pytest.mark.parametrize("path", sorted(CREATING - {("serve",), ("restore",)}), ids=" ".join)
def test_a_creating_command_says_where_and_the_others_then_work(
    path: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "ידע של המותג"
    made = run_kb(*path, data_dir=folder)
    assert made.exit_code == 0
    assert made.stderr.startswith(f"Creating a knowledge base: {folder}\n")
    assert run_kb(*path, data_dir=folder).stderr.startswith(f"Knowledge base: {folder}\n")
    assert "Snapchat" in run_kb("search", "slap", data_dir=folder).stdout


def test_commands_that_write_say_where_and_those_that_read_do_not(kb: Kb, settings: Settings) -> None:
    where = f"Knowledge base: {settings.data_dir}\n"
    writing = (
        ("token", "create", "--name", "x", "--role", "reader"),
        ("token", "revoke", "1"),
        ("user", "create", "dana@example.com", "--name", "Dana", "--no-password"),
        ("user", "disable", "dana@example.com"),
        ("team", "create", "north"),
        ("index", "rebuild"),
        ("seed",),
    )
    for command in writing:
        assert kb(*command).stderr.startswith(where), command
    for command in (("token", "list"), ("audit",), ("search", "slap"), ("trends",), ("index", "status")):
        assert where not in kb(*command).stderr, command


def test_an_index_missing_beside_a_database_is_built(kb: Kb, settings: Settings) -> None:
    shutil.rmtree(settings.index_dir)
    assert "Snapchat" in kb("search", "slap").stdout


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "An older version of kb made"),
        ("UPDATE alembic_version SET version_num = '9999'", "A newer version of kb made"),
        ("DELETE FROM namespace", "is not prepared yet"),
        ("DROP TABLE alembic_version", "There is no knowledge base in"),
    ],
)
def test_a_database_that_is_not_of_this_version_is_left_alone(
    kb: Kb, settings: Settings, statement: str, advice: str
) -> None:
    with closing(sqlite3.connect(settings.sqlite_path)) as connection, connection:
        connection.execute(statement)
    result = kb("search", "slap")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert advice in result.stderr
    assert str(settings.data_dir) in result.stderr
    if "9999" in statement:
        assert kb("db", "upgrade").stderr.endswith("Install that version.\n")


def test_an_empty_or_damaged_database_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "kb.sqlite3"
    file.touch()
    assert "There is no knowledge base" in run_kb("token", "list", data_dir=tmp_path).stderr
    file.write_text("not a database at all", "utf-8")
    result = run_kb("token", "list", data_dir=tmp_path)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert f"The database {tmp_path} cannot be used (file is not a database)" in result.stderr


def test_an_invalid_setting_is_named(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_ANONYMOUS", "write")
    result = kb("db", "upgrade")
    assert result.exit_code == 1
    assert result.stderr == "Error: Setting KB_ANONYMOUS: Must be one of: read, none.\n"


def test_an_impossible_data_folder_is_reported_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    below = run_kb("seed", data_dir=tmp_path / "file" / "folder")
    assert (below.exit_code, "cannot be used" in below.stderr) == (1, True)
    monkeypatch.setenv("KB_DATA_DIR", str(tmp_path / "file"))
    monkeypatch.setenv("KB_LOG_FORMAT", "text")
    for command in ("seed", "serve", "db upgrade", "team list", "index status", "search slap"):
        itself = run_kb(*command.split())
        assert (itself.exit_code, itself.stderr) == (
            1,
            f"Error: {tmp_path / 'file'} is a file. Choose a folder with --data-dir or KB_DATA_DIR.\n",
        )


@pytest.mark.parametrize("command", [("token", "list"), ("seed",), ("serve", "--port", "45679")])
@pytest.mark.parametrize(
    ("url", "reason", "at"),
    [
        ("postgresql://kb:hunter2@127.0.0.1:1/kb", "cannot be reached", "Check KB_DATABASE_URL."),
        ("postgresql://kb:hunter2@nowhere.invalid/kb", "cannot be reached", "Check KB_DATABASE_URL."),
        ("postgresql://kb@127.0.0.1:1/kb?password=hunter2", "cannot be reached", "Check KB_DATABASE_URL."),
        (
            "postgresql://kb:hunter2@127.0.0.1/kb?nonsense=1",
            "invalid connection option",
            "postgresql://kb:***@127.0.0.1/kb",
        ),
        ("mysql://kb:hunter2@localhost/kb", "not supported", "KB_DATABASE_URL"),
        ("nonsense:hunter2", "not a database URL", "KB_DATABASE_URL"),
    ],
)
def test_a_database_url_that_cannot_work_is_reported_in_one_line_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], url: str, reason: str, at: str
) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", url)
    monkeypatch.setenv("KB_LOG_FORMAT", "text")
    result = run_kb(*command, data_dir=tmp_path / "kb-data")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert reason in result.stderr
    assert at in result.stderr
    assert "hunter2" not in result.output
    assert contents(tmp_path) == []


def test_an_sqlite_database_in_a_missing_folder_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/kb.db")
    assert "There is no knowledge base" in run_kb("token", "list", data_dir=tmp_path / "kb-data").stderr
    result = run_kb("seed", data_dir=tmp_path / "kb-data")
    assert (result.exit_code, f"{tmp_path}/nowhere in KB_DATABASE_URL" in result.stderr) == (1, True)
    assert contents(tmp_path) == []


def test_a_database_server_reports_what_it_refuses(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", f"{postgres}/no_such_database")
    missing = run_kb("seed", data_dir=tmp_path / "kb-data")
    assert (missing.exit_code, 'database "no_such_database" does not exist' in missing.stderr) == (1, True)
    url = create_database(postgres, f"kb_{uuid4().hex}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN")
    monkeypatch.setenv("KB_DATABASE_URL", url.replace("kb@", "guest:hunter2@"))
    nothing = run_kb("token", "list", data_dir=tmp_path / "kb-data")
    assert nothing.stderr.startswith("Error: There is no knowledge base in postgresql://guest:***@127.0.0.1:")
    assert contents(tmp_path) == []
    forbidden = run_kb("seed", data_dir=tmp_path / "kb-data")
    assert (forbidden.exit_code, "permission denied for schema public" in forbidden.stderr) == (1, True)


def test_on_postgresql_the_data_folder_may_be_missing(
    postgres_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", postgres_settings.database_url)
    folder = tmp_path / "another machine"
    assert run_kb("token", "list", data_dir=folder).exit_code == 0
    assert not folder.exists()
    assert "Snapchat" in run_kb("search", "slap", data_dir=folder).stdout
    assert folder.stat().st_mode & 0o077 == 0
