"""Collections of incidents: listing, showing, adding, updating and removing them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for

from kb.domain.permissions import Action, has_role_for
from kb.errors import NotFound
from kb.messages import Message
from kb.pages.language import text_languages
from kb.pages.parameters import page_url
from kb.pages.words.collection_words import REASONS, counts, done_sentence, size, standing
from kb.schemas.filters import ListQuerySchema
from kb.services.exchange.collections import changes
from kb.services.exchange.collections.listing import find_added, get_collection, list_collections
from kb.services.incidents.read import list_incidents
from kb.services.taxonomy.query_filters import incident_filter
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.services.exchange.collections.report import CollectionReport
    from kb.services.infrastructure.pagination import Page

INCIDENTS_PER_PAGE = 50


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/collections", view_func=collections_page)
    blueprint.add_url_rule("/collections/<key>", view_func=collection_page)
    blueprint.add_url_rule("/collections/<key>/add/try", view_func=collection_add_try, methods=["POST"])
    blueprint.add_url_rule("/collections/<key>/add", view_func=collection_add, methods=["POST"])
    blueprint.add_url_rule("/collections/<key>/remove/try", view_func=collection_remove_try, methods=["POST"])
    blueprint.add_url_rule("/collections/<key>/remove", view_func=collection_remove, methods=["POST"])


@with_permission_check
def collections_page() -> str:
    """List the collections that came with the program, and those that were added."""
    found = list_collections(current_actor(), text_languages())
    return render_template("collections.html", rows=[_row(each) for each in found], may_change=_may_change())


@with_permission_check
def collection_page(key: str) -> str:
    """Show a collection: what it is, where to ask for a correction, and its incidents."""
    collection = get_collection(current_actor(), key, text_languages())
    page = _incidents(key)
    return render_template(
        "collection.html",
        **_row(collection),
        incidents=page.items,
        is_first="cursor" not in request.args,
        next_url=None if page.next is None else page_url([("cursor", page.next)]),
        may_change=_may_change(),
    )


@with_permission_check
def collection_add_try(key: str) -> str:
    """Show what adding or updating a shipped collection would change, and ask for confirmation."""
    collection = _shipped(key)
    report = changes.add_shipped(current_actor(), key, dry_run=True)
    return render_template(
        "collection_add.html", **_row(collection), **report_words(report), version=report.version
    )


@with_permission_check
def collection_add(key: str) -> ResponseReturnValue:
    """Add or update a shipped collection."""
    _shipped(key)
    return done(changes.add_shipped(current_actor(), key))


@with_permission_check
def collection_remove_try(key: str) -> str:
    """Show what removing a collection would change, and ask for confirmation."""
    find_added(key)
    collection = get_collection(current_actor(), key, text_languages())
    report = changes.remove(current_actor(), key, edited=_takes_edited(), dry_run=True)
    return render_template(
        "collection_remove.html", **_row(collection), **report_words(report), takes_edited=_takes_edited()
    )


@with_permission_check
def collection_remove(key: str) -> ResponseReturnValue:
    """Remove a collection."""
    return done(changes.remove(current_actor(), key, edited=_takes_edited()))


def report_words(report: CollectionReport) -> dict[str, Any]:
    """Return the template variables of a previewed change."""
    kept = [
        (incident.id, incident.title, ", ".join(str(REASONS[reason]) for reason in incident.reasons))
        for incident in report.kept
    ]
    return {"counts": counts(report), "kept": kept}


def done(report: CollectionReport) -> ResponseReturnValue:
    """Answer a change with its summary, on the page of the collection."""
    flash(done_sentence(report))
    return redirect(url_for("pages.collection_page", key=report.key), HTTPStatus.SEE_OTHER)


def _row(collection: Mapping[str, Any]) -> dict[str, Any]:
    return {"collection": collection, "standing": standing(collection), "size": size(collection)}


def _shipped(key: str) -> Mapping[str, Any]:
    """Return a collection that came with the program. Raises NotFound."""
    collection = get_collection(current_actor(), key, text_languages())
    if not collection["shipped"]:
        raise NotFound(Message("The collection {key!r} did not come with the program.", key=key))
    return collection


def _incidents(key: str) -> Page:
    """Return a page of the published incidents of a collection."""
    filters = incident_filter(ListQuerySchema().load({"status": "published", "collection": key}))
    return list_incidents(
        current_actor(),
        filters,
        text_languages(),
        limit=INCIDENTS_PER_PAGE,
        cursor=request.args.get("cursor"),
    )


def _takes_edited() -> bool:
    return request.form.get("edited") == "1"


def _may_change() -> bool:
    return has_role_for(current_actor(), Action.MANAGE_SITE)
