import json
import re
import zlib
from base64 import b64encode
from collections.abc import Callable
from itertools import chain

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from kb.pages.checks.check_result import changes_since, keep_first_example, mark
from kb.pages.checks.former_findings import Former, read_former
from kb.pages.words.check_words import cost_words
from tests.support.api import Api
from tests.support.incidents import lesson_guard
from tests.support.pages import Browser, Page, visitor

PLACEHOLDER = "Black Friday **** Need copy and link****"
FIXED = "Black Friday at our shop: example.com"


def _check(browser: Browser, text: str, **fields: str) -> Page:
    return browser.send(browser.open("/check"), "Check it", text=text, **fields)


def test_a_draft_pasted_on_the_front_page_is_answered_with_a_verdict_and_marks(browser: Browser) -> None:
    page = browser.send(browser.open("/"), "Check it", text=PLACEHOLDER)
    assert page.status == 200
    assert page.heading == "Do not publish yet: one thing to fix"
    assert page.texts(".draft mark.stop") == ["**** Need copy and link****"]
    number = page.one(".draft sup a")
    finding = page.one(str(number["href"]))
    assert "is a placeholder" in finding.get_text()
    assert "Instead:" in finding.get_text()
    assert page.texts(".finding a[href*=incidents]") == ["McDonald's , 2017"]
    assert "McDonald's" in page.texts("aside .precedent")[0]
    assert "What it cost:" in page.texts("aside .precedent")[0]
    story = page.texts("aside .precedent")[0]
    assert 0 < story.index("On Black Friday") < story.index("How it ended:")
    assert "None of this was kept" in page.text


def test_the_draft_stays_in_the_form_and_the_next_check_says_what_changed(browser: Browser) -> None:
    first = _check(browser, PLACEHOLDER, platform="twitter")
    assert first.one("#text").get_text() == PLACEHOLDER
    assert "Twitter / X" in first.one(".known").get_text()
    second = browser.send(first, "Check again", text=FIXED)
    assert second.heading == "No problem found: no guard objects to this draft"
    assert second.texts(".since p") == ["One finding is gone."]
    assert "is a placeholder" in second.texts(".since del")[0]
    third = browser.send(second, "Check again", text=PLACEHOLDER)
    assert third.texts(".since p") == ["One new finding."]
    assert third.texts(".finding .new") == ["new"]


PASSED = "The scheduled time (November 23, 2018, 09:00 UTC) has already passed."


def test_a_time_that_has_passed_is_said_below_the_verdict(browser: Browser) -> None:
    late = _check(browser, FIXED, when="2018-11-23T09:00", zone="UTC")
    assert late.texts("h1 + p") == [f"{PASSED} The draft was checked as of then."]
    assert "already passed" not in _check(browser, FIXED, when="9999-11-23T09:00", zone="UTC").text


def test_the_language_is_switched_on_the_result_without_losing_the_draft(browser: Browser) -> None:
    first = _check(browser, PLACEHOLDER, platform="twitter")
    hebrew = browser.send(first, "עברית")
    assert hebrew.heading == "לא לפרסם עדיין: דבר אחד שצריך לתקן"
    assert hebrew.one("#text").get_text() == PLACEHOLDER
    english = browser.send(hebrew, "English")
    assert english.heading == first.heading
    assert "Twitter / X" in english.one(".known").get_text()


def test_a_draft_that_would_double_the_page_leaves_a_link_to_the_other_language(browser: Browser) -> None:
    page = _check(browser, PLACEHOLDER + " our shop" * 1_000)
    assert page.one(".account a[hreflang=he]")["href"] == "/check?lang=he"


def test_a_draft_with_notes_alone_is_not_said_to_have_nothing_and_has_no_tick(browser: Browser) -> None:
    page = _check(browser, "On September 11 our offices are closed.")
    assert page.heading == "No problem found. One thing to note."
    assert page.texts("h1.note") == [page.heading]
    draft = "ב-11 בספטמבר המשרדים שלנו סגורים."
    hebrew = browser.send(browser.open("/check?lang=he"), "בדיקת הטיוטה", text=draft)
    assert hebrew.heading == "לא נמצאו בעיות. דבר אחד לתשומת לב."


def test_what_a_guard_advises_is_said_once_for_all_its_places(browser: Browser) -> None:
    page = _check(browser, "Opens on [insert date], at [insert place].")
    [section] = page.soup.select(".finding:has(.places)")
    assert section.get_text().count("Instead:") == 1
    for number in page.soup.select(".draft sup a"):
        assert page.one(str(number["href"]))


def test_what_was_done_in_a_single_case_is_said_without_counts(browser: Browser) -> None:
    page = _check(browser, "Read on: [add link]")
    assert "In the one similar case, the response was: Answered with humor." in page.text
    assert "median" not in page.text


def test_lines_are_counted_as_people_see_them(browser: Browser) -> None:
    page = _check(browser, f"Hello 👋🏽\r\n\r\n{PLACEHOLDER}\r\n")
    assert page.texts(".draft mark") == ["**** Need copy and link****"]
    assert page.one(".draft").get_text().startswith("Hello 👋🏽\n\nBlack Friday")


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"text": " \n"}, "Paste the draft first"),
        ({"text": "a" * 50_001}, "Split the text"),
        ({"text": "a", "countries": "Narnia"}, "Write names or two-letter codes"),
        ({"text": "a", "when": "soon"}, "Write a day and a time"),
        ({"text": "a", "when": "2027-01-01T10:00", "zone": "../../etc/passwd"}, "Write a day and a time"),
        ({"text": "a", "platform": "orkut"}, "Choose a platform"),
        ({"text": "a\x00b"}, "cannot be published"),
    ],
)
def test_a_form_that_cannot_be_read_keeps_what_was_typed(
    browser: Browser, fields: dict[str, str], advice: str
) -> None:
    page = _check(browser, **fields)
    assert page.status == 422
    alert = page.one("[role=alert] a")
    assert advice in alert.get_text()
    field = page.one(str(alert["href"]))
    assert field["aria-invalid"] == "true"
    assert page.one(f"#{field['aria-describedby']}").get_text() == alert.get_text()
    assert page.one("#text").get_text().strip("\n") == fields["text"].strip("\n")


def test_the_form_begins_with_the_country_of_the_readers_language(anonymous: Api) -> None:
    assert visitor(anonymous, "he").open("/check").one("input#countries")["value"] == "ישראל"
    assert visitor(anonymous, "he").open("/check?countries=").one("input#countries")["value"] == ""
    assert visitor(anonymous, "en").open("/check").one("input#countries")["value"] == ""


@pytest.mark.parametrize("countries", ["USA", "the U.S. and Canada", "us ca", 'ארה"ב', "America; U.K."])
def test_a_country_may_be_written_as_people_write_it(browser: Browser, countries: str) -> None:
    page = _check(
        browser,
        "Everything 20% off!",
        countries=countries,
        when="2027-09-11T12:00",
        zone="America/Chicago",
    )
    assert page.status == 200
    assert "September 11 attacks" in page.text


def test_what_day_it_is_to_the_audience_is_said_though_no_guard_minds_it(browser: Browser) -> None:
    sent = {"when": "2027-05-31T09:00", "zone": "America/Chicago"}
    page = _check(browser, "Our soup is back.", countries="USA", **sent)
    assert "No problem found" in page.text
    assert "Memorial Day (careful)" in page.one(".known").get_text()
    assert "Memorial Day" in browser.follow(page, "Memorial Day (careful)").text
    assert "Memorial Day" not in _check(browser, "Our soup is back.", countries="Israel", **sent).text


def test_a_day_that_begins_in_the_evening_is_said_on_the_day_before_and_on_its_own(browser: Browser) -> None:
    def days(when: str) -> list[str]:
        sent = {"zone": "Asia/Jerusalem", "countries": "Israel", "when": when}
        return _check(browser, "Our soup is back.", **sent).texts(".known [href*=calendar]")

    assert "from the evening: Holocaust Remembrance Day, Israel (no promotion)" in days("2027-05-03T09:00")
    assert days("2027-05-04T09:00") == ["Holocaust Remembrance Day, Israel (no promotion)"]
    assert days("2027-04-23T09:00") == ["Passover (careful)"]  # its second day of seven


def test_time_zone_and_country_decide_which_day_it_is(browser: Browser) -> None:
    page = _check(
        browser,
        "Our sale begins: 20% off.",
        when="2027-01-27T09:00",
        zone="Asia/Jerusalem",
        countries="ישראל, united states",
    )
    assert "Holocaust Remembrance Day" in page.text
    assert page.texts(".known bdi") == ["Wednesday, January 27, 2027, 09:00", "Israel", "United States"]
    assert "This is about the draft as a whole" in page.text


def test_an_address_fills_in_the_form(browser: Browser) -> None:
    page = browser.open("/check?platform=facebook&account=%40acme&text=hello")
    assert page.one("#platform option[selected]")["value"] == "facebook"
    assert page.one("#account")["value"] == "@acme"
    assert page.one("details.more").has_attr("open")


ATTACK = '<script>alert(1)</script>"><img src=x onerror=alert(1)> **** Need copy and link****'


def test_what_is_pasted_is_text_wherever_it_appears(browser: Browser) -> None:
    fields = dict.fromkeys(("account", "organization", "approvers", "links"), ATTACK)
    page = _check(browser, ATTACK, **fields)
    again = browser.send(page, "Check again", text=f"</textarea>{ATTACK}")
    wrong = browser.send(page, "Check again", text=f"</textarea>{ATTACK}", countries=ATTACK, before=ATTACK)
    assert [answer.status for answer in (page, again, wrong)] == [200, 200, 422]
    for answer in (page, again, wrong):
        assert not answer.soup.select("img, [onerror], body script")
        assert ATTACK in answer.one("#text").get_text()
    assert page.one(".draft").get_text().startswith(ATTACK[:60])
    gone = browser.send(again, "Check again", text="Hello", former=_packed('[["a","stop","","<img src=x>"]]'))
    assert gone.texts(".since del") == ["<img src=x>"]


def test_a_form_from_elsewhere_is_refused(browser: Browser) -> None:
    response = browser.client.post("/check", data={"text": PLACEHOLDER}, headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert "Need copy" not in response.get_data(as_text=True)


def test_a_hebrew_page_has_no_text_that_runs_the_wrong_way(hebrew_browser: Browser) -> None:
    page = hebrew_browser.open("/check")
    button = page.texts("main form button")[0]
    text = "לזכר הנופלים: 20% הנחה, רק היום! {{קישור}} #Sale\nmail@example.com"
    result = hebrew_browser.send(page, button, text=text)
    assert result.texts(".draft bdi") == ["#Sale"]
    for number in result.soup.select(".draft sup"):
        number.decompose()
    assert result.one(".draft").get_text() == text
    assert result.one("html")["dir"] == "rtl"
    assert result.one(".draft > div")["dir"] == "rtl"
    assert re.search("[א-ת]", result.texts(".finding p")[0])


def test_a_message_runs_as_its_own_words_do_whatever_it_quotes(hebrew_browser: Browser) -> None:
    page = hebrew_browser.open("/check")
    result = hebrew_browser.send(page, page.texts("main form button")[0], text=PLACEHOLDER)
    assert [message["dir"] for message in result.soup.select(".finding h2 + p")] == ["rtl"]


def test_overlapping_findings_share_a_stretch_of_the_text() -> None:
    findings = [
        {"number": 1, "severity": "caution", "span": {"start": 0, "end": 6}},
        {"number": 2, "severity": "stop", "span": {"start": 4, "end": 9}},
        {"number": 3, "severity": "note", "span": None},
    ]
    segments = mark("0123456789", findings)
    assert [(part.text, part.severity, part.numbers, part.ends) for part in segments] == [
        ("0123", "caution", (1,), ()),
        ("45", "stop", (1, 2), (1,)),
        ("678", "stop", (2,), (2,)),
        ("9", None, (), ()),
    ]


def _packed(text: str) -> str:
    return b64encode(zlib.compress(text.encode())).decode()


def test_hidden_fields_that_cannot_be_read_are_left_out() -> None:
    rows = ["", [1], {}, ["a", "b", "c", "d"], ["a", "stop", "c", "d"], ["a", "stop", "c", 4]]
    assert read_former(_packed(json.dumps(rows))) == [Former("a", "stop", "c", "d")]
    for sent in ("", "[]", "é", "AAAA", _packed("["), _packed("[" * 90_000), _packed("{}")):
        assert read_former(sent) == []
    assert read_former(_packed(json.dumps([["a", "stop", "c", "d" * 9_000_000]]))) == []


def test_a_finding_that_moved_is_neither_gone_nor_new() -> None:
    def finding(number: int, text: str) -> dict[str, object]:
        return {"number": number, "guard": "g", "severity": "stop", "message": "", "span": {"text": text}}

    former = [Former("g", "stop", "TBD", ""), Former("g", "stop", "TK", "")]
    changes = changes_since(former, [finding(1, "TK"), finding(2, "XXX"), finding(3, "???")])
    assert (changes.gone, changes.new, changes.stayed) == ([], frozenset({3}), 2)


Signed = Callable[..., Browser]


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


def test_a_time_that_has_passed_is_said_once_on_the_receipt_of_a_kept_check(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, PLACEHOLDER, when="2018-11-23T09:00", zone="UTC", keep_text="true")
    assert (page.url, PASSED in page.text) == ("/checks/1", True)
    assert PASSED not in dana.open("/checks/1").text


def test_a_finding_leads_to_its_guard_and_a_receipt_is_read_in_few_queries(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, PLACEHOLDER, keep_text="true")
    assert dana.follow(page, "A note where the copy should be").url == "/guards/lesson:8"
    queries: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        queries.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        dana.open(page.url)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    # One of them counts what waits for a review, for the menu.
    assert 0 < len([each for each in queries if each.startswith("SELECT")]) <= 16


def test_whether_the_text_is_kept_is_asked_where_everybody_sees_it(signed_in: Signed) -> None:
    page = signed_in("Dana", north="contributor").open("/check")
    assert page.soup.select("#keep_text")
    assert not page.soup.select("details #keep_text")
    assert not page.soup.select("details.more[open]")


def test_a_time_zone_is_that_of_the_browser_until_the_account_has_one(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    assert dana.open("/check").soup.select("#zone[data-own-zone]")
    account = dana.open("/account")
    dana.send(account, "Save", time_zone="Asia/Jerusalem")
    assert not dana.open("/check").soup.select("#zone[data-own-zone]")


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
    assert "offered to the guard's owners" in receipt.texts("[role=status]")[0]
    assert "not a problem, A quotation" in receipt.texts(".answered")[0]


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


def test_a_near_miss_is_filed_in_two_clicks(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, PLACEHOLDER, organization="Acme", keep_text="true")
    form = dana.follow(page, "File it as a near miss")
    assert form.one("#organization")["value"] == "Acme"
    incident = dana.send(form, "File it as a draft")
    assert incident.url.startswith("/incidents/")
    assert "Caught before publication" in incident.heading
    for again in (dana.send(form, "File it as a draft"), dana.follow(page, "File it as a near miss")):
        assert again.url == incident.url
        assert again.texts("[role=status]") == ["This check is filed already: here it is."]


def test_a_near_miss_that_lacks_something_is_not_filed_and_one_without_a_lesson_is(
    person: Callable[..., Api],
) -> None:
    api = person("Dana", north="contributor")
    dana = visitor(api)
    form = dana.follow(_check(dana, PLACEHOLDER), "File it as a near miss")
    refused = dana.send(form, "File it as a draft", title="Ours", category="")
    assert refused.status == 422
    assert refused.texts("[role=alert] a") == [
        "Write the name of the organization.",
        "Choose what kind of failure it would have been.",
    ]
    assert refused.one("#title")["value"] == "Ours"
    filed = dana.send(form, "File it as a draft", organization="Acme", lesson="")
    assert api.get(filed.url).get_json()["lessons"] == []
    assert refused.url == form.url


def test_checks_are_listed_for_their_team_and_filtered(signed_in: Signed) -> None:
    dana, noam = signed_in("Dana", north="contributor"), signed_in("Noam", north="reader")
    assert "No check yet" in dana.open("/checks").text
    assert not dana.open("/checks?lang=he").texts("form.filters")
    _check(dana, PLACEHOLDER)
    _check(noam, FIXED)
    page = noam.open("/checks")
    assert page.texts(".lead") == ["2 checks so far. Do not publish yet: 1; No problem found: 1."]
    assert len(page.texts(".checks li")) == 2
    assert len(noam.open("/checks?verdict=stop&author=Dana&team=north").texts(".checks li")) == 1
    assert "No check matches" in noam.open("/checks?author=Nobody").text
    first = noam.open("/checks?limit=1")
    assert "Dana" in noam.follow(first, "Earlier checks").texts(".checks li")[0]


def test_the_list_says_how_many_repeated_checks_it_does_not_count(
    person: Callable[..., Api],
) -> None:
    api = person("Dana", north="contributor")
    dana = visitor(api)
    _check(dana, PLACEHOLDER, keep_text="true")
    for _ in range(2):
        assert api.post("/checks/1/rerun", {}).status_code in (200, 201)
    page = dana.open("/checks")
    assert len(page.texts(".checks li")) == 3
    assert page.texts(".lead") == [
        "One check so far. Do not publish yet: 1. 2 repeated checks are not counted."
    ]


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


def test_what_other_guards_say_of_the_same_words_is_folded_and_not_counted(browser: Browser) -> None:
    page = _check(browser, "We never forget: take 40% off on Martin Luther King Day.")
    [folded] = page.soup.select(".finding .folded")
    # Only findings that stand for themselves are numbered, counted and compared.
    headings = page.texts(".finding > h2")
    assert [heading.split()[0] for heading in headings] == [
        f"{place}." for place in range(1, len(headings) + 1)
    ]
    gone = browser.send(page, "Check again", text="Nothing happens today.")
    assert len(gone.texts(".gone li")) == len(page.texts(".finding > h2, .finding > .places > li"))
    numbers = {str(item["id"]).removeprefix("finding-") for item in folded.select("li")}
    marks = {
        number
        for mark in page.soup.select(".draft mark[data-findings]")
        for number in str(mark["data-findings"]).split()
    }
    assert numbers
    assert numbers <= {*chain.from_iterable(marks)}
    # The place has the number of the finding that stands for them alone.
    places = {str(link["href"]).removeprefix("#finding-") for link in page.soup.select(".draft sup a")}
    assert numbers.isdisjoint(places)
    assert page.heading.startswith("Do not publish yet: one thing to fix")


def test_what_a_hebrew_message_quotes_has_its_own_direction(anonymous: Api) -> None:
    browser = visitor(anonymous, "he")
    text = "Remembering our heroes today. 20% off all grill kits"
    page = browser.send(browser.open("/check"), "בדיקת הטיוטה", text=text)
    assert "20% off" in page.texts(".finding p bdi")
    fixed = browser.send(page, "בדיקה חוזרת", text="Remembering our heroes today.")
    assert "20% off" in fixed.texts(".gone del[dir=rtl] bdi")
    guard = browser.open("/guards/unfinished-text")
    assert guard.texts(".finding strong[dir=rtl] bdi")


def test_a_cost_with_its_amount_is_one_item_of_the_list(app: Flask) -> None:
    costs: list[dict[str, object]] = [
        {"kind": "other", "amount": 500_000, "currency": "PLN", "alleged": False},
        {"kind": "revenue", "amount": 2_000_000, "currency": "EUR", "alleged": True},
        {"kind": "reputation", "amount": None, "currency": None, "alleged": False},
    ]
    with app.test_request_context("/check?lang=en"):
        told = cost_words(costs)
    assert told == "500,000 Polish zlotys (other), 2 million euros (sales, alleged) and reputation"


def test_a_finding_that_was_folded_is_not_new_when_it_stands_for_itself_nor_gone_when_it_goes() -> None:
    finding = {"number": 1, "guard": "g", "severity": "stop", "message": "", "span": {"text": "TK"}}
    folded = Former("g", "stop", "TK", "", "folded")
    stands = changes_since([folded], [finding])
    assert (stands.gone, stands.new, stands.stayed) == ([], frozenset(), 1)
    assert changes_since([folded], []).gone == []


def test_an_example_draft_of_several_incidents_is_shown_with_the_first_of_them() -> None:
    precedents = [{"example": example} for example in (None, "Half price today", "Half price today", "Grief")]
    keep_first_example(precedents)
    assert [item["example"] for item in precedents] == [None, "Half price today", None, "Grief"]


def test_a_label_stands_above_a_text_that_runs_the_other_way(admin: Api) -> None:
    title = "A giraffe balloon burst over our parade"
    lesson = {"text": "Rehearse.", "guard": lesson_guard()}
    admin.file(status="published", title=title, lessons=[lesson])
    precedents = {}
    for language, button in (("en", "Check it"), ("he", "בדיקת הטיוטה")):
        browser = visitor(admin, language)
        page = browser.send(browser.open("/check"), button, text="Giraffes: need copy")
        shown = page.soup.select("aside .precedent")
        precedents[language] = next(each for each in shown if title in each.get_text())
    assert [label.get_text() for label in precedents["he"].select(".above")] == ["איך זה נגמר:"]
    assert not precedents["en"].select(".above")
