"""The expanded posts of a content calendar: each in full, with its findings marked in the text."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import render_template
from markupsafe import Markup

from kb.pages.checks.check_form import local_time
from kb.pages.countries import country_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.domain.time_zones import ZoneReading
    from kb.pages.calendars.calendar_results import Post

MAX_BYTES = 24_000
"""The size limit of all expandable details in a page."""


def details_of(
    posts: Sequence[Post], zone: ZoneReading | None, kept: int | None = None, free: int = MAX_BYTES
) -> dict[str, Markup]:
    """Return the expandable details by post key: as many as fit into `free` bytes, in the order of posts.

    `zone` is that of the times of the calendar, `kept` the number of a kept calendar, whose posts have their
    own pages.
    """
    details = {}
    for post in posts:
        if not post.data.get("text"):
            continue
        fields = draft_fields(post, zone) if kept is None else {}
        page = render_template("check_calendar_detail.html", post=post, kept=kept, fields=fields)
        free -= len(page.encode())
        if free < 0:
            break
        details[post.key] = Markup(page)  # noqa: S704 (a template has escaped it)
    return details


def draft_fields(post: Post, zone: ZoneReading | None) -> dict[str, str]:
    """Return the fields of the check form that a post fills in; its time zone is that of the calendar, unless
    the post has another offset.
    """
    data: Mapping[str, Any] = post.data
    when, zone_or_offset = _moment(data.get("scheduled_at", ""), zone)
    fields = {
        "text": data["text"],
        "platform": post.platform or "",
        "when": when,
        "zone": zone_or_offset,
        "account": data.get("account", ""),
        "organization": data.get("organization", ""),
        "countries": ", ".join(map(country_name, data.get("audience_countries", ()))),
        "links": "\n".join(data.get("links", ())),
    }
    return {name: value for name, value in fields.items() if value}


def _moment(text: str, zone: ZoneReading | None) -> tuple[str, str]:
    """Split a moment as the check form takes it: the day and time, and the zone or offset; else empty."""
    try:
        when, offset = local_time(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return "", ""
    is_in_zone = zone is not None and moment.astimezone(zone.zone).utcoffset() == moment.utcoffset()
    return when, zone.name if zone is not None and is_in_zone else offset
