"""Long pages lead from their top to what people came for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.api import Api
from tests.support.pages import Browser, Page, visitor

PEOPLE = Callable[..., Api]
DRAFT = "Black Friday **** Need copy and link****"


def _target(page: Page, link: str) -> str:
    """The heading, or the words, of the part of the page that a link leads to."""
    address = page.link(link)
    assert address.startswith("#")
    return page.one(address).get_text(" ", strip=True)


def test_the_page_on_which_an_incident_is_changed_leads_to_its_groups(person: PEOPLE) -> None:
    dana = person("Dana", north="contributor")
    page = visitor(dana).open(f"/incidents/{dana.file(status='draft')['id']}/edit")
    for group in page.texts("nav.jumps a"):
        assert _target(page, group).startswith(group)
    assert page.texts("nav.jumps a") == page.texts("main .section[id] > h2")


def test_a_review_leads_to_the_decision(person: PEOPLE) -> None:
    number = person("Dana", north="contributor").file(status="in_review", severity=3)["id"]
    page = visitor(person("Noa", north="reviewer")).open(f"/incidents/{number}/review")
    assert _target(page, "To the decision").startswith("The decision")


def test_the_result_of_a_check_leads_to_going_ahead_for_whoever_may(
    browser: Browser, signed_in: Callable[..., Browser]
) -> None:
    def checked(visitor: Browser, text: str) -> Page:
        return visitor.send(visitor.open("/check"), "Check it", text=text)

    dana = signed_in("Dana", north="contributor")
    assert "Go ahead anyway" in _target(checked(dana, DRAFT), "Decide")
    for page in (checked(browser, DRAFT), checked(dana, "Our shop opens at nine.")):
        assert "Decide" not in page.texts(".jumps a")


@pytest.mark.parametrize("language", ["en", "he"])
def test_trends_say_what_they_show_before_they_ask_for_another_choice(
    browser: Browser, language: str
) -> None:
    page = browser.open(f"/trends?lang={language}")
    assert page.one("h1").find_next_sibling() == page.one(".says")
    assert page.one(".says").find_next("form") == page.one("form.ask")
