import json
from collections.abc import Callable

import pytest

from tests.support.api import Api
from tests.support.incidents import lesson_guard
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
    assert page.heading == "No other problem found: 2 findings are left out"
    assert not page.texts(".finding")
    (left_out,) = page.texts(".left-out li")
    assert "A note where the copy should be" in left_out
    assert "**** Need copy and link****" in left_out
    assert "Because: It is <b>the joke</b>." in left_out
    assert not page.texts(".since del")
    again = browser.send(page, "Let them count again")
    assert again.heading == "Do not publish yet: one thing to fix"
    assert not again.texts(".left-out")


def test_guards_that_say_nearly_the_same_of_the_same_words_are_left_out_together(browser: Browser) -> None:
    page = _check(browser, "Weekend sale in the shop: [add link]")
    assert page.texts(".folded summary")
    assert "The guards that say nearly the same are left out with it." in page.text
    left_out = _leave_out(browser, page, "The link comes with the design.")
    assert not left_out.texts(".finding")
    (item,) = left_out.soup.select(".left-out li")
    assert len(item.select("strong")) == 1 + len(page.soup.select(".folded li"))
    assert "Because: The link comes with the design." in item.get_text()


def test_guards_that_were_left_out_together_are_taken_back_together(
    signed_in: Callable[..., Browser],
) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, "Weekend sale in the shop: [add link]. Send us your photos!", keep_text="true")
    both = _leave_out(dana, _leave_out(dana, page, "As agreed."), "As agreed.")
    assert both.url.startswith("/checks/3")
    # What else was left out for the same reason is elsewhere in the draft, and stays left out.
    assert [len(item.select("strong")) for item in both.soup.select(".left-out li")] == [
        1 + len(page.soup.select(".folded li")),
        1,
    ]
    again = dana.send(both, "Let them count again")
    assert len(again.texts(".left-out li")) == 1
    assert again.texts(".folded summary") == page.texts(".folded summary")


def test_a_guard_that_also_finds_something_elsewhere_is_not_left_out_along(browser: Browser) -> None:
    page = _check(browser, "Weekend sale in the shop: [add link]. Call TODO")
    along = {field["value"] for field in page.soup.select("[name^='along:']")}
    standing = {str(field["name"]).partition(":")[2] for field in page.soup.select("[name^='because:']")}
    assert standing
    assert not along & standing


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
    assert dana.send(page, "Let them count again").heading == "Do not publish yet: one thing to fix"


@pytest.mark.parametrize("sent", ["", "[", "[1,2,3]", '["a"]', "{}", "[" * 900, '["a","b",3]'])
def test_what_cannot_be_read_is_not_left_out(browser: Browser, sent: str) -> None:
    assert _check(browser, suppress=sent).heading == "Do not publish yet: one thing to fix"


def test_a_reason_that_is_too_long_is_named(browser: Browser) -> None:
    page = _check(browser, suppress=json.dumps(["a", "b" * 501, None]))
    assert page.status == 422
    assert "at most 500 characters" in page.one("[role=alert] a").get_text()


def test_a_repeated_check_says_what_changed_and_why_even_with_findings_left_out(
    signed_in: Callable[..., Browser], person: Callable[..., Api]
) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _leave_out(dana, _check(dana, keep_text="true"))
    again = dana.send(page, "Check it once more")
    assert again.texts(".since p") == [
        "Nothing has changed in what was found. The guards are the same as then."
    ]
    lesson = {"text": "Proofread.", "guard": lesson_guard()}
    person("Noa", north="reviewer").file(status="published", lessons=[lesson])
    later = dana.send(again, "Check it once more")
    assert "Guards were added, changed or removed in between." in later.texts(".since p")[0]
