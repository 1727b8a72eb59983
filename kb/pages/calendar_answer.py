"""The answer to a content calendar, sent while its posts are checked: as a page, or as CSV."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, stream_with_context

from kb.models.base import utc_now
from kb.pages.calendar_results import RESULT_COLUMNS, Post, post_of, ranked, result_row
from kb.pages.language import text_languages
from kb.services.check.batch import check_calendar
from kb.services.infrastructure.csv_text import csv_lines
from kb.services.taxonomy.lookup import TermLookup
from kb.web.current_actor import current_actor
from kb.web.error_map import problem_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.services.check.calendar_file import CalendarRow

_MAX_SHOWN = 25
"""How many posts the page shows. Each holds its text twice, to be read and to be opened in the check."""

_STEPS = 50
_MIN_STEP = 25
"""How many posts are checked between two lines on the progress, at least."""

_RESULT = "<!-- result -->"
"""Where the progress and the result go in the frame of the page."""

_BYTE_ORDER_MARK = "\ufeff"


def page_answer(rows: Sequence[CalendarRow]) -> Response:
    """A page that says how far the check has come, and then shows the worst posts.

    Whoever closes it stops the check.
    """
    before, after = render_template("check_calendar_result.html").split(_RESULT)
    return _stream([before], _progress_and_result(rows), [after], mimetype="text/html")


def table_answer(rows: Sequence[CalendarRow]) -> Response:
    """All posts as CSV in the order of the file, each as soon as it is checked."""
    results = _results(rows)
    checked = (result_row(post_of(row, result)) for row, result in zip(rows, results, strict=False))
    lines = csv_lines(checked, RESULT_COLUMNS)
    return _as_file(_stream([_BYTE_ORDER_MARK], lines, mimetype="text/csv"), "calendar-checked.csv")


def csv_file(text: str, name: str) -> Response:
    """A file in CSV to be saved under a name."""
    return _as_file(Response(_BYTE_ORDER_MARK + text, mimetype="text/csv"), name)


def _progress_and_result(rows: Sequence[CalendarRow]) -> Iterator[str]:
    posts: list[Post] = []
    yield _step(posts, len(rows))
    try:
        results = _results(rows)
        for row, result in zip(rows, results, strict=False):
            posts.append(post_of(row, result))
            if len(posts) % max(len(rows) // _STEPS, _MIN_STEP) == 0:
                yield _step(posts, len(rows))
        last = next(results)
    except Exception as error:  # noqa: BLE001 (the page has begun: only its text can tell)
        problem_of(error)
        yield render_template("check_calendar_stopped.html", checked=len(posts))
        return
    shown = ranked(posts)[:_MAX_SHOWN]
    yield render_template(
        "check_calendar_posts.html",
        posts=shown,
        hidden=len(posts) - len(shown),
        totals=last["totals"],
        notice=last["notice"],
        opened=_opened(shown),
    )


def _step(posts: Iterable[Post], total: int) -> str:
    counts = Counter("clear" if post.state == "clash" else post.state for post in posts)
    return render_template("check_calendar_step.html", counts=counts, checked=counts.total(), total=total)


def _results(rows: Sequence[CalendarRow]) -> Iterator[dict[str, Any]]:
    today = utc_now().astimezone(ZoneInfo(current_actor().time_zone)).date()
    return check_calendar(current_actor(), rows, text_languages(), today=today)


def _stream(*parts: Iterable[str], mimetype: str) -> Response:
    pieces = (piece for part in parts for piece in part)
    response = Response(stream_with_context(pieces), mimetype=mimetype)
    # Else nginx would hold back what is to be seen at once.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _as_file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _opened(posts: Sequence[Post]) -> dict[int, dict[str, str]]:
    """By the number of a row, the fields of the form of a check that its draft fills in."""
    terms = TermLookup()
    return {post.number: _draft_fields(post.data, terms) for post in posts if post.data.get("text")}


def _draft_fields(data: Mapping[str, Any], terms: TermLookup) -> dict[str, str]:
    platform = terms.get("platform", data.get("platform", "")) if data.get("platform") else None
    when, zone = _moment(data.get("scheduled_at", ""))
    fields = {
        "text": data["text"],
        "platform": platform.key if platform is not None else "",
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
