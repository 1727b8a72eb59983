"""My account: language, time zone, password, sessions and tokens, teams."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import flash, make_response, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.domain.permissions import Action, Role, has_role_for
from kb.errors import InvalidInput, StaleVersion, Throttled
from kb.pages.accounts.sign_in import signed_out, time_until
from kb.pages.form_errors import errors_by_field
from kb.pages.language import LANGUAGES, use_language
from kb.pages.messages import _, _l
from kb.pages.sent_version import sent_version
from kb.pages.time_zones import time_zone_groups
from kb.schemas.accounts import MePatchSchema
from kb.services.accounts import teams, tokens, users
from kb.services.accounts.passwords import MIN_LENGTH
from kb.services.accounts.token_revocation import end_other_sessions, revoke_managed_token
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint, Response
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText

MAX_TOKENS = 100

ROLES: Mapping[str, LazyText] = {
    Role.READER.key: _l("reads"),
    Role.CONTRIBUTOR.key: _l("files and changes"),
    Role.REVIEWER.key: _l("reviews and publishes"),
    Role.ADMIN.key: _l("administers the team"),
    Role.SITE_ADMIN.key: _l("administers the site"),
}
"""Each role in words."""

_WRONG_PASSWORD = _l("This is not your current password.")
_MESSAGES: Mapping[str, LazyText] = {
    "current_password": _WRONG_PASSWORD,
    "time_zone": _l("Choose a time zone from the list."),
    "language": _l("Choose a language from the list."),
}


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/account", view_func=account_page)
    blueprint.add_url_rule("/account", view_func=update_account, methods=["POST"])
    blueprint.add_url_rule("/account/password", view_func=change_password, methods=["POST"])
    blueprint.add_url_rule("/account/tokens/<int:token_id>/end", view_func=end_token, methods=["POST"])
    blueprint.add_url_rule("/account/sessions/others/end", view_func=sign_out_elsewhere, methods=["POST"])


@with_permission_check
def account_page() -> ResponseReturnValue:
    """Show the visitor's account."""
    return _page()


@with_permission_check
def update_account() -> ResponseReturnValue:
    """Change language and time zone."""
    data = {"language": request.form.get("language") or None, "time_zone": request.form.get("time_zone", "")}
    return _change(data, _l("Your settings are saved."), form="settings")


@with_permission_check
def change_password() -> ResponseReturnValue:
    """Set a new password, which ends all other sessions."""
    data = {name: request.form.get(name, "") for name in ("current_password", "password")}
    return _change(data, _l("Your new password is set. All your other sessions have ended."), form="password")


@with_permission_check
def end_token(token_id: int) -> ResponseReturnValue:
    """End a session, or revoke a token."""
    revoke_managed_token(current_actor(), token_id)
    if token_id == current_actor().token_id:
        return signed_out()
    flash(_("It has ended and no longer works."))
    return redirect(url_for("pages.account_page", _anchor="sessions"), HTTPStatus.SEE_OTHER)


@with_permission_check
def sign_out_elsewhere() -> ResponseReturnValue:
    """End all sessions of the visitor except the present one."""
    end_other_sessions(current_actor())
    flash(_("You are signed out everywhere else."))
    return redirect(url_for("pages.account_page", _anchor="sessions"), HTTPStatus.SEE_OTHER)


def _change(data: Mapping[str, Any], done: LazyText, form: str) -> ResponseReturnValue:
    """Change the account and return to its page, or show the errors there."""
    try:
        users.update_me(current_actor(), sent_version(), MePatchSchema().load(data))
    except (InvalidInput, ValidationError) as error:
        return _page(form, errors_by_field(error, _MESSAGES), 422)
    except StaleVersion:
        problem = _("Your account was changed elsewhere in the meantime. Look at it again, and save again.")
        return _page(form, {"version": problem}, 409)
    except Throttled as error:
        wait = _("There were too many attempts. Try again in %(time)s.", time=time_until(error.retry_after))
        response = _page(form, {"current_password": wait}, 429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    use_language(data.get("language") or "")
    flash(str(done))
    # A language in the URL would override the chosen one.
    return redirect(url_for("pages.account_page", lang=None), HTTPStatus.SEE_OTHER)


def _page(form: str = "", errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """Render the account page, with the errors of one of its forms."""
    actor = current_actor()
    me = users.get_me(actor)
    may_manage = has_role_for(actor, Action.MANAGE_ACCOUNT)
    account = me["user"] or {}
    chosen = request.form if form == "settings" else account
    content = render_template(
        "account.html",
        me=me,
        account=account,
        may_manage=may_manage,
        form=form,
        errors=errors or {},
        teams=teams.list_teams(actor),
        roles=ROLES,
        language=chosen.get("language") or "",
        time_zone=chosen.get("time_zone", "UTC"),
        languages_to_choose=_languages(account.get("language")),
        time_zones=time_zone_groups(account.get("time_zone")),
        min_length=MIN_LENGTH,
        **(_tokens() if may_manage else {}),
    )
    response = make_response(content, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _languages(present: str | None) -> dict[str, str]:
    """Return the languages to choose from, by code: those of the interface, and the current one."""
    return LANGUAGES if present is None else {present: present, **LANGUAGES}


def _tokens() -> dict[str, Any]:
    """Return the valid tokens that the visitor may end: own sessions, own tokens, and those of others."""
    actor = current_actor()
    page = tokens.list_valid_tokens(actor, limit=MAX_TOKENS)
    own = [token for token in page.items if actor.user_id is not None and token["user"] == actor.name]
    return {
        "sessions": [token for token in own if token["session"]],
        "tokens": [token for token in own if not token["session"]],
        "other_tokens": [token for token in page.items if token not in own and not token["session"]],
        "has_more_tokens": page.next is not None,
        "may_make_tokens": actor.user_id is not None or has_role_for(actor, Action.MANAGE_TEAM),
    }
