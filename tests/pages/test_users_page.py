"""The accounts of a site, for those who administer it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.accounts import PASSWORD
from tests.support.api import Api
from tests.support.pages import Browser, Page, visitor

NEW_PASSWORD = "another long and private sentence"


@pytest.fixture
def noa(admin: Api) -> Browser:
    """The browser of a site administrator."""
    return visitor(admin)


def add(noa: Browser, **fields: str) -> Page:
    tal = {"email": "tal@example.com", "name": "Tal Mor", "password": PASSWORD}
    return noa.send(noa.open("/users"), "Add the account", **{**tal, **fields})


def change(noa: Browser, name: str, page: Page | None = None, **fields: str) -> Page:
    """Send the form that changes an account."""
    page = page or noa.open("/users")
    (summary,) = (each for each in page.soup.select("details summary") if name in each.get_text())
    form = summary.find_next("form")
    assert form is not None
    sent = {str(each["name"]): str(each.get("value", "")) for each in form.find_all("input")} | fields
    headers = {"Accept": "text/html", "Origin": "http://localhost"}
    url = str(form["action"])
    return Page(url, noa.client.post(url, data=sent, headers=headers, follow_redirects=True))


def signs_in(browser: Browser, password: str) -> bool:
    page = browser.send(browser.open("/sign-in"), "Sign in", email="tal@example.com", password=password)
    return "Tal Mor" in page.texts(".menu summary")


def test_an_account_is_added_and_signs_in_gets_a_new_password_is_closed_and_reopened(
    noa: Browser, anonymous: Api
) -> None:
    page = add(noa)
    assert page.texts("[role=status]")[0].startswith("Tal Mor has an account now.")
    assert signs_in(visitor(anonymous), PASSWORD)
    page = change(noa, "Tal Mor", password=NEW_PASSWORD)
    assert page.texts("[role=status]") == ["The new password is set. All sessions of the account have ended."]
    assert not signs_in(visitor(anonymous), PASSWORD)
    assert signs_in(visitor(anonymous), NEW_PASSWORD)
    page = change(noa, "Tal Mor", step="close")
    assert "closed" in page.texts(".rows li > p")
    assert not signs_in(visitor(anonymous), NEW_PASSWORD)
    change(noa, "Tal Mor", step="open")
    assert signs_in(visitor(anonymous), NEW_PASSWORD)


def test_all_that_is_wrong_with_an_account_is_told_at_once(noa: Browser) -> None:
    page = add(noa, email="tal", name=" ", password="short")
    links = [each["href"] for each in page.soup.select("[role=alert] a")]
    assert links == ["#email", "#name", "#password"]
    assert page.texts("#name-error") == ["Write a name of 1 to 200 characters."]
    assert page.texts("#password-error")[0].startswith("Use 12 to 200 characters.")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"email": "tal"}, "email"),
        ({"email": "dana@example.com"}, "email"),
        ({"name": "Dana"}, "name"),
        ({"name": " "}, "name"),
        ({"password": "short"}, "password"),
    ],
)
def test_what_was_typed_is_kept_but_for_the_password(
    noa: Browser, person: Callable[..., Api], fields: dict[str, str], wrong: str
) -> None:
    person("Dana")
    page = add(noa, **fields)
    assert page.status in (409, 422)
    assert [each["href"] for each in page.soup.select("[role=alert] a")] == [f"#{wrong}"]
    assert page.one("#email")["value"] == fields.get("email", "tal@example.com")
    assert page.one("#name")["value"] == fields.get("name", "Tal Mor")
    assert not page.one("#password").get("value")
    assert page.texts(f"#{wrong}-error")


def test_a_bad_password_and_what_another_administrator_did_are_said_at_the_account(noa: Browser) -> None:
    seen = add(noa)
    short = change(noa, "Tal Mor", password="short")
    assert (short.status, len(short.soup.select("details[open] .error"))) == (422, 1)
    assert change(noa, "Tal Mor", step="close").status == 200
    stale = change(noa, "Tal Mor", seen, password=NEW_PASSWORD)
    assert (stale.status, len(stale.soup.select("details[open] .error"))) == (409, 1)


def test_only_those_who_administer_the_site_see_the_accounts(
    noa: Browser, signed_in: Callable[..., Browser], browser: Browser
) -> None:
    lead = signed_in("Lea", north="admin")
    assert lead.open("/users").status == 403
    assert "Accounts" not in lead.open("/").texts(".menu a")
    assert browser.open("/users").heading == "Sign in"
    assert noa.follow(noa.open("/"), "Accounts").heading == "Accounts"


def test_ones_own_account_is_not_closed_here(admin: Api, browser: Browser) -> None:
    for name in ("Noa", "Dana"):
        account = {"email": f"{name.lower()}@example.com", "name": name, "password": PASSWORD}
        assert admin.post("/users", {**account, "site_admin": name == "Noa"}).status_code == 201
    browser.send(browser.open("/sign-in"), "Sign in", email="noa@example.com", password=PASSWORD)
    assert browser.open("/users").texts("details summary .hidden") == [": Dana"]


def test_what_is_wrong_and_what_is_done_is_shown_on_the_page_of_the_list_one_was_on(noa: Browser) -> None:
    add(noa)
    add(noa, email="lea@example.com", name="Lea Bar")
    page = noa.follow(noa.open("/users?limit=1"), "Next page")
    assert page.texts("#users strong") == ["Tal Mor"]
    wrong = change(noa, "Tal Mor", page, password="short")
    assert wrong.status == 422
    assert wrong.texts("#users strong") == ["Tal Mor"]
    assert wrong.soup.select("#users [aria-invalid=true]")
    done = change(noa, "Tal Mor", wrong, password=NEW_PASSWORD)
    assert done.texts("#users strong") == ["Tal Mor"]
    assert noa.send(done, "Add the account", email="x").texts("#users strong") == ["Tal Mor"]
