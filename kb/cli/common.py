"""Helpers for all commands: the data folder, the application, error messages, output."""

from __future__ import annotations

import functools
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from kb.cli.headings import heading
from kb.cli.language import localized, say
from kb.cli.text_display import displayable
from kb.domain.text import compose
from kb.messages import Message

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
    return _in_context(command, exists=True, announced=False)


def with_app_for_writing(command: Callable[..., _R]) -> Callable[..., _R]:
    """Like `with_app`, for a command that writes: it also names the knowledge base on standard error."""
    return _in_context(command, exists=True, announced=True)


def with_app_for_creating(command: Callable[..., _R]) -> Callable[..., _R]:
    """Like `with_app_for_writing`, for a command that creates or migrates the knowledge base itself."""
    return _in_context(command, exists=False, announced=True)


def _in_context(command: Callable[..., _R], *, exists: bool, announced: bool) -> Callable[..., _R]:
    @data_dir_option
    @functools.wraps(command)
    def wrapper(*args: Any, data_dir: Path | None, **kwargs: Any) -> _R:
        with application_context(data_dir):
            from kb.cli.knowledge_base import announce, require_knowledge_base

            if exists:
                require_knowledge_base()
            if announced:
                announce()
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
    from kb.config import Settings
    from kb.derived_files import keep_in

    create_app: Callable[..., Flask] = click.get_current_context().find_root().obj
    with _errors_as_messages():
        settings = Settings.from_environment(data_dir=data_dir)
        keep_in(settings.derived_dir)
        app = create_app(settings, **options)
    from kb.models import db
    from kb.models.base import close_connections

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
        from kb.cli.knowledge_base import require_knowledge_base

        require_knowledge_base()
        yield


def discard_output() -> None:
    """Discard unwritten output, so that the process does not fail on it when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_output_error(error: OSError) -> bool:
    """Whether an error occurred while printing, rather than in the data folder."""
    return any(frame.name == "echo" for frame in extract_tb(error.__traceback__))


@contextmanager
def _errors_as_messages() -> Iterator[None]:
    """Report known errors as messages of one line instead of tracebacks."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) and is_output_error(error):
            raise  # a full disk, or a reader such as `head` that has closed the pipe
        from kb.cli.knowledge_base import known_failure

        if (known := known_failure(error)) is None:
            raise
        raise known from error


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
            bar = click.progressbar(length=total, label=localized(label), file=sys.stderr)
            bar.__enter__()
        bar.length = total
        bar.update(done - bar.pos)

    try:
        yield report
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)


_YES, _NO = Message("yes"), Message("no")


def print_json(value: Any) -> None:
    """Print a value as JSON, for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_rows(rows: Sequence[Mapping[str, Any]], output_format: str) -> None:
    """Print rows as a table or as JSON."""
    if output_format == "json":
        print_json(list(rows))
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
        return localized(_YES if value else _NO)
    return "" if value is None else displayable(str(value))
