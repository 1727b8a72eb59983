"""What holds for all views of pages."""

from dataclasses import replace

from flask import Flask

from kb.config import Settings
from kb.domain.permissions import Action
from kb.web.endpoints import ENDPOINTS
from tests.support.api import callers, running
from tests.support.pages import visitor

DATA = {
    "static_file",
    "search_results_csv",
    "search_suggestions",
    "incident_list_csv",
    "trends_csv",
    "check_calendar_csv",
    "check_calendar_example",
}
"""What is opened by an address and is no page."""


def _opened(app: Flask) -> dict[str, str]:
    """By name, the rules of the views that are opened by an address."""
    return {
        rule.endpoint.removeprefix("pages."): rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("pages.") and "GET" in (rule.methods or ())
    }


def test_a_view_that_is_opened_is_named_a_page_so_that_signing_in_leads_back_to_it(app: Flask) -> None:
    assert {name for name in _opened(app) if not name.endswith("_page")} == DATA


def test_without_an_account_nothing_opens_where_anonymous_readers_are_not_admitted(
    settings: Settings,
) -> None:
    for app in running(replace(settings, anonymous="none")):
        browser = visitor(callers(app)())
        for name, rule in _opened(app).items():
            if "<" not in rule and name not in DATA and ENDPOINTS[name] is not Action.PUBLIC:
                assert browser.open(rule).url.startswith("/sign-in?next="), name
        assert browser.open("/sign-in").status == 200
