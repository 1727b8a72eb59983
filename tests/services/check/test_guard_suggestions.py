"""The guard that would have stopped an incident: what catches its post now, and drafts of what would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kb.domain.guard import Guard, GuardType, Severity
from kb.services.check.guard_writing.drafted_guards import FAILURE_MODES, draft_guards
from kb.services.infrastructure.runtime import concepts
from tests.support.api import Api
from tests.support.checks import store_check

POST = "A hurricane has flooded the coast. Celebrate with our big sale: 30% off all dresses!"

PHRASE = {
    "type": "phrase",
    "severity": "caution",
    "message": {"en": "Say what is off."},
    "parameters": {"phrases": ["off all dresses"]},
    "examples": {"bad": [{"text": "20% off all dresses"}], "good": [{"text": "New dresses"}]},
}


@pytest.fixture
def dana(person: Callable[..., Api]) -> Api:
    return person("Dana", north="reviewer")


def suggestion(api: Api, **changes: Any) -> dict[str, Any]:
    """What is suggested for a new incident."""
    body: dict[str, Any] = api.get(f"/incidents/{api.file(**changes)['id']}/guard-suggestion").get_json()
    return body


def lesson_guards(found: dict[str, Any]) -> list[str]:
    """The guards of lessons that catch the post."""
    return [item["guard"] for item in found["caught_by"] if item["guard"].startswith("lesson:")]


def test_a_guard_is_drafted_that_finds_the_post_and_can_be_stored(dana: Api) -> None:
    check = store_check(dana, {}, text=POST, keep_text=True, language="en")
    found = suggestion(dana, passed_check=check, themes=["disaster-tragedy"])
    assert (found["check"], lesson_guards(found)) == (check, [])
    guards = [item["guard"] for item in found["suggestions"]]
    assert all(item["tried"] for item in found["suggestions"])
    guard = next(guard for guard in guards if guard["type"] == "themes")
    assert guard["parameters"]["all_of"] == [["disaster"], ["discount"]]
    assert [example["text"] for example in guard["examples"]["bad"]] == [POST]
    assert guard["message"].keys() == {"en", "he"}
    lesson = {"text": "Look at the news first.", "guard": guard}
    filed = dana.file(lessons=[lesson], status="published", severity=4)
    again = store_check(dana, {}, text=POST, keep_text=True, language="en")
    caught = lesson_guards(suggestion(dana, passed_check=again))
    assert f"lesson:{filed['lessons'][0]['id']}" in caught


def test_the_own_guards_of_an_incident_are_tried_before_it_is_published(dana: Api) -> None:
    check = store_check(dana, {}, text=POST, keep_text=True, language="en")
    lessons = [{"text": "Say what is off.", "guard": PHRASE}]
    found = suggestion(dana, passed_check=check, lessons=lessons)
    assert [item["catches"] for item in found["own_guards"]] == [True]
    assert lesson_guards(found) == []
    untried = suggestion(dana, passed_check=store_check(dana, {}, text=POST), lessons=lessons)
    assert [item["catches"] for item in untried["own_guards"]] == [None]
    assert untried["caught_by"] is None


def test_without_the_post_guards_are_drafted_that_nobody_has_tried(
    dana: Api, person: Callable[..., Api]
) -> None:
    found = suggestion(dana, failure_modes=["scheduling-error"])
    assert (found["check"], found["caught_by"]) == (None, None)
    first = found["suggestions"][0]
    assert (first["guard"]["type"], first["tried"], first["guard"]["examples"]["bad"]) == ("date", False, [])
    path = f"/incidents/{found['incident']}/guard-suggestion"
    assert person("Rea", north="reader").get(path).status_code == 200
    assert person("Eve", south="admin").get(path).status_code == 404


def test_no_guard_is_drafted_that_the_check_did_not_lack(dana: Api) -> None:
    modes = ["placeholder-published", "scheduling-error"]
    stopped = suggestion(dana, passed_check=store_check(dana), failure_modes=modes)
    assert (stopped["found_by_check"], stopped["suggestions"]) == (["unfinished-text"], [])
    doubted = suggestion(dana, passed_check=store_check(dana, severity=Severity.CAUTION), failure_modes=modes)
    noted = suggestion(dana, passed_check=store_check(dana, severity=Severity.NOTE), failure_modes=modes)

    def types(found: dict[str, Any]) -> list[str]:
        return [item["guard"]["type"] for item in found["suggestions"]]

    assert "placeholder" not in types(doubted)
    assert types(doubted)
    assert "placeholder" in types(noted)
    assert noted["found_by_check"] == []


def test_failure_modes_and_concepts_choose_the_types(reader: Api) -> None:
    with reader.client.application.app_context():
        table = concepts()

    def types(modes: list[str], keys: list[str]) -> list[GuardType]:
        return [guard.type for guard in draft_guards(modes, keys, table)]

    def themes(keys: list[str]) -> list[Guard]:
        guards = draft_guards([], keys, table)
        return [guard for guard in guards if guard.type is GuardType.THEMES]

    assert types(["placeholder-published"], [])[0] is GuardType.PLACEHOLDER
    assert types(["ugc-backfire"], [])[0] is GuardType.OPEN_INVITATION
    assert types(["wrong-account"], [])[0] is GuardType.ACCOUNT
    assert [guard.parameters["all_of"] for guard in themes(["war", "discount"])] == [[["war"], ["discount"]]]
    assert [guard.parameters["all_of"] for guard in themes(["war", "death"])] == [[["war"], ["death"]]]
    assert [guard.parameters["all_of"] for guard in themes(["war"])] == [[["war"]]]
    assert themes(["discount"]) == []
    assert "מלחמה" in themes(["war"])[0].message["he"]
    known = {key for keys in FAILURE_MODES.values() for key in keys}
    terms = reader.get("/taxonomy/failure_mode").get_json()["terms"]
    assert known <= {term["key"] for term in terms}
