"""The history of an incident: its versions, and what changed between two of them, for its team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flask import redirect, render_template, request, url_for

from kb.pages.language import text_languages
from kb.pages.parameters import load_query
from kb.pages.words.change_words import Change, changes
from kb.pages.words.incident_words import OPERATIONS
from kb.schemas.history import DiffQuerySchema
from kb.schemas.pagination import PageQuerySchema
from kb.services.incidents.changes.history import get_diff, get_revision, list_revisions
from kb.services.incidents.read import get_incident
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint
    from flask.typing import ResponseReturnValue

_PER_PAGE = 30


class Version(NamedTuple):
    """A version in the list."""

    number: int
    operation: str
    author: str
    comment: str | None
    at: str


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/incidents/<int:incident_id>/history", view_func=history_page)
    blueprint.add_url_rule(
        "/incidents/<int:incident_id>/history/<int:first>..<int:last>", view_func=diff_page
    )


@with_permission_check
def history_page(incident_id: int) -> ResponseReturnValue:
    """List the versions of an incident, the latest first. `?from=2&to=5` redirects to their differences."""
    actor = current_actor()
    if "from" in request.args and "to" in request.args:
        asked = load_query(DiffQuerySchema())
        first, last = sorted((asked.get("from_", 1), asked.get("to", 1)))
        return redirect(url_for("pages.diff_page", incident_id=incident_id, first=first, last=last), 302)
    query = load_query(PageQuerySchema(), limit=str(_PER_PAGE))
    page = list_revisions(actor, incident_id, limit=query["limit"], cursor=query.get("cursor"))
    incident = get_incident(actor, incident_id, text_languages())
    return render_template(
        "history.html",
        incident=incident,
        versions=[_version(row) for row in page.items],
        next_cursor=page.next,
        operations=OPERATIONS,
    )


@with_permission_check
def diff_page(incident_id: int, first: int, last: int) -> str:
    """Show what changed from one version of an incident to another, word by word."""
    actor = current_actor()
    diff = get_diff(actor, incident_id, first, last)
    after = get_revision(actor, incident_id, last)
    found: list[Change] = changes(diff["fields"], after["snapshot"]["language"])
    return render_template(
        "history_diff.html",
        incident=get_incident(actor, incident_id, text_languages()),
        first=first,
        last=last,
        after=_version(after),
        changes=found,
        operations=OPERATIONS,
    )


def _version(row: dict[str, Any]) -> Version:
    return Version(row["number"], row["operation"], row["author"], row["comment"], row["at"])
