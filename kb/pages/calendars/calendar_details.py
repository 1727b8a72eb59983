"""The expanded posts of a content calendar: each in full, with its findings marked in the text."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import render_template
from markupsafe import Markup

from kb.pages.countries import country_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.pages.calendars.calendar_results import Post

MAX_BYTES = 24_000
"""The size limit of all expandable details in a page."""


def details_of(posts: Sequence[Post], kept: int | None = None, free: int = MAX_BYTES) -> dict[str, Markup]:
    """Return the expandable details by post key: as many as fit into `free` bytes, in the order of posts.

    `kept` is the number of a kept calendar, whose posts have their own pages.
    """
    details = {}
    for post in posts:
        if not post.data.get("text"):
            continue
        fields = draft_fields(post) if kept is None else {}
        page = render_template("check_calendar_detail.html", post=post, kept=kept, fields=fields)
        free -= len(page.encode())
        if free < 0:
            break
        details[post.key] = Markup(page)  # noqa: S704 (a template has escaped it)
    return details


def draft_fields(post: Post) -> dict[str, str]:
    """Return the fields of the check form that a post fills in."""
    data: Mapping[str, Any] = post.data
    when, zone = _moment(data.get("scheduled_at", ""))
    fields = {
        "text": data["text"],
        "platform": post.platform or "",
        "when": when,
        "zone": zone,
        "account": data.get("account", ""),
        "organization": data.get("organization", ""),
        "countries": ", ".join(map(country_name, data.get("audience_countries", ()))),
        "links": "\n".join(data.get("links", ())),
    }
    return {name: value for name, value in fields.items() if value}


def _moment(text: str) -> tuple[str, str]:
    """Split a moment as the check form takes it: the day and time, and the offset; empty without one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return "", ""
    return f"{moment:%Y-%m-%dT%H:%M}", moment.isoformat()[-6:]
