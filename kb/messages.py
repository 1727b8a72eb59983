"""Translatable user-facing messages, written in English; `kb.translation` translates them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


MAX_VALUE_LENGTH = 2_000
"""Longer values are truncated, in characters: a value may be arbitrary user input."""


class Message(str):
    """An English text that remembers its template and the values of its `{names}`.

    The template is a literal, so that `scripts/translations` finds it. Anything that varies is a value, which
    may itself be a message. A template without values is used verbatim, braces included.
    """

    template: str
    plural: str | None
    """The plural template, if the message is about a number."""
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Message:
        values = {name: _cut(value) for name, value in values.items()}
        message = super().__new__(cls, template.format(**values) if values else template)
        message.template, message.plural, message.values = str(template), None, values
        return message

    def format(self, *_args: object, **values: object) -> Message:
        """Fill in more values. Other names stay in braces: marshmallow fills some templates in two steps."""
        values = {**self.values, **{name: _cut(value) for name, value in values.items()}}
        message = str.__new__(Message, self.template.format_map(_Values(values)))
        message.template, message.plural, message.values = self.template, self.plural, values
        return message


def _cut(value: object) -> object:
    if isinstance(value, str) and len(value) > MAX_VALUE_LENGTH and not isinstance(value, Message):
        return f"{value[:MAX_VALUE_LENGTH]}…"
    return value


class _Values(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def counted(one: str, many: str, /, num: int, **values: object) -> Message:
    """A message about the number `{num}`, in the singular or the plural."""
    message = Message(one if num == 1 else many, num=num, **values)
    message.template, message.plural = one, many
    return message


def joined(texts: Iterable[str], separator: str = " ") -> Message:
    """Several messages joined into one."""
    values = {f"text{number}": text for number, text in enumerate(texts)}
    return Message(separator.join(f"{{{name}}}" for name in values), **values)


def message_of(error: BaseException) -> Message:
    """The message of an error. Messages of other libraries stay untranslated."""
    message = error.args[0] if error.args else ""
    return message if isinstance(message, Message) else Message(str(error))


WORDS = (
    Message("reader"),
    Message("contributor"),
    Message("reviewer"),
    Message("admin"),
    Message("site_admin"),
    Message("signed_in"),
    Message("anonymous"),
    Message("nobody"),
    Message("draft"),
    Message("in_review"),
    Message("published"),
    Message("withdrawn"),
    Message("open"),
    Message("discarded"),
    Message("accepted"),
    Message("declined"),
    Message("taken_over"),
    Message("day"),
    Message("week"),
    Message("month"),
    Message("quarter"),
    Message("year"),
    Message("unknown"),
    Message("none"),
    Message("languages"),
    Message("lessons"),
)
"""The keys passed to `word`, listed for the catalogs."""


def word(key: str) -> Message:
    """An API key, such as a status, as a translatable word in a sentence."""
    return Message(str(key))
