"""The posts of a content calendar opened: each whole, with what was found marked in its text."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import render_template
from markupsafe import Markup

from kb.pages.countries import country_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.pages.calendar_results import Post

MAX_BYTES = 24_000
"""How long all that opens in a page may be."""


def details_of(posts: Sequence[Post], kept: int | None = None, free: int = MAX_BYTES) -> dict[str, Markup]:
    """By the key of a post, what opens there: as many as fit into so many bytes, in the order of posts.

    `kept` is the number of a kept calendar, whose posts have pages of their own.
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
    """The fields of the form of a check that a post fills in."""
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
    """A moment as the form of a check takes it: the day and time, and the offset; empty if it has none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return "", ""
    return f"{moment:%Y-%m-%dT%H:%M}", moment.isoformat()[-6:]
