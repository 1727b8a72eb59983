"""The answer to a content calendar, sent while its posts are checked: as a page, or as CSV."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from flask import Response, render_template, stream_with_context

from kb.pages.calendars.calendar_details import MAX_BYTES, details_of
from kb.pages.calendars.calendar_form import handed_on, how_to_read
from kb.pages.calendars.calendar_questions import date_words, zone_words
from kb.pages.calendars.calendar_results import (
    MAX_SHOWN,
    RESULT_COLUMNS,
    Post,
    doubtful_posts,
    post_of,
    posts_without_country,
    posts_without_day,
    ranked,
    result_cells,
    results_to_keep,
    verdict_counts,
)
from kb.pages.csv_files import BYTE_ORDER_MARK, csv_file
from kb.pages.language import text_languages
from kb.pages.words.term_labels import Terms
from kb.services.check.calendars.batch import Progress, check_calendar_in_steps
from kb.services.check.calendars.uploads import keep_results
from kb.services.infrastructure.csv_text import csv_line
from kb.web.current_actor import current_actor, current_day
from kb.web.error_map import problem_of
from kb.web.stream_pieces import PieceClock

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    from kb.pages.calendars.calendar_form import SentFile
    from kb.services.check.calendars.file import CalendarFile
    from kb.services.check.calendars.rows import CalendarRow

_MAX_PAGE_BYTES = 59_000
"""The size limit of a page that returns the file, so that it need not be chosen again."""

_STEPS = 10
_MIN_STEP = 25
"""The fewest posts checked between two progress lines."""

_RESULT = "<!-- result -->"
"""The placeholder of the progress and the result in the frame of the page."""


def page_answer(calendar: CalendarFile, file: SentFile, values: Mapping[str, str]) -> Response:
    """Stream a page that shows the progress of the check, and then the worst posts.

    `values` are those of the form. The result of a kept file has pages of its own; another file is
    returned if there is room for it. Closing the page stops the check.
    """
    before, after = render_template("check_calendar_result.html").split(_RESULT)
    pieces = _pieces(before, after, calendar, file, values)
    return _unbuffered(Response(stream_with_context(pieces), mimetype="text/html"))


def table_answer(rows: Sequence[CalendarRow], header: Sequence[str]) -> Response:
    """Stream the file as CSV, in its order, with result columns, each row as soon as it is checked."""
    width = max(len(header), *(len(row.cells) for row in rows)) if rows else len(header)
    lines = _table_lines(rows, _results(rows), header, width)
    pieces = chain([BYTE_ORDER_MARK], lines)
    return _unbuffered(csv_file("calendar-checked.csv", stream_with_context(pieces)))


def _table_lines(
    rows: Sequence[CalendarRow], steps: Iterator[dict[str, Any] | Progress], header: Sequence[str], width: int
) -> Iterator[str]:
    terms, clock = Terms(), PieceClock()
    yield csv_line([*_padded(header, width), *map(str, RESULT_COLUMNS)])
    remaining = iter(rows)
    for result in steps:
        if not isinstance(result, Progress) and (row := next(remaining, None)) is not None:
            yield csv_line([*_padded(row.cells, width), *result_cells(post_of(row, result, terms))])
        elif clock.is_due():
            yield ""


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _pieces(
    before: str, after: str, calendar: CalendarFile, file: SentFile, values: Mapping[str, str]
) -> Iterator[str]:
    posts: list[Post] = []
    steps = (_STEPS + 1) * _step(posts, len(calendar.rows))
    free = _MAX_PAGE_BYTES - len((before + steps + after).encode())
    try:
        yield before
        last = yield from _progress(calendar.rows, posts)
        posts = ranked(posts)
        if file.kept is not None:
            keep_results(
                current_actor(), file.kept, how_to_read(values), results_to_keep(posts, last["totals"])
            )
        yield _result(calendar, _variables(calendar, posts, last), file, values, free)
    except Exception as error:  # noqa: BLE001 (the page has begun: only its text can report it)
        problem_of(error)
        yield render_template("check_calendar_stopped.html", checked=len(posts))
    yield after


def _progress(rows: Sequence[CalendarRow], posts: list[Post]) -> Generator[str, None, dict[str, Any]]:
    """Yield progress lines, and append the checked posts to `posts`. Returns the totals."""
    terms, clock = Terms(), PieceClock()
    yield _step(posts, len(rows))
    last: dict[str, Any] = {}
    for result in _results(rows):
        if isinstance(result, Progress):
            pass
        elif "totals" in result:
            last = result
        else:
            posts.append(post_of(rows[len(posts)], result, terms))
            if len(posts) % max(len(rows) // _STEPS, _MIN_STEP) == 0:
                yield _step(posts, len(rows))
        if clock.is_due():
            yield ""
    return last


def _variables(calendar: CalendarFile, posts: Sequence[Post], last: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template variables for ranked posts and for the calendar as a whole."""
    return {
        "posts": posts[:MAX_SHOWN],
        "pages": -(-len(posts) // MAX_SHOWN),
        "totals": last["totals"],
        "doubtful": doubtful_posts(results_to_keep(posts, last["totals"])),
        "without_day": posts_without_day(posts),
        "has_day_column": calendar.has_day_column,
        "without_country": posts_without_country(posts),
        "verdicts": verdict_counts(post.state for post in posts),
        "notice": last["notice"],
        "dates": date_words(calendar.dates),
        "zone": zone_words(calendar.zone),
    }


def _result(
    calendar: CalendarFile, variables: Mapping[str, Any], file: SentFile, values: Mapping[str, str], free: int
) -> str:
    """Render the result in at most `free` bytes, including the file if it fits."""

    def page(values: Mapping[str, Any], details: Mapping[str, str]) -> str:
        return render_template(
            "check_calendar_checked.html", **variables, values=values, details=details, kept=file.kept
        )

    free -= len(page(values, {}).encode())
    values = handed_on(file, values, free)
    free -= len(values.get("content", ""))
    details = details_of(variables["posts"], calendar.zone, file.kept, min(free, MAX_BYTES))
    return page(values, details)


def _step(posts: Iterable[Post], total: int) -> str:
    counts = verdict_counts(post.state for post in posts)
    checked = sum(counts.values())
    return render_template("check_calendar_step.html", counts=counts, checked=checked, total=total)


def _results(rows: Sequence[CalendarRow]) -> Iterator[dict[str, Any] | Progress]:
    return check_calendar_in_steps(current_actor(), rows, text_languages(), today=current_day())


def _unbuffered(response: Response) -> Response:
    """Let nginx pass on each piece of a response at once."""
    response.headers["X-Accel-Buffering"] = "no"
    return response
