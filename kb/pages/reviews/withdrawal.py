"""Discarding a draft and withdrawing a published incident, after a page that says what that means; and the
way back."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.domain.incident import Status
from kb.domain.permissions import Action
from kb.domain.workflow import Step
from kb.errors import Conflict, InvalidInput, StaleVersion
from kb.messages import message_of
from kb.pages.form_errors import errors_by_field
from kb.pages.language import in_interface_language, text_languages
from kb.pages.messages import _, _l
from kb.pages.sent_version import sent_version
from kb.schemas.review import StepInputSchema
from kb.services.incidents.read import get_incident
from kb.services.review.transitions import require_withdrawal, transition_incident
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText

_FORM = "withdrawal"

_ADVICE: Mapping[str, LazyText] = {"comment": _l("Write the comment in at most 500 characters.")}


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    path = "/incidents/<int:incident_id>/withdraw"
    blueprint.add_url_rule(path, view_func=incident_withdraw_page)
    blueprint.add_url_rule(path, view_func=incident_withdraw, methods=["POST"])
    reopening = "/incidents/<int:incident_id>/reopen"
    blueprint.add_url_rule(reopening, view_func=incident_reopen, methods=["POST"])


@with_permission_check
def incident_withdraw_page(incident_id: int) -> ResponseReturnValue:
    """Ask whether a draft is to be discarded, or a published incident withdrawn."""
    return _page(incident_id, {}, 200)


@with_permission_check
def incident_withdraw(incident_id: int) -> ResponseReturnValue:
    """Discard a draft, or withdraw a published incident, in the version that was read."""
    try:
        _take(incident_id, Step.WITHDRAW)
    except (InvalidInput, ValidationError) as error:
        return _page(incident_id, errors_by_field(error, _ADVICE), 422)
    except StaleVersion:
        message = _("It was changed in the meantime. Read it again, then decide.")
        return _page(incident_id, {_FORM: message}, 409)
    except Conflict as error:
        return _page(incident_id, {_FORM: in_interface_language(message_of(error))}, 409)
    flash(_("Done. Only its team still finds it, with its history."))
    return _to_incident(incident_id)


@with_permission_check
def incident_reopen(incident_id: int) -> ResponseReturnValue:
    """Make a discarded or withdrawn incident a draft again."""
    try:
        _take(incident_id, Step.REOPEN)
    except (StaleVersion, Conflict):
        flash(_("It was changed in the meantime. Read it again, then decide."))
        return _to_incident(incident_id)
    flash(_("It is a draft again, which only its team sees."))
    url = url_for("pages.incident_edit_page", incident_id=incident_id)
    return redirect(url, HTTPStatus.SEE_OTHER)


def _take(incident_id: int, step: Step) -> None:
    comment = request.form.get("comment", "").replace("\r\n", "\n")
    data = StepInputSchema().load({"step": step, "comment": comment})
    transition_incident(
        current_actor(),
        incident_id,
        sent_version(),
        step,
        data["comment"],
        override=False,
        acknowledged=(),
    )


def _to_incident(incident_id: int) -> ResponseReturnValue:
    return redirect(url_for("pages.incident_page", incident_id=incident_id), HTTPStatus.SEE_OTHER)


def _page(incident_id: int, errors: Mapping[str, str], status: int) -> ResponseReturnValue:
    """Return the confirmation page with the form's errors; redirect to an incident that is withdrawn
    already.

    Raises NotFound or Forbidden.
    """
    actor = current_actor()
    incident = get_incident(actor, incident_id, text_languages())
    if incident["status"] == Status.WITHDRAWN:
        return _to_incident(incident_id)
    page = render_template(
        "incident_withdraw.html",
        incident=incident,
        is_draft=require_withdrawal(actor, incident_id) is Action.DISCARD,
        errors=errors,
        comment=request.form.get("comment", ""),
        form_id=_FORM,
    )
    return page, status
