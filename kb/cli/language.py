"""The language of the command line: from `--lang`, or else from the terminal."""

from __future__ import annotations

import gettext
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.text_display import displayable_message
from kb.domain.language import DEFAULT_LANGUAGE, interface_language
from kb.messages import Message, message_of
from kb.translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import ParamSpec, TypeVar

    _P = ParamSpec("_P")
    _R = TypeVar("_R")

MAX_SAID = 50
"""The most messages, such as errors in a file, that are printed as text."""

_CHOSEN = "kb.language"
_GETTEXT = "LANGUAGE"
"""The environment variable in which gettext looks for a language first."""

_KNOWN_LOCALES = {
    "C": DEFAULT_LANGUAGE,
    "POSIX": DEFAULT_LANGUAGE,
    "en-US": "en-US",
    "en-GB": "en-GB",
    "he-IL": "he-IL",
}
"""Languages of usual terminals, for which the registry of all languages need not be loaded."""

_TRANSLATIONS = Path(__file__).parent / "translations"


def translate_click() -> None:
    """Let click report errors in the language of the command, from its gettext catalog."""
    gettext.bindtextdomain("click", str(_TRANSLATIONS))
    gettext.textdomain("click")


@contextmanager
def localized_click() -> Iterator[None]:
    """Let click use the terminal's language, like our own messages, unless `--lang` sets another.

    By gettext's own rules, a message could begin in one language and continue in another.
    """
    before = os.environ.get(_GETTEXT)
    os.environ[_GETTEXT] = _interface_language(None)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_GETTEXT, None)
        else:
            os.environ[_GETTEXT] = before


def lang_option(help_text: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """The option `--lang`, which also sets the language of messages. It is read before the other options."""
    return click.option("--lang", callback=_choose_language, is_eager=True, help=help_text)


def read_language(_context: click.Context, _option: click.Parameter, tag: str | None) -> str | None:
    """A click callback that returns a language tag in canonical form."""
    if tag is None:
        return None
    from marshmallow import ValidationError

    from kb.schemas.language_tags import canonical_language

    try:
        return canonical_language(tag)
    except ValidationError as error:
        raise wrong_value(error.messages[0]) from error


def terminal_language() -> str:
    """The language of the environment, according to POSIX: `he_IL.UTF-8` is `he`. Default: English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := os.environ.get(name):
            tag = locale.partition(".")[0].partition("@")[0].replace("_", "-")
            return _KNOWN_LOCALES.get(tag) or _registered_language(tag)
    return DEFAULT_LANGUAGE


def _registered_language(tag: str) -> str:
    """A language tag in canonical form; English if there is no such language."""
    from marshmallow import ValidationError

    from kb.schemas.language_tags import canonical_language

    try:
        return canonical_language(tag)
    except ValidationError:
        return DEFAULT_LANGUAGE


def command_language() -> str:
    """The language of the running command, `en` or `he`."""
    context = click.get_current_context(silent=True)
    return _interface_language(context.meta.get(_CHOSEN) if context is not None else None)


def _interface_language(chosen: str | None) -> str:
    return interface_language([chosen or terminal_language()])


def localized(message: str) -> str:
    """Translate a message to the language of the running command; any other text is unchanged."""
    return translated(message, command_language())


def say(message: str) -> None:
    """Print a message to standard error."""
    click.echo(_shown(message), err=True)


def _shown(message: str) -> str:
    """A message in the language of the command, which may quote any file, without what steers a terminal."""
    return displayable_message(localized(message))


def say_first(messages: Sequence[str]) -> None:
    """Print the first MAX_SAID messages to standard error, and how many more there are."""
    for message in messages[:MAX_SAID]:
        say(message)
    if len(messages) > MAX_SAID:
        rest = len(messages) - MAX_SAID
        say(Message("... and {count} more (--format json prints all).", count=rest))


def failure(message: str) -> click.ClickException:
    """An exception that ends the command with a message."""
    return click.ClickException(_shown(message))


def failure_of(error: Exception) -> click.ClickException:
    """An exception that ends the command with the message of an error."""
    return failure(message_of(error))


def wrong_usage(message: str) -> click.UsageError:
    """An exception for options that cannot be combined."""
    return click.UsageError(_shown(message))


def wrong_value(message: str, option: str | None = None) -> click.BadParameter:
    """An exception for the value of an option, which click names if it is raised in a callback."""
    return click.BadParameter(_shown(message), param_hint=option)


def _choose_language(context: click.Context, option: click.Parameter, tag: str | None) -> str | None:
    language = read_language(context, option, tag)
    context.meta[_CHOSEN] = language
    os.environ[_GETTEXT] = _interface_language(language)
    return language
