"""Decisions about what waits for a review: what both kinds of forms send, and what may be wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.errors import Conflict, FieldError, InvalidInput, StaleVersion
from kb.messages import Message, message_of
from kb.pages.form_errors import errors_by_field
from kb.pages.language import in_interface_language, interface_language
from kb.pages.messages import _, _l
from kb.pages.words.change_words import field_label
from kb.services.review.comments import list_comments
from kb.translation import translated_details
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flask.typing import ResponseReturnValue
    from marshmallow import Schema

    from kb.pages.messages import LazyText
    from kb.services.core.write_result import WriteResult
    from kb.services.infrastructure.pagination import Page

_MESSAGES: Mapping[str, LazyText] = {
    "comment": _l("Write the comment in at most 500 characters."),
    "acknowledge": _l("Tick what you know of, to accept it in spite of that."),
    "step": _l("Choose one of the buttons."),
}

_MAX_COMMENTS = 50
"""How many comments are shown."""


class Blocker(NamedTuple):
    """What keeps it from being handed in or published, and the address at which that is changed, if any."""

    text: str
    url: str | None = None


class Problems(NamedTuple):
    """What is wrong with a decision, by field, and the status of the answer."""

    errors: Mapping[str, str]
    status: int


def sent_step() -> str:
    """The step whose button was pressed."""
    return request.form.get("step", "")


def load_decision(schema: Schema, steps: Mapping[str, LazyText]) -> dict[str, Any]:
    """Read the form that was sent, with one of `steps`. Raises ValidationError."""
    data = {
        "step": sent_step(),
        "comment": request.form.get("comment", "").replace("\r\n", "\n"),
        "acknowledge": request.form.getlist("acknowledge"),
    }
    if data["step"] not in steps:
        raise ValidationError({"step": ["Unknown."]})
    loaded: dict[str, Any] = schema.load(data)
    return loaded


def require_acknowledged(concerns: Sequence[Mapping[str, Any]], acknowledged: Sequence[str]) -> None:
    """Raise InvalidInput if a concern was not ticked, before the service says so in terms of the API."""
    if any(concern["key"] not in acknowledged for concern in concerns):
        raise InvalidInput([FieldError("/acknowledge", Message("Missing."))])


def decide(take: Callable[[], WriteResult], done: Mapping[str, LazyText]) -> ResponseReturnValue | Problems:
    """Take a step, and redirect to the incident with a message; return the errors if it is refused."""
    try:
        result = take()
    except (InvalidInput, ValidationError) as error:
        found = errors_by_field(error, _MESSAGES)
        known = {name: text for name, text in found.items() if name in _MESSAGES}
        return Problems(known or {"step": " ".join(found.values())}, 422)
    except StaleVersion:
        changed = _("It was changed in the meantime. Read it again, then decide.")
        return Problems({"step": changed}, 409)
    except Conflict as error:
        return Problems({"step": in_interface_language(message_of(error))}, 409)
    flash(str(done[sent_step()]))
    return redirect(url_for("pages.incident_page", incident_id=result.incident["id"]), 303)


def open_comments(incident_id: int, proposal_id: int | None = None) -> Page:
    """The latest unresolved comments on a proposal, or without one on the incident itself."""
    found = list_comments(
        current_actor(),
        incident_id,
        resolved=False,
        proposal_id=proposal_id,
        limit=_MAX_COMMENTS,
        cursor=None,
    )
    return found._replace(items=[each for each in found.items if each["proposal"] == proposal_id])


def decision_page(problems: Problems, *, concerns: Sequence[Mapping[str, Any]], **review: Any) -> str:
    """Return the review page with the form as it was sent, and its errors."""
    return render_template(
        "review.html",
        **review,
        concerns=translated_details(concerns, interface_language()),
        field_label=field_label,
        errors=problems.errors,
        failed=sent_step(),
        sent=request.form,
        acknowledged=request.form.getlist("acknowledge"),
    )
