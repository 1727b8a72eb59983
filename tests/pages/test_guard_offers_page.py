from collections.abc import Callable
from typing import Any

from kb.yaml_text import read_yaml
from tests.support.api import Api
from tests.support.checks import TEXT, store_check
from tests.support.pages import Browser, visitor

XSS = "<img src=x onerror=alert(1)>"


def offer_to(noa: Api, dana: Api, phrase: str, reason: str = XSS, **fields: Any) -> int:
    """Offer Dana's draft to the guard of a lesson of Noa's, and return the lesson's id."""
    guard = {
        "type": "phrase",
        "severity": "stop",
        "message": {"en": "This is unfinished: {text}"},
        "parameters": {"phrases": [phrase]},
        "examples": {"bad": [{"text": phrase}], "good": [{"text": "Copy shop"}]},
    }
    lessons = [{"text": "Proofread.", "guard": guard}]
    filed = noa.file(lessons=lessons, status="published", severity=3, **fields)
    lesson: int = filed["lessons"][0]["id"]
    number = store_check(dana, {f"lesson:{lesson}": "copy"}, keep_text=True)
    response = dana.post(f"/checks/{number}/findings/1/not-a-problem", {"reason": reason})
    assert response.status_code == 201
    return lesson


def test_an_offered_example_is_accepted_and_becomes_a_test(person: Callable[..., Api]) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", south="reader")
    lesson = offer_to(noa, dana, "unfinished")
    browser = visitor(noa)
    page = browser.follow(browser.open("/guards"), "Offered examples")
    assert "This is unfinished" in page.texts(".offer h2")
    assert page.texts(".offer .sample") == [TEXT]
    assert XSS in page.text
    assert not page.soup.find_all("img")
    done = browser.send(page, "Accept it")
    assert done.texts("[role=status]") == ["Accepted. It is a good example of the guard from now on."]
    assert "Nothing is waiting for you" in done.text
    assert TEXT in browser.open(f"/guards/lesson:{lesson}").texts(".sample")


def test_who_owns_a_guard_is_told_of_an_offered_example(person: Callable[..., Api]) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", south="reader")
    lesson = offer_to(noa, dana, "unfinished")
    browser = visitor(noa)
    assert browser.open("/guards").texts(".links .waiting") == ["1"]
    waiting = browser.open("/waiting")
    assert waiting.texts("#offers h2") == ["Offered examples 1"]
    assert browser.follow(waiting, "Decide on them").texts(".offer")
    assert browser.follow(browser.open(f"/guards/lesson:{lesson}"), "Offered examples").texts(".offer")
    for address in ("/guards", "/waiting", f"/guards/lesson:{lesson}"):
        assert "Offered examples" not in visitor(dana).open(address).text
    browser.send(browser.open("/guards/offers"), "Decline it")
    assert not browser.open("/waiting").soup.select("#offers")


def test_an_offered_example_is_declined(person: Callable[..., Api]) -> None:
    noa = person("Noa", north="reviewer")
    offer_to(noa, person("Dana", south="reader"), "unfinished")
    browser = visitor(noa)
    done = browser.send(browser.open("/guards/offers"), "Decline it")
    assert done.texts("[role=status]") == ["Declined. The guard stays as it is."]


def test_a_guard_that_still_finds_an_accepted_example_is_changed_along_with_it(
    person: Callable[..., Api],
) -> None:
    noa = person("Noa", north="reviewer")
    lesson = offer_to(noa, person("Dana", south="reader"), "need copy")
    browser = visitor(noa)
    offers = browser.open("/guards/offers")
    assert offers.texts(".offer mark.stop") == ["Need copy"]
    assert "still finds what is underlined" in offers.text
    change = browser.send(offers, "Accept it")
    assert change.url == f"/guards/new?changes=lesson:{lesson}&offer=1"
    assert change.heading == "Change the guard"
    assert "often an exception is enough" in change.text
    assert TEXT in change.one("#good").get_text().splitlines()
    assert change.texts(".example p.error"), "beside the offered draft"
    tested = browser.send(change, "Run its tests", **{"p-except": "need copy and link"})
    assert tested.texts(".passed h2"), tested.text
    done = browser.send(tested, "Put it on this lesson")
    assert done.texts("[role=status]") == ["Accepted. It is a good example of the guard from now on."]
    assert "Nothing is waiting for you" in done.text
    assert TEXT in browser.open(f"/guards/lesson:{lesson}").texts(".sample")


def test_only_those_who_may_decide_see_an_offer(
    person: Callable[..., Api], browser: Browser, signed_in: Callable[..., Browser]
) -> None:
    noa = person("Noa", north="reviewer")
    lesson = offer_to(noa, person("Dana", south="admin"), "unfinished")
    form = visitor(noa).open("/guards/offers").one(".offer form")
    for stranger in (signed_in("Dana", south="admin"), signed_in("Rea", north="reader")):
        page = stranger.open("/guards/offers")
        assert not page.texts(".offer")
        token = str(page.one(".menu input[name=csrf_token]")["value"])
        sent = {"csrf_token": token, "status": "accepted"}
        assert stranger.client.post(str(form["action"]), data=sent).status_code == 403
    assert browser.open("/guards/offers").heading == "Sign in"
    change = f"/guards/new?changes=lesson:{lesson}&offer=1"
    assert visitor(noa).open(change).status == 200
    assert signed_in("Dana", south="admin").open(change).status == 403
    assert signed_in("Uri").open("/guards/offers").status == 403
    assert visitor(noa).client.post(str(form["action"]), data={"status": "declined"}).status_code == 400
    assert visitor(noa).open(f"/guards/lesson:{lesson}").texts(".sample") == ["unfinished", "Copy shop"]


def test_an_example_for_a_guard_of_no_lesson_goes_into_its_file(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="admin")
    number = store_check(dana, keep_text=True)
    assert dana.post(f"/checks/{number}/findings/1/not-a-problem", {}).status_code == 201
    assert not visitor(dana).open("/guards/offers").texts(".offer")
    browser = visitor(person("Ada", site_admin=True))
    page = browser.open("/guards/offers")
    assert "Accept it" not in page.text
    (row,) = read_yaml(page.one("pre.code").get_text())
    assert row["key"] == "unfinished-text"
    assert row["examples"]["good"][-1]["text"] == TEXT
    assert len(row["examples"]["bad"]) > 1, "the guard's own examples, which the row would replace"
    assert "they replace the examples of an included guard" in page.text
    done = browser.send(page, "It is in the file")
    assert done.texts("[role=status]") == ["Recorded. It counts as an example in the guard's file."]
    assert "Nothing is waiting for you" in done.text


def test_a_guard_of_no_lesson_is_changed_for_an_example_until_its_tests_hold(
    person: Callable[..., Api],
) -> None:
    dana = person("Dana", north="admin")
    number = store_check(dana, keep_text=True)
    assert dana.post(f"/checks/{number}/findings/1/not-a-problem", {}).status_code == 201
    browser = visitor(person("Ada", site_admin=True))
    change = browser.follow(browser.open("/guards/offers"), "Change the guard")
    assert change.heading == "Change the guard"
    assert "It does not work yet" in change.one("[role=alert]").get_text()
    tested = browser.send(change, "Run its tests")
    assert tested.status == 422
    assert TEXT in tested.texts(".samples .sample")


def test_a_guard_may_be_changed_from_its_page(signed_in: Callable[..., Browser]) -> None:
    browser = signed_in("Dana", north="contributor")
    page = browser.follow(browser.open("/guards/profanity"), "Change the guard")
    assert page.heading == "Change the guard"
    tested = browser.send(page, "Run its tests")
    assert tested.status == 200, tested.text
    (row,) = read_yaml(tested.one("#as-file").get_text())["guards"]
    assert row["key"] == "profanity"
    assert browser.open("/guards/new?changes=no-such-guard").status == 404


def test_an_accepted_example_of_a_published_guard_leads_to_the_change_that_waits(
    person: Callable[..., Api],
) -> None:
    noa = person("Noa", north="reviewer")
    offer_to(noa, person("Dana", south="reader"), "unfinished")
    rami = visitor(person("Rami", north="contributor"))
    done = rami.send(rami.open("/guards/offers"), "Accept it")
    assert "awaits its review" in done.texts("[role=status]")[0]
    assert done.texts(".diff h2") == ["Guard of lesson 1"]
    assert done.texts(".diff ins")[-1] == f"Must let pass: {TEXT}"
    reviewer = visitor(noa)
    accepted = reviewer.send(reviewer.open(done.url), "Accept and publish")
    assert accepted.texts("[role=status]") == ["Accepted. Readers see the change from now on."]


def test_a_lesson_without_a_guard_has_none_to_change(person: Callable[..., Api]) -> None:
    noa = person("Noa", north="reviewer")
    lesson = noa.file(lessons=[{"text": "Proofread."}])["lessons"][0]["id"]
    assert visitor(noa).open(f"/guards/new?changes=lesson:{lesson}").status == 404
    reader = visitor(person("Rae", north="reader"))
    for number in (lesson, 999_999):
        assert reader.open(f"/guards/new?changes=lesson:{number}").status == 404
