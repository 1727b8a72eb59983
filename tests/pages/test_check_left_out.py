import json
from collections.abc import Callable

import pytest

from tests.support.pages import Browser, Page

DRAFT = "Black Friday **** Need copy and link****"


def _check(browser: Browser, text: str = DRAFT, **fields: str) -> Page:
    return browser.send(browser.open("/check"), "Check it", text=text, **fields)


def _leave_out(browser: Browser, page: Page, reason: str = "A quotation", number: int = 1) -> Page:
    field = str(page.one(f"#because-{number}")["name"])
    return browser.send(page, "Check again without it", **{field: reason})


def test_a_finding_is_left_out_with_its_reason_and_can_be_taken_back(browser: Browser) -> None:
    page = _leave_out(browser, _check(browser), "It is <b>the joke</b>.")
    assert page.status == 200
    assert page.heading == "No other problem found: one finding is left out"
    assert not page.texts(".finding")
    (left_out,) = page.texts(".left-out li")
    assert "A note where the copy should be" in left_out
    assert "**** Need copy and link****" in left_out
    assert "Because: It is <b>the joke</b>." in left_out
    assert not page.texts(".since del")
    again = browser.send(page, "Let it count again")
    assert again.heading == "Do not publish yet: one thing to fix"
    assert not again.texts(".left-out")


def test_what_is_left_out_stays_so_while_the_draft_is_changed(browser: Browser) -> None:
    page = _leave_out(browser, _check(browser, platform="twitter"))
    page = browser.send(page, "Check again", text=f"Now: {DRAFT}")
    assert page.texts(".left-out li")
    assert page.one("#platform option[selected]")["value"] == "twitter"
    wrong = browser.send(page, "Check again", countries="Narnia")
    assert wrong.status == 422
    assert browser.send(wrong, "Check it", countries="IL").texts(".left-out li")


def test_a_finding_is_not_left_out_without_a_reason(browser: Browser) -> None:
    page = _check(browser)
    guard = str(page.one("#because-1")["name"]).partition(":")[2]
    refused = browser.send(page, "Check again without it", leave_out=guard)
    assert refused.status == 422
    assert refused.texts("[role=alert] a") == ["Say why it does not apply to this draft."]
    assert refused.one("#because-1")["aria-invalid"] == "true"
    assert refused.texts(".finding")


def test_a_missing_reason_leaves_no_receipt(signed_in: Callable[..., Browser]) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, keep_text="true")
    guard = str(page.one("#because-1")["name"]).partition(":")[2]
    refused = dana.send(page, "Check again without it", leave_out=guard)
    assert refused.status == 422
    assert refused.one("#because-1")["aria-invalid"] == "true"
    assert not refused.texts(".since")
    assert _leave_out(dana, refused).url == "/checks/2?before=1"


def test_a_receipt_says_what_was_left_out(signed_in: Callable[..., Browser]) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _leave_out(dana, _check(dana, keep_text="true"))
    assert page.url == "/checks/2?before=1"
    assert "Because: A quotation" in page.texts(".left-out li")[0]
    assert not page.texts(".since del")
    assert dana.send(page, "Let it count again").heading == "Do not publish yet: one thing to fix"


@pytest.mark.parametrize("sent", ["", "[", "[1,2,3]", '["a"]', "{}", "[" * 900, '["a","b",3]'])
def test_what_cannot_be_read_is_not_left_out(browser: Browser, sent: str) -> None:
    assert _check(browser, suppress=sent).heading == "Do not publish yet: one thing to fix"


def test_a_reason_that_is_too_long_is_named(browser: Browser) -> None:
    page = _check(browser, suppress=json.dumps(["a", "b" * 501, None]))
    assert page.status == 422
    assert "at most 500 characters" in page.one("[role=alert] a").get_text()
