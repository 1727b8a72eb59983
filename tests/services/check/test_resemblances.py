"""Precedents by example drafts: those that ship, and those of the guards of lessons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.api import Api
from tests.support.incidents import incident, lesson_guard

EXAMPLE = "Guess the weight of our janitor and win a ham"
LIKE_IT = "Guess how heavy the janitor is, the winner gets a ham!"


def precedents(api: Api, text: str) -> dict[str, dict[str, Any]]:
    response = api.post("/checks", {"text": text, "language": "en", "weak": True})
    assert response.status_code == 200, response.text
    return {each["incident"]["slug"]: each for each in response.get_json()["precedents"]}


def filed(contributor: Api, admin: Api, **changes: Any) -> str:
    """The slug of a published incident whose lesson has a guard with the example."""
    guard = lesson_guard(
        parameters={"phrases": ["guess the weight"]},
        examples={"bad": [{"text": EXAMPLE}], "good": [{"text": "Good morning."}]},
    )
    body = incident(lessons=[{"text": "Laugh with people.", "guard": guard}], **changes)
    created = contributor.post("/incidents", body)
    assert created.status_code == 201, created.text
    path = f"/incidents/{created.get_json()['id']}"
    assert admin.step(path, "publish").status_code == 200
    slug: str = admin.get(path).get_json()["slug"]
    return slug


def test_a_shipped_incident_is_found_by_its_examples_and_tells_the_nearest(reader: Api) -> None:
    found = precedents(reader, "Lights out? Shop in the dark: our candle sale starts with the blackout.")
    told = [each["why"]["example"] for each in found.values() if each["why"]["example"]]
    assert told
    assert all(isinstance(text, str) for text in told)


def test_what_a_guard_must_find_is_an_example_of_the_incident(
    contributor: Api, admin: Api, anonymous: Api
) -> None:
    assert all(each["why"]["example"] != EXAMPLE for each in precedents(anonymous, LIKE_IT).values())
    slug = filed(contributor, admin)
    first = precedents(anonymous, LIKE_IT)[slug]
    assert first["why"]["guards"] == []
    assert first["why"]["example"] == EXAMPLE


def test_examples_of_an_incident_that_a_caller_may_not_see_say_nothing(
    contributor: Api, admin: Api, anonymous: Api
) -> None:
    slug = filed(contributor, admin, visibility="team")
    assert precedents(contributor, LIKE_IT)[slug]["why"]["example"] == EXAMPLE
    assert EXAMPLE not in anonymous.post("/checks", {"text": LIKE_IT, "weak": True}).text


def test_a_receipt_keeps_no_example(contributor: Api, as_role: Callable[..., Api], admin: Api) -> None:
    filed(contributor, admin)
    response = contributor.post("/checks", {"text": LIKE_IT, "weak": True})
    assert EXAMPLE in response.text
    assert EXAMPLE not in contributor.get(f"/checks/{response.get_json()['id']}").text
