"""The page of a result stays under 60 kB, whatever is found in a long draft."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import cycle, islice

import pytest

from kb import pauses
from kb.pages.checks.check_result import excerpt, further_places, mark, place_words
from tests.support.pages import Browser, Page

MAX_BYTES = 60_000
WORDS = 2_000

PLAIN = {
    "he": "אתמול פתחנו סניף חדש בכיכר המרכזית, והשכנים הגיעו עם הילדים לראות את המקום ולשמוע על התוכניות.",
    "en": "Yesterday we opened the new branch on the main square, and the neighbors came to look at it.",
}
RISKY = {
    "he": "להוסיף כאן תמונה|XXX|שלחו לנו תמונות ותייגו אותנו|פצצה של הנחה אחרי הפיגוע|{{שם}}".split("|"),
    "en": "[insert photo]|TBD|share your photos and tag us|50% off after the attack|{{name}}".split("|"),
}
MANY = (
    "Women belong in the kitchen. Our customers are idiots sometimes, ha. Loved this one, nsfw. "
    "What the fuck is this? Blackface selfie, lol. Our missiles landed before they woke up, lol. "
    "XXX Shop now: our Auschwitz tote bag."
)
"""A draft in which many guards find something."""

BUTTONS = {"he": "בדיקת הטיוטה", "en": "Check it"}


def busy_draft(language: str) -> str:
    """A draft of WORDS words in which every ninth sentence is risky."""
    sentences = cycle(f"{' '.join([PLAIN[language]] * 8)} {risky}." for risky in RISKY[language])
    words = " ".join(islice(sentences, WORDS)).split()
    return " ".join(words[:WORDS])


def check(browser: Browser, language: str, **fields: str) -> Page:
    return browser.send(browser.open("/check"), BUTTONS[language], text=busy_draft(language), **fields)


def assert_small_and_whole(page: Page, language: str) -> None:
    assert page.status == 200
    assert len(page.response.data) < MAX_BYTES
    assert page.one("#text").get_text() == busy_draft(language)
    numbers = page.soup.select(".draft sup a")
    assert len(numbers) >= 15
    for number in numbers:
        finding = page.one(str(number["href"]))
        back = f"#{number['id']}"
        assert finding.get("href") == back or finding.select(f"a[href='{back}']")


@pytest.mark.parametrize("language", ["he", "en"])
def test_the_result_of_a_long_draft_in_which_much_is_found_is_small(browser: Browser, language: str) -> None:
    browser.language = language
    page = check(browser, language)
    assert_small_and_whole(page, language)
    [again] = page.soup.select("input[name=former]")
    assert len(str(again["value"])) < 4_000


@pytest.mark.parametrize("language", ["he", "en"])
def test_its_receipt_is_small(signed_in: Callable[..., Browser], language: str) -> None:
    dana = signed_in("Dana", language, north="contributor")
    page = check(dana, language, keep_text="true")
    assert page.url == "/checks/1"
    assert_small_and_whole(page, language)
    assert page.soup.select(".ways a[href$='/findings/1/not-a-problem']")


@pytest.mark.parametrize("language", ["he", "en"])
def test_where_everything_is_wrong_as_many_places_are_shown_as_one_page_holds(
    signed_in: Callable[..., Browser], language: str
) -> None:
    dana = signed_in("Dana", language, north="contributor")
    page = dana.send(dana.open("/check"), BUTTONS[language], text=" ".join([MANY] * 40), keep_text="true")
    assert len(page.response.data) < MAX_BYTES
    assert len(page.soup.select(".draft sup a")) <= 40
    assert re.search(r"\d+ (?:more places are not shown|מקומות נוספים לא מוצגים)", page.text)


def test_where_much_is_found_one_form_leaves_a_guard_out(browser: Browser) -> None:
    page = browser.send(browser.open("/check"), "Check it", text=MANY)
    guards = [str(option["value"]) for option in page.soup.select("#left-out-guard option")]
    assert len(guards) > 5
    refused = browser.send(page, "Check again without it", guard=guards[-1])
    assert refused.status == 422
    assert refused.one("[role=alert] a")["href"] == "#because"
    assert refused.one("#left-out-guard option[selected]")["value"] == guards[-1]
    again = browser.send(refused, "Check again without it", because="It is quoted.")
    assert "Because: It is quoted." in again.texts(".left-out li")[0]
    assert guards[-1] not in {str(option["value"]) for option in again.soup.select("#left-out-guard option")}


def test_all_that_can_be_said_of_a_long_draft_is_one_step_away(browser: Browser) -> None:
    page = check(browser, "en", account="@shop")
    form = browser.send(page, "More about the post")
    assert form.status == 200
    assert form.one("#account")["value"] == "@shop"
    assert form.one("details.more[open] #approvers")
    assert form.one("#text").get_text() == busy_draft("en")


def test_a_long_draft_is_shown_where_something_was_found() -> None:
    text = f"{'start ' * 40}TBD{' middle' * 40} XXX, and YYY{' end' * 40}"
    places = [text.index("TBD"), text.index("XXX"), text.index("YYY")]
    findings = [
        {"number": number, "severity": "stop", "span": {"start": start, "end": start + 3}}
        for number, start in enumerate(places, 1)
    ]
    shown = "".join(part.text for part in excerpt(mark(text, findings)))
    assert shown.startswith(" […] start ")
    assert shown.endswith(" end […]")
    assert "XXX, and YYY" in shown
    assert shown.count("[…]") == 3
    assert len(shown) < len(text) / 2


def test_a_further_place_says_what_was_found_unless_its_message_says_more() -> None:
    def finding(message: str, text: str) -> dict[str, object]:
        return {"message": message, "span": {"text": text}}

    first = finding("“TBD” is a placeholder.", "TBD")
    assert place_words(finding("“TK” is a placeholder.", "TK"), first) == "TK"
    other = finding("“#nowthatcher” also reads “hat”.", "#nowthatcher")
    assert place_words(other, finding("“#a” also reads “b”.", "#a")) == other["message"]
    assert place_words({"message": "No link.", "span": None}, first) == "No link."
    passage = "“Sale” ends today, and so does the best of the summer: come and see us."
    cut = finding(f"“{passage[:50]}…” may be a slip.", passage)
    assert place_words(cut, finding("“Sale” may be a slip.", "Sale")) == passage
    places = further_places([first, finding("“XXX” is a placeholder.", "XXX"), first, other], True)
    assert [(place.words, len(place.findings)) for place in places] == [("", 2), (other["message"], 1)]


def test_others_are_served_between_reading_checking_and_showing_a_long_draft(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser.open("/check")
    rests: list[float] = []
    monkeypatch.setattr(pauses, "PIECE_SECONDS", 0.0)
    monkeypatch.setattr(pauses, "rest", lambda: rests.append(0.0))
    result = browser.send(page, BUTTONS["en"], text=busy_draft("en"))
    assert result.status == 200
    assert len(rests) == 2
