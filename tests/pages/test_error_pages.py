from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from kb.config import Settings
from kb.errors import Forbidden, InvalidInput, NotFound, Throttled, Unavailable
from kb.factory import create_app
from kb.messages import Message
from kb.pages.errors import error_page
from kb.pages.session import SESSION_COOKIE
from kb.pages.unsent_form import SENT_AGAIN
from kb.services.accounts import authentication
from kb.services.operations import bootstrap
from tests.support.accounts import PASSWORD, sign_up
from tests.support.api import Api, people, running
from tests.support.pages import Browser, Page, visitor

ERRORS = [
    Forbidden(Message("The input is invalid.")),
    NotFound(Message("The input is invalid.")),
    RequestEntityTooLarge(),
    InvalidInput([]),
    Throttled(Message("Too many failed sign-ins."), 600),
    Unavailable(Message("The input is invalid.")),
]


def shown(app: Flask, error: Exception, language: str) -> Page:
    with app.test_request_context(f"/search?lang={language}", headers={"Accept": "text/html"}):
        return Page("/search", error_page(error))  # type: ignore[arg-type]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_page_says_what_to_do_in_both_languages(shared_app: Flask, error: Exception) -> None:
    english, hebrew = (shown(shared_app, error, language) for language in ("en", "he"))
    for page in (english, hebrew):
        assert page.heading
        assert page.texts(".lead")[0]
        assert page.texts("main a, main button")
    assert hebrew.one("html")["dir"] == "rtl"
    assert english.texts(".lead") != hebrew.texts(".lead")


@pytest.mark.parametrize(
    ("language", "says"), [("en", "You belong to no team yet"), ("he", "עדיין אין לך צוות")]
)
def test_who_belongs_to_no_team_reads_so_and_who_can_change_it(
    app: Flask, person: Callable[..., Api], language: str, says: str
) -> None:
    page = visitor(person("Tal"), language).open("/incidents/new")
    assert page.status == 403
    assert says in page.text
    assert "signed_in" not in page.text
    # A team would not help where the whole site is administered.
    assert says not in visitor(person("Noam"), language).open("/users").text


def test_after_too_many_tries_it_says_how_long_to_wait(shared_app: Flask) -> None:
    page = shown(shared_app, Throttled(Message("Too many failed sign-ins."), 600), "en")
    assert page.texts(".lead") == ["Nothing is lost. Try again in 10 minutes."]


def test_a_database_that_is_away_from_the_start_is_said_to_those_who_are_signed_in_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(bootstrap, "prepare_if_needed", fail)
    monkeypatch.setattr(authentication, "authenticate", fail)
    client = create_app(settings).test_client()
    client.set_cookie(SESSION_COOKIE, "kb_0123456789012345678901234567890")
    answer = client.get("/incidents/1", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (503, "text/html")


@pytest.mark.parametrize("error", [Unavailable(Message("Busy.")), Throttled(Message("Too many."), 60)])
def test_who_waits_opens_the_same_address_again(shared_app: Flask, error: Exception) -> None:
    assert shown(shared_app, error, "en").link("Try again") == "/search?lang=en"
    assert "Try again" not in shown(shared_app, NotFound(Message("No.")), "en").texts("main a.button")


@pytest.mark.parametrize("address", ["/nothing-here", "/incidents/999"])
def test_a_page_that_is_not_there_has_the_navigation_of_every_other(browser: Browser, address: str) -> None:
    front, lost = browser.open("/"), browser.open(address)
    assert lost.status == 404
    assert lost.texts("header a, footer a") == front.texts("header a, footer a")


def test_who_finds_no_page_searches_at_once(browser: Browser) -> None:
    page = browser.open("/incidents/999")
    assert page.status == 404
    assert browser.send(page, "Search", q="placeholder").texts(".hit")


@pytest.mark.parametrize(
    ("address", "above"),
    [
        ("/sign-out?lang=he", "/?lang=he"),
        ("/account/password?lang=he", "/account?lang=he"),
        ("/account/tokens/1/end", "/account"),
        ("/checks/1/override?lang=he", "/checks/1?lang=he"),
    ],
)
def test_an_address_that_only_forms_are_sent_to_leads_to_the_page_above_it(
    browser: Browser, address: str, above: str
) -> None:
    response = browser.client.get(address, headers={"Accept": "text/html"})
    assert (response.status_code, response.location) == (303, above)


def test_a_draft_is_not_lost_when_its_form_has_expired(browser: Browser) -> None:
    form = browser.open("/check")
    browser.client.delete_cookie("kb_form")
    expired = browser.send(form, "Check it", text="Need copy and link\r\nשלום", account="Acme")
    assert (expired.status, expired.heading) == (400, "The form has expired")
    checked = browser.send(expired, "Send it again")
    assert checked.one("main #text").get_text().split("\n") == ["Need copy and link", "שלום"]
    assert checked.one("#account")["value"] == "Acme"


def test_what_was_typed_while_the_session_ended_is_saved_after_signing_in(admin: Api) -> None:
    sign_up(admin)
    dana = visitor(admin)
    dana.client.delete_cookie(SESSION_COOKIE)

    def go_in() -> None:
        dana.send(dana.open("/sign-in"), "Sign in", email="dana@example.com", password=PASSWORD)

    go_in()
    form = dana.open("/account/tokens/new")
    dana.client.delete_cookie(SESSION_COOKIE)
    refused = dana.send(form, "Make the token", name="For the newsroom")
    assert refused.status == 401
    assert refused.one("main a.button")["target"] == "_blank"
    go_in()
    page = dana.send(refused, "Send it again")
    assert page.status == 201
    assert "For the newsroom" in page.text


def test_no_form_of_another_site_is_sent_again(browser: Browser) -> None:
    headers = {"Accept": "text/html", "Origin": "https://evil.example"}
    response = browser.client.post("/check", data={"text": "Hello"}, headers=headers)
    assert response.status_code == 400
    assert "Hello" not in response.text


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "http://localhost.evil.example", "http://localhost:81"]
)
def test_another_site_cannot_send_a_form_as_one_that_is_sent_again(
    browser: Browser, origin: str | None
) -> None:
    data = {"text": "Hello", "csrf_token": SENT_AGAIN}
    headers = {"Accept": "text/html"} | ({} if origin is None else {"Origin": origin})
    assert browser.client.post("/check", data=data, headers=headers).status_code == 400


def test_a_password_is_in_no_page(browser: Browser) -> None:
    form = browser.open("/sign-in")
    browser.client.delete_cookie("kb_form")
    page = browser.send(form, "Sign in", email="dana@example.com", password=PASSWORD)
    assert page.status == 400
    assert PASSWORD not in page.response.text


@pytest.mark.parametrize("address", ["/incidents/new", "/waiting", "/teams/main", "/incidents/3/edit"])
def test_who_is_in_no_team_learns_how_to_join_one_and_what_to_do_until_then(
    settings: Settings, address: str
) -> None:
    for app in running(replace(settings, contact="help@acme.example")):
        browser = visitor(people(app)("Uri"))
        page = browser.open(address)
        assert (page.status, page.heading) == (403, "This is for members of a team")
        assert "tell them the email address" in page.texts(".lead")[0]
        assert page.link("help@acme.example") == "mailto:help@acme.example"
        assert browser.follow(page, "Check a draft").heading == "Check a draft"
        assert "account that has access" not in page.text
        assert browser.open("/users").heading == "You do not have access to this"


@pytest.mark.parametrize("address", ["/checks?verdict=foo", "/guards?severity=stop&type=foo"])
def test_of_an_address_that_cannot_be_read_nothing_is_said_to_be_unsaved(
    signed_in: Callable[..., Browser], address: str
) -> None:
    page = signed_in("Dana", "en", north="contributor").open(address)
    assert page.status == 422
    assert page.heading == "Part of the address cannot be read"
    assert "saved" not in page.text


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "This is for those whose role is “administers the site”. Yours is “files and changes”."),
        ("he", "הפעולה הזאת מיועדת לבעלי התפקיד ״ניהול האתר״. התפקיד שלך: ״תיעוד ועריכה״."),
    ],
)
def test_who_lacks_a_role_reads_its_name_as_the_pages_of_teams_have_it(
    dana: Api, language: str, says: str
) -> None:
    page = visitor(dana, language).open("/users")
    assert page.status == 403
    assert says in page.text
    assert "site_admin" not in page.text


def test_what_a_page_does_not_take_leads_to_the_page(browser: Browser) -> None:
    html = {"Accept": "text/html"}
    page = Page("/trends", browser.client.post("/trends?lang=en", data={"a": "b"}, headers=html))
    assert (page.status, page.link("Open the page")) == (405, "/trends?lang=en")


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_what_is_no_form_is_not_called_an_expired_one(browser: Browser, kind: str) -> None:
    sent = {"data": '{"text": "Hello"}', "content_type": kind, "headers": {"Accept": "text/html"}}
    page = Page("/check", browser.client.post("/check", **sent))
    assert (page.status, page.heading) == (415, "This page takes forms only")
    assert page.link("For developers: the API") == "/docs"
    assert page.link("Open the page") == "/check"
