"""The filters of a command: `--filter NAME=VALUE`, named as the parameters of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.cli.language import wrong_value
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def read_filters(filters: Sequence[str], options: Collection[str]) -> dict[str, Any]:
    """The value of each filter; a filter given several times has a list of values, as over HTTP.

    `options` are the parameters for which the command has options of their own. Raises BadParameter.
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
