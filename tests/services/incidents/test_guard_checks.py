"""Guards on lessons: filed, changed, restored and proposed with them, and refused if their examples fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.api import Api
from tests.support.incidents import HEBREW, lesson_guard


def file_guarded(api: Api, **changes: Any) -> tuple[str, int, dict[str, Any]]:
    """The path of an incident with a guarded lesson and a plain one, the first's id, and its guard."""
    lessons = [{"text": "Proofread.", "guard": lesson_guard()}, {"text": "Sign off."}]
    filed = api.file(**{"lessons": lessons, **changes})
    first = filed["lessons"][0]
    return f"/incidents/{filed['id']}", first["id"], first["guard"]


def guards_of(api: Api, path: str) -> dict[str, Any]:
    """The guards by the texts of their lessons."""
    return {lesson["text"]: lesson["guard"] for lesson in api.get(path).get_json()["lessons"]}


def patch(api: Api, path: str, *lessons: dict[str, Any], **changes: Any) -> dict[str, Any]:
    response = api.patch(path, {"lessons": lessons, **changes}, If_Match="*")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.get_json()
    return body


def test_a_lesson_is_filed_with_a_guard_and_shows_it_in_full(any_role: Callable[..., Api]) -> None:
    api = any_role("contributor")
    draft = {
        "text": "  Need COPY\u200b and link ",
        "platform": "Twitter",
        "account": None,
        "audience_countries": ["il", "UK"],
        "scheduled_at": "2027-09-11T09:00:00-04:00",
        "links": [],
    }
    guard = lesson_guard(
        platforms=["Twitter", "x"],
        accounts=["@Acme"],
        countries=["gb"],
        examples={"bad": [draft], "good": [{"text": "Fine."}]},
    )
    path, _, shown = file_guarded(
        api, lessons=[{"text": "Proofread.", "guard": guard}, {"text": "Sign off."}]
    )
    assert shown == {
        **guard,
        "platforms": ["twitter"],
        "accounts": ["acme"],
        "countries": ["GB"],
        "title": {},
        "suggestion": {},
        "active": True,
        "examples": {
            "bad": [
                {
                    "text": draft["text"],
                    "platform": "twitter",
                    "audience_countries": ["IL", "GB"],
                    "scheduled_at": "2027-09-11T09:00:00-04:00",
                }
            ],
            "good": [{"text": "Fine."}],
        },
    }
    assert guards_of(api, path) == {"Proofread.": shown, "Sign off.": None}
    table = api.get("/incidents.csv", status="draft", columns="lessons").text
    assert "Proofread." in table
    assert "phrase" not in table
    # What is shown can be sent back.
    patch(api, path, {"text": "Proofread.", "guard": shown}, {"text": "Sign off."})
    assert api.get(path).get_json()["version"] == 1


def test_an_edit_keeps_the_guard_unless_it_has_one_or_null(contributor: Api) -> None:
    path, first, guard = file_guarded(contributor)
    contributor.put(
        f"{path}/translations/he", {**HEBREW, "lessons": [{"text": "א"}, {"text": "ב"}]}, If_Match="*"
    )
    patch(contributor, path, {"text": "Sign off."}, {"text": "Proofread."})
    assert guards_of(contributor, path) == {"Sign off.": None, "Proofread.": guard}
    patch(contributor, path, {"id": first, "text": "Proofread it all."})
    assert guards_of(contributor, path) == {"Proofread it all.": guard}
    note = patch(
        contributor, path, {"id": first, "text": "Proofread it all.", "guard": lesson_guard(severity="note")}
    )
    assert note["lessons"][0]["guard"]["severity"] == "note"
    gone = patch(contributor, path, {"id": first, "text": "Proofread it all.", "guard": None})
    assert gone["lessons"][0]["guard"] is None
    (change,) = contributor.get(f"{path}/diff").get_json()["fields"]
    assert (change["pointer"], change["after"], change["words"]) == ("/lessons/0/guard", None, None)
    assert change["before"] == {**guard, "severity": "note"}
    replaced = patch(contributor, path, {"text": "Another."})
    assert replaced["lessons"][0]["guard"] is None


def test_a_guard_is_the_same_in_every_language_and_outdates_none(contributor: Api) -> None:
    path, first, guard = file_guarded(contributor)
    hebrew = {**HEBREW, "lessons": [{"text": "א"}, {"text": "ב"}]}
    contributor.put(f"{path}/translations/he", hebrew, If_Match="*")
    patch(contributor, path, {"text": "Proofread.", "guard": None}, {"text": "Sign off."})
    translated = contributor.get(path, lang="he").get_json()
    assert (translated["outdated"], translated["lessons"][0]["guard"]) == (False, None)
    patch(contributor, path, {"id": first, "text": "א", "guard": guard}, language="he")
    assert guards_of(contributor, path)["Proofread."] == guard
    refused = contributor.put(
        f"{path}/translations/he",
        {**hebrew, "lessons": [{"text": "א", "guard": guard}, {"text": "ב"}]},
        If_Match="*",
    )
    assert refused.get_json()["errors"][0]["pointer"] == "/lessons/0/guard"


_TEXT, _FINE = {"text": "Black Friday: need copy and link"}, {"text": "Fine."}
_INVALID: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "phrases"}, "/type", "Must be one of"),
    ({"message": {}}, "/message", "at least one language"),
    ({"message": {"xx-unknown": "?"}}, "/message/xx-unknown", "BCP 47"),
    ({"countries": ["England"]}, "/countries/0", "two-letter"),
    ({"platforms": ["tikttok"]}, "/platforms/0", "Did you mean 'tiktok'?"),
    ({"parameters": {"phrase": ["a"]}}, "/parameters", ""),
    ({"parameters": {"phrases": ["\x07"]}}, "/parameters", "U+0007"),
    ({"parameters": {"phrases": [[[[[["deep"]]]]]]}}, "/parameters", "levels"),
    ({"type": "pattern", "parameters": {"pattern": "[aeiou]"}}, "/parameters/pattern", "harmless posts"),
    ({"type": "date", "severity": "stop"}, "/severity", "never stops"),
    ({"examples": {"bad": [_TEXT]}}, "/examples/good", "let pass"),
    ({"examples": {"good": [_FINE]}}, "/examples/bad", "must find"),
    ({"examples": {"bad": [_FINE], "good": [_FINE]}}, "/examples/bad/0", "finds nothing"),
    ({"examples": {"bad": [_TEXT], "good": [_TEXT]}}, "/examples/good/0", "need copy"),
    ({"examples": {"bad": [{**_TEXT, "platform": "facebok"}], "good": [_FINE]}},
     "/examples/bad/0/platform", "Did you mean 'facebook'?"),
    ({"examples": {"bad": ["need copy"], "good": []}}, "/examples/bad/0", "JSON object"),
]  # fmt: skip
"""Changes of a valid guard, with the pointer of the error and what it says."""


def test_an_invalid_guard_is_refused_with_what_to_change(as_role: Callable[..., Api]) -> None:
    reviewer = as_role("reviewer")
    path, *_ = file_guarded(reviewer)
    for changes, pointer, message in _INVALID:
        lessons = [{"text": "Plain."}, {"text": "Guarded.", "guard": lesson_guard(**changes)}]
        refused = reviewer.patch(path, {"lessons": lessons}, If_Match="*")
        assert refused.status_code == 422, changes
        (error,) = refused.get_json()["errors"]
        assert error["pointer"].startswith(f"/lessons/1/guard{pointer}"), changes
        assert message in error["detail"], changes
        assert reviewer.get(path).get_json()["version"] == 1


def test_a_restored_revision_brings_its_guards_back(contributor: Api) -> None:
    path, first, guard = file_guarded(contributor)
    patch(contributor, path, {"text": "Sign off.", "guard": guard})
    restored = contributor.post(f"{path}/revisions/1/restore", {}, If_Match="*")
    assert restored.status_code == 200, restored.text
    assert guards_of(contributor, path) == {"Proofread.": guard, "Sign off.": None}
    assert restored.get_json()["lessons"][0]["id"] == first
    assert contributor.post(f"{path}/revisions/2/restore", {}, If_Match="*").status_code == 200
    assert guards_of(contributor, path) == {"Sign off.": guard}


def test_a_proposed_guard_joins_what_others_change_meanwhile(as_role: Callable[..., Api]) -> None:
    reviewer, contributor = as_role("reviewer"), as_role("contributor")
    path, first, guard = file_guarded(reviewer, status="published")
    change = {
        "lessons": [{"id": first, "text": "Proofread.", "guard": None}, {"text": "Sign off.", "guard": guard}]
    }
    proposed = contributor.patch(path, change, If_Match="*")
    assert proposed.status_code == 202, proposed.text
    proposal = f"/proposals/{proposed.get_json()['id']}"
    patch(reviewer, path, {"id": first, "text": "Proofread twice."}, {"text": "Sign off."})
    shown = contributor.get(proposal).get_json()
    changes = {each["pointer"]: (each["before"], each["after"]) for each in shown["changes"]}
    assert changes == {"/lessons/0/guard": (guard, None), "/lessons/1/guard": (None, guard)}
    assert shown["conflicts"] == []
    assert reviewer.step(proposal, "publish").status_code == 200
    assert guards_of(reviewer, path) == {"Proofread twice.": None, "Sign off.": guard}


def test_two_guards_on_one_lesson_are_a_conflict(as_role: Callable[..., Api]) -> None:
    reviewer, contributor = as_role("reviewer"), as_role("contributor")
    path, _, guard = file_guarded(reviewer, status="published")
    lesson = {"text": "Proofread.", "guard": lesson_guard(severity="note")}
    proposed = contributor.patch(path, {"lessons": [lesson, {"text": "Sign off."}]}, If_Match="*")
    proposal = f"/proposals/{proposed.get_json()['id']}"
    patch(reviewer, path, {**lesson, "guard": lesson_guard(severity="caution")}, {"text": "Sign off."})
    assert [each["pointer"] for each in contributor.get(proposal).get_json()["conflicts"]] == ["/lessons"]
    bad = {**lesson, "guard": lesson_guard(parameters={"phrases": ["elsewhere"]})}
    assert contributor.patch(proposal, {"lessons": [bad]}, If_Match="*").status_code == 422
    assert contributor.patch(proposal, {"keep": ["/lessons"]}, If_Match="*").status_code == 200
    assert reviewer.step(proposal, "publish").status_code == 200
    assert guards_of(reviewer, path)["Proofread."] == {**guard, "severity": "note"}


def test_the_guards_of_a_duplicate_are_taken_over_with_its_lessons(contributor: Api) -> None:
    guard = lesson_guard()
    other = lesson_guard(severity="note")
    lessons = [{"text": "Sign off."}, {"text": "Proofread.", "guard": other}]
    gone = contributor.file(lessons=[*lessons, {"text": "Sleep on it.", "guard": other}])["id"]
    stays = contributor.file(lessons=[{"text": "Sign off.", "guard": guard}, {"text": "Proofread."}])["id"]
    merge = f"/incidents/{gone}/duplicate-of/{stays}"
    assert contributor.post(merge, {"take_over": ["lessons"]}, If_Match="*").status_code == 200
    merged = guards_of(contributor, f"/incidents/{stays}")
    severities = {text: merged[text]["severity"] for text in merged}
    assert severities == {"Sign off.": "stop", "Proofread.": "note", "Sleep on it.": "note"}
