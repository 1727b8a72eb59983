"""The drafts in files: a text file is one draft, a CSV file is a calendar of many."""

from __future__ import annotations

import codecs
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from kb.cli.drafts.checked_draft import STANDARD_INPUT, CheckedDraft, SourceFile
from kb.cli.language import localized
from kb.errors import InvalidInput, MalformedInput
from kb.messages import Message, message_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from kb.cli.drafts.client import Checks
    from kb.services.check.calendars.file import CalendarFormat
    from kb.services.check.calendars.rows import CalendarRow

_ENCODINGS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (b"", "utf-8-sig"))


def check_files(
    paths: Sequence[str],
    checks: Checks,
    common: Mapping[str, Any],
    calendar_format: Callable[[], CalendarFormat],
) -> Iterator[CheckedDraft]:
    """Yield the drafts of some files with the results of their checks, in order.

    `common` has the fields that the drafts share; a row of a calendar may override them. Anything that cannot
    be checked, such as a file that is not text, is yielded with its error, and the others are still checked.
    """
    for path in paths:
        try:
            content = _read(path)
            if path.lower().endswith(".csv"):
                yield from _check_calendar(path, content, checks, common, calendar_format)
            else:
                yield _check_text(SourceFile(path, _decode(content)), checks, common)
        except (InvalidInput, MalformedInput, OSError) as error:
            yield CheckedDraft(file=SourceFile(path, ""), text="", error=_reason(error), start=None)


def _read(path: str) -> bytes:
    return sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()


def _decode(content: bytes) -> str:
    encoding = next(name for mark, name in _ENCODINGS if content.startswith(mark))
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise MalformedInput(Message("This is not text in UTF-8. Save it as UTF-8.")) from error


def _check_text(file: SourceFile, checks: Checks, common: Mapping[str, Any]) -> CheckedDraft:
    return CheckedDraft(file=file, text=file.text, result=checks.check({**common, "text": file.text}))


def _check_calendar(
    path: str,
    content: bytes,
    checks: Checks,
    common: Mapping[str, Any],
    calendar_format: Callable[[], CalendarFormat],
) -> Iterator[CheckedDraft]:
    from kb.services.check.calendars.file import read_csv
    from kb.services.check.calendars.records import decode_calendar

    calendar = read_csv(content, calendar_format())
    rows = [row._replace(data={**common, **row.data}) for row in calendar.rows]
    file = SourceFile(path, decode_calendar(content).removeprefix("\ufeff"), calendar.zone)
    lines = [*dict.fromkeys(row.line for row in rows), len(file.line_starts) + 1]
    following = dict(pairwise(lines))
    for row, result in zip(rows, checks.check_rows(rows), strict=True):
        text: str = row.data["text"]
        error = result["error"]
        yield CheckedDraft(
            file=file,
            text=text,
            result=result if error is None else None,
            error=None if error is None else error["detail"],
            row=row.number,
            column=row.column,
            start=_start(file, row, following[row.line], text),
            line=row.line,
        )


def _start(file: SourceFile, row: CalendarRow, end_line: int, text: str) -> int | None:
    """The offset at which the text of a row begins in its file; None if the file does not contain it
    verbatim, because it has quotation marks, which are doubled there.
    """
    end = file.line_starts[end_line - 1] if end_line <= len(file.line_starts) else len(file.text)
    place = file.text.find(text, file.line_starts[row.line - 1], end)
    return None if place < 0 else place


def _reason(error: Exception) -> str:
    """Describe an error in a sentence."""
    if isinstance(error, OSError):
        return localized(Message("It cannot be read: {reason}.", reason=error.strerror))
    details = [item.detail for item in error.errors] if isinstance(error, InvalidInput) else []
    return " ".join(map(localized, details)) or localized(message_of(error))
