"""An incident is translated in the browser: all of its texts at once, each beside its original."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.api import Api
from tests.support.incidents import incident
from tests.support.pages import Page, visitor

PEOPLE = Callable[..., Api]

HEBREW = {"title": "בדיחה פרטית", "summary": "מה שקרה", "cause": "שני חשבונות", "outcome": "נמחק"}


def lesson_fields(page: Page) -> list[str]:
    names = [str(each["name"]) for each in page.soup.select("main textarea")]
    return [name for name in names if name.startswith("lesson-")]


def test_a_draft_is_translated_with_its_lessons_beside_the_original(dana: Api) -> None:
    number = dana.file(lessons=[{"text": "Proofread."}, {"text": "Use two tools."}])["id"]
    browser = visitor(dana)
    chooser = browser.follow(browser.open(f"/incidents/{number}/edit"), "Add a translation")
    assert not chooser.soup.select("option[value=en]"), "it is written in English"
    form = browser.send(chooser, "Go on", **{"in": "he"})
    assert form.heading == "Translate into Hebrew"
    assert incident()["cause"] in form.texts("blockquote")
    assert form.one("#summary")["lang"] == "he"
    first, second = lesson_fields(form)
    page = browser.send(form, "Save the translation", **HEBREW, **{second: "שני כלים"})
    assert page.texts(".languages [aria-current=true]") == ["עברית"]
    hebrew = dana.get(f"/incidents/{number}", lang="he").get_json()
    assert {name: hebrew[name] for name in HEBREW} == HEBREW
    assert [each["text"] for each in hebrew["lessons"]] == ["Proofread.", "שני כלים"]
    assert first != second
    assert "עברית" in browser.open(f"/incidents/{number}").text
    again = browser.open(f"/incidents/{number}/translate?in=he")
    assert "/edit" in again.url, "there it is changed"


def test_the_other_language_of_the_pages_is_chosen_and_then_none(dana: Api) -> None:
    number = dana.file()["id"]
    browser = visitor(dana)
    page = browser.open(f"/incidents/{number}/translate")
    assert [each["value"] for each in page.soup.select("option[selected]")] == ["he"]
    browser.send(browser.open(f"/incidents/{number}/translate?in=he"), "Save the translation", **HEBREW)
    page = browser.open(f"/incidents/{number}/translate")
    assert page.soup.select("option[selected]") == []
    assert page.soup.select("option")[0]["value"] == ""
    assert browser.send(page, "Go on").heading == "Translate the incident"


def test_what_is_needed_is_said_at_its_field_and_what_was_typed_is_kept(dana: Api) -> None:
    number = dana.file()["id"]
    browser = visitor(dana)
    form = browser.open(f"/incidents/{number}/translate?in=he")
    page = browser.send(form, "Save the translation", **{**HEBREW, "cause": "", "outcome": " "})
    assert page.status == 422
    assert page.texts("#cause-error") == ["The original has this text: translate it."]
    assert page.texts("[role=alert] li") == [
        "How it ended: The original has this text: translate it.",
        "What led to it: The original has this text: translate it.",
    ]
    assert page.one("#summary").get_text().strip() == HEBREW["summary"]
    (lesson,) = lesson_fields(form)
    page = browser.send(form, "Save the translation", **{**HEBREW, lesson: "א" * 2_001})
    assert page.texts(f"#{lesson}-error") == ["Write a lesson of at most 2,000 characters."]
    page = browser.send(form, "Save the translation", title="", summary="מה שקרה")
    assert page.texts("#title-error") == ["Write a title of at most 300 characters."]
    assert dana.get(f"/incidents/{number}").get_json()["languages"] == ["en"]


def test_a_language_that_nobody_knows_is_asked_for_again(dana: Api) -> None:
    number = dana.file()["id"]
    for asked in ("xx", "klingon", "x" * 400, ""):
        page = visitor(dana).open(f"/incidents/{number}/translate?in={asked}")
        assert (page.status, page.heading) == (422, "Translate the incident"), asked
        assert page.texts("#in-error") == ["Choose a language from the list."]


def test_a_translation_of_an_outdated_original_shows_what_changed(dana: Api) -> None:
    number = dana.file()["id"]
    browser = visitor(dana)
    form = browser.open(f"/incidents/{number}/translate?in=he")
    changed = dana.patch(f"/incidents/{number}", {"cause": "One account was open."}, If_Match="*")
    assert changed.status_code == 200
    stale = browser.send(form, "Save the translation", **HEBREW)
    assert stale.status == 409
    assert stale.texts(".meanwhile h2")[1:] == ["What led to it"]
    assert "One account was open." in stale.texts("blockquote")
    assert stale.one("#cause").get_text().strip() == HEBREW["cause"]
    assert browser.send(stale, "Save the translation").texts("[role=status]") == ["Saved."]


def test_two_who_translate_it_do_not_write_over_each_other(dana: Api, noa: Api) -> None:
    number = dana.file()["id"]
    browser = visitor(dana)
    form = browser.open(f"/incidents/{number}/translate?in=he")
    assert noa.put(f"/incidents/{number}/translations/he", HEBREW, If_Match="*").status_code == 201
    page = browser.send(form, "Save the translation", **{**HEBREW, "title": "אחרת"})
    assert page.texts("[role=status]") == [
        "It has been translated meanwhile. Change here what should be different."
    ]
    assert dana.get(f"/incidents/{number}", lang="he").get_json()["title"] == HEBREW["title"]


def test_a_translation_of_what_is_published_waits_for_a_reviewer(dana: Api, noa: Api) -> None:
    number = noa.file(status="published")["id"]
    browser = visitor(dana)
    form = browser.open(f"/incidents/{number}/translate?in=he")
    page = browser.send(form, "Propose the translation", **HEBREW, comment="By our translator.")
    assert page.texts("[role=status]") == ["Proposed. Readers see it once somebody else has accepted it."]
    assert "What you change here is added to it." in page.text
    assert dana.get(f"/incidents/{number}").get_json()["languages"] == ["en"]
    waiting = browser.follow(page, "See the change")
    assert "By our translator." in waiting.text
    reviewer = visitor(noa)
    assert reviewer.send(reviewer.open(waiting.url), "Accept and publish").status == 200
    assert dana.get(f"/incidents/{number}").get_json()["languages"] == ["en", "he"]


def test_contact_details_in_a_translation_are_acknowledged_first(noa: Api) -> None:
    number = noa.file(status="published")["id"]
    browser = visitor(noa)
    form = browser.open(f"/incidents/{number}/translate?in=he")
    typed = {**HEBREW, "summary": "אפשר לפנות אל dana.levi@gmail.com"}
    page = browser.send(form, "Save the translation", **typed)
    assert page.status == 409
    assert page.one("#summary").get_text().strip() == typed["summary"]
    assert browser.send(page, "Save the translation", acknowledge="contact_data").status == 200
    assert noa.get(f"/incidents/{number}").get_json()["languages"] == ["en", "he"]


def test_whoever_may_not_change_it_does_not_translate_it(dana: Api, person: PEOPLE) -> None:
    number = dana.file(status="draft")["id"]
    for name, roles, status in (("Lea", {"north": "reader"}, 403), ("Uri", {"south": "admin"}, 404)):
        browser = visitor(person(name, **roles))
        assert browser.open(f"/incidents/{number}/translate").status == status, name
        assert browser.open(f"/incidents/{number}/translate?in=he").status == status, name
