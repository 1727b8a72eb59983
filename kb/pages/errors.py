"""Errors as pages: what happened, and what to do now."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError

from kb.domain.permissions import PERMISSIONS, TEAM_ROLES, Role
from kb.errors import Moved
from kb.pages.accounts.account import ROLES
from kb.pages.accounts.sign_in import time_until
from kb.pages.language import in_interface_language, interface_language
from kb.pages.layout import layout
from kb.pages.messages import _, _l
from kb.pages.return_path import current_path
from kb.pages.session import remember_actor
from kb.pages.unsent_form import SENT_AGAIN, unsent_form
from kb.web.current_actor import current_actor
from kb.web.endpoints import ENDPOINTS
from kb.web.error_map import problem_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.messages import Message
    from kb.pages.messages import LazyText
    from kb.pages.unsent_form import UnsentForm

_TITLES: Mapping[int, LazyText] = {
    400: _l("The form has expired"),
    401: _l("Sign in first"),
    403: _l("You do not have access to this"),
    404: _l("There is no such page"),
    405: _l("This cannot be done here"),
    408: _l("It arrived too slowly"),
    413: _l("That is too much at once"),
    415: _l("This page takes forms only"),
    422: _l("Something in it cannot be read"),
    429: _l("Too many attempts"),
    503: _l("One moment, please"),
}

_ADVICE: Mapping[int, LazyText] = {
    400: _l(
        "Nothing was saved. Go back, reload the page and send it again. The form needs a cookie of this site."
    ),
    401: _l("Nothing was saved. Sign in, then go back to the form: what you wrote is still in it."),
    403: _l(
        "Ask whoever administers the team, or the site, for access. Or sign in with an account that has it."
    ),
    404: _l("It may have been withdrawn, or there is a typo in the address. Search for it."),
    405: _l("Nothing was changed. Open the page and use its buttons."),
    408: _l("Nothing was saved. What you wrote is still on the page before: go back and send it again."),
    413: _l(
        "Nothing was saved. What you wrote is still on the page before: go back and send a shorter text, or "
        "a calendar in several parts."
    ),
    415: _l("Nothing was saved. In a browser, open the page and use its form. Programs use the API."),
    422: _l("Nothing was saved. Change what is named below and send it again."),
    429: _l("Nothing is lost. Wait a minute and try again."),
    503: _l("The service is getting ready or is very busy. Reload the page in a few seconds."),
}

_UNSENT_ADVICE: Mapping[int, LazyText] = {
    400: _l("Nothing was saved yet, and nothing is lost: this page keeps what you wrote. Send it again."),
    401: _l(
        "Nothing was saved yet, and nothing is lost: this page keeps what you wrote. Sign in, in a new tab, "
        "then come back here and send it again."
    ),
    500: _l(
        "The failure is on our side, and it has been recorded. This page keeps what you wrote: send it "
        "again in a moment."
    ),
    503: _l(
        "The service is getting ready or is very busy. This page keeps what you wrote: send it again in "
        "a few seconds."
    ),
}
"""The advice if the failed form can be sent again from the error page."""

_PASSING = (429, 500, 503)
"""The statuses that may be gone when the same address is opened again."""

_ADDRESS = _l("Part of the address cannot be read")
_ADDRESS_ADVICE = _l("Change what is named below, in the address or on the page before.")
"""The advice for 422 if the request was only a URL, without a form."""

_FOR_MEMBERS = _l("This is for members of a team")
_JOIN_A_TEAM = _l(
    "You belong to no team yet. Whoever administers one can add you: tell them the email address that you "
    "sign in with."
)
"""The title and the advice for 403 if the visitor would have access as a member of a team."""

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
"""The media types of forms."""

_UNEXPECTED = _l("That did not work")
_UNEXPECTED_ADVICE = _l("The failure is on our side, and it has been recorded. Try again in a moment.")


def error_page(error: Exception) -> Response:
    """Return an error as a page in the reader's language.

    A merged incident redirects to the one it was merged into, and a page that requires an account to the
    sign-in page, and back. A URL for forms only redirects to the page above it, which also serves the
    language links on the answer to a form.
    """
    if isinstance(error, Moved):
        url = url_for("pages.incident_page", incident_id=error.incident_id)
        return make_response(redirect(url, 308))
    problem = problem_of(error)
    status = _form_status() if isinstance(error, CSRFError) else problem.status
    other_page = _page_instead(status)
    if other_page is not None:
        return make_response(redirect(other_page, 303))
    if "actor" not in g:
        with suppress(SQLAlchemyError):  # without a database, treat the visitor as anonymous
            remember_actor()
    is_teamless = status == 403 and _is_teamless()
    unsent = unsent_form() if status in (*_UNSENT_ADVICE, 429) else None
    content = render_template(
        "error.html",
        status=status,
        title=_FOR_MEMBERS if is_teamless else _title(status),
        advice=_JOIN_A_TEAM if is_teamless else _advice(status, problem.headers.get("Retry-After"), unsent),
        is_teamless=is_teamless,
        unsent=unsent,
        sent_again=SENT_AGAIN,
        again_url=current_path() if status in _PASSING and request.method == "GET" else None,
        page_url=_page_above() if status in (405, 415) else None,
        detail=None if is_teamless or status not in (403, 422, 429) else _detail(problem.detail),
        fields=[in_interface_language(field.detail) for field in islice(problem.errors, 20)],
        can_sign_in=status in (401, 403) and current_actor().token_id is None,
        # A URL without a view belongs to no blueprint, so nothing else adds the layout.
        **layout(),
    )
    response = Response(content, status, {**problem.headers}, mimetype="text/html")
    response.headers.pop("WWW-Authenticate", None)
    response.headers["Content-Language"] = interface_language()
    return response


def _page_instead(status: int) -> str | None:
    """Return the URL of the page that serves the visitor better than an error, if there is one."""
    if status == 401 and request.method == "GET" and _asks_for_html():
        return url_for("pages.sign_in_page", next=current_path())
    return _page_above() if status == 405 and request.method in ("GET", "HEAD") else None


def _title(status: int) -> LazyText:
    return _ADDRESS if _is_of_the_address(status) else _TITLES.get(status, _UNEXPECTED)


def _form_status() -> int:
    """Return the status of a form without a valid token: empty or expired, or no form at all."""
    return 415 if request.mimetype and request.mimetype not in _FORMS else 400


def _detail(detail: Message) -> str:
    """Return what an error says, with roles in the words of the pages of teams."""
    needed, own = (ROLES.get(str(detail.values.get(name))) for name in ("role", "own"))
    if needed is None:
        return in_interface_language(detail)
    if own is None:
        return _("This is for those whose role is “%(role)s”.", role=needed)
    return _("This is for those whose role is “%(role)s”. Yours is “%(own)s”.", role=needed, own=own)


def _is_teamless() -> bool:
    """Whether the visitor is signed in but in no team, and the page is for members of teams."""
    action = ENDPOINTS.get((request.endpoint or "").removeprefix("pages."))
    return (
        action is not None
        and current_actor().highest_role is Role.SIGNED_IN
        and PERMISSIONS[action].role in TEAM_ROLES
    )


def _advice(status: int, retry_after: str | None, unsent: UnsentForm | None) -> str:
    """Return what to do now; after too many tries, how long to wait, if known."""
    if status == 429 and retry_after is not None and retry_after.isdigit():
        return _("Nothing is lost. Try again in %(time)s.", time=time_until(int(retry_after)))
    if unsent is not None and status in _UNSENT_ADVICE:
        return str(_UNSENT_ADVICE[status])
    if _is_of_the_address(status):
        return str(_ADDRESS_ADVICE)
    return str(_ADVICE.get(status, _UNEXPECTED_ADVICE))


def _is_of_the_address(status: int) -> bool:
    return status == 422 and request.method in ("GET", "HEAD")


def _page_above() -> str:
    """Return the URL if it can be opened, else the nearest parent that can be, with the same query."""
    addresses = current_app.create_url_adapter(request)
    assert addresses is not None
    path = request.path
    while path != "/" and not addresses.test(path, "GET"):
        path = path.rpartition("/")[0] or "/"
    query = request.query_string.decode()
    return f"{request.script_root}{path}{'?' if query else ''}{query}"


def _asks_for_html() -> bool:
    """Whether a browser opens a page; scripts that fetch data accept anything."""
    return "text/html" in request.headers.get("Accept", "")
