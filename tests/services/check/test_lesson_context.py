"""Where a guard is from, as a check shows it: a lesson and its incident as they are, to who may see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.api import Api
from tests.support.samples import LADDER_GUARD


def _origins(caller: Api) -> list[tuple[str, str]]:
    """The lesson and the incident of each finding of a lesson's guard in one draft."""
    response = caller.post("/checks", {"text": "Our borrowed ladder"})
    findings: list[Mapping[str, Any]] = response.get_json()["findings"]
    return [(item["lesson"]["text"], item["incident"]["title"]) for item in findings if item["lesson"]]


def test_a_check_shows_a_lesson_and_its_incident_as_they_are_now(
    person: Callable[..., Api], anonymous: Api
) -> None:
    noa = person("Noa", north="admin")
    filed = noa.file(
        title="A ladder",
        lessons=[{"text": "Return it.", "guard": LADDER_GUARD}],
        status="published",
        severity=3,
    )
    assert _origins(anonymous) == _origins(anonymous) == [("Return it.", "A ladder")]
    address = f"/incidents/{filed['id']}"
    lesson = {"id": filed["lessons"][0]["id"], "text": "Bring it back.", "guard": LADDER_GUARD}
    edited = noa.patch(address, {"title": "Two ladders", "lessons": [lesson]}, If_Match="*")
    assert edited.status_code == 200
    assert _origins(anonymous) == _origins(noa) == [("Bring it back.", "Two ladders")]


def test_a_lesson_that_is_kept_for_its_team_is_not_shown_to_others(
    person: Callable[..., Api], anonymous: Api
) -> None:
    noa = person("Noa", north="admin")
    noa.file(
        title="A ladder",
        lessons=[{"text": "Return it.", "guard": LADDER_GUARD}],
        status="published",
        visibility="team",
        severity=3,
    )
    assert _origins(noa) == [("Return it.", "A ladder")]
    assert _origins(anonymous) == []
