"""Incidents that look alike and were said not to be the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kb.services.incidents.duplicates import distinct
from tests.support.api import Api

ACME = {"organization": "Acme", "occurred_on": "2019-04"}


def _offered(api: Api, incident_id: int) -> list[int]:
    items = api.get(f"/incidents/{incident_id}/duplicates").get_json()["items"]
    return [each["incident"]["id"] for each in items]


def _distinct(api: Api, incident_id: int) -> list[int]:
    listed = api.get(f"/incidents/{incident_id}/duplicates").get_json()["distinct"]
    return [each["incident"]["id"] for each in listed]


@pytest.fixture
def pair(contributor: Api) -> tuple[int, int]:
    """Two incidents that are offered as duplicates of each other."""
    first, second = contributor.file(**ACME)["id"], contributor.file(**ACME, title="The same joke")["id"]
    assert (_offered(contributor, first), _offered(contributor, second)) == ([second], [first])
    return first, second


@pytest.mark.parametrize("swapped", [False, True])
def test_what_was_said_not_to_be_the_same_is_not_offered_again(
    contributor: Api, pair: tuple[int, int], swapped: bool
) -> None:
    first, second = pair
    one, other = (second, first) if swapped else pair
    for _ in range(2):
        assert contributor.put(f"/incidents/{one}/distinct-from/{other}", None).status_code == 204
    assert _offered(contributor, first) == _offered(contributor, second) == []
    assert (_distinct(contributor, first), _distinct(contributor, second)) == ([second], [first])
    changed = contributor.patch(f"/incidents/{first}", {"occurred_on": "2019-04-02"}, If_Match="*")
    assert changed.get_json()["likely_duplicates"] == []


def test_a_third_incident_is_still_offered(contributor: Api, pair: tuple[int, int]) -> None:
    first, second = pair
    contributor.put(f"/incidents/{first}/distinct-from/{second}", None)
    third = contributor.file(**ACME)
    assert {each["incident"]["id"] for each in third["likely_duplicates"]} == {first, second}
    assert _offered(contributor, first) == [third["id"]]


def test_the_latest_of_many_are_listed(
    contributor: Api, pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distinct, "MAX_LISTED", 2)
    first, second = pair
    others = [second, *(contributor.file(**ACME)["id"] for _ in range(2))]
    for other in others:
        contributor.put(f"/incidents/{first}/distinct-from/{other}", None)
    assert _distinct(contributor, first) == [others[2], others[1]]
    assert _offered(contributor, first) == []


def test_it_can_be_undone(contributor: Api, pair: tuple[int, int]) -> None:
    first, second = pair
    contributor.put(f"/incidents/{first}/distinct-from/{second}", None)
    for _ in range(2):
        assert contributor.delete(f"/incidents/{second}/distinct-from/{first}").status_code == 204
    assert (_offered(contributor, first), _distinct(contributor, first)) == ([second], [])


def test_an_incident_is_never_distinct_from_itself(contributor: Api, pair: tuple[int, int]) -> None:
    refused = contributor.put(f"/incidents/{pair[0]}/distinct-from/{pair[0]}", None)
    assert (refused.status_code, refused.get_json()["detail"]) == (
        409,
        "These are one incident: name another.",
    )


def test_it_takes_the_right_to_edit_one_of_them(person: Callable[..., Api]) -> None:
    north, south = person("Dana", north="reviewer"), person("Noa", south="contributor")
    reader = person("Avi", north="reader")
    theirs = north.file(**ACME, status="published")["id"]
    ours = south.file(**ACME)["id"]
    assert south.put(f"/incidents/{theirs}/distinct-from/{ours}", None).status_code == 204
    hidden = north.put(f"/incidents/{theirs}/distinct-from/{ours}", None)
    assert hidden.status_code == 404
    assert _distinct(north, theirs) == []
    another = north.file(**ACME, status="published")["id"]
    assert reader.put(f"/incidents/{theirs}/distinct-from/{another}", None).status_code == 403
    assert south.put(f"/incidents/{theirs}/distinct-from/{another}", None).status_code == 403


def test_both_decisions_are_in_the_audit_log(contributor: Api, admin: Api, pair: tuple[int, int]) -> None:
    first, second = pair
    contributor.put(f"/incidents/{first}/distinct-from/{second}", None)
    contributor.delete(f"/incidents/{first}/distinct-from/{second}")
    events = admin.get("/audit", event="distinct,distinct_undone").get_json()["items"]
    assert [(each["event"], each["incident"], each["detail"]) for each in events] == [
        ("distinct_undone", first, {"other": second}),
        ("distinct", first, {"other": second}),
    ]


def test_a_change_of_what_is_compared_is_answered_with_likely_duplicates(contributor: Api) -> None:
    first = contributor.file(**ACME)["id"]
    second = contributor.file(organization="Wonka", title="Chocolate fountain", summary="It flowed.")["id"]
    address = f"/incidents/{second}"
    corrected = contributor.patch(address, ACME, If_Match="*").get_json()
    assert [each["incident"]["id"] for each in corrected["likely_duplicates"]] == [first]
    unrelated = contributor.patch(address, {"severity": 4}, If_Match="*").get_json()
    assert "likely_duplicates" not in unrelated
