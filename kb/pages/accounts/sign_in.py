"""Sign in with a password, and out."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, make_response, redirect, render_template, request, session, url_for
from marshmallow import ValidationError

from kb.errors import NotAuthenticated, NotFound, Throttled
from kb.pages.formats import duration
from kb.pages.messages import _, _n
from kb.pages.return_path import safe_return_path
from kb.pages.session import clear_session, set_session
from kb.schemas.accounts import SignInSchema
from kb.services.accounts import sessions
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint, Response
    from flask.typing import ResponseReturnValue


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/sign-in", view_func=sign_in_page)
    blueprint.add_url_rule("/sign-in", view_func=sign_in, methods=["POST"])
    blueprint.add_url_rule("/sign-out", view_func=sign_out, methods=["POST"])


@with_permission_check
def sign_in_page() -> ResponseReturnValue:
    """Ask for email and password."""
    return render_template("sign_in.html", next=request.args.get("next"))


@with_permission_check
def sign_in() -> ResponseReturnValue:
    """Start a session, end the browser's previous one, and redirect to where the visitor was."""
    try:
        data = SignInSchema().load({name: request.form.get(name, "") for name in ("email", "password")})
        new = sessions.sign_in(data["email"], data["password"])
    except (ValidationError, NotAuthenticated):
        return _refused(_("No account has this email and password. Check both and try again."), 422)
    except Throttled as error:
        text, status, headers = _refused(
            _(
                "There were too many attempts. Nothing is lost: try again in %(time)s.",
                time=time_until(error.retry_after),
            ),
            429,
        )
        return text, status, {**headers, "Retry-After": str(error.retry_after)}
    end_session()
    response = make_response(redirect(safe_return_path(request.form.get("next")), HTTPStatus.SEE_OTHER))
    set_session(response, new["token"])
    return response


@with_permission_check
def sign_out() -> ResponseReturnValue:
    """End the session. It is not an error if it has already ended."""
    end_session()
    return signed_out()


def signed_out() -> Response:
    """Say that the session has ended, and remove its cookie."""
    flash(_("You are signed out."))
    response = make_response(redirect(url_for("pages.front_page"), HTTPStatus.SEE_OTHER))
    clear_session(response)
    return response


def end_session() -> None:
    """End the browser's session, if it has one, and discard the secret of its forms."""
    session.clear()
    if current_actor().token_id is not None:
        # The token may not be a session, or may have ended meanwhile.
        with suppress(NotFound, NotAuthenticated):
            sessions.sign_out(current_actor())


def time_until(seconds: int) -> str:
    """Describe a time to wait, never too short."""
    if seconds < 90:
        return _n("%(num)s second", "%(num)s seconds", seconds)
    return duration(-(-seconds // 60))


def _refused(problem: str, status: int) -> tuple[str, int, dict[str, str]]:
    page = render_template("sign_in.html", next=request.form.get("next"), problem=problem)
    return page, status, {}
