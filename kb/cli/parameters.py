"""Options that are parameters of the API: filters, and errors by the option that they concern."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from kb.cli.language import wrong_usage, wrong_value
from kb.errors import InvalidInput
from kb.messages import Message, joined, message_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from marshmallow import ValidationError

    from kb.errors import FieldError


def read_filters(filters: Sequence[str], options: Collection[str]) -> dict[str, Any]:
    """The value of each filter; a filter given several times has a list of values, as over HTTP.

    `options` are the parameters that are options of the command, and so cannot be filters. Raises
    BadParameter.
    """
    values: dict[str, list[str]] = {}
    for text in filters:
        name, equals, value = text.partition("=")
        if not equals:
            raise wrong_value(Message("{text!r} has no '='. Write --filter category=tone-deaf", text=text))
        if name in options:
            option = f"--{name.replace('_', '-')}"
            raise wrong_value(Message("{name!r} is an option of its own: {option}", name=name, option=option))
        values.setdefault(name, []).append(value)
    return {name: texts[0] if len(texts) == 1 else texts for name, texts in values.items()}


@contextmanager
def reporting_parameters() -> Iterator[None]:
    """Turn the errors of a schema or a service into one of wrong usage, with a line per parameter."""
    from marshmallow import ValidationError

    try:
        yield
    except (ValidationError, InvalidInput) as error:
        raise wrong_usage(_described(error)) from error


def _described(error: ValidationError | InvalidInput) -> Message:
    from kb.schemas.pointers import field_errors

    errors: Sequence[FieldError]
    errors = error.errors if isinstance(error, InvalidInput) else field_errors(error.messages)
    return joined(map(_describe, errors), "\n") if errors else message_of(error)


def _describe(error: FieldError) -> Message:
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
