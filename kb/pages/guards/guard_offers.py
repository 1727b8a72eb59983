"""Drafts that people call harmless: their guards' owners accept, take over or decline them as examples."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.domain.guard import LESSON_PREFIX, OfferStatus
from kb.errors import Conflict, InvalidInput
from kb.guards.definition import draft_data, to_draft
from kb.messages import message_of
from kb.pages.language import in_interface_language, text_languages
from kb.pages.marked_text import found_parts
from kb.pages.messages import _
from kb.pages.parameters import load_query, page_url
from kb.pages.words.guard_words import SEVERITIES, as_yaml, draft_facts, title
from kb.schemas.guard_offers import OfferDecisionSchema
from kb.schemas.pagination import PageQuerySchema
from kb.services.check.guard_listing import list_guards, try_guard
from kb.services.check.guard_writing.offers import decide_offer, list_open_offers
from kb.services.check.lesson_context import lesson_contexts
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.domain.guard import Guard
    from kb.services.infrastructure.pagination import Page


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/guards/offers", view_func=guard_offers_page)
    blueprint.add_url_rule(
        "/guards/<guard>/offers/<int:offer_id>", view_func=guard_offer_decide, methods=["POST"]
    )


@with_permission_check
def guard_offers_page() -> ResponseReturnValue:
    """List the offered examples that the visitor may decide."""
    return _page()


@with_permission_check
def guard_offer_decide(guard: str, offer_id: int) -> ResponseReturnValue:
    """Accept, take over or decline an offered example; offer the guard to be changed if it still finds it."""
    try:
        data = OfferDecisionSchema().load({"status": request.form.get("status", "")})
        decided = decide_offer(current_actor(), guard, offer_id, data)
    except ValidationError:
        return _page(offer_id, _("Choose one of the buttons.")), 422
    except InvalidInput:
        url = url_for("pages.guard_new_page", changes=guard, offer=offer_id)
        return redirect(url, HTTPStatus.SEE_OTHER)
    except Conflict as error:
        return _page(offer_id, in_interface_language(message_of(error))), 409
    return done_with_offer(decided)


def done_with_offer(decided: Mapping[str, Any]) -> ResponseReturnValue:
    """Redirect with a message about what was done with an offer: to the offers, or to the change of the
    guard that waits for a review."""
    flash(_done(decided))
    if decided["proposal"] is not None:
        url = url_for("pages.proposal_page", proposal_id=decided["proposal"])
        return redirect(url, HTTPStatus.SEE_OTHER)
    return redirect(url_for("pages.guard_offers_page"), HTTPStatus.SEE_OTHER)


def _done(decided: Mapping[str, Any]) -> str:
    if decided["status"] == OfferStatus.DECLINED:
        return _("Declined. The guard stays as it is.")
    if decided["status"] == OfferStatus.TAKEN_OVER:
        return _("Recorded. It counts as an example in the guard's file.")
    if decided["proposal"] is not None:
        return _("Accepted. The guard's incident is published, so the change awaits its review.")
    return _("Accepted. It is a good example of the guard from now on.")


def _page(failed: int | None = None, problem: str | None = None) -> str:
    query = load_query(PageQuerySchema())
    page = list_open_offers(current_actor(), limit=query["limit"], cursor=query.get("cursor"))
    return render_template(
        "guard_offers.html",
        offers=_rows(page),
        failed=failed,
        problem=problem,
        next_url=None if page.next is None else page_url([("cursor", page.next)]),
    )


def _rows(page: Page) -> list[dict[str, Any]]:
    keys = {offer["guard"] for offer in page.items}
    guards = {each.guard.key: each.guard for each in list_guards(current_actor()) if each.guard.key in keys}
    contexts = lesson_contexts(current_actor(), keys, text_languages())
    rows = []
    for offer in page.items:
        guard = guards.get(offer["guard"])
        found = None if guard is None else _findings(offer)
        can_be_accepted = offer["guard"].startswith(LESSON_PREFIX)
        rows.append(
            {
                **offer,
                "facts": draft_facts(offer["example"]),
                "parts": found_parts(offer["example"]["text"], found or ()),
                "is_found": None if found is None else bool(found),
                "title": None if guard is None else title(guard),
                "severity": None if guard is None else guard.severity.value,
                "severity_word": None if guard is None else SEVERITIES[guard.severity],
                "has_page": guard is not None,
                "can_be_accepted": can_be_accepted,
                "yaml": None if can_be_accepted else _row_of_file(guard, offer["example"]),
                **contexts.get(offer["guard"], {"lesson": None, "incident": None}),
            }
        )
    return rows


def _findings(offer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the guard in use finds in an offered example."""
    return try_guard(current_actor(), offer["guard"], to_draft(offer["example"]), text_languages())


def _row_of_file(guard: Guard | None, example: Mapping[str, Any]) -> str:
    """Format a guard's examples with a new one for a file, where they replace those of an included guard."""
    if guard is None:
        return as_yaml([_short(example)])
    drafts = {"bad": [*map(draft_data, guard.bad)], "good": [*map(draft_data, guard.good)]}
    others = [draft for draft in drafts["good"] if draft["text"] != example["text"]]
    drafts["good"] = [*others, {**example}]
    examples = {kind: [*map(_short, found)] for kind, found in drafts.items()}
    return as_yaml([{"key": guard.key, "examples": examples}])


def _short(example: Mapping[str, Any]) -> Any:
    """Convert an example to the form used in files: only its text, if it has no other facts."""
    return example["text"] if [*example] == ["text"] else dict(example)
