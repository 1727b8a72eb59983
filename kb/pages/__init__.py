"""Pages for people: HTML rendered on the server, in English and Hebrew, on the same services as the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, request
from flask_wtf import CSRFProtect

from kb.config import API_ROOT
from kb.domain.permissions import has_role_for
from kb.pages import after_failure, front, organizations
from kb.pages.accounts import account, sign_in, team, token_new, users
from kb.pages.calendars import check_calendar, kept_calendars
from kb.pages.checks import check, check_answers, check_list, check_receipts
from kb.pages.chips import parameter_label
from kb.pages.compiled_templates import CompiledTemplates
from kb.pages.days import calendar
from kb.pages.edits import edit_page, new_page, order, part_page, translation
from kb.pages.errors import error_page
from kb.pages.exchange import collection_files, collections, imports
from kb.pages.form_session import FormSessions, use_secret_key
from kb.pages.formats import FILTERS
from kb.pages.guards import guard_attach, guard_new, guard_offers, guards
from kb.pages.incidents import history, incident
from kb.pages.language import install_languages
from kb.pages.layout import layout
from kb.pages.parameters import require_short_query
from kb.pages.reviews import incident_review, proposal, waiting, withdrawal
from kb.pages.search import incident_list, search, search_export
from kb.pages.session import SESSION_COOKIE, clear_session, remember_actor
from kb.pages.static_files import static_file, static_url
from kb.pages.trends import categories, topics, trends, trends_export
from kb.pages.unsent_form import is_sent_again
from kb.pages.words.change_words import field_label
from kb.web.body_limits import IMPORTS, LARGE_BODIES, admit_large_body
from kb.web.current_actor import current_actor
from kb.web.endpoints import ENDPOINTS

if TYPE_CHECKING:
    from flask import Flask, Response

__all__ = ["error_page", "init_app", "is_for_people"]

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_PARTS = (
    front,
    search,
    search_export,
    incident,
    incident_list,
    history,
    new_page,
    edit_page,
    part_page,
    order,
    translation,
    waiting,
    proposal,
    incident_review,
    withdrawal,
    topics,
    after_failure,
    trends,
    trends_export,
    categories,
    check,
    check_list,
    check_receipts,
    check_answers,
    check_calendar,
    kept_calendars,
    calendar,
    guards,
    guard_attach,
    guard_new,
    guard_offers,
    sign_in,
    account,
    token_new,
    team,
    users,
    collections,
    collection_files,
    imports,
    organizations,
)
"""The modules with views."""

_csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    """Register the pages on an application."""
    app.config.update(
        SESSION_COOKIE_NAME="kb_form",
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = FormSessions()
    _csrf.init_app(app)
    blueprint = Blueprint("pages", __name__, template_folder="templates")
    for part in _PARTS:
        part.add_views(blueprint)
    blueprint.add_url_rule("/static/<fingerprint>/<path:name>", view_func=static_file)
    blueprint.before_request(use_secret_key)
    blueprint.before_request(_remember_actor)
    blueprint.before_request(require_short_query)
    blueprint.before_request(_admit_large_form)
    blueprint.before_request(_protect)
    app.after_request(_complete)
    for name, function in FILTERS.items():
        blueprint.add_app_template_filter(function, name)
    for label in (field_label, parameter_label):
        blueprint.add_app_template_filter(label)
    app.jinja_env.bytecode_cache = CompiledTemplates()
    app.jinja_env.globals["static_url"] = static_url
    blueprint.context_processor(layout)
    install_languages(app, blueprint)
    app.register_blueprint(blueprint)


def is_for_people() -> bool:
    """Whether the current request is for a page: by its URL, or if no view has that URL, by accepting HTML as
    a browser does."""
    if request.blueprint is not None:
        return request.blueprint == "pages"
    is_api = request.path.startswith(f"{API_ROOT}/") or request.path == API_ROOT
    return (
        not is_api and request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"
    )


def _remember_actor() -> None:
    # A static file is the same for everybody.
    if request.endpoint != "pages.static_file":
        remember_actor()


def _admit_large_form() -> None:
    """Admit a large file from permitted callers, before the form is read for its token."""
    view = (request.endpoint or "").removeprefix("pages.")
    if view in LARGE_BODIES | IMPORTS and has_role_for(current_actor(), ENDPOINTS[view]):
        admit_large_body(view)


def _protect() -> None:
    """Refuse a form that was not issued to this browser."""
    if request.method == "POST" and not is_sent_again():
        _csrf.protect()


def _complete(response: Response) -> Response:
    """Add the headers of pages, including error pages, and remove the cookie of an ended session."""
    if not is_for_people():
        return response
    if g.get("session_ended") and not _sets_session(response):
        clear_session(response)
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    # Forms over TLS are refused without it.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cache-Control", "private, no-cache")
    if not response.cache_control.public:
        response.vary.update(("Cookie", "Accept-Language"))
    return response


def _sets_session(response: Response) -> bool:
    cookies = response.headers.getlist("Set-Cookie")
    return any(cookie.startswith(f"{SESSION_COOKIE}=") for cookie in cookies)
