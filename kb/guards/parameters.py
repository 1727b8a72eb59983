"""Read the parameters of a guard one by one, with errors that say what to write instead."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from kb.guards.errors import GuardError
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MAX_ITEMS = 500
"""Maximum number of items in a list parameter."""

MAX_TEXT_LENGTH = 300


class Parameters:
    """The parameters of a guard. Each is read by name; `finish` rejects parameters that were not read."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._names: set[str] = set()

    def texts(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        """Read a list of texts; empty if missing. Raises GuardError."""
        value = self._value(name, [])
        if not isinstance(value, list):
            raise self._error(name, Message("Write a list of texts."))
        for position, item in enumerate(value):
            if isinstance(item, bool | int | float):  # in YAML: yes, 2027, 22:00
                raise GuardError(_unquoted(item), f"/parameters/{name}/{position}")
        if not all(isinstance(item, str) and item.strip() for item in value):
            raise self._error(name, Message("Write a list of texts."))
        if required and not value:
            raise self._error(name, Message("Write at least one text."))
        if len(value) > MAX_ITEMS:
            raise self._error(name, _too_many(len(value)))
        for position, item in enumerate(value):
            if len(item) > MAX_TEXT_LENGTH:
                message = Message(
                    "This has {count} characters; at most {most} are allowed.",
                    count=len(item),
                    most=MAX_TEXT_LENGTH,
                )
                raise GuardError(message, f"/parameters/{name}/{position}")
        return tuple(value)

    def choices(self, name: str, options: Collection[str], default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Read a list of texts, each one of the options; `default` if missing. Raises GuardError."""
        if name not in self._values:
            self._names.add(name)
            return default
        items = self.texts(name)
        for position, item in enumerate(items):
            if item not in options:
                raise GuardError(_unknown(item, options), f"/parameters/{name}/{position}")
        return items

    def text(self, name: str, default: str = "", *, most: int = MAX_TEXT_LENGTH) -> str:
        """Read a text; `default` if missing. Raises GuardError."""
        value = self._value(name, default)
        if isinstance(value, bool | int | float):
            raise self._error(name, _unquoted(value))
        if not isinstance(value, str) or len(value) > most:
            raise self._error(name, Message("Write a text of at most {most} characters.", most=most))
        return value

    def choice(self, name: str, options: Collection[str], default: str) -> str:
        """Read one of the options; `default` if missing. Raises GuardError."""
        value = self.text(name, default)
        if value not in options:
            raise self._error(name, _unknown(value, options))
        return value

    def number(self, name: str, default: int, *, least: int = 0, most: int = 10_000) -> int:
        """Read an integer; `default` if missing. Raises GuardError."""
        value = self._value(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._error(
                name, Message("Write a whole number from {least} to {most}.", least=least, most=most)
            )
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read a boolean; `default` if missing. Raises GuardError."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise self._error(name, Message("Write true or false."))
        return value

    def optional_flag(self, name: str) -> bool | None:
        """Read a boolean; None if missing. Raises GuardError."""
        value = self.flag(name)
        return value if name in self._values else None

    def groups(self, name: str, options: Collection[str]) -> tuple[tuple[str, ...], ...]:
        """Read a list of lists of options; empty if missing. Raises GuardError."""
        value = self._value(name, [])
        if not isinstance(value, list) or not all(isinstance(group, list) and group for group in value):
            raise self._error(name, Message("Write a list of lists: of each, one must be found."))
        for position, group in enumerate(value):
            for number, item in enumerate(group):
                if item not in options:
                    raise GuardError(_unknown(str(item), options), f"/parameters/{name}/{position}/{number}")
        return tuple(map(tuple, value))

    def rows(self, name: str, fields: Collection[str]) -> tuple[Mapping[str, Any], ...]:
        """Read a list of objects with some of these fields; empty if missing. Raises GuardError."""
        value = self._value(name, [])
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self._error(
                name, Message("Write a list of objects with {fields}.", fields=", ".join(fields))
            )
        if len(value) > MAX_ITEMS:
            raise self._error(name, _too_many(len(value)))
        for position, row in enumerate(value):
            for field in row:
                if field not in fields:
                    raise GuardError(_unknown(str(field), fields), f"/parameters/{name}/{position}/{field}")
        return tuple(value)

    def finish(self) -> None:
        """Raise GuardError for a parameter that was not read."""
        for name in self._values:
            if name not in self._names:
                raise GuardError(_unknown(name, sorted(self._names)), f"/parameters/{name}")

    def _value(self, name: str, default: Any) -> Any:
        self._names.add(name)
        return self._values.get(name, default)

    @staticmethod
    def _error(name: str, message: Message) -> GuardError:
        return GuardError(message, f"/parameters/{name}")


def _too_many(count: int) -> Message:
    return Message("There are {count} items; at most {most} are allowed.", count=count, most=MAX_ITEMS)


def _unquoted(value: float) -> Message:
    return Message("Put this in quotes: it is read as {value}, not as a text.", value=value)


def _unknown(value: str, options: Collection[str]) -> Message:
    """A message that suggests the option probably meant, or lists the options."""
    near = get_close_matches(value, list(options), n=1)
    if near:
        return Message("{value!r} is unknown. Did you mean {near}?", value=value, near=near[0])
    listed = ", ".join(list(options)[:60]) or Message("none")
    return Message("{value!r} is unknown. There are: {listed}.", value=value, listed=listed)
