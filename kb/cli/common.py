"""Helpers for all commands: the data folder, the application, error messages, output."""

from __future__ import annotations

import functools
import json
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click
from alembic.util import CommandError
from filelock import Timeout
from sqlalchemy.exc import DBAPIError, OperationalError

from kb.cli.headings import heading
from kb.cli.language import failure, failure_of, say, spoken
from kb.config import Settings, SettingsError
from kb.domain.text import compose
from kb.errors import KBError, StorageFull
from kb.messages import Message, message_of
from kb.models import db
from kb.models.base import close_connections
from kb.search.engine import IndexBusyError, IndexUnusableError
from kb.services.infrastructure.runtime import settings
from kb.services.infrastructure.storage_errors import domain_error_for
from kb.services.operations import bootstrap
from kb.services.operations.bootstrap import InstallationError, InstallationState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from flask import Flask

_P = ParamSpec("_P")
_R = TypeVar("_R")


def data_dir_option(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add the option `--data-dir` to a command."""
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder for the database and the index.  [default: KB_DATA_DIR, or kb-data]",
    )(command)


format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people or JSON for programs.",
)


def with_app(command: Callable[..., _R]) -> Callable[..., _R]:
    """Add `--data-dir` to a command that reads, and run it in the context of an existing knowledge base."""
    return _in_context(command, require_knowledge_base)


def with_app_for_writing(command: Callable[..., _R]) -> Callable[..., _R]:
    """Like `with_app`, for a command that writes: it also names the knowledge base on standard error."""
    return _in_context(command, require_knowledge_base, announce)


def with_app_for_creating(command: Callable[..., _R]) -> Callable[..., _R]:
    """Like `with_app_for_writing`, for a command that creates or migrates the knowledge base itself."""
    return _in_context(command, announce)


def _in_context(command: Callable[..., _R], *begin: Callable[[], object]) -> Callable[..., _R]:
    @data_dir_option
    @functools.wraps(command)
    def wrapper(*args: Any, data_dir: Path | None, **kwargs: Any) -> _R:
        with application_context(data_dir):
            for step in begin:
                step()
            # Compose texts, as the schemas do with input over HTTP.
            return command(*args, **compose(kwargs))

    return wrapper


@contextmanager
def application_context(data_dir: Path | None, **options: Any) -> Iterator[Flask]:
    """The context of the application for a data folder. Known errors become messages without a traceback.

    Connections to the database are closed in the end.

    The factory is in a higher layer, so it is passed in as the object of the click context; `options` are its
    further arguments.
    """
    create_app: Callable[..., Flask] = click.get_current_context().find_root().obj
    with _errors_as_messages():
        app = create_app(Settings.from_environment(data_dir=data_dir), **options)
    with app.app_context():
        try:
            with _errors_as_messages():
                yield app
        finally:
            db.session.remove()
            close_connections()


@contextmanager
def reading_context(data_dir: Path | None) -> Iterator[None]:
    """The context of an existing knowledge base, for a command that needs one only for some options."""
    with application_context(data_dir):
        require_knowledge_base()
        yield


def announce() -> None:
    """Name the knowledge base on standard error, and say whether it is new."""
    missing = bootstrap.inspect_installation() is InstallationState.MISSING
    place = settings().location
    if missing:
        say(Message("Creating a knowledge base: {place}", place=place))
    else:
        say(Message("Knowledge base: {place}", place=place))


_ADVICE = {
    InstallationState.MISSING: Message(
        "There is no knowledge base in {location}. Create one with kb serve or kb seed, or {choose}."
    ),
    InstallationState.INCOMPLETE: Message(
        "The knowledge base in {location} is not prepared yet. Run: kb db upgrade"
    ),
    InstallationState.OUTDATED: Message(
        "An older version of kb made the knowledge base in {location}. Back it up (kb backup FILE), then "
        "run: kb db upgrade"
    ),
    InstallationState.NEWER: Message(
        "A newer version of kb made the knowledge base in {location}. Install that version."
    ),
}


def require_knowledge_base(*, outdated: bool = False) -> None:
    """Raise ClickException, with advice, unless there is a knowledge base of this version.

    `outdated` also allows an older version.
    """
    state = bootstrap.inspect_installation()
    if state in _ADVICE and not (outdated and state is InstallationState.OUTDATED):
        raise _not_usable(state)


def require_database() -> None:
    """Raise ClickException unless there is a database, even a damaged one or one of another version."""
    with suppress(DBAPIError):
        if (state := bootstrap.inspect_installation()) is InstallationState.MISSING:
            raise _not_usable(state)


def _not_usable(state: InstallationState) -> click.ClickException:
    choose = (
        Message("correct KB_DATABASE_URL")
        if settings().database_url
        else Message("choose another folder with --data-dir or KB_DATA_DIR")
    )
    return failure(_ADVICE[state].format(location=settings().location, choose=choose))


def discard_output() -> None:
    """Discard unwritten output, so that the process does not fail on it when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_of_output(error: OSError) -> bool:
    """Whether an error occurred while printing, rather than in the data folder."""
    return any(frame.name == "echo" for frame in extract_tb(error.__traceback__))


@contextmanager
def _errors_as_messages() -> Iterator[None]:
    """Report known errors as messages of one line instead of tracebacks."""
    try:
        yield
    except (SettingsError, InstallationError, KBError, IndexBusyError, IndexUnusableError) as error:
        raise failure_of(error) from error
    except (OSError, Timeout, CommandError) as error:
        if isinstance(error, OSError) and is_of_output(error):
            raise  # a full disk, or a reader such as `head` that has closed the pipe
        raise failure(
            Message("The data folder or the database cannot be used: {error}", error=str(error))
        ) from error
    except DBAPIError as error:
        raise failure(_database_message(error)) from error


def _database_message(error: DBAPIError) -> Message:
    """The error that a database reported, in one line, with its location and what to check."""
    # After DETAIL, PostgreSQL shows the row.
    reason = " ".join(str(error.orig).partition("DETAIL:")[0].split()).rstrip(".")
    if isinstance(known := domain_error_for(error), StorageFull):
        return Message(
            "{problem} ({place}: {reason})",
            problem=message_of(known),
            place=settings().location,
            reason=reason,
        )
    if isinstance(error, OperationalError) and settings().database_file is None:
        return Message(
            "The database {place} cannot be reached ({reason}). Check KB_DATABASE_URL.",
            place=settings().location,
            reason=reason,
        )
    return Message(
        "The database {place} cannot be used ({reason}).", place=settings().location, reason=reason
    )


@contextmanager
def progress_bar(label: Message) -> Iterator[Callable[..., None]]:
    """Show a progress bar on standard error, from the first call of report(done, total) on.

    A call without numbers, as by a `Pause`, changes nothing.
    """
    bar: Any = None

    def report(done: int | None = None, total: int | None = None) -> None:
        nonlocal bar
        if done is None or total is None:
            return
        if bar is None:
            bar = click.progressbar(length=total, label=spoken(label), file=sys.stderr)
            bar.__enter__()
        bar.length = total
        bar.update(done - bar.pos)

    try:
        yield report
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)


_YES, _NO = Message("yes"), Message("no")


def print_rows(rows: Sequence[Mapping[str, Any]], output_format: str) -> None:
    """Print rows as a table or as JSON."""
    if output_format == "json":
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))
        return
    if not rows:
        say(Message("No entries."))
        return
    headings = [heading(name) for name in rows[0]]
    table = [headings, *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return spoken(_YES if value else _NO)
    return "" if value is None else str(value)
