from collections.abc import Callable

from tests.support.api import Api
from tests.support.pages import Browser


def test_members_of_a_team_see_who_belongs_to_it(
    signed_in: Callable[..., Browser], person: Callable[..., Api]
) -> None:
    person("<b>Rina</b>", north="reviewer")
    uri = signed_in("Uri", north="reader")
    page = uri.follow(uri.open("/account"), "north")
    assert page.texts(".rows li") == ["<b>Rina</b> reviews and publishes", "Uri reads"]
    # Emails are for those who administer the team.
    assert "@example.com" not in page.text
    assert "@example.com" in signed_in("Noa", north="admin").open("/teams/north").text


def test_a_team_of_others_does_not_exist(signed_in: Callable[..., Browser], browser: Browser) -> None:
    noa = signed_in("Noa", south="admin")
    assert noa.open("/teams/north").status == 404
    assert noa.open("/teams/nowhere").text == noa.open("/teams/north").text
    assert browser.open("/teams/north").heading == "Sign in"
