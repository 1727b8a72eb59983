"""Whether follow-up actions helped: incidents before and after their completion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tests.support.api import Api

DAY = Callable[[int], str]


def test_incidents_before_and_after_completion_are_compared(person: Callable[..., Api], day: DAY) -> None:
    reviewer = person("Noa Cohen", north="reviewer")
    modes = {"failure_modes": ["newsjacking"], "status": "published"}
    filed = reviewer.file(**modes, occurred_on=day(-500))
    path, lesson = f"/incidents/{filed['id']}", filed["lessons"][0]["id"]
    for days, more in (
        (-150, {}), (-120, {}), (-110, {"organization": "Wonka"}),  # before
        (-30, {}),  # after
        (-40, {"failure_modes": ["hashtag-hijack"]}), (-50, {"status": "draft"}),  # neither
        (-130, {"occurred_on": date.fromisoformat(day(-130)).strftime("%Y")}),  # unknown
    ):  # fmt: skip
        reviewer.file(**{**modes, "occurred_on": day(days), **more})
    done = f"{day(-100)}T12:00:00Z"
    for body in (
        {"title": "A checklist", "lesson": lesson, "status": "done", "completed_at": done},
        {"title": "Given up", "lesson": lesson, "status": "dropped"},
        {"title": "Of the whole", "status": "open"},
    ):
        assert reviewer.post(f"{path}/actions", body).status_code == 201
    told = reviewer.get(f"{path}/effectiveness").get_json()
    of_lesson, of_whole = told["items"]
    assert told["failure_modes"] == ["newsjacking"]
    assert (of_lesson["lesson"], of_lesson["text"]) == (lesson, filed["lessons"][0]["text"])
    assert (of_lesson["completed_on"], of_lesson["days"]) == (day(-100), 100)
    assert of_lesson["actions"] == {"open": 0, "done": 1, "dropped": 1}
    assert of_lesson["before"] == {
        "from": day(-199), "to": day(-100), "incidents": 3, "of_organization": 2,
    }  # fmt: skip
    assert of_lesson["left_out"] == 1
    assert of_lesson["after"] == {
        "from": day(-99), "to": day(0), "incidents": 1, "of_organization": 1,
    }  # fmt: skip
    assert (of_whole["lesson"], of_whole["completed_on"], of_whole["after"]) == (None, None, None)


def test_on_the_day_of_completion_there_is_nothing_to_compare(dana: Api, day: DAY) -> None:
    path = f"/incidents/{dana.file(failure_modes=['newsjacking'])['id']}"
    dana.post(f"{path}/actions", {"title": "Act", "status": "done"})
    (told,) = dana.get(f"{path}/effectiveness").get_json()["items"]
    assert (told["completed_on"], told["before"], told["after"]) == (day(0), None, None)


def test_an_action_outlives_its_lesson(dana: Api) -> None:
    filed = dana.file(lessons=[{"text": "One."}, {"text": "Two."}])
    path = f"/incidents/{filed['id']}"
    added = dana.post(f"{path}/actions", {"title": "Act", "lesson": filed["lessons"][0]["id"]})
    dana.patch(path, {"lessons": [{"text": "Two."}]}, If_Match="*")
    kept = dana.get(f"/actions/{added.get_json()['id']}").get_json()
    assert (kept["title"], kept["lesson"]) == ("Act", None)
