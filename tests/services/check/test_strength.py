"""Which precedents are strong: what a draft must share with an incident beyond the day it is published on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.support.api import Api

SALE = {
    "text": "20% off all grills, tonight only",
    "scheduled_at": "2027-05-11T10:00:00+03:00",
    "audience_countries": ["IL"],
}
"""A sale on Israel's Memorial Day, of which it says nothing."""


def strengths(api: Api, draft: Mapping[str, object]) -> dict[str, str]:
    answer = api.post("/checks", draft).get_json()
    assert [finding["guard"] for finding in answer["findings"]] == ["mourning-day"]
    return {each["incident"]["title"]: each["strength"] for each in answer["precedents"]}


def test_an_incident_that_shares_only_the_subject_of_the_day_is_a_weak_precedent(
    person: Callable[..., Api],
) -> None:
    noa = person("Noa", north="reviewer")
    told = {"summary": "The brand lit a candle in memory of its founder.", "status": "published"}
    noa.file(title="Zebra", **told)
    assert strengths(noa, SALE)["Zebra"] == "weak"
    noa.file(title="Grills of zebra", **told)
    noa.file(title="Giraffe", occurred_on="2019-05-08", **told)
    found = strengths(noa, SALE)
    assert found["Grills of zebra"] == "strong", "it shares a word with the draft"
    assert found["Giraffe"] == "strong", "it happened on that day"


def test_an_incident_that_shares_a_subject_which_the_draft_names_is_a_strong_precedent(
    person: Callable[..., Api],
) -> None:
    noa = person("Noa", north="reviewer")
    noa.file(title="Zebra", summary="The brand lit a candle in memory of its founder.", status="published")
    draft = {**SALE, "text": "In memory of the fallen: 20% off all grills, tonight only"}
    answer = noa.post("/checks", draft).get_json()
    found = {each["incident"]["title"]: each["strength"] for each in answer["precedents"]}
    assert found["Zebra"] == "strong"
