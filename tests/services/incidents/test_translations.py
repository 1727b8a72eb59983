"""Translations of an incident, and when they are outdated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kb.services.incidents.content import texts
from tests.support.api import Api
from tests.support.incidents import incident

HEBREW = {
    "title": "תשובה פורסמה מהחשבון הלא נכון",
    "summary": "בדיחה פרטית פורסמה בחשבון של המותג.",
    "cause": "שני חשבונות היו פתוחים בכלי אחד.",
    "outcome": "נמחקה אחרי עשר דקות, עם התנצלות.",
    "lessons": [{"text": "להפריד בין חשבונות פרטיים לחשבונות של המותג."}],
}


def test_a_translation_can_be_read_searched_and_listed(any_role: Callable[..., Api]) -> None:
    api = any_role("contributor")
    path = f"/incidents/{api.file()['id']}"
    response = api.put(f"{path}/translations/he", HEBREW, If_Match='"1"')
    assert response.status_code == 201
    assert response.headers["Content-Language"] == "he"
    read = api.get(path, lang="he").get_json()
    assert (read["title"], read["lessons"][0]["language"]) == (HEBREW["title"], "he")
    assert (read["languages"], read["outdated"], read["version"]) == (["en", "he"], False, 2)
    assert api.get(path).get_json()["language"] == "en"
    assert api.get("/search", q="בדיחה בחשבון המותג", status="draft").get_json()["total"] == 1
    assert len(api.get("/incidents", language="he", status="draft").get_json()["items"]) == 1


def test_a_translation_is_outdated_from_a_change_of_the_original_until_it_is_rewritten(
    contributor: Api,
) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    contributor.put(f"{path}/translations/he", HEBREW, If_Match="*")
    contributor.patch(path, {"severity": 4}, If_Match="*")
    assert contributor.get(path, lang="he").get_json()["outdated"] is False
    contributor.patch(path, {"cause": "Another cause."}, If_Match="*")
    assert contributor.get(path, lang="he").get_json()["outdated"] is True
    assert contributor.get(path, lang="en").get_json()["outdated"] is False
    again = contributor.put(f"{path}/translations/he", HEBREW, If_Match="*")
    assert (again.status_code, again.get_json()["outdated"]) == (200, False)


def test_a_change_of_the_lessons_makes_a_translation_outdated(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    contributor.put(f"{path}/translations/he", HEBREW, If_Match="*")
    lessons = [*contributor.get(path).get_json()["lessons"], {"text": "And another."}]
    body = {"lessons": [{"text": lesson["text"]} for lesson in lessons]}
    contributor.patch(path, body, If_Match="*")
    read = contributor.get(path, lang="he").get_json()
    assert read["outdated"] is True
    assert [lesson["language"] for lesson in read["lessons"]] == ["he", "en"]


def test_an_edit_in_one_language_leaves_the_others_alone(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    contributor.put(f"{path}/translations/he", HEBREW, If_Match="*")
    changed = contributor.patch(path, {"language": "he", "title": "כותרת אחרת"}, If_Match="*").get_json()
    assert (changed["language"], changed["title"]) == ("he", "כותרת אחרת")
    assert contributor.get(path, lang="en").get_json()["title"] == "A reply went out from the wrong account"


@pytest.mark.parametrize(
    ("language", "body", "status"),
    [
        ("en", HEBREW, 409),
        ("klingonese", HEBREW, 422),
        ("he", {**HEBREW, "lessons": [{"text": "1"}, {"text": "2"}]}, 422),
        ("he", {"title": "כותרת"}, 422),
        ("he", {**HEBREW, "severity": 3}, 422),
    ],
)
def test_an_invalid_translation_is_rejected(
    contributor: Api, language: str, body: dict[str, Any], status: int
) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    response = contributor.put(f"{path}/translations/{language}", body, If_Match="*")
    assert response.status_code == status
    assert contributor.get(path).get_json()["version"] == 1


def test_an_edit_in_a_missing_language_points_to_the_translation_endpoint(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    response = contributor.patch(path, {"language": "fr", "title": "Titre"}, If_Match="*")
    assert response.status_code == 422
    assert "translations/fr" in response.get_json()["errors"][0]["detail"]


def test_a_partial_edit_does_not_bring_a_translation_up_to_date(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    contributor.put(f"{path}/translations/he", HEBREW, If_Match="*")
    contributor.patch(path, {"cause": "Another cause."}, If_Match="*")
    patched = contributor.patch(path, {"language": "he", "title": "כותרת אחרת"}, If_Match="*").get_json()
    assert (patched["title"], patched["outdated"]) == ("כותרת אחרת", True)


def test_a_translation_edit_without_effect_creates_no_version(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    written = contributor.put(f"{path}/translations/he", HEBREW, If_Match="*").get_json()
    same = {"language": "he", "title": HEBREW["title"], "lessons": HEBREW["lessons"]}
    assert contributor.patch(path, same, If_Match="*").get_json() == written
    contributor.patch(path, {"cause": "Another cause."}, If_Match="*")
    assert contributor.get(path, lang="he").get_json()["outdated"] is True


def test_a_translation_rewritten_without_lessons_has_none(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    contributor.put(f"{path}/translations/he", HEBREW, If_Match="*")
    texts = {name: text for name, text in HEBREW.items() if name != "lessons"}
    written = contributor.put(f"{path}/translations/he", texts, If_Match="*").get_json()
    assert [lesson["language"] for lesson in written["lessons"]] == ["en"]


def test_a_translation_requires_the_current_version(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}/translations/he"
    assert contributor.put(path, HEBREW).status_code == 428
    assert contributor.put(path, HEBREW, If_Match='"7"').status_code == 412


def test_an_incident_has_at_most_twenty_languages(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    tags = "he fr de es it pt nl sv da nb fi pl cs sk hu ro bg el tr".split()
    for tag in tags:
        assert contributor.put(f"{path}/translations/{tag}", HEBREW, If_Match="*").status_code == 201
    assert contributor.put(f"{path}/translations/ru", HEBREW, If_Match="*").status_code == 409
    assert contributor.put(f"{path}/translations/he", HEBREW, If_Match="*").status_code == 200


def _two_lessons(api: Api, *, status: str = "draft") -> tuple[str, int, int]:
    """The path of an incident with two lessons, and their ids."""
    filed = api.file(lessons=[{"text": "One"}, {"text": "Two"}], status=status)
    one, two = (lesson["id"] for lesson in filed["lessons"])
    return f"/incidents/{filed['id']}", one, two


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_translated_lesson_that_names_its_id_is_matched_by_it(
    any_role: Callable[..., Api], method: str
) -> None:
    api = any_role("contributor")
    path, one, two = _two_lessons(api)
    lessons = [{"id": two, "text": "שתיים"}, {"id": one, "text": "אחת"}]
    if method == "put":
        written = api.put(f"{path}/translations/he", {**HEBREW, "lessons": lessons}, If_Match="*")
    else:
        api.put(f"{path}/translations/he", {**HEBREW, "lessons": []}, If_Match="*")
        written = api.patch(path, {"language": "he", "lessons": lessons}, If_Match="*")
    shown = [(lesson["id"], lesson["text"]) for lesson in written.get_json()["lessons"]]
    assert shown == [(one, "אחת"), (two, "שתיים")]
    assert [lesson["text"] for lesson in api.get(path).get_json()["lessons"]] == ["One", "Two"]


def test_with_ids_a_lesson_may_be_left_untranslated(contributor: Api) -> None:
    path, one, two = _two_lessons(contributor)
    contributor.put(
        f"{path}/translations/he", {**HEBREW, "lessons": [{"text": "אחת"}, {"text": "שתיים"}]}, If_Match="*"
    )
    body = {**HEBREW, "lessons": [{"id": two, "text": "שתיים, שוב"}]}
    written = contributor.put(f"{path}/translations/he", body, If_Match="*").get_json()
    assert [(lesson["id"], lesson["language"], lesson["text"]) for lesson in written["lessons"]] == [
        (one, "en", "One"),
        (two, "he", "שתיים, שוב"),
    ]


@pytest.mark.parametrize(
    ("ids", "pointer", "detail"),
    [
        ((0, 999_999), "/lessons/1/id", "This incident has no such lesson."),
        ((0, 0), "/lessons/1/id", "This lesson is in the list already."),
        ((0, None), "/lessons/1", "Name the `id` of every lesson, or of none."),
        ((None, 1), "/lessons/0", "Name the `id` of every lesson, or of none."),
        ((None,), "/lessons", "Send 2 lessons, as many as the original has"),
    ],
)
def test_ids_that_do_not_match_the_lessons_are_named(
    contributor: Api, ids: tuple[int | None, ...], pointer: str, detail: str
) -> None:
    path, *known = _two_lessons(contributor)
    lessons = [
        {"text": "טקסט"}
        if number is None
        else {"text": "טקסט", "id": dict(enumerate(known)).get(number, number)}
        for number in ids
    ]
    refused = contributor.put(f"{path}/translations/he", {**HEBREW, "lessons": lessons}, If_Match="*")
    error = refused.get_json()["errors"][0]
    assert (refused.status_code, error["pointer"]) == (422, pointer)
    assert error["detail"].startswith(detail)
    assert contributor.get(path).get_json()["languages"] == ["en"]


def test_a_lesson_of_another_incident_is_no_lesson_of_this_one(contributor: Api) -> None:
    path, *_ = _two_lessons(contributor)
    _, foreign, _ = _two_lessons(contributor)
    lessons = [{"id": foreign, "text": "טקסט"}]
    refused = contributor.put(f"{path}/translations/he", {**HEBREW, "lessons": lessons}, If_Match="*")
    assert refused.get_json()["errors"][0]["pointer"] == "/lessons/0/id"


def test_the_lessons_of_a_translation_keep_their_places_when_the_original_is_reordered(
    contributor: Api,
) -> None:
    path, one, two = _two_lessons(contributor)
    lessons = [{"id": one, "text": "אחת"}, {"id": two, "text": "שתיים"}]
    contributor.put(f"{path}/translations/he", {**HEBREW, "lessons": lessons}, If_Match="*")
    contributor.patch(path, {"lessons": [{"text": "Two"}, {"text": "One"}]}, If_Match="*")
    again = contributor.put(
        f"{path}/translations/he", {**HEBREW, "lessons": lessons}, If_Match="*"
    ).get_json()
    assert [lesson["text"] for lesson in again["lessons"]] == ["שתיים", "אחת"]
    assert again["outdated"] is False


def test_all_languages_together_have_a_bound(contributor: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MAX_CHARACTERS", 1_000)
    path = f"/incidents/{contributor.file(cause='x' * 700)['id']}"
    refused = contributor.put(f"{path}/translations/he", {**HEBREW, "cause": "א" * 700}, If_Match="*")
    assert refused.status_code == 422
    assert "at most 1,000 are stored" in refused.get_json()["errors"][0]["detail"]
    assert contributor.post("/incidents", incident(cause="x" * 1_000)).status_code == 422
    monkeypatch.setattr(texts, "MAX_CHARACTERS", 500)  # what was stored before can still be shortened
    assert contributor.patch(path, {"cause": "x" * 600}, If_Match="*").status_code == 200
