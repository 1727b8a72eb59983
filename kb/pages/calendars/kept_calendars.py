"""The result of a content calendar that is kept, in pages, by verdict and by row; only for its sender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from kb.errors import NotFound
from kb.messages import Message
from kb.pages.calendars.calendar_answer import table_answer
from kb.pages.calendars.calendar_details import details_of, draft_fields
from kb.pages.calendars.calendar_form import read_calendar
from kb.pages.calendars.calendar_questions import date_words, zone_words
from kb.pages.calendars.calendar_results import MAX_SHOWN, doubtful_posts, post_of, verdict_counts
from kb.pages.checks.check import result_variables
from kb.pages.checks.check_form import form_values, load_draft
from kb.pages.language import text_languages
from kb.pages.messages import _
from kb.pages.parameters import page_url, sent_parameters
from kb.pages.words.term_labels import Terms
from kb.services.check.calendars.batch import check_calendar
from kb.services.check.calendars.clashes import Clash, ClashKind
from kb.services.check.calendars.uploads import delete_calendar, find_calendar
from kb.services.check.checking import check_draft
from kb.services.check.draft_input import to_request
from kb.web.current_actor import current_actor, current_day
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.calendars.calendar_results import Post
    from kb.services.check.calendars.file import CalendarFile
    from kb.services.check.calendars.uploads import KeptCalendar


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    address = "/check/calendar/<int:calendar_id>"
    blueprint.add_url_rule(address, view_func=check_calendar_kept_page)
    blueprint.add_url_rule(f"{address}/rows/<row>", view_func=check_calendar_row_page)
    blueprint.add_url_rule(f"{address}/result.csv", view_func=check_calendar_csv)
    blueprint.add_url_rule(f"{address}/delete", view_func=check_calendar_delete, methods=["POST"])


@with_permission_check
def check_calendar_kept_page(calendar_id: int) -> str:
    """Show the posts of a kept calendar, the worst first: those of a verdict, if the URL names one.

    Only their order and their clashes are kept. The posts of the page are checked again, so that
    nobody sees findings from incidents now hidden, and the findings are in the language of the page.
    """
    kept = _checked(calendar_id)
    results = kept.results or {}
    chosen = request.args.get("verdict", "")
    keys = [key for key, state in results["posts"] if chosen in ("", state)]
    page = max(1, min(request.args.get("page", 1, type=int), _pages(keys)))
    shown = keys[(page - 1) * MAX_SHOWN : page * MAX_SHOWN]
    calendar = _read(kept, shown)
    posts, notice = _posts(calendar, results)
    posts = sorted(posts, key=lambda post: shown.index(post.key))
    rest = [(name, value) for name, value in sent_parameters() if name != "page"]
    return render_template(
        "check_calendar_kept.html",
        name=kept.name,
        posts=posts,
        page=page,
        pages=_pages(keys),
        chosen=chosen,
        verdicts=verdict_counts(state for _key, state in results["posts"]),
        totals=results["totals"],
        doubtful=doubtful_posts(results),
        without_day=results["without_day"],
        has_day_column=calendar.has_day_column,
        without_country=results.get("without_country"),
        notice=notice,
        dates=date_words(calendar.dates),
        zone=zone_words(calendar.zone),
        kept=kept.id,
        details=details_of(posts, calendar.zone, kept.id),
        values={**kept.form, "kept": kept.id},
        previous_url=page_url([*rest, ("page", page - 1)]) if page > 1 else None,
        next_url=page_url([*rest, ("page", page + 1)]) if page < _pages(keys) else None,
    )


@with_permission_check
def check_calendar_row_page(calendar_id: int, row: str) -> str:
    """Show one post of a kept calendar like the check of a single draft, with the form to edit it."""
    kept = _checked(calendar_id)
    calendar = _read(kept, [row])
    posts, _notice = _posts(calendar, kept.results or {})
    if not posts or not posts[0].data.get("text"):
        raise NotFound(Message("There is no post in row {row}.", row=row))
    values = form_values(MultiDict(draft_fields(posts[0], calendar.zone)))
    check_request = to_request(load_draft(values))
    result = check_draft(current_actor(), check_request, text_languages(), today=current_day())
    return render_template(
        "check_result.html",
        receipt=None,
        number=None,
        answer_problems=[],
        changes=None,
        **result_variables({"id": None, **result}, values),
    )


@with_permission_check
def check_calendar_csv(calendar_id: int) -> ResponseReturnValue:
    """Check a kept calendar again, and answer with all its rows as CSV."""
    calendar = _read(find_calendar(current_actor(), calendar_id))
    return table_answer(calendar.rows, calendar.header)


@with_permission_check
def check_calendar_delete(calendar_id: int) -> ResponseReturnValue:
    """Delete a kept calendar, before its day is over."""
    delete_calendar(current_actor(), calendar_id)
    flash(_("The calendar is deleted."))
    return redirect(url_for("pages.check_calendar_page"), 303)


def _checked(number: int) -> KeptCalendar:
    """Return a kept calendar that has been checked. Raises NotFound."""
    kept = find_calendar(current_actor(), number)
    if kept.results is None:
        raise NotFound(Message("Calendar {number} has not been checked to the end.", number=number))
    return kept


def _read(kept: KeptCalendar, keys: Collection[str] | None = None) -> CalendarFile:
    """Read the posts of a kept calendar, or those with the given keys. A day without a year is unchanged."""
    day = kept.created_at.astimezone(ZoneInfo(current_actor().time_zone)).date()
    if keys is None:
        return read_calendar(kept.content, kept.form, today=day)
    numbers = {int(key.partition(".")[0]) for key in keys if key.partition(".")[0].isdecimal()}
    calendar = read_calendar(kept.content, kept.form, numbers, day)
    return calendar._replace(rows=[row for row in calendar.rows if row.key in keys])


def _posts(calendar: CalendarFile, results: Mapping[str, Any]) -> tuple[list[Post], str]:
    """Check posts of a kept calendar, and return them with the notice that every result has."""
    clashes = {
        key: [Clash(ClashKind(kind), tuple(rows)) for kind, rows in each]
        for key, each in results["clashes"].items()
    }
    terms = Terms()
    *rows, last = check_calendar(
        current_actor(), calendar.rows, text_languages(), today=current_day(), clashes=clashes
    )
    posts = [post_of(row, result, terms) for row, result in zip(calendar.rows, rows, strict=True)]
    return posts, last["notice"]


def _pages(keys: Collection[str]) -> int:
    return max(1, -(-len(keys) // MAX_SHOWN))
