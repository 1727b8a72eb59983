from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.models import db
from kb.pages.session import SESSION_COOKIE
from kb.services.accounts import sessions
from tests.support.accounts import PASSWORD, sign_up
from tests.support.api import Api, callers, only_read, running
from tests.support.busy_database import locked, recorded, store_what_waits
from tests.support.pages import Browser, Page, visitor


@pytest.fixture
def dana(admin: Api) -> None:
    sign_up(admin)


@pytest.fixture(scope="module")
def site(module_app: Flask) -> Iterator[Flask]:
    """A site with an account of Dana's, for tests that only sign in."""
    sign_up(callers(module_app)("site_admin"))
    with only_read(module_app):
        yield module_app


def sign_in(browser: Browser, url: str = "/sign-in", password: str = PASSWORD) -> Page:
    page = browser.open(url)
    return browser.send(page, "Sign in", email="dana@example.com", password=password)


def cookies_of(response: TestResponse) -> dict[str, str]:
    cookies = response.headers.getlist("Set-Cookie")
    return {cookie.partition("=")[0]: cookie for cookie in cookies}


def post_sign_in(client: FlaskClient, page: Page, **fields: str) -> TestResponse:
    token = str(page.one("main input[name=csrf_token]")["value"])
    sent = {"csrf_token": token, "email": "dana@example.com", "password": PASSWORD, **fields}
    return client.post("/sign-in", data=sent, headers={"Accept": "text/html"})


@pytest.mark.usefixtures("dana")
def test_one_signs_in_goes_on_where_one_was_and_signs_out(browser: Browser) -> None:
    results = browser.open("/search?q=photo")
    form = browser.follow(results, "Sign in")
    page = browser.send(form, "Sign in", email=" Dana@Example.com", password=PASSWORD)
    assert page.url == "/search?q=photo"
    assert page.texts(".menu summary") == ["Dana Levi"]
    out = browser.send(page, "Sign out")
    assert out.texts("[role=status]") == ["You are signed out."]
    assert browser.client.get_cookie(SESSION_COOKIE) is None
    assert "Sign in" in browser.open("/account").heading


@pytest.mark.usefixtures("dana")
def test_every_failure_is_answered_in_the_same_words(browser: Browser) -> None:
    messages = {
        browser.send(browser.open("/sign-in"), "Sign in", **sent).one("[role=alert]").get_text()
        for sent in (
            {"email": "dana@example.com", "password": "wrong"},
            {"email": "nobody@example.com", "password": PASSWORD},
            {"email": "", "password": ""},
            {"email": "x" * 300, "password": "y" * 2_000},
            {"email": "dana@example.com\x00", "password": "\x00"},
        )
    }
    assert len(messages) == 1
    assert "No account has this email and password" in messages.pop()


@pytest.mark.usefixtures("dana")
def test_the_email_stays_after_a_failure_and_the_password_does_not(browser: Browser) -> None:
    page = sign_in(browser, "/sign-in?next=/search", password='"><script>alert(1)</script>')
    assert page.status == 422
    assert page.one("#email")["value"] == "dana@example.com"
    assert not page.one("#password").get("value")
    assert page.one("input[name=next]")["value"] == "/search"


@pytest.mark.usefixtures("dana")
def test_who_has_tried_too_often_is_told_when_to_try_again(browser: Browser) -> None:
    for _ in range(5):
        assert sign_in(browser, password="wrong").status == 422
    page = sign_in(browser)
    assert page.status == 429
    assert "try again in 15 minutes" in page.one("[role=alert]").get_text()
    assert int(page.response.headers["Retry-After"]) <= 15 * 60


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "https:evil.example",
        "https://evil.example/search",
        "https:///evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//search",
        "data:text/html,x",
        "/%2F/evil.example",
        "/%2Fevil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "%2F%2Fevil.example",
        "/search/../../evil",
        "//[evil",
        "search",
        "/sign-in?next=//evil.example",
        "/api/v1/incidents",
        "/search/suggest?q=a",
        "/search?q=" + "a" * 3_000,
        "/sign-out",
        "@evil.example",
    ],
)
def test_signing_in_never_leads_to_another_site(site: Flask, target: str) -> None:
    browser = visitor(callers(site)())
    page = browser.open("/sign-in")
    response = post_sign_in(browser.client, page, next=target)
    assert response.status_code == 303
    assert response.headers["Location"] == "/"


@pytest.mark.usefixtures("dana")
def test_the_way_back_keeps_filters_and_language(browser: Browser) -> None:
    page = browser.open("/search?q=%D7%A9%D7%9C%D7%95%D7%9D%20%26&category=offensive&lang=he")
    form = browser.open(str(page.one(".account a[href*='sign-in']")["href"]))
    response = post_sign_in(browser.client, form, next=str(form.one("input[name=next]")["value"]))
    assert unquote(response.headers["Location"]) == unquote(page.url)


@pytest.mark.usefixtures("dana")
def test_a_planted_session_is_not_taken_over(browser: Browser) -> None:
    browser.client.set_cookie(SESSION_COOKIE, "kb_planted-by-somebody-else")
    before = browser.open("/sign-in")
    response = post_sign_in(browser.client, before)
    assert "kb_planted" not in cookies_of(response)[SESSION_COOKIE]
    assert browser.open("/account").heading == "My account"
    # The secret of forms is a new one, too.
    old = str(before.one("main input[name=csrf_token]")["value"])
    assert browser.client.post("/sign-out", data={"csrf_token": old}).status_code == 400


@pytest.mark.usefixtures("dana")
def test_signing_in_again_ends_the_session_that_the_browser_had(browser: Browser, anonymous: Api) -> None:
    sign_in(browser)
    cookie = browser.client.get_cookie(SESSION_COOKIE)
    assert cookie is not None
    sign_in(browser)
    assert browser.client.get_cookie(SESSION_COOKIE) != cookie
    assert replace(anonymous, token=cookie.value).get("/me").status_code == 401


@pytest.mark.usefixtures("dana")
def test_scripts_other_sites_and_plain_http_cannot_use_the_cookies(browser: Browser) -> None:
    page = browser.open("/sign-in")
    form, session = cookies_of(page.response)["kb_form"], cookies_of(post_sign_in(browser.client, page))
    for cookie in (form, session[SESSION_COOKIE]):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert "Secure" not in cookie
    assert "Max-Age=43200" in session[SESSION_COOKIE]


def behind_tls(settings: Settings) -> Iterator[Api]:
    for app in running(replace(settings, proxies=1)):
        sign_up(callers(app)("site_admin"))
        yield callers(app)()


def test_behind_tls_the_cookies_are_secure(settings: Settings) -> None:
    for api in behind_tls(settings):
        client = api.client.application.test_client()
        over_tls = {"X-Forwarded-Proto": "https", "Accept": "text/html"}
        page = Page("/sign-in", client.get("/sign-in", headers=over_tls))
        assert "Secure" in cookies_of(page.response)["kb_form"]
        sent = {
            "csrf_token": str(page.one("main input[name=csrf_token]")["value"]),
            "email": "dana@example.com",
            "password": PASSWORD,
        }
        # A test client keeps Secure cookies back, since it is not behind TLS itself.
        headers = {"Referer": "https://localhost/sign-in", "Cookie": cookies_of(page.response)["kb_form"]}
        response = client.post("/sign-in", data=sent, headers={**over_tls, **headers})
        assert "Secure" in cookies_of(response)[SESSION_COOKIE]


@pytest.mark.usefixtures("dana")
def test_the_api_does_not_take_the_cookie(browser: Browser) -> None:
    sign_in(browser)
    assert browser.client.get("/api/v1/me").status_code == 401
    assert browser.client.delete("/api/v1/sessions/current").status_code == 401
    assert browser.open("/account").heading == "My account"


@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-out", "/account", "/account/password", "/account/tokens/1/end"]
)
@pytest.mark.parametrize("token", [None, "", "made-up"])
def test_a_form_of_another_site_is_refused_and_told_what_to_do(
    browser: Browser, path: str, token: str | None
) -> None:
    data = {} if token is None else {"csrf_token": token}
    response = browser.client.post(path, data=data, headers={"Accept": "text/html"})
    page = Page(path, response)
    assert page.status == 400
    assert "reload the page and send it again" in page.text


@pytest.mark.usefixtures("dana")
def test_nothing_is_done_by_opening_an_address(browser: Browser) -> None:
    sign_in(browser)
    assert browser.open("/sign-out").url == "/"
    assert browser.open("/account").heading == "My account"


def test_no_page_can_be_framed(browser: Browser) -> None:
    for path in ("/", "/sign-in", "/no-such-page", "/incidents/99999"):
        policy = browser.open(path).response.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy


def test_pages_for_those_who_are_signed_in_ask_to_sign_in(browser: Browser) -> None:
    page = browser.open("/account")
    assert page.url == "/sign-in?next=/account"
    assert "go on where you were" in page.text


def test_where_nothing_is_public_everything_asks_to_sign_in(settings: Settings) -> None:
    for app in running(replace(settings, anonymous="none")):
        sign_up(callers(app)("site_admin"))
        browser = visitor(callers(app)())
        page = browser.open("/search?q=photo")
        assert page.heading == "Sign in"
        page = browser.send(page, "Sign in", email="dana@example.com", password=PASSWORD)
        assert page.url == "/search?q=photo"
        assert page.texts(".hit")
        out = browser.send(page, "Sign out")
        assert out.heading == "Sign in"
        assert out.texts("[role=status]") == ["You are signed out."]


@pytest.mark.usefixtures("dana")
def test_an_ended_session_is_said_once_and_its_cookie_goes(browser: Browser) -> None:
    with browser.client.application.app_context():
        secret = sessions.sign_in("dana@example.com", PASSWORD)["token"]
        db.session.remove()
    browser.client.set_cookie(SESSION_COOKIE, secret)
    assert browser.open("/").texts(".menu summary")
    elsewhere = Browser(browser.client.application.test_client())
    elsewhere.client.set_cookie(SESSION_COOKIE, secret)
    elsewhere.send(elsewhere.open("/"), "Sign out")
    page = browser.open("/search?q=photo")
    assert page.texts("[role=status]")[0] == "Your session has ended. Sign in again to go on."
    assert page.texts(".hit")
    assert browser.client.get_cookie(SESSION_COOKIE) is None
    assert "ended" not in browser.open("/search?q=photo").text


@pytest.mark.usefixtures("dana")
def test_a_session_that_ends_before_a_form_is_sent_loses_nothing(browser: Browser) -> None:
    sign_in(browser)
    page = browser.open("/account")
    browser.client.set_cookie(SESSION_COOKIE, "kb_ended")
    answer = browser.send(page, "Save")
    assert answer.status == 401
    assert answer.heading == "Sign in first"
    assert "this page keeps what you wrote" in answer.text


def test_a_script_is_not_led_to_the_form(settings: Settings) -> None:
    for app in running(replace(settings, anonymous="none")):
        assert app.test_client().get("/search/suggest?q=a", headers={"Accept": "*/*"}).status_code == 401


@pytest.mark.usefixtures("dana")
def test_a_form_survives_a_restart(browser: Browser, settings: Settings) -> None:
    page = browser.open("/sign-in")
    cookie = cookies_of(page.response)["kb_form"].partition(";")[0].partition("=")[2]
    for app in running(settings):
        client = app.test_client()
        client.set_cookie("kb_form", cookie)
        assert post_sign_in(client, page).status_code == 303


def test_the_first_request_of_a_new_installation_may_be_the_form(tmp_path: Path) -> None:
    for app in running(Settings(data_dir=tmp_path / "new")):
        browser = Browser(app.test_client())
        page = browser.open("/sign-in")
        assert browser.send(page, "Sign in", email="a@example.com", password="x").status == 422


@pytest.mark.usefixtures("dana")
def test_one_signs_in_and_out_while_another_program_holds_the_write_lock(
    settings: Settings, browser: Browser, app: Flask
) -> None:
    with locked(settings.sqlite_path):
        page = sign_in(browser)
        assert page.texts(".menu summary") == ["Dana Levi"]
        assert browser.open("/account").heading == "My account"
        out = browser.send(page, "Sign out")
        assert out.texts("[role=status]") == ["You are signed out."]
        assert "Sign in" in browser.open("/account").heading
    store_what_waits(app)
    assert recorded(app) == ["login", "logout"]
