"""Pages for people: HTML rendered on the server, in English and Hebrew, on the same services as the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, request
from flask_wtf import CSRFProtect

from kb.config import API_ROOT
from kb.pages import calendar, categories, check_calendar, front, incident, incident_list, search, trends
from kb.pages.errors import error_page
from kb.pages.formats import FILTERS
from kb.pages.language import install_languages
from kb.pages.layout import layout
from kb.pages.session import remember_actor
from kb.pages.static_files import static_file, static_url
from kb.services.operations.secret_key import secret_key

if TYPE_CHECKING:
    from flask import Flask, Response

__all__ = ["error_page", "init_app", "is_for_people"]

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_PARTS = (front, search, incident, incident_list, trends, categories, calendar, check_calendar)
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
    _csrf.init_app(app)
    blueprint = Blueprint("pages", __name__, template_folder="templates")
    for part in _PARTS:
        part.add_views(blueprint)
    blueprint.add_url_rule("/static/<fingerprint>/<path:name>", view_func=static_file)
    blueprint.before_request(_use_secret_key)
    blueprint.before_request(remember_actor)
    blueprint.before_request(_protect)
    blueprint.after_request(_add_headers)
    for name, function in FILTERS.items():
        blueprint.add_app_template_filter(function, name)
    app.jinja_env.globals["static_url"] = static_url
    blueprint.context_processor(layout)
    install_languages(app, blueprint)
    app.register_blueprint(blueprint)


def is_for_people() -> bool:
    """Whether the current request is one for a page: by its address, or if there is nothing, as a browser
    asks for it."""
    if request.blueprint is not None:
        return request.blueprint == "pages"
    is_api = request.path.startswith(f"{API_ROOT}/") or request.path == API_ROOT
    return (
        not is_api and request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"
    )


def _use_secret_key() -> None:
    if not current_app.secret_key:
        current_app.secret_key = secret_key()


def _protect() -> None:
    """Refuse a form that was not made for this browser."""
    if request.method == "POST":
        _csrf.protect()


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    # Forms over TLS are refused without it.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
