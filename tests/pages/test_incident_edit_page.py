"""An incident is changed in the browser, one part at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.api import Api
from tests.support.incidents import FULL_INCIDENT, HEBREW, incident, lesson_guard
from tests.support.pages import Browser, visitor

PEOPLE = Callable[..., Api]
Draft = tuple[Browser, Callable[[], dict[str, Any]], str]

PARTS = (
    "title summary outcome cause why_failure alternative organization occurred_on times severity audience "
    "platforms kind visibility category failure_modes themes tags"
).split()
ITEMS = ("lessons/1", "responses/1", "impacts/1", "sources/1")


def draft(api: Api, **fields: Any) -> Draft:
    """The browser of whoever filed a draft, what reads it again, and the address of its page to change it."""
    number = api.file(**fields)["id"]
    path = f"/incidents/{number}"
    return visitor(api), lambda: api.get(path).get_json(), f"{path}/edit"


def test_a_thin_draft_is_filled_in_and_handed_in_without_the_api(dana: Api, person: PEOPLE) -> None:
    thin = dict.fromkeys(("summary", "cause", "outcome", "occurred_on", "lessons"))
    browser, read, address = draft(dana, **thin)
    page = browser.follow(browser.open(address.removesuffix("/edit")), "Change the incident")
    for part, text in (
        ("What happened", "A private joke was published."),
        ("How it ended", "It was deleted."),
        ("What led to it", "Two accounts were open."),
    ):
        form = browser.follow(page, f"Change : {part}")
        assert form.heading == part
        page = browser.send(form, "Save", **{str(form.one("main textarea")["name"]): text})
        assert page.texts("[role=status]") == ["Saved."]
        assert text in page.text
    page = browser.send(browser.follow(page, "Change : Date"), "Save", occurred_on="May 2018")
    assert "May 2018" in page.texts("#occurred_on")[0]
    page = browser.send(browser.follow(page, "Add a lesson"), "Save", text="Use two tools.")
    assert (read()["occurred_on"], read()["occurred_precision"]) == ("2018-05-01", "month")
    ready = browser.follow(page, "See what a review needs")
    assert browser.send(ready, "Hand it in for review").status == 200
    assert read()["status"] == "in_review"


def test_every_part_is_saved_unchanged_without_a_new_version(dana: Api) -> None:
    browser, read, address = draft(dana, **FULL_INCIDENT)
    before = read()
    for part in (*PARTS, *ITEMS):
        done = browser.send(browser.open(f"{address}/{part}"), "Save")
        assert done.texts("[role=status]") == ["Nothing was changed."], part
        assert done.url.startswith(address), part
    assert read() == before


def test_each_part_changes_what_it_shows_and_nothing_else(dana: Api) -> None:
    browser, read, address = draft(dana, **FULL_INCIDENT)
    changes: dict[str, dict[str, Any]] = {
        "title": {"title": "Another title"},
        "organization": {"organization": "Globex", "industry": ""},
        "times": {"removed_at": "2017-11-25T10:30"},
        "severity": {"severity": "4", "severity_evidence": "Nine reports."},
        "platforms": {"platforms": ["twitter", "website"]},
        "category": {"category": "tone-deaf", "secondary_categories": ["wrong-account"]},
        "kind": {"kind": "near_miss"},
        "visibility": {"visibility": "organization"},
        "tags": {"tags": "scheduling, night shift"},
    }
    expected = read()
    for part, sent in changes.items():
        assert browser.send(browser.open(f"{address}/{part}"), "Save", **sent).status == 200, part
    expected |= {
        "title": "Another title",
        "organization": "Globex",
        "industry": None,
        "removed_at": "2017-11-25T10:30:00Z",
        "severity": 4,
        "severity_evidence": "Nine reports.",
        "platforms": ["twitter", "website"],
        "category": "tone-deaf",
        "secondary_categories": ["wrong-account"],
        "kind": "near_miss",
        "visibility": "organization",
        "tags": ["night shift", "scheduling"],
    }
    changed = read()
    for name in ("version", "updated_at", "slug"):
        expected.pop(name), changed.pop(name)
    assert changed == expected


def test_items_of_lists_are_added_changed_and_taken_out(dana: Api) -> None:
    browser, read, address = draft(dana)
    page = browser.follow(browser.open(address), "Add a source")
    page = browser.send(
        page,
        "Save",
        title="The report",
        url="https://example.org/1",
        published_on="May 16, 2018",
        kind="news",
    )
    assert "The report" in page.texts("#sources")[0]
    page = browser.send(
        browser.follow(page, "Add a cost"), "Save", kind="revenue", amount="1,500,000", currency="usd"
    )
    page = browser.send(browser.follow(page, "Add a step"), "Save", kind="apologized", at="2018-05-17")
    page = browser.send(browser.open(f"{address}/impacts/1"), "Save", alleged="true")
    found = read()
    assert found["sources"][0]["published_on"] == "2018-05-16"
    assert found["impacts"] == [
        {"kind": "revenue", "amount": 1_500_000.0, "currency": "USD", "alleged": True, "source": None}
    ]
    assert found["responses"] == [{"kind": "apologized", "at": "2018-05-17"}]
    page = browser.send(browser.open(f"{address}/sources/1"), "Remove")
    assert "Nothing yet" in page.texts("#sources")[0]
    assert read()["sources"] == []


def test_a_lesson_that_is_reworded_keeps_its_guard_and_its_id(dana: Api) -> None:
    browser, read, address = draft(dana, lessons=[{"text": "Proofread.", "guard": lesson_guard()}])
    (before,) = read()["lessons"]
    browser.send(browser.open(f"{address}/lessons/1"), "Save", text="Proofread aloud.")
    (after,) = read()["lessons"]
    assert after == {**before, "text": "Proofread aloud."}


def test_what_is_wrong_stands_at_its_field_with_what_was_typed(dana: Api) -> None:
    browser, read, address = draft(dana, posted_at="2019-03-02T10:00:00Z")
    before = read()
    for part, field, typed, advice in (
        ("title", "title", "", "Write a title of at most 300 characters."),
        ("organization", "organization", "x" * 201, "Write the name of the organization,"),
        ("occurred_on", "occurred_on", "someday", "Write a date that has come,"),
        ("occurred_on", "occurred_on", "3/4/2018", "Write a date that has come, with the name of its month"),
        ("times", "removed_at", "2019-03-02T09:00", "Write a day and a time that have come,"),
        ("sources/new", "published_on", "3/4/2018", "Write a day that has come, with the name of its month"),
        ("sources/new", "url", "javascript:alert(1)", "Write a whole address,"),
        ("impacts/new", "amount", "a lot", "Write a number"),
        ("impacts/new", "currency", "DOLLARS", "Write the three letters"),
        ("tags", "tags", "x" * 81, "Write at most 50 words"),
    ):
        page = browser.send(browser.open(f"{address}/{part}"), "Save", **{field: typed})
        assert page.status == 422, part
        assert page.one(f"#{field}-error").get_text().startswith(advice), part
        assert page.one(f"#{field}")["value"] == typed, part
        assert page.one(f"[role=alert] a[href='#{field}']").get_text().startswith(advice), part
        assert page.one("title").get_text().startswith("Error: ")
    assert read() == before


def test_two_who_change_the_same_text_see_what_each_wrote(dana: Api, person: PEOPLE) -> None:
    browser, read, address = draft(dana)
    form = browser.open(f"{address}/cause")
    noa = person("Noa", north="contributor")
    changed = noa.patch(
        address.removesuffix("/edit"), {"cause": "One account was open.", "confidence": "high"}, If_Match="*"
    )
    assert changed.status_code == 200
    stale = browser.send(form, "Save", cause="Three accounts were open.")
    assert stale.status == 409
    assert stale.one("#cause").get_text().strip() == "Three accounts were open."
    assert stale.texts(".meanwhile h2")[:2] == ["What others have changed meanwhile", "What led to it"]
    assert "One account was" in " ".join(stale.texts(".meanwhile ins"))
    assert read()["cause"] == "One account was open."
    assert stale.one("input[name=confidence][checked]")["value"] == "high", "nobody typed anything there"
    assert browser.send(stale, "Save").texts("[role=status]") == ["Saved."]
    assert (read()["cause"], read()["confidence"]) == ("Three accounts were open.", "high")


def test_an_item_is_found_again_when_others_have_changed_the_list_before_it(dana: Api) -> None:
    sources = [{"title": title} for title in ("First", "Second")]
    browser, read, address = draft(dana, sources=sources)
    form = browser.open(f"{address}/sources/2")
    path = address.removesuffix("/edit")
    assert dana.patch(path, {"sources": sources[1:]}, If_Match="*").status_code == 200
    stale = browser.send(form, "Save", publisher="A paper")
    assert stale.status == 409
    browser.send(stale, "Save")
    assert [(each["title"], each["publisher"]) for each in read()["sources"]] == [("Second", "A paper")]


def test_an_item_that_others_have_changed_is_not_replaced(dana: Api) -> None:
    browser, read, address = draft(dana, sources=[{"title": "First"}])
    form = browser.open(f"{address}/sources/1")
    path = address.removesuffix("/edit")
    assert dana.patch(path, {"sources": [{"title": "Theirs"}]}, If_Match="*").status_code == 200
    stale = browser.send(form, "Save", title="Mine")
    assert stale.status == 409
    assert "What you typed would be added to it." in stale.one("[role=alert]").get_text()
    browser.send(stale, "Save")
    assert [each["title"] for each in read()["sources"]] == ["Theirs", "Mine"]


def test_a_form_without_a_version_changes_nothing_and_keeps_what_was_typed(dana: Api) -> None:
    browser, read, address = draft(dana)
    for version in ("", "99", "9" * 5_000, "x"):
        stale = browser.send(browser.open(f"{address}/cause"), "Save", cause="Mine.", version=version)
        assert stale.status == 409
        assert stale.one("#cause").get_text().strip() == "Mine."
    assert read()["version"] == 1


def test_a_translation_is_changed_beside_its_original(dana: Api) -> None:
    browser, read, address = draft(dana)
    path = address.removesuffix("/edit")
    translation = {**HEBREW, "lessons": [{"text": "לקח"}]}
    assert dana.put(f"{path}/translations/he", translation, If_Match="*").status_code == 201
    page = browser.open(f"{address}?in=he")
    assert page.one("h1")["lang"] == "he"
    assert not page.soup.select("#occurred_on, #sources")
    form = browser.follow(page, "Change : What led to it")
    assert form.one("blockquote").get_text() == incident()["cause"]
    assert not form.soup.select("[name=confidence]"), "it is the same in all languages"
    page = browser.send(form, "Save", cause="סיבה אחרת")
    form = browser.follow(page, "Change : Lesson 1")
    assert form.one("blockquote").get_text() == incident()["lessons"][0]["text"]
    browser.send(form, "Save", text="לקח אחר")
    hebrew = dana.get(path, lang="he").get_json()
    assert (hebrew["cause"], hebrew["lessons"][0]["text"]) == ("סיבה אחרת", "לקח אחר")
    assert read()["cause"] == incident()["cause"]


def test_whoever_may_not_change_it_finds_no_form(dana: Api, person: PEOPLE) -> None:
    number = dana.file(status="draft")["id"]
    published = person("Rea", south="reviewer").file(status="published")["id"]
    for name, roles, of_draft, of_published in (
        ("Lea", {"north": "reader"}, 403, 403),
        ("Uri", {"south": "admin"}, 404, 200),
        ("Tom", {}, 403, 403),
    ):
        browser = visitor(person(name, **roles))
        for place in ("", "/cause", "/sources/new"):
            assert browser.open(f"/incidents/{number}/edit{place}").status == of_draft, name
            assert browser.open(f"/incidents/{published}/edit{place}").status == of_published, name
    assert visitor(dana).open(f"/incidents/{published}/edit").status == 403
    assert "Change the incident" not in visitor(dana).open(f"/incidents/{published}").text


def test_there_are_no_other_parts(dana: Api) -> None:
    browser, _read, address = draft(dana)
    for place in (
        "slug",
        "cause/1",
        "cause/new",
        "lessons",
        "lessons/2",
        "lessons/0",
        "lessons/x",
        "sources/1",
    ):
        assert browser.open(f"{address}/{place}").status == 404, place
    assert browser.open(f"{address}/{'9' * 400}").status == 404


def test_texts_in_another_language_begin_at_its_side_of_the_page_even_the_title(dana: Api) -> None:
    number = dana.file(title="Two accounts were open")["id"]
    page = visitor(dana, "he").open(f"/incidents/{number}/edit")
    shown = page.soup.select("#title p.as-typed, #summary p.as-typed")
    assert [(text["lang"], text["dir"]) for text in shown] == [("en", "auto")] * 2
    assert shown[0].get_text() == "Two accounts were open"


def test_it_is_changed_in_hebrew(person: PEOPLE) -> None:
    api = person("Dana", north="contributor")
    number = api.file(occurred_on="2018-05")["id"]
    browser = visitor(api, "he")
    form = browser.open(f"/incidents/{number}/edit/occurred_on")
    assert form.one("#occurred_on")["value"] == "מאי 2018"
    browser.send(form, "שמירה", occurred_on="16 במאי 2018")
    assert api.get(f"/incidents/{number}").get_json()["occurred_on"] == "2018-05-16"


def test_a_merged_incident_is_changed_where_it_was_merged_into(person: PEOPLE) -> None:
    noa = person("Noa", north="reviewer")
    first, second = (noa.file(title=title)["id"] for title in ("First", "Second"))
    merged = noa.post(f"/incidents/{second}/duplicate-of/{first}", {}, If_Match="*")
    assert merged.status_code == 200, merged.text
    browser = visitor(noa)
    for place in ("", "/cause"):
        assert browser.open(f"/incidents/{second}/edit{place}").url == f"/incidents/{first}"
    assert browser.open(f"/incidents/{first}/edit").status == 200
