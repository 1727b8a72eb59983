from collections.abc import Callable
from pathlib import Path

import pytest

from kb.config import Settings
from tests.support.api import Api
from tests.support.pages import Browser, visitor

VISITORS_ONLY_READ = True

XSS = "<img src=x onerror=alert(1)>"

PHRASE = {
    "type": "phrase",
    "severity": "stop",
    "message": {"en": f"{XSS} We do not say this: {{text}}", "he": "אצלנו לא אומרים: {text}"},
    "parameters": {"phrases": ["walrus"]},
    "examples": {"bad": [{"text": f"A walrus {XSS}"}], "good": [{"text": "A seal"}]},
}


def file_guard(author: Api, **changes: object) -> tuple[int, int]:
    """File an incident whose lesson has a guard, and return the ids of both."""
    fields = {"lessons": [{"text": "Leave it out.", "guard": PHRASE}], "status": "published", "severity": 3}
    filed = author.file(**{**fields, **changes})
    return filed["id"], filed["lessons"][0]["id"]


def test_guards_are_listed_in_groups_with_their_lesson_or_a_draft_that_they_find(browser: Browser) -> None:
    page = browser.open("/guards")
    assert page.heading == "Guards"
    groups = page.texts(".guard-group h2")
    assert groups[:2] == ["Taught by an incident", "Unfinished text and links"]
    assert page.texts(".guard-group[open] h2") == ["Taught by an incident"]
    numbers = [int(text) for text in page.texts(".guard-group summary > .muted")]
    assert sum(numbers) == len(page.texts(".guard-group li"))
    assert f"{sum(numbers)} guards" in page.text
    few = browser.open("/guards?origin=lesson")
    assert len(few.texts(".guard-group[open] li")) == 6
    assert "Lockheed Martin :" in few.texts(".guard-group")[0]
    unfinished = browser.open("/guards?type=link")
    assert unfinished.texts(".guard-group h3")[0].startswith("Do not publish yet")
    first = unfinished.soup.select(".guard-group li")[0]
    assert first.a is not None
    assert first.a.get_text() == "A broken link"
    assert "Tickets: http:/tickets.example.org" in first.get_text()


def test_all_guards_are_on_one_small_page_with_the_filters_above_them(
    browser: Browser, person: Callable[..., Api]
) -> None:
    lessons = [
        {"text": f"Leave out number {number}. " * 9, "guard": {**PHRASE, "severity": "caution"}}
        for number in range(40)
    ]
    noa = person("Noa", north="reviewer")
    for organization in ("Acme", "Velmora", "Orlin"):
        noa.file(organization=organization, lessons=lessons, status="published", severity=3)
    page = browser.open("/guards")
    assert len(page.texts(".guard-group li")) > 200
    assert len(page.response.data) < 60_000
    content = str(page.one("main"))
    assert content.index("narrowing") < content.index("guard-group")
    assert not page.soup.select(".guard-group[open]"), "no list of many guards is open"


@pytest.mark.parametrize("words", ["placeholder", "proofread", "lockheed", "טקסט זמני"])
def test_guards_are_found_by_their_messages_and_lessons(browser: Browser, words: str) -> None:
    assert browser.open(f"/guards?q={words}").texts(".guard-group li")


def test_a_pattern_says_what_it_finds_by_its_examples_and_folds_the_expression(
    browser: Browser, person: Callable[..., Api]
) -> None:
    pattern = {
        "type": "pattern",
        "severity": "stop",
        "message": {"en": "A ticket number", "he": "מספר כרטיס"},
        "parameters": {"pattern": "(ticket|כרטיס) number [0-9]+"},
        "examples": {"bad": [{"text": "Done, see ticket number 12"}], "good": [{"text": "A seal"}]},
    }
    _, lesson = file_guard(
        person("Noa", north="reviewer"), lessons=[{"text": "Leave it out.", "guard": pattern}]
    )
    page = browser.open(f"/guards/lesson:{lesson}")
    looks = page.one(".looks-for")
    assert "It finds posts like: Done, see ticket number 12" in looks.get_text()
    assert next(code["dir"] for code in looks.select("details > pre")) == "ltr"
    content = str(page.one("main"))
    assert content.index("looks-for") < content.index("taught")


def test_the_titles_of_guards_quote_nothing_and_have_no_dots(
    browser: Browser, hebrew_browser: Browser
) -> None:
    for reader in (browser, hebrew_browser):
        titles = reader.open("/guards").texts(".guard-group li a")
        assert len(titles) > 60
        assert not [title for title in titles if "…" in title or "{" in title]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("9/11", "A sale or a joke on a day of mourning"),
        ("Remembrance Day", "A sale or a joke on a day of mourning"),
        ("יום הזיכרון", "A product on a day of mourning in Israel"),
        ("couples", "Violence between partners as a game"),
        ("אלימות במשפחה", "Domestic violence as a quiz"),
        ("firstname", "Unfinished text"),
    ],
)
def test_guards_are_found_by_the_names_of_subjects_and_days_and_by_examples(
    browser: Browser, words: str, title: str
) -> None:
    found = browser.send(browser.open("/guards"), "Search", q=words)
    assert any(row.startswith(title) for row in found.texts(".guard-group li a"))
    assert len(found.texts(".guard-group li")) < 40


def test_whoever_is_not_signed_in_is_led_to_sign_in_and_back_to_writing_a_guard(browser: Browser) -> None:
    page = browser.follow(browser.open("/guards"), "Write a guard")
    assert page.url == "/sign-in?next=/guards/new"


def test_facets_and_words_narrow_the_list_and_chips_widen_it(browser: Browser) -> None:
    page = browser.follow(browser.open("/guards"), "Do not publish yet")
    assert all(heading.startswith("Do not publish yet") for heading in page.texts(".guard-group h3"))
    narrowed = browser.send(page, "Search", q="UNFINISHED")
    assert any("Unfinished text" in row for row in narrowed.texts(".guard-group li"))
    assert "severity=stop" in narrowed.url
    assert "q=UNFINISHED" in str(narrowed.one(".chips a")["href"])
    assert "severity" not in str(narrowed.one(".chips a")["href"])


def test_a_list_without_guards_says_what_to_do(browser: Browser) -> None:
    page = browser.open("/guards?q=zzzzzz")
    assert "No guard matches" in page.text
    assert browser.open("/guards?type=nonsense").status == 422


def test_a_guard_shows_its_reason_its_parameters_and_its_examples(
    browser: Browser, person: Callable[..., Api]
) -> None:
    incident, lesson = file_guard(person("Noa", north="reviewer"))
    page = browser.open(f"/guards/lesson:{lesson}")
    assert page.heading == f"{XSS} We do not say this"
    assert "Leave it out." in page.text
    assert str(page.one(".lesson-of a")["href"]) == f"/incidents/{incident}#lesson-{lesson}"
    assert page.texts("pre.code") == ["phrases: - walrus"]
    assert page.texts(".rules > div") == [
        "Looks for any of, in any form walrus",
    ]
    assert page.texts(".sample") == [f"A walrus {XSS}", "A seal"]
    assert page.texts(".sample mark") == ["walrus"]
    assert "We do not say this: walrus" in page.texts(".finding")[0]
    assert not page.soup.find_all("img")


def test_a_guard_speaks_the_language_of_the_reader(
    hebrew_browser: Browser, person: Callable[..., Api]
) -> None:
    _, lesson = file_guard(person("Noa", north="reviewer"))
    page = hebrew_browser.open(f"/guards/lesson:{lesson}")
    assert page.heading == "אצלנו לא אומרים"
    assert not page.soup.select("h1 [lang]")
    assert page.soup.select("html[lang=he][dir=rtl]")


def test_a_guard_of_an_incident_that_one_may_not_see_does_not_exist(
    browser: Browser, person: Callable[..., Api], signed_in: Callable[..., Browser]
) -> None:
    noa = person("Noa", north="reviewer")
    _, hidden = file_guard(noa, visibility="team")
    draft = noa.file(lessons=[{"text": "Leave it out.", "guard": PHRASE}])["lessons"][0]["id"]
    eve = signed_in("Eve", south="admin")
    for stranger in (browser, eve):
        for key in (f"lesson:{hidden}", f"lesson:{draft}", "lesson:99999", "no-such-guard", "lesson:x"):
            assert stranger.open(f"/guards/{key}").status == 404, key
        assert "walrus" not in stranger.open("/guards?q=walrus").text.replace("q=walrus", "")
    assert visitor(noa).open(f"/guards/lesson:{hidden}").status == 200
    assert eve.open(f"/guards/lesson:{hidden}/backtest").status == 404


def test_a_draft_is_tried_on_one_guard_alone(browser: Browser, person: Callable[..., Api]) -> None:
    _, lesson = file_guard(person("Noa", north="reviewer"))
    page = browser.open(f"/guards/lesson:{lesson}")
    text = f"One walrus, {XSS} two walruses.\n**** need copy"
    tried = browser.send(page, "Try it on this draft", text=text)
    assert tried.texts(".trial mark") == ["walrus", "walruses"]
    assert "We do not say this: walrus" in tried.texts(".trial .finding")[0]
    assert tried.one("#text").get_text().strip() == text
    assert not tried.soup.find_all("img")
    nothing = browser.send(page, "Try it on this draft", text="A seal")
    assert "It finds nothing in this draft." in nothing.text


def test_a_draft_that_cannot_be_read_is_said_beside_its_field(browser: Browser) -> None:
    page = browser.open("/guards/unfinished-text")
    for text in ("", "   ", "x" * 120_000):
        answer = browser.send(page, "Try it on this draft", text=text)
        assert answer.status == 422
        assert answer.one("[role=alert] a")["href"] == "#text"
        assert answer.one("#text")["aria-invalid"] == "true"


def test_a_guard_of_days_is_tried_on_a_day(browser: Browser) -> None:
    page = browser.open("/guards/mourning-day")
    sent = {"text": "Everything at 50% off", "audience_countries": "USA", "scheduled_at": "2027-09-11T12:00"}
    assert browser.send(page, "Try it on this draft", **sent).texts(".trial .finding")
    sent["scheduled_at"] = "2027-09-14T12:00"
    assert not browser.send(page, "Try it on this draft", **sent).texts(".trial .finding")
    answer = browser.send(page, "Try it on this draft", **{**sent, "scheduled_at": "9999-99-99T00:00"})
    assert answer.texts(".error") == ["Write a day and a time, of a year from 1900 to 2199."]
    answer = browser.send(page, "Try it on this draft", **{**sent, "audience_countries": "Narnia"})
    assert answer.texts(".error") == ["Write names or two-letter codes, separated by commas: Israel, US."]


def test_trying_a_guard_takes_the_secret_of_the_form(browser: Browser) -> None:
    answer = browser.client.post("/guards/unfinished-text", data={"text": "[insert date]"})
    assert answer.status_code == 400


def test_a_backtest_names_the_incidents_and_the_false_alarms(
    browser: Browser, signed_in: Callable[..., Browser]
) -> None:
    page = signed_in("Dana").open("/guards/grave-subject")
    assert page.one("aside form")["data-working"]
    result = signed_in("Dana").send(page, "Test it on what happened before")
    assert result.texts(".figures dd > strong")[0].endswith("of 6")
    assert result.soup.select(".figures a[href^='/incidents/']")
    assert result.texts(".figures details .sample")
    asked = browser.open("/guards/grave-subject/backtest")
    assert asked.url == "/sign-in?next=/guards/grave-subject/backtest"
    assert "can test it" in browser.open("/guards/grave-subject").text


@pytest.fixture
def own_guards(settings: Settings) -> Path:
    return settings.data_dir / "guards.yaml"


def test_a_guard_of_the_data_folder_is_told_from_a_shipped_one(own_guards: Path, browser: Browser) -> None:
    own_guards.write_text(
        "guards:\n  - {key: no-walrus, type: phrase, severity: note, message: No walrus,"
        " parameters: {phrases: [walrus]}, examples: {bad: [walrus], good: [seal]}}\n"
        "  - {key: unfinished-text, severity: note}\n",
        "utf-8",
    )
    page = browser.open("/guards?origin=team")
    assert page.texts(".guard-group li a") == ["No walrus", "Unfinished text"]
