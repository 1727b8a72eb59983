"""Receipts of checks, and the answers to what they say."""

from collections.abc import Callable

from sqlalchemy.engine import Engine

from tests.support.api import Api
from tests.support.pages import Browser, Page, visitor
from tests.support.transactions import executed_statements

Signed = Callable[..., Browser]
PLACEHOLDER = "Black Friday **** Need copy and link****"
FIXED = "Black Friday at our shop: example.com"
PASSED = "The scheduled time (November 23, 2018, 09:00 UTC) has already passed."


def _check(browser: Browser, text: str, **fields: str) -> Page:
    return browser.send(browser.open("/check"), "Check it", text=text, **fields)


def test_a_kept_check_has_an_address_and_is_compared_with_the_one_before(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, PLACEHOLDER, keep_text="true")
    assert page.url == "/checks/1"
    assert page.texts(".draft mark") == ["**** Need copy and link****"]
    fixed = dana.send(page, "Check again", text=FIXED)
    assert fixed.url == "/checks/2?before=1"
    assert "One finding is gone" in fixed.text
    again = dana.send(fixed, "Check it once more")
    assert again.url == "/checks/3"
    assert again.texts(".since p") == [
        "Nothing has changed in what was found. The guards are the same as then."
    ]


def test_a_receipt_says_who_can_open_it(signed_in: Signed) -> None:
    of_team = signed_in("Dana", north="contributor")
    shared = _check(of_team, PLACEHOLDER, keep_text="true")
    assert "Everybody in the team north can open this receipt" in shared.texts(".access")[0]
    of_two = signed_in("Tal", north="contributor", south="contributor")
    own = _check(of_two, PLACEHOLDER, keep_text="true")
    assert own.texts(".access")[0].startswith("Only its author and those who run the site can open this")


def test_a_time_that_has_passed_is_said_once_on_the_receipt_of_a_kept_check(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, PLACEHOLDER, when="2018-11-23T09:00", zone="UTC", keep_text="true")
    assert (page.url, PASSED in page.text) == ("/checks/1", True)
    assert PASSED not in dana.open("/checks/1").text


def test_a_finding_leads_to_its_guard_and_a_receipt_is_read_in_few_queries(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, PLACEHOLDER, keep_text="true")
    assert dana.follow(page, "A note where the copy should be").url == "/guards/lesson:8"
    with executed_statements(Engine) as statements:
        dana.open(page.url)
    # One of them counts what waits for a review, for the menu.
    assert 0 < len([each for each in statements if each.startswith("SELECT")]) <= 16


def test_a_check_without_its_text_is_answered_once_and_its_receipt_says_so(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, PLACEHOLDER)
    assert page.texts(".draft mark") == ["**** Need copy and link****"]
    receipt = dana.follow(page, "check 1")
    assert "was not kept" in receipt.text
    assert "Need copy" not in receipt.response.get_data(as_text=True)
    assert "A note where the copy should be" in receipt.texts(".finding > p")[0]
    other = dana.send(receipt, "Check it once more", text="Another text")
    assert other.status == 422
    assert "exactly as it was checked" in other.one("[role=alert]").get_text()
    assert other.one(str(other.one("[role=alert] a")["href"])).get_text() == "Another text"
    same = dana.send(receipt, "Check it once more", text=PLACEHOLDER)
    assert same.url == "/checks/2"


def test_the_form_of_a_receipt_opens_only_where_more_was_said_of_the_draft(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    plain = dana.follow(_check(dana, PLACEHOLDER, countries="il"), "check 1")
    assert plain.one("#countries")["value"] == "Israel"
    assert not plain.soup.select("#fix .more[open]")
    detailed = dana.follow(_check(dana, PLACEHOLDER, account="@acme"), "check 2")
    assert detailed.one("#fix .more[open] #account")["value"] == "@acme"


def test_going_ahead_needs_a_reason_and_is_recorded(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, PLACEHOLDER)
    assert dana.send(page, "Go ahead anyway", reason=" ").status == 422
    receipt = dana.send(page, "Go ahead anyway", reason="It is <b>the joke</b>.")
    assert receipt.url == "/checks/1"
    assert "It is <b>the joke</b>." in receipt.texts(".override")[0]
    assert "went ahead anyway" in dana.open("/checks").text


def test_a_finding_is_called_not_a_problem_with_the_text_or_by_pasting_it(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, PLACEHOLDER)
    form = dana.follow(dana.open("/checks/1"), "Not a problem")
    refused = dana.send(form, "Tell the guard's owners", text="Something else", reason="A quotation")
    assert refused.status == 422
    assert refused.one("#reason")["value"] == "A quotation"
    receipt = dana.send(page, "Tell the guard's owners", reason="A quotation")
    assert "offered to the owners of 2 guards" in receipt.texts("[role=status]")[0]
    assert [text.partition(":")[2].strip() for text in receipt.texts(".answered")] == [
        "not a problem, A quotation"
    ] * 2


def test_an_answer_to_one_finding_keeps_a_draft_that_has_more_of_them_on_the_page(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    draft = f"{PLACEHOLDER}\nTell us your story with #OurStory"
    page = _check(dana, draft)
    found = page.texts(".draft mark")
    assert len(found) > 1
    for _reload in range(2):
        answered = dana.send(page, "Tell the guard's owners", reason="A quotation")
        assert answered.status == 200
        assert answered.one("#fix #text").get_text() == draft
        assert answered.texts(".draft mark") == found
        assert "not a problem, A quotation" in answered.texts(".answered")[0]
    assert "was not kept" in dana.open("/checks/1").text
    again = dana.send(answered, "Check it once more")
    assert again.url == "/checks/2"


def test_a_draft_of_another_check_is_not_shown_as_the_answered_one(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, PLACEHOLDER)
    dana.send(page, "Tell the guard's owners")
    other = dana.send(page, "Tell the guard's owners", text="Something else")
    assert "was not kept" in other.text
    assert not other.one("#fix #text").get_text()


def test_only_those_who_may_answer_a_check_are_asked_to(signed_in: Signed) -> None:
    _check(signed_in("Dana", north="contributor"), PLACEHOLDER, keep_text="true")
    page = signed_in("Noam", north="reader").open("/checks/1")
    assert page.texts(".draft mark")
    assert not {"Go ahead anyway", "Tell the guard's owners"} & {*page.texts("button")}
    assert "Not a problem" not in page.text


def test_a_receipt_does_not_exist_for_strangers(signed_in: Signed, browser: Browser) -> None:
    _check(signed_in("Dana", north="contributor"), PLACEHOLDER, keep_text="true")
    stranger = signed_in("Noam", south="admin")
    for path in ("/checks/1", "/checks/1/near-miss", "/checks/1/findings/1/not-a-problem", "/checks/9"):
        page = stranger.open(path)
        assert page.status == 404, path
        assert "Need copy" not in page.text
    assert "Since check" not in _check(stranger, FIXED, keep_text="true").text
    assert "Since check" not in stranger.open("/checks/2?before=1").text
    assert browser.open("/checks").url == "/sign-in?next=/checks"
    assert browser.open("/checks/1").url == "/sign-in?next=/checks/1"


def test_what_is_no_problem_is_offered_to_the_guards_that_say_nearly_the_same(
    signed_in: Signed, admin: Api
) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, "מבצע סוף שבוע בחנות: [להשלים קישור]")
    assert "the guards that say nearly the same see it, too" in page.texts(".finding")[0]
    told = dana.send(page, "Tell the guard's owners", reason="A quotation")
    offers = visitor(admin).open("/guards/offers").texts(".offer h2")
    assert len(offers) > 1
    assert f"to the owners of {len(offers)} guards" in told.texts("[role=status]")[0]
    repeated = dana.send(page, "Tell the guard's owners", reason="A quotation")
    assert "called not a problem before" in repeated.texts("[role=status]")[0]
