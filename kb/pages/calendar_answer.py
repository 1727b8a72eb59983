"""The answer to a content calendar, sent while its posts are checked: as a page, or as CSV."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, stream_with_context

from kb.models.base import utc_now
from kb.pages.calendar_results import RESULT_COLUMNS, Post, post_of, ranked, result_cells
from kb.pages.handed_back_file import packed
from kb.pages.language import text_languages
from kb.pages.term_labels import Terms
from kb.services.check.batch import check_calendar
from kb.services.infrastructure.csv_text import csv_line
from kb.web.current_actor import current_actor
from kb.web.error_map import problem_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.services.check.calendar_file import CalendarRow

_MAX_SHOWN = 20
"""How many posts the page shows."""

_MAX_OPENED_BYTES = 10_000
"""How long the texts may be in all that the page holds a second time, to be opened in the check."""

_MAX_BYTES = 59_000
"""How long the page may become by handing back the file, so that it need not be chosen again."""

_STEPS = 20
_MIN_STEP = 25
"""How many posts are checked between two lines on the progress, at least."""

_RESULT = "<!-- result -->"
"""Where the progress and the result go in the frame of the page."""

_BYTE_ORDER_MARK = "\ufeff"


def page_answer(rows: Sequence[CalendarRow], content: bytes, values: Mapping[str, str]) -> Response:
    """A page that says how far the check has come, and then shows the worst posts.

    `values` are those of the form; the file itself is handed back if there is room for it. Whoever closes the
    page stops the check.
    """
    before, after = render_template("check_calendar_result.html").split(_RESULT)
    return _stream(_pieces(before, after, rows, content, values), mimetype="text/html")


def table_answer(rows: Sequence[CalendarRow], header: Sequence[str]) -> Response:
    """The file as CSV, in its order, with columns for the result of each row, as soon as it is checked."""
    width = max(len(header), *(len(row.cells) for row in rows)) if rows else len(header)
    lines = _table_lines(rows, _results(rows), header, width)
    return _as_file(_stream(chain([_BYTE_ORDER_MARK], lines), mimetype="text/csv"), "calendar-checked.csv")


def _table_lines(
    rows: Sequence[CalendarRow], results: Iterator[dict[str, Any]], header: Sequence[str], width: int
) -> Iterator[str]:
    terms = Terms()
    yield csv_line([*_padded(header, width), *map(str, RESULT_COLUMNS)])
    for row, result in zip(rows, results, strict=False):
        yield csv_line([*_padded(row.cells, width), *result_cells(post_of(row, result, terms))])


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def csv_file(text: str, name: str) -> Response:
    """A file in CSV to be saved under a name."""
    return _as_file(Response(_BYTE_ORDER_MARK + text, mimetype="text/csv"), name)


def _pieces(
    before: str, after: str, rows: Sequence[CalendarRow], content: bytes, values: Mapping[str, str]
) -> Iterator[str]:
    posts: list[Post] = []
    free = _MAX_BYTES - len(after.encode())
    try:
        for piece in chain([before], _progress_and_result(rows, posts)):
            free -= len(piece.encode())
            yield piece
    except Exception as error:  # noqa: BLE001 (the page has begun: only its text can tell)
        problem_of(error)
        yield render_template("check_calendar_stopped.html", checked=len(posts))
    else:
        yield render_template(
            "check_calendar_again.html", values={**values, "content": packed(content, free)}
        )
    yield after


def _progress_and_result(rows: Sequence[CalendarRow], posts: list[Post]) -> Iterator[str]:
    """Lines on the progress, and the result; adds to `posts` those that are checked."""
    terms = Terms()
    yield _step(posts, len(rows))
    results = _results(rows)
    for row, result in zip(rows, results, strict=False):
        posts.append(post_of(row, result, terms))
        if len(posts) % max(len(rows) // _STEPS, _MIN_STEP) == 0:
            yield _step(posts, len(rows))
    last = next(results)
    shown = ranked(posts)[:_MAX_SHOWN]
    yield render_template(
        "check_calendar_posts.html",
        posts=shown,
        hidden=len(posts) - len(shown),
        totals=last["totals"],
        without_day=sum(not (post.when or post.error) for post in posts),
        notice=last["notice"],
        opened=_opened(shown),
    )


def _step(posts: Iterable[Post], total: int) -> str:
    counts = Counter("clear" if post.state == "clash" else post.state for post in posts)
    return render_template("check_calendar_step.html", counts=counts, checked=counts.total(), total=total)


def _results(rows: Sequence[CalendarRow]) -> Iterator[dict[str, Any]]:
    today = utc_now().astimezone(ZoneInfo(current_actor().time_zone)).date()
    return check_calendar(current_actor(), rows, text_languages(), today=today)


def _stream(pieces: Iterator[str], mimetype: str) -> Response:
    response = Response(stream_with_context(pieces), mimetype=mimetype)
    # Else nginx would hold back what is to be seen at once.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _as_file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _opened(posts: Sequence[Post]) -> dict[int, dict[str, str]]:
    """By the number of a row, the fields of the form of a check that its draft fills in, the worst first."""
    opened, free = {}, _MAX_OPENED_BYTES
    for post in posts:
        free -= len(post.data.get("text", "").encode())
        if free < 0:
            break
        if post.data.get("text"):
            opened[post.number] = _draft_fields({**post.data, "platform": post.platform})
    return opened


def _draft_fields(data: Mapping[str, Any]) -> dict[str, str]:
    when, zone = _moment(data.get("scheduled_at", ""))
    fields = {
        "text": data["text"],
        "platform": data.get("platform") or "",
        "when": when,
        "zone": zone,
        "account": data.get("account", ""),
        "organization": data.get("organization", ""),
        "countries": ", ".join(data.get("audience_countries", ())),
        "links": "\n".join(data.get("links", ())),
    }
    return {name: value for name, value in fields.items() if value}


def _moment(text: str) -> tuple[str, str]:
    """A moment as the form of a check takes it: the day and time, and the offset; empty if it has none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return "", ""
    return f"{moment:%Y-%m-%dT%H:%M}", moment.isoformat()[-6:]
