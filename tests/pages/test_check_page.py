"""A draft is pasted, answered with what was found, changed, and checked again."""

import re
from itertools import chain

from tests.support.api import Api
from tests.support.incidents import lesson_guard
from tests.support.pages import Browser, Page, visitor

PLACEHOLDER = "Black Friday **** Need copy and link****"
FIXED = "Black Friday at our shop: example.com"
PASSED = "The scheduled time (November 23, 2018, 09:00 UTC) has already passed."


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
    assert second.heading == "No problem found in this draft"
    assert second.texts(".since p") == ["One finding is gone."]
    assert "is a placeholder" in second.texts(".since del")[0]
    third = browser.send(second, "Check again", text=PLACEHOLDER)
    assert third.texts(".since p") == ["One new finding."]
    assert third.texts(".finding .new") == ["new"]


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
    assert hebrew.heading == "לא נמצאו בעיות. נקודה אחת לתשומת לב."


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


def test_what_was_done_in_several_cases_is_what_is_known_of_them(browser: Browser) -> None:
    page = _check(browser, "Would you rather slap Rihanna or punch Chris Brown? [add link]")
    assert "In 3 similar cases, the known responses were: " in page.text


def test_lines_are_counted_as_people_see_them(browser: Browser) -> None:
    page = _check(browser, f"Hello 👋🏽\r\n\r\n{PLACEHOLDER}\r\n")
    assert page.texts(".draft mark") == ["**** Need copy and link****"]
    assert page.one(".draft").get_text().startswith("Hello 👋🏽\n\nBlack Friday")


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


def test_a_draft_without_a_finding_is_seen_once_below_what_that_does_not_mean(browser: Browser) -> None:
    page = _check(browser, FIXED)
    assert "does not mean that a draft is safe" in page.texts("h1 + p.lead")[0]
    assert not page.soup.select(".notice")
    assert page.one("#fix #text").get_text() == FIXED
    assert page.soup.select(".draft.on-paper"), "paper has no form"
    assert not _check(browser, PLACEHOLDER).soup.select(".draft.on-paper")


def test_responses_are_not_told_of_similar_cases_where_none_is_similar(browser: Browser) -> None:
    page = browser.send(
        browser.open("/check?lang=he"),
        "בדיקת הטיוטה",
        text="חג עצמאות שמח מכל הצוות! מחכים לכם מחר בחנות בדיזנגוף מהשעה 10:00.",
    )
    assert "לא נמצא אירוע שדומה ממש לטיוטה." in page.text
    assert page.texts("aside details.weak")
    assert not page.texts(".playbook")
