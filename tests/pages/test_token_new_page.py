import logging
from collections.abc import Callable

import pytest

from tests.support.pages import Browser, Page


def secret_on(page: Page) -> str:
    return page.one("#secret").get_text()


def can_read_its_account(browser: Browser, secret: str) -> bool:
    headers = {"Authorization": f"Bearer {secret}"}
    # Without the cookie: the API never reads it, and this shows that the token alone is enough.
    client = browser.client.application.test_client()
    return client.get("/api/v1/me", headers=headers).status_code == 200


@pytest.fixture
def noa(signed_in: Callable[..., Browser]) -> Browser:
    """The browser of Noa, who administers the team north and reads in the team south."""
    return signed_in("Noa", north="admin", south="reader")


def test_a_token_is_made_named_and_shown_once(noa: Browser, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        page = noa.send(noa.open("/account/tokens/new"), "Make the token", name="<b>Planner</b>", days="30")
    assert page.status == 201
    assert "<b>Planner</b>" in page.heading
    secret = secret_on(page)
    assert can_read_its_account(noa, secret)
    assert page.response.headers["Cache-Control"] == "no-store"
    assert secret not in page.url
    assert secret not in caplog.text
    assert secret not in str(page.response.headers)
    account = noa.follow(page, "All your tokens")
    assert "<b>Planner</b>" in account.texts("#tokens strong")
    assert secret not in account.response.text


def test_a_token_reads_only_unless_more_is_chosen(noa: Browser) -> None:
    form = noa.open("/account/tokens/new")
    token = {"Authorization": f"Bearer {secret_on(noa.send(form, 'Make the token', name='Reader'))}"}
    client = noa.client.application.test_client()
    assert client.get("/api/v1/me", headers=token).get_json()["scopes"] == ["read"]
    assert client.post("/api/v1/tokens", headers=token, json={"name": "More"}).status_code == 403


def test_a_form_that_is_sent_again_makes_no_second_token(noa: Browser) -> None:
    form = noa.open("/account/tokens/new")
    first = noa.send(form, "Make the token", name="Planner")
    again = noa.send(form, "Make the token", name="Planner")
    assert secret_on(first) not in again.response.text
    assert not again.soup.select("#secret")
    assert "made before" in again.text
    assert noa.open("/account").texts("#tokens strong").count("Planner") == 1


def test_a_revoked_token_stops_working_at_once(noa: Browser) -> None:
    page = noa.send(noa.open("/account/tokens/new"), "Make the token", name="Planner")
    assert can_read_its_account(noa, secret_on(page))
    account = noa.send(noa.open("/account"), "Revoke")  # the latest one
    assert account.texts("[role=status]") == ["It has ended and no longer works."]
    assert not can_read_its_account(noa, secret_on(page))


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(noa: Browser) -> None:
    form = noa.open("/account/tokens/new")
    page = noa.send(form, "Make the token", name=" ", days="soon")
    assert page.status == 422
    assert page.one("#name")["aria-invalid"] == "true"
    assert page.one("#days")["aria-describedby"] == "days-error"
    taken = noa.send(form, "Make the token", name="Noa", team="north", role="reader")
    assert taken.status == 409
    assert "A person on this site has this name" in taken.texts(".error")[0]
    # Coming back to it from the token asks nobody to send a form again.
    assert "no-store" not in taken.response.headers["Cache-Control"]
    assert noa.open("/account").texts("#tokens strong") == ["test"]  # with which she is here


def test_nobody_learns_by_a_name_what_tokens_another_team_has(
    noa: Browser, signed_in: Callable[..., Browser]
) -> None:
    tal = signed_in("Tal", south="admin")
    for browser, team in ((tal, "south"), (noa, "north"), (noa, "north")):
        form = browser.open("/account/tokens/new")
        page = browser.send(form, "Make the token", name="Weekly report", team=team, role="reader")
        assert page.status == 201, page.text


def test_tokens_of_teams_are_made_by_those_who_administer_them(
    noa: Browser, signed_in: Callable[..., Browser]
) -> None:
    form = noa.open("/account/tokens/new")
    assert form.texts("#team option") == ["for me", "for the team north"]
    page = noa.send(form, "Make the token", name="North bot", team="north", role="contributor")
    assert can_read_its_account(noa, secret_on(page))
    assert "contributor" not in page.text
    uri = signed_in("Uri", south="reader")
    form = uri.open("/account/tokens/new")
    assert not form.soup.select("#team")
    assert uri.send(form, "Make the token", name="Bot", team="south", role="reader").status == 403
    form = noa.open("/account/tokens/new")
    assert noa.send(form, "Make the token", name="Bot", team="south", role="reader").status == 403
    assert noa.send(form, "Make the token", name="Bot", team="nowhere", role="reader").status == 404


def test_who_is_not_signed_in_is_asked_to_and_led_back(browser: Browser) -> None:
    page = browser.open("/account/tokens/new")
    assert page.heading == "Sign in"
    assert page.one("input[name=next]")["value"] == "/account/tokens/new"
