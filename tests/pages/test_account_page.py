from collections.abc import Callable

import pytest

from kb.domain.permissions import Scope
from kb.pages.session import SESSION_COOKIE
from tests.support.accounts import PASSWORD, sign_up
from tests.support.api import Api
from tests.support.pages import Browser, Page, visitor

NEW_PASSWORD = "another horse, another staple"


@pytest.fixture
def dana(browser: Browser, admin: Api) -> Browser:
    """The browser of Dana, who has signed in with a password."""
    sign_up(admin)
    return signed_in_again(browser)


def signed_in_again(browser: Browser, password: str = PASSWORD) -> Browser:
    page = browser.open("/sign-in?next=/account")
    page = browser.send(page, "Sign in", email="dana@example.com", password=password)
    assert page.heading == "My account"
    return browser


def chosen(page: Page, name: str) -> str:
    return str(page.one(f"select[name={name}] option[selected]")["value"])


def test_language_and_time_zone_are_kept_and_used(dana: Browser) -> None:
    page = dana.open("/account")
    assert chosen(page, "time_zone") == "UTC"
    page = dana.open("/account?lang=en")
    saved = dana.send(page, "Save", language="he", time_zone="Asia/Jerusalem")
    assert chosen(saved, "time_zone") == "Asia/Jerusalem"
    assert chosen(saved, "language") == "he"
    assert saved.one("html")["dir"] == "rtl"
    assert saved.url == "/account"


def test_a_time_zone_that_does_not_exist_is_refused(dana: Browser) -> None:
    page = dana.send(dana.open("/account"), "Save", time_zone="Mars/Olympus", language='"><script>x')
    assert page.status == 422
    assert "Choose a time zone from the list." in page.texts("[role=alert] a")
    assert page.one("select[name=time_zone]")["aria-invalid"] == "true"
    assert not page.texts("script")[1:]


def test_a_change_made_elsewhere_is_not_overwritten(dana: Browser) -> None:
    first, second = dana.open("/account"), dana.open("/account")
    dana.send(first, "Save", language="en")
    page = dana.send(second, "Save", language="he")
    assert page.status == 409
    assert "changed elsewhere" in page.one("[role=alert]").get_text()


def test_a_new_password_needs_the_present_one(dana: Browser) -> None:
    page = dana.send(
        dana.open("/account"), "Set the new password", current_password="wrong", password=NEW_PASSWORD
    )
    assert page.status == 422
    assert page.texts(".error") == ["This is not your current password."]
    assert NEW_PASSWORD not in page.response.text
    page = dana.send(page, "Set the new password", current_password=PASSWORD, password="short")
    assert "Use 12 to 200 characters" in page.texts(".error")[0]


def test_a_password_that_is_easy_to_guess_is_refused_with_the_reason(dana: Browser) -> None:
    page = dana.open("/account")
    page = dana.send(page, "Set the new password", current_password=PASSWORD, password="Password1234!")
    assert page.status == 422
    (error,) = page.texts(".error")
    assert error.startswith("This is easy to guess: it repeats itself")


def test_a_new_password_ends_the_other_sessions_only(dana: Browser) -> None:
    elsewhere = signed_in_again(Browser(dana.client.application.test_client()))
    page = dana.send(
        dana.open("/account"), "Set the new password", current_password=PASSWORD, password=NEW_PASSWORD
    )
    assert page.texts("[role=status]") == ["Your new password is set. All your other sessions have ended."]
    assert elsewhere.open("/account").heading == "Sign in"
    signed_in_again(elsewhere, NEW_PASSWORD)


def test_guessing_the_present_password_is_slowed_down(dana: Browser) -> None:
    page = dana.open("/account")
    for _ in range(10):
        dana.send(page, "Set the new password", current_password="wrong", password=NEW_PASSWORD)
    page = dana.send(page, "Set the new password", current_password=PASSWORD, password=NEW_PASSWORD)
    assert page.status == 429
    assert "Try again in" in page.texts(".error")[0]


def test_a_session_elsewhere_can_be_ended(dana: Browser) -> None:
    elsewhere = signed_in_again(Browser(dana.client.application.test_client()))
    page = dana.open("/account")
    assert page.texts("#sessions strong") == ["A session", "This session"]
    form = page.soup.select("#sessions form")[0]  # the latest one
    sent = {"csrf_token": str(page.one("#settings input[name=csrf_token]")["value"])}
    assert dana.client.post(str(form["action"]), data=sent).status_code == 303
    assert elsewhere.open("/account").heading == "Sign in"
    assert dana.open("/account").texts("#sessions strong") == ["This session"]


def test_one_button_signs_out_everywhere_else(dana: Browser) -> None:
    page = dana.open("/account")
    assert "Sign out everywhere else" not in page.texts("#sessions button")
    others = [signed_in_again(Browser(dana.client.application.test_client())) for _ in range(2)]
    page = dana.send(dana.open("/account"), "Sign out everywhere else")
    assert page.texts("[role=status]") == ["You are signed out everywhere else."]
    assert page.texts("#sessions strong") == ["This session"]
    assert [other.open("/account").heading for other in others] == ["Sign in", "Sign in"]


def test_ending_the_present_session_signs_out(dana: Browser) -> None:
    page = dana.send(dana.open("/account"), "End this session")
    assert page.texts("[role=status]") == ["You are signed out."]
    assert dana.open("/account").heading == "Sign in"
    assert dana.client.get_cookie(SESSION_COOKIE) is None


def test_a_token_is_listed_without_its_secret_and_revoked(dana: Browser, person: Callable[..., Api]) -> None:
    noa = person("Noa", north="admin")
    token = noa.post("/tokens", {"name": "<b>bot</b>", "team": "north", "role": "reader"}).get_json()
    browser = visitor(noa)
    page = browser.open("/account")
    assert "<b>bot</b>" in page.texts("#tokens strong")
    assert token["secret"] not in page.response.text
    assert page.response.headers["Cache-Control"] == "no-store"
    # Dana belongs to no team, and does not learn that there is such a token.
    sent = {"csrf_token": str(dana.open("/account").one("#settings input[name=csrf_token]")["value"])}
    answer = dana.client.post(f"/account/tokens/{token['id']}/end", data=sent)
    assert answer.status_code == 404
    sent = {"csrf_token": str(page.one("#settings input[name=csrf_token]")["value"])}
    browser.client.post(f"/account/tokens/{token['id']}/end", data=sent)
    page = browser.open("/account")
    assert page.texts("[role=status]") == ["It has ended and no longer works."]
    assert "<b>bot</b>" not in page.text


def test_teams_and_roles_are_said_in_words(signed_in: Callable[..., Browser]) -> None:
    page = signed_in("Rina", north="reviewer", south="reader").open("/account")
    assert page.texts("#teams li") == ["north reviews and publishes", "south reads"]


def test_who_belongs_to_no_team_is_told_how_to_join_one(signed_in: Callable[..., Browser]) -> None:
    assert "You belong to no team yet" in signed_in("Uri").open("/account").text


def test_a_token_that_can_only_read_sees_the_account_and_changes_nothing(
    person: Callable[..., Api],
) -> None:
    browser = visitor(person("Uri", scopes=[Scope.READ], north="reader"))
    page = browser.open("/account")
    assert page.status == 200
    assert not page.soup.select("main form")
    form = browser.open("/sign-in")
    sent = {"csrf_token": str(form.one("main input[name=csrf_token]")["value"]), "language": "he"}
    assert browser.client.post("/account", data=sent).status_code == 403


def test_a_token_of_a_team_has_no_settings(contributor: Api) -> None:
    page = visitor(contributor).open("/account")
    assert "with a team's token" in page.text
    assert not page.soup.select("#settings")


def test_a_name_is_escaped(person: Callable[..., Api]) -> None:
    page = visitor(person("<img src=x> Dana")).open("/account")
    assert page.texts(".menu summary") == ["<img src=x> Dana"]
    assert not page.soup.find_all("img")
