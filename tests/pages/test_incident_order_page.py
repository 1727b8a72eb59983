"""The lessons of an incident, and the items of its other lists, are put in another order in the browser."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from kb.pages.edits.order import in_order
from tests.support.api import Api
from tests.support.incidents import lesson_guard
from tests.support.pages import visitor

PEOPLE = Callable[..., Api]
LESSONS = ("Proofread.", "Use two tools.", "Answer fast.")


def draft(api: Api) -> int:
    first, *others = LESSONS
    lessons = [{"text": first, "guard": lesson_guard()}, *({"text": text} for text in others)]
    number: int = api.file(lessons=lessons)["id"]
    return number


def lessons(api: Api, number: int) -> list[str]:
    return [each["text"] for each in api.get(f"/incidents/{number}").get_json()["lessons"]]


def test_lessons_change_places_and_keep_their_ids_and_guards(dana: Api) -> None:
    number = draft(dana)
    browser = visitor(dana)
    before = {each["text"]: each for each in dana.get(f"/incidents/{number}").get_json()["lessons"]}
    form = browser.follow(browser.open(f"/incidents/{number}/edit"), "Change the order : Lessons")
    assert form.heading == "Lessons: change the order"
    name = str(form.soup.select("main select")[2]["name"])
    page = browser.send(form, "Save", **{name: "1"})
    assert page.texts("[role=status]") == ["Saved."]
    assert lessons(dana, number) == ["Answer fast.", "Proofread.", "Use two tools."]
    after = {each["text"]: each for each in dana.get(f"/incidents/{number}").get_json()["lessons"]}
    assert after == before


def test_an_order_that_stays_as_it_is_makes_no_version(dana: Api) -> None:
    number = draft(dana)
    browser = visitor(dana)
    page = browser.send(browser.open(f"/incidents/{number}/edit/lessons/order"), "Save")
    assert page.texts("[role=status]") == ["Nothing was changed."]
    assert dana.get(f"/incidents/{number}").get_json()["version"] == 1


@pytest.mark.parametrize(
    ("places", "order"),
    [((1, 2, 1), [2, 0, 1]), ((3, 2, 3), [1, 2, 0]), ((1, 1, 3), [1, 0, 2]), ((3, 3, 3), [2, 0, 1])],
)
def test_what_moves_to_a_place_pushes_aside_what_is_there(places: list[int], order: list[int]) -> None:
    assert in_order(places) == order


def test_every_order_can_be_chosen_at_once() -> None:
    for order in permutations(range(5)):
        places = [order.index(position) + 1 for position in range(5)]
        assert in_order(places) == [*order]


def test_sources_are_ordered_as_well(dana: Api) -> None:
    number = dana.file(sources=[{"title": "First"}, {"title": "Second"}])["id"]
    browser = visitor(dana)
    form = browser.open(f"/incidents/{number}/edit/sources/order")
    assert browser.send(form, "Save", **{"place-2": "1"}).status == 200
    sources = dana.get(f"/incidents/{number}").get_json()["sources"]
    assert [each["title"] for each in sources] == ["Second", "First"]


def test_an_order_of_a_list_that_others_have_changed_is_not_stored(dana: Api) -> None:
    number = draft(dana)
    browser = visitor(dana)
    form = browser.open(f"/incidents/{number}/edit/lessons/order")
    name = str(form.soup.select("main select")[2]["name"])
    stored = dana.get(f"/incidents/{number}").get_json()["lessons"]
    kept = [{"id": each["id"], "text": each["text"]} for each in stored]
    kept.append({"text": "Ask a second person."})
    assert dana.patch(f"/incidents/{number}", {"lessons": kept}, If_Match="*").status_code == 200
    stale = browser.send(form, "Save", **{name: "1"})
    assert stale.status == 409
    assert "Ask a second person." in " ".join(stale.texts(".meanwhile ins"))
    assert str(stale.soup.select(f"select[name={name}] option[selected]")[0]["value"]) == "1"
    assert browser.send(stale, "Save").texts("[role=status]") == ["Saved."]
    assert lessons(dana, number) == ["Answer fast.", "Proofread.", "Use two tools.", "Ask a second person."]


def test_the_order_of_what_is_published_waits_for_a_reviewer(dana: Api, person: PEOPLE) -> None:
    noa = person("Noa", north="reviewer")
    number = noa.file(status="published", lessons=[{"text": text} for text in LESSONS])["id"]
    browser = visitor(dana)
    form = browser.open(f"/incidents/{number}/edit/lessons/order")
    name = str(form.soup.select("main select")[0]["name"])
    page = browser.send(form, "Propose the change", **{name: "3"})
    assert page.texts("[role=status]") == ["Proposed. Readers see it once somebody else has accepted it."]
    assert lessons(dana, number) == [*LESSONS]


def test_what_is_no_list_has_no_order(dana: Api) -> None:
    number = draft(dana)
    for part in ("cause", "slug", "times"):
        assert visitor(dana).open(f"/incidents/{number}/edit/{part}/order").status == 404, part


def test_places_that_no_list_has_are_left_out(dana: Api) -> None:
    number = draft(dana)
    browser = visitor(dana)
    for place in ("0", "4", "-1", "x", "9" * 5_000, ""):
        form = browser.open(f"/incidents/{number}/edit/lessons/order")
        name = str(form.soup.select("main select")[2]["name"])
        assert browser.send(form, "Save", **{name: place}).texts("[role=status]") == ["Nothing was changed."]
    assert lessons(dana, number) == [*LESSONS]
