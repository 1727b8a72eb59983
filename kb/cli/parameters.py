"""Report errors in parameters of the API by the corresponding options of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kb.cli.language import failure, wrong_usage
from kb.errors import InvalidInput
from kb.messages import Message, joined, message_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from marshmallow import ValidationError

    from kb.errors import FieldError


def invalid_parameters(error: ValidationError | InvalidInput) -> click.ClickException:
    """An exception that reports the errors of a schema or a service, one line per parameter."""
    return failure(_described(error))


def wrong_parameters(error: ValidationError | InvalidInput) -> click.UsageError:
    """Like `invalid_parameters`, but with the usage of the command."""
    return wrong_usage(_described(error))


def _described(error: ValidationError | InvalidInput) -> Message:
    from kb.schemas.pointers import field_errors

    errors: Sequence[FieldError]
    errors = error.errors if isinstance(error, InvalidInput) else field_errors(error.messages)
    return joined(map(_by_option, errors), "\n") if errors else message_of(error)


def _by_option(error: FieldError) -> Message:
    """Describe an error with its option, and with the value unless the message quotes it."""
    name, *path = error.pointer.strip("/").split("/")
    if not name:
        return error.detail
    values = {"option": name, "problem": error.detail}
    if (found := _found(name)) is not None:
        values["option"], sent = found
        value = _part(sent, path)
        if value is not None and repr(value) not in error.detail:
            return Message("{option} {value!r}: {problem}", value=value, **values)
    return Message("{option}: {problem}", **values)


def _found(name: str) -> tuple[str, Any] | None:
    """The option or argument of the running command for a parameter, and its value."""
    context = click.get_current_context()
    option = f"--{name.replace('_', '-')}"
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if option in parameter.opts:
            return parameter.opts[0], value
        if isinstance(parameter, click.Argument) and parameter.name == name:
            return parameter.human_readable_name, value
    if any(text.partition("=")[0] == name for text in context.params.get("filters", ())):
        return "--filter", [text for text in context.params["filters"] if text.partition("=")[0] == name]
    return None


def _part(value: Any, path: Sequence[str]) -> str | None:
    """The part of an option's value that an error concerns: of several, the one at its index."""
    parts = [*_parts(value)]
    if path and path[0].isdigit() and int(path[0]) < len(parts):
        return parts[int(path[0])]
    return ",".join(parts) or None


def _parts(value: Any) -> Iterator[str]:
    if value is None or isinstance(value, bool):  # a flag has no value to quote
        return
    for text in value if isinstance(value, (list, tuple)) else [value]:
        yield from filter(None, map(str.strip, str(text).split(",")))
