"""Format a guessed mapping as YAML with comments, for someone who knows the file to edit."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from kb.cli.language import localized
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.services.exchange.files.guessing import GuessedColumn, GuessedMapping

_PLAIN = re.compile(r"[^\W\d_][\w ]*\w|[^\W\d_]")

_INTRO = (
    Message("What the columns and words of this file mean: guessed, so check it. Then:"),
    Message("kb import FILE --mapping THIS_FILE --dry-run"),
)
_COLUMNS = Message("Column: field. The field null leaves a column out.")
_CONSTANTS = Message("What incidents get that do not say it: write what is true of them.")
_CATEGORIES = Message("The categories are: {names}.")
_VALUES = Message("What a word of the file means; null leaves it out.")
_NOT_NEAR = Message("nothing is near")
_CHECK = Message("guessed")
_DATES = Message("What comes first in 03/04/2018: dmy is the day, mdy the month.")
_UNCERTAIN = Message("What comes first in 03/04/2018? The file does not tell: dmy is the day, mdy the month.")


def mapping_text(guess: GuessedMapping) -> str:
    """Format the mapping as a YAML file."""
    return "\n".join(_lines(guess)) + "\n"


def _lines(guess: GuessedMapping) -> Iterator[str]:
    yield from (f"# {localized(line)}" for line in _INTRO)
    yield from ("", f"# {localized(_COLUMNS)}", "columns:")
    entries = [(f"  {_scalar(each.name)}: {each.field or 'null'}", _sample(each)) for each in guess.columns]
    yield from _aligned(entries)
    if guess.constants:
        yield from ("", f"# {localized(_CONSTANTS)}")
        if "category" in guess.constants:
            yield f"# {localized(_CATEGORIES.format(names=', '.join(guess.categories)))}"
        yield "constants:"
        yield from (f"  {field}: {_scalar(text)}" for field, text in guess.constants.items())
    if guess.values:
        yield from ("", f"# {localized(_VALUES)}", "values:")
    for field, values in guess.values.items():
        yield f"  {field}:"
        yield from _aligned(
            [
                (
                    f"    {_scalar(each.text)}: {'null' if each.meaning is None else each.meaning}",
                    localized(_NOT_NEAR if each.meaning is None else _CHECK),
                )
                for each in values
            ]
        )
    if guess.dates is not None:
        yield from ("", f"# {localized(_DATES if guess.is_order_certain else _UNCERTAIN)}")
        yield f"dates: {guess.dates.value}"


def _sample(column: GuessedColumn) -> str:
    heading = [column.heading] if column.heading not in ("", column.name) else []
    return " | ".join([*heading, *column.samples])


def _aligned(entries: list[tuple[str, str]]) -> Iterator[str]:
    """Align the comments of lines."""
    width = min(max((len(line) for line, _ in entries), default=0), 60)
    for line, comment in entries:
        yield f"{line:<{width}}  # {comment}" if comment else line


def _scalar(text: str) -> str:
    """Format a text as YAML, in quotes unless it consists of plain words."""
    plain = _PLAIN.fullmatch(text) is not None and text not in ("null", "y", "n")
    return text if plain else json.dumps(text, ensure_ascii=False)
