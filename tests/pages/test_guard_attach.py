"""A guard that works is put on the lesson that it comes from."""

from collections.abc import Callable
from typing import Any

import pytest

from kb.services.check.guard_writing.attaching import MAX_LESSONS
from tests.support.api import Api
from tests.support.pages import Browser, Page, visitor

GUARD = """\
key: no-walrus
type: phrase
severity: stop
message: No walrus
parameters: {phrases: [walrus]}
examples: {bad: ["Two <b>walruses</b>"], good: [seal]}
"""
PUBLISHED = "The guard is on its lesson, and looks at every draft from now on."
MAX_BYTES = 60_000
HOSTILE = "</option><script>alert(1)</script>"


def run_tests(browser: Browser) -> Page:
    return browser.send(browser.open("/guards/new?type=phrase"), "Run its tests", guard=GUARD)


def attach(browser: Browser, page: Page, **values: Any) -> Page:
    return browser.send(page, "Put it on this lesson", **values)


def lesson_of(incident: dict[str, Any], position: int = 0) -> int:
    number: int = incident["lessons"][position]["id"]
    return number


def test_a_guard_written_for_a_lesson_of_a_published_incident_looks_at_drafts(noa: Api) -> None:
    incident = noa.file(status="published", lessons=[{"text": "Proofread."}, {"text": "No animals."}])
    browser = visitor(noa)
    types = browser.follow(browser.open(f"/incidents/{incident['id']}"), "Write a guard for lesson 2")
    page = browser.send(browser.follow(types, "Words"), "Run its tests", guard=GUARD)
    assert page.one("#lesson option[selected]")["value"] == str(lesson_of(incident, 1))
    done = attach(browser, page)
    assert done.url == f"/guards/lesson:{lesson_of(incident, 1)}"
    assert done.texts("[role=status]") == [
        "The guard is on its lesson, and looks at every draft from now on."
    ]
    lessons = noa.get(f"/incidents/{incident['id']}").get_json()["lessons"]
    assert [each["text"] for each in lessons] == ["Proofread.", "No animals."]
    assert [bool(each["guard"]) for each in lessons] == [False, True]


def test_a_guard_on_a_draft_is_changed_from_its_lesson(noa: Api, person: Callable[..., Api]) -> None:
    incident = noa.file(lessons=[{"text": "No animals."}])
    browser = visitor(noa)
    address = f"/incidents/{incident['id']}"
    types = browser.follow(browser.open(address), "Write a guard for lesson 1")
    done = attach(browser, browser.send(browser.follow(types, "Words"), "Run its tests", guard=GUARD))
    assert done.url.startswith(address)
    change = browser.follow(browser.open(address), "Change the guard of lesson 1")
    assert change.heading == "Change the guard"
    assert change.one("#p-phrases").get_text().split() == ["walrus"]
    tested = browser.send(change, "Run its tests", **{"p-phrases": "walrus\nelephant seal"})
    attach(browser, tested)
    (lesson,) = noa.get(address).get_json()["lessons"]
    assert lesson["guard"]["parameters"]["phrases"] == ["walrus", "elephant seal"]
    stranger = visitor(person("Dana", south="reviewer"))
    assert stranger.open(str(change.url)).status == 404


def test_a_guard_that_is_written_for_a_lesson_shows_it_from_the_first_page_on(
    noa: Api, person: Callable[..., Api]
) -> None:
    incident = noa.file(title="Ours", organization="Acme", lessons=[{"text": HOSTILE}])
    lesson = lesson_of(incident)
    browser = visitor(noa)
    types = browser.open(f"/guards/new?lesson={lesson}")
    page = browser.follow(types, "Words")
    for each in (types, page, browser.send(page, "Run its tests")):
        assert each.one(".lesson-of a").get_text() == HOSTILE
        assert "Acme" in each.one(".lesson-of").get_text()
    for unseen in (lesson, lesson + 1, 10**30, -1):
        other = visitor(person("Dana", south="reviewer")) if unseen == lesson else browser
        assert not other.open(f"/guards/new?lesson={unseen}").soup.select(".lesson-of")
        form = other.open(f"/guards/new?type=phrase&lesson={unseen}")
        assert other.send(form, "Run its tests").status == 200


def test_who_has_not_written_the_failure_down_is_led_to_it_and_keeps_the_guard(noa: Api) -> None:
    browser = visitor(noa)
    tested = run_tests(browser)
    way = next(a for a in tested.soup.select("main a") if str(a["href"]).startswith("/incidents/new"))
    assert way["target"] == "_blank"
    fields = {"title": "Walruses", "summary": "We sold two.", "organization": "Acme", "category": "tone-deaf"}
    filed = browser.send(browser.open(str(way["href"])), "File it as a draft", **fields)
    form = browser.follow(filed, "Add a lesson")
    browser.send(form, "Save", text="Leave walruses alone.")
    again = browser.send(tested, "Run its tests", guard=GUARD)
    assert "Leave walruses alone." in again.texts("#lesson option")


def test_the_lessons_to_choose_from_are_those_that_one_may_change(
    noa: Api, person: Callable[..., Api]
) -> None:
    own = noa.file(title="Ours", lessons=[{"text": HOSTILE}])
    person("Dana", south="reviewer").file(title="Theirs", status="published", lessons=[{"text": "Theirs"}])
    browser = visitor(noa)
    page = run_tests(browser)
    assert [each["label"] for each in page.soup.select("#lesson optgroup")] == ["Ours"]
    assert page.texts("#lesson option") == ["Choose a lesson", HOSTILE]
    done = attach(browser, page, lesson=str(lesson_of(own)))
    assert done.url == f"/incidents/{own['id']}"
    assert "once the incident is published" in done.text
    again = run_tests(browser)
    assert again.texts("#lesson option")[1] == f"{HOSTILE} (replaces its guard)"


def test_further_lessons_are_found_by_words_of_theirs(noa: Api) -> None:
    lessons = [{"text": f"Proofread {number}."} for number in range(MAX_LESSONS)]
    sought = noa.file(
        title="A walrus on the ice", lessons=[{"text": "No ANIMALS."}], organization="Otters Ltd"
    )
    noa.file(title="The latest", lessons=lessons[:30])
    browser = visitor(noa)
    few = run_tests(browser)
    assert not few.soup.select("#lesson_text")
    noa.file(title="The very latest", lessons=lessons[:15])
    page = run_tests(browser)
    assert "No ANIMALS." not in page.texts("#lesson option")
    for words in ("animals", "walrus ICE", "OTTERS"):
        found = browser.send(page, "Search", lesson_text=words)
        assert found.status == 200
        assert found.texts("#lesson option") == ["Choose a lesson", "No ANIMALS."]
        assert found.one("#lesson_text")["value"] == words
    none = browser.send(found, "Search", lesson_text="animals dingo %")
    assert "No lesson that you may change has all these words." in none.text
    found = browser.send(none, "Search", lesson_text="animals")
    done = attach(browser, found, lesson=str(lesson_of(sought)))
    assert done.url == f"/incidents/{sought['id']}"


def test_the_lessons_of_ones_own_teams_come_first(noa: Api, person: Callable[..., Api]) -> None:
    noa.file(title="Ours", lessons=[{"text": "Ours"}])
    person("Dana", south="reviewer").file(title="Theirs", lessons=[{"text": "Theirs"}])
    ada = visitor(person("Ada", north="reader", site_admin=True))
    labels = [each["label"] for each in run_tests(ada).soup.select("#lesson optgroup")]
    assert labels[:2] == ["Ours", "Theirs"]


def test_without_a_lesson_nothing_is_stored_and_the_guard_stays(noa: Api) -> None:
    incident = noa.file(lessons=[{"text": "Proofread."}])
    browser = visitor(noa)
    page = attach(browser, run_tests(browser))
    assert page.status == 422
    assert page.one("#lesson")["aria-invalid"] == "true"
    assert page.texts("[role=alert] a[href='#lesson']") == ["Choose the lesson that the guard comes from."]
    assert attach(browser, page, lesson=str(lesson_of(incident))).status == 200


def test_a_contributor_proposes_the_guard_of_a_published_incident(
    noa: Api, person: Callable[..., Api]
) -> None:
    incident = noa.file(status="published", lessons=[{"text": "Proofread."}])
    dana = visitor(person("Dana", north="contributor"))
    page = run_tests(dana)
    done = attach(dana, page, lesson=str(lesson_of(incident)))
    assert done.texts("[role=status]") == [
        "The incident is published, so somebody else must approve the guard. Until then it is not used."
    ]
    assert noa.get(f"/incidents/{incident['id']}").get_json()["lessons"][0]["guard"] is None
    assert done.texts(".diff h2") == ["Guard of lesson 1"], "the page of what waits"
    second = attach(dana, page, lesson=str(lesson_of(incident)))
    assert second.status == 409
    assert second.texts("#lesson-error")


def test_a_guard_that_does_not_work_is_put_nowhere(noa: Api) -> None:
    incident = noa.file(lessons=[{"text": "Proofread."}])
    browser = visitor(noa)
    page = run_tests(browser)
    for text in (GUARD.replace("phrases: [walrus]", "phrases: [otter]"), "key: a", ""):
        assert attach(browser, page, guard=text, lesson=str(lesson_of(incident))).status == 422
    assert noa.get(f"/incidents/{incident['id']}").get_json()["lessons"][0]["guard"] is None


def test_nobody_puts_a_guard_on_a_lesson_of_others(noa: Api, person: Callable[..., Api]) -> None:
    noa.file(lessons=[{"text": "Proofread."}])
    browser = visitor(noa)
    page = run_tests(browser)
    dana = person("Dana", south="reviewer")
    public = dana.file(status="published", lessons=[{"text": "Theirs"}])
    assert attach(browser, page, lesson=str(lesson_of(public))).status == 403
    for missing in ("999999", "9" * 30):
        assert attach(browser, page, lesson=missing).status == 404
    reader = visitor(person("Rea", north="reader"))
    assert not run_tests(reader).soup.select("select#lesson")
    assert "Write a guard" not in reader.open(f"/incidents/{public['id']}").text


def test_the_examples_are_shown_with_what_was_found(noa: Api) -> None:
    browser = visitor(noa)
    assert run_tests(browser).texts(".samples mark") == ["walruses"]
    text = GUARD.replace("good: [seal]", "good: [walrus]").replace("Two <b>walruses</b>", "seal")
    page = browser.send(browser.open("/guards/new?type=phrase"), "Run its tests", guard=text)
    assert page.status == 422
    headings = page.texts("h3")
    assert headings[:2] == [
        "It must find something in these, and does not",
        "It must let these pass, and does not",
    ]
    assert "It finds something in these" not in headings, "where none holds"


@pytest.mark.parametrize("type_", ["themes", "date"])
def test_the_page_stays_light_with_as_many_lessons_as_it_offers(noa: Api, type_: str) -> None:
    text = "להגיה כל טיוטה לפני שמתזמנים אותה, ולוודא שלא נשאר בה טקסט זמני. " * 2
    lessons = [{"text": f"{number} {text}"} for number in range(MAX_LESSONS // 2 + 1)]
    for _incident in range(2):
        noa.file(language="he", title="המותג פרסם טיוטה", lessons=lessons)
    browser = visitor(noa, "he")
    page = browser.send(browser.open(f"/guards/new?type={type_}"), "הרצת המבחנים")
    assert len(page.soup.select("#lesson option[value]:not([value=''])")) == MAX_LESSONS
    assert len(page.response.get_data()) < MAX_BYTES
