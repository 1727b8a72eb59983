"""Shared by all commands: the data folder, the application, error messages, output helpers."""

from __future__ import annotations

import functools
import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click
from alembic.util import CommandError
from environs import EnvError
from filelock import Timeout
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError

from kb.config import Settings
from kb.errors import KBError
from kb.schemas.fields import canonical_language
from kb.search.engine import IndexBusyError, IndexUnusableError
from kb.services.infrastructure.storage_errors import domain_error_for
from kb.services.operations import bootstrap

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
    """Add `--data-dir` to a command, and run it in an application context with a migrated database."""

    @data_dir_option
    @functools.wraps(command)
    def wrapper(*args: Any, data_dir: Path | None, **kwargs: Any) -> _R:
        with errors_as_messages(), create_application(data_dir).app_context():
            bootstrap.prepare_if_needed()
            return command(*args, **kwargs)

    return wrapper


def create_application(data_dir: Path | None) -> Flask:
    """Create the application for a data folder.

    The factory is in a higher layer, so it is passed in as the object of the click context.
    """
    create_app: Callable[[Settings], Flask] = click.get_current_context().find_root().obj
    return create_app(Settings.from_environment(data_dir=data_dir))


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """Report known errors as messages instead of tracebacks."""
    try:
        yield
    except EnvError as error:
        raise click.ClickException(f"Invalid setting: {error}") from error
    except (KBError, IndexBusyError, IndexUnusableError) as error:
        raise click.ClickException(str(error)) from error
    except BrokenPipeError:
        raise  # the reader of our output, such as `head`, has closed the pipe
    except (OSError, Timeout, CommandError) as error:
        raise click.ClickException(f"The data folder or the database cannot be used: {error}") from error
    except DBAPIError as error:
        known = domain_error_for(error)
        raise click.ClickException(f"{known or 'The database reported an error.'} ({error.orig})") from error


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on standard error. It appears with the first call of report(done, total)."""
    bar: Any = None

    def report(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = click.progressbar(length=total, label=label, file=sys.stderr)
            bar.__enter__()
        bar.length = total
        bar.update(done - bar.pos)

    try:
        yield report
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)


def read_language(_context: click.Context, _option: click.Parameter, tag: str | None) -> str | None:
    """A click callback that returns a language tag in canonical form."""
    try:
        return None if tag is None else canonical_language(tag)
    except ValidationError as error:
        raise click.BadParameter(str(error.messages[0])) from error


def say(message: str) -> None:
    """Print a message to standard error."""
    click.echo(message, err=True)


def print_rows(rows: Sequence[Mapping[str, Any]], output_format: str) -> None:
    """Print rows as a table or as JSON."""
    if output_format == "json":
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))
        return
    if not rows:
        say("No entries.")
        return
    table = [list(rows[0]), *([("" if cell is None else str(cell)) for cell in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
