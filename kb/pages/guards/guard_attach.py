"""Attach a working guard to the lesson that it comes from."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for

from kb.domain.guard import LESSON_PREFIX, OfferStatus
from kb.domain.incident import Status
from kb.errors import Conflict, InvalidInput
from kb.guards.definition import to_data
from kb.messages import message_of
from kb.pages.form_errors import errors_by_field
from kb.pages.guards.guard_new import answer, offer_in_request, sent_text, test_text
from kb.pages.guards.guard_offers import done_with_offer
from kb.pages.language import in_interface_language
from kb.pages.messages import _
from kb.services.check.guard_writing.attaching import put_guard
from kb.services.check.guard_writing.offers import decide_offer
from kb.services.check.guard_writing.written_guards import GuardTextError, WrittenGuard
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.services.core.write_result import WriteResult


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/guards/new/attach", view_func=guard_attach, methods=["POST"])


@with_permission_check
def guard_attach() -> ResponseReturnValue:
    """Attach the guard to the chosen lesson, or say why that is not possible; or search for a lesson."""
    text = sent_text()
    written = _working(text)
    if written is None:
        return test_text(text)
    if "find" in request.form:
        return answer(text, written)
    lesson = request.form.get("lesson", type=int)
    if lesson is None:
        problem = _("Choose the lesson that the guard comes from.")
        return answer(text, written, status=422, lesson_error=problem)
    try:
        return _put(written, lesson)
    except InvalidInput as error:
        problem = " ".join(errors_by_field(error, {}).values())
        return answer(text, written, status=422, lesson_error=problem)
    except Conflict as error:
        problem = in_interface_language(message_of(error))
        return answer(text, written, status=409, lesson_error=problem)


def _working(text: str) -> WrittenGuard | None:
    """Read a guard; None if it has mistakes."""
    try:
        written = WrittenGuard(text)
    except GuardTextError:
        return None
    return None if written.mistakes else written


def _put(written: WrittenGuard, lesson: int) -> ResponseReturnValue:
    """Put a guard on a lesson, and accept the offered example that it was changed for, if any."""
    key, offer = f"{LESSON_PREFIX}{lesson}", offer_in_request()
    if offer is not None and request.form.get("changes") == key:
        accepted = {"status": OfferStatus.ACCEPTED, "guard": to_data(written.guard)}
        return done_with_offer(decide_offer(current_actor(), key, offer, accepted))
    return _done(put_guard(current_actor(), lesson, to_data(written.guard)), lesson)


def _done(result: WriteResult, lesson: int) -> ResponseReturnValue:
    """Redirect to the page that now shows the guard, with a message about what was done."""
    url = url_for("pages.incident_page", incident_id=result.incident["id"])
    if result.proposal is not None:
        url = url_for("pages.proposal_page", proposal_id=result.proposal["id"])
        flash(
            _(
                "The incident is published, so somebody else must approve the guard. "
                "Until then it is not used."
            )
        )
    elif result.incident["status"] == Status.PUBLISHED:
        flash(_("The guard is on its lesson, and looks at every draft from now on."))
        url = url_for("pages.guard_page", guard=f"{LESSON_PREFIX}{lesson}")
    else:
        flash(_("The guard is on its lesson. It looks at drafts once the incident is published."))
    return redirect(url, HTTPStatus.SEE_OTHER)
