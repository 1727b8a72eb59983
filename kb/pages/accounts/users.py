"""Accounts of the site: its administrators add them, set new passwords, close and reopen them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.errors import Conflict, InvalidInput, StaleVersion
from kb.messages import message_of
from kb.pages.form_errors import errors_by_field
from kb.pages.language import in_interface_language
from kb.pages.messages import _, _l
from kb.pages.parameters import load_query
from kb.pages.sent_version import sent_version
from kb.schemas.accounts import UserInputSchema, UserPatchSchema
from kb.schemas.pagination import PageQuerySchema
from kb.services.accounts import users
from kb.services.accounts.passwords import MIN_LENGTH, require_strong
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText

_MESSAGES: Mapping[str, LazyText] = {
    "email": _l("Write an email address such as name@example.com."),
    "name": _l("Write a name of 1 to 200 characters."),
}
_CHANGED = _l("It was changed in the meantime. Read it again, then decide.")

_STEPS: Mapping[str, tuple[bool, LazyText]] = {
    "close": (True, _l("The account is closed, and its sessions have ended. What the person wrote stays.")),
    "open": (False, _l("The account is open again.")),
}
"""What closes and reopens an account: whether it is closed then, and what the page says."""


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/users", view_func=users_page)
    blueprint.add_url_rule("/users", view_func=user_add, methods=["POST"])
    blueprint.add_url_rule("/users/<int:user_id>", view_func=user_change, methods=["POST"])


@with_permission_check
def users_page() -> str:
    """List the accounts, the latest first, with a form for another."""
    return _page({})


@with_permission_check
def user_add() -> ResponseReturnValue:
    """Add an account; without a password, nobody signs in to it."""
    data = {name: request.form.get(name, "") for name in ("email", "name")}
    if request.form.get("password"):
        data["password"] = request.form["password"]
    try:
        user = users.create_user(current_actor(), UserInputSchema().load(data))
    except (InvalidInput, ValidationError) as error:
        return _page(errors_by_field(error, _MESSAGES) | _password_errors(data), data), 422
    except Conflict as error:
        field = next((each.pointer.strip("/") for each in error.errors), "email")
        return _page({field: in_interface_language(message_of(error))}, data), 409
    flash(_("%(name)s has an account now. A team's administrator adds it to the team.", name=user["name"]))
    return redirect(url_for("pages.users_page"), HTTPStatus.SEE_OTHER)


@with_permission_check
def user_change(user_id: int) -> ResponseReturnValue:
    """Set a new password, or close or reopen the account."""
    step = request.form.get("step", "")
    if step in _STEPS:
        disabled, done = _STEPS[step]
        data: dict[str, Any] = {"disabled": disabled}
    else:
        done = _l("The new password is set. All sessions of the account have ended.")
        data = {"password": request.form.get("password", "")}
    try:
        users.update_user(current_actor(), user_id, sent_version(), UserPatchSchema().load(data))
    except (InvalidInput, ValidationError) as error:
        return _page({f"password-{user_id}": " ".join(errors_by_field(error, {}).values())}), 422
    except StaleVersion:
        return _page({f"password-{user_id}": str(_CHANGED)}), 409
    flash(str(done))
    return redirect(url_for("pages.users_page", **_place()), HTTPStatus.SEE_OTHER)


def _password_errors(data: Mapping[str, str]) -> dict[str, str]:
    """Return the errors of a first password, which would otherwise be reported only if no other field has
    any."""
    try:
        if "password" in data:
            require_strong(data["password"])
    except InvalidInput as error:
        return errors_by_field(error, {})
    return {}


def _place() -> dict[str, Any]:
    """The parameters of the page of the list that a form was sent from, so that its answer shows it again."""
    return {name: request.args[name] for name in ("cursor", "limit") if name in request.args}


def _page(errors: Mapping[str, str], sent: Mapping[str, str] | None = None) -> str:
    query = load_query(PageQuerySchema())
    page = users.list_users(current_actor(), limit=query["limit"], cursor=query.get("cursor"))
    return render_template(
        "users.html",
        users=page.items,
        errors=errors,
        sent=sent or {"email": "", "name": ""},
        min_length=MIN_LENGTH,
        place=_place(),
        next_url=None
        if page.next is None
        else url_for("pages.users_page", **_place() | {"cursor": page.next}),
    )
