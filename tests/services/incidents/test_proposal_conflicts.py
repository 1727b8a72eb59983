"""Proposals and what changes meanwhile: merged field by field, or named as a conflict."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.incidents import HEBREW, lesson_guard

PEOPLE = Callable[..., Api]


@pytest.fixture
def reviewer(as_role: PEOPLE) -> Api:
    return as_role("reviewer")


@pytest.fixture
def contributor(as_role: PEOPLE) -> Api:
    return as_role("contributor")


def file_bilingual(reviewer: Api, **changes: Any) -> str:
    """The path of a published incident with two lessons, in English and Hebrew."""
    lessons = [{"text": "First."}, {"text": "Second."}]
    filed = reviewer.file(**{"status": "published", "lessons": lessons, **changes})
    path = f"/incidents/{filed['id']}"
    hebrew = {**HEBREW, "lessons": [{"text": "א"}, {"text": "ב"}]}
    assert reviewer.put(f"{path}/translations/he", hebrew, If_Match="*").status_code == 201
    return path


def proposed(api: Api, path: str, changes: dict[str, Any]) -> str:
    response = api.patch(path, changes, If_Match="*")
    assert response.status_code == 202, response.text
    return f"/proposals/{response.get_json()['id']}"


def lessons_of(api: Api, path: str, lang: str = "en") -> list[str]:
    return [lesson["text"] for lesson in api.get(path, lang=lang).get_json()["lessons"]]


CHANGES: list[Callable[[int], dict[str, Any]]] = [
    lambda first: {"cause": "Another."},
    lambda first: {"severity": 5},
    lambda first: {"lessons": [{"id": first, "text": "First."}]},
    lambda first: {"lessons": [{"text": "Second."}, {"text": "First."}]},
    lambda first: {"lessons": [{"id": first, "text": "Reworded."}, {"text": "Second."}, {"text": "Third."}]},
    lambda first: {"lessons": [{"text": "Second.", "guard": lesson_guard()}, {"text": "First."}]},
    lambda first: {"language": "he", "cause": "סיבה אחרת"},
    lambda first: {"language": "he", "lessons": [{"text": "גם א"}, {"text": "גם ב"}]},
    lambda first: {"cause": "Another.", "lessons": [{"id": first, "text": "First."}], "occurred_on": "2018"},
]
"""Changes of a bilingual incident, by the id of its first lesson."""


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_by_proposal_ends_as_the_same_change_at_once(
    reviewer: Api, contributor: Api, change: Callable[[int], dict[str, Any]]
) -> None:
    outcomes = []
    for api in (reviewer, contributor):
        path = file_bilingual(reviewer)
        ids = [lesson["id"] for lesson in reviewer.get(path).get_json()["lessons"]]
        changed = api.patch(path, change(ids[0]), If_Match="*")
        assert changed.status_code == (200 if api is reviewer else 202), changed.text
        if changed.status_code == 202:
            published = reviewer.step(f"/proposals/{changed.get_json()['id']}", "publish")
            assert published.status_code == 200, published.text
        outcomes.append([content_in(reviewer, path, language, ids) for language in ("en", "he")])
    assert outcomes[0] == outcomes[1]


def content_in(api: Api, path: str, language: str, ids: list[int]) -> dict[str, Any]:
    """What a change decides on, in a language: which lessons kept their id, whether it is outdated."""
    state = api.get(path, lang=language).get_json()
    lessons = [
        (
            lesson["text"],
            lesson["language"],
            lesson["guard"],
            ids.index(lesson["id"]) if lesson["id"] in ids else None,
        )
        for lesson in state["lessons"]
    ]
    fields = ("cause", "outdated", "severity", "occurred_on")
    return {"lessons": lessons, **{name: state[name] for name in fields}}


def test_conflicts_in_two_languages_can_be_resolved(reviewer: Api, contributor: Api) -> None:
    path = file_bilingual(reviewer)
    ids = [lesson["id"] for lesson in reviewer.get(path).get_json()["lessons"]]
    change = {"cause": "Proposed.", "lessons": [{"id": ids[1], "text": "Second."}]}
    proposal = proposed(contributor, path, change)
    reviewer.patch(path, {"cause": "At once."}, If_Match="*")
    hebrew = {"language": "he", "lessons": [{"text": "א חדש"}, {"text": "ב"}]}
    assert reviewer.patch(path, hebrew, If_Match="*").status_code == 200
    conflicts = [each["pointer"] for each in contributor.get(proposal).get_json()["conflicts"]]
    assert conflicts == ["/cause", "/translations/he/lessons"]
    in_hebrew = contributor.get(proposal, headers={"Accept-Language": "he"}).get_json()["conflicts"]
    assert {each["detail"] for each in in_hebrew} == {"השתנה גם באירוע המפורסם."}
    partly = contributor.patch(proposal, {"cause": "Both."}, If_Match="*")
    assert partly.status_code == 409
    assert [error["pointer"] for error in partly.get_json()["errors"]] == ["/translations/he/lessons"]
    kept = {"cause": "Both.", "keep": ["/translations/he/lessons"]}
    assert contributor.patch(proposal, kept, If_Match="*").status_code == 200
    assert contributor.get(proposal).get_json()["conflicts"] == []
    assert reviewer.step(proposal, "publish").status_code == 200
    assert (contributor.get(path).get_json()["cause"], lessons_of(reviewer, path, "he")) == ("Both.", ["ב"])


def test_lessons_that_others_added_meanwhile_stay_with_their_translations(
    reviewer: Api, contributor: Api
) -> None:
    path = file_bilingual(reviewer)
    lessons = [{"id": each["id"], "text": each["text"]} for each in reviewer.get(path).get_json()["lessons"]]
    proposal = proposed(contributor, path, {"lessons": [*lessons, {"text": "Ours."}]})
    assert reviewer.patch(path, {"lessons": [*lessons, {"text": "Theirs."}]}, If_Match="*").status_code == 200
    hebrew = {"language": "he", "lessons": [{"text": "א"}, {"text": "ב"}, {"text": "שלהם"}]}
    assert reviewer.patch(path, hebrew, If_Match="*").status_code == 200
    shown = contributor.get(proposal).get_json()
    assert shown["conflicts"] == []
    assert sorted(lesson["text"] for lesson in shown["content"]["lessons"]) == [
        "First.", "Ours.", "Second.", "Theirs.",
    ]  # fmt: skip
    # They can be sent back by their ids.
    again = [{"id": lesson["id"], "text": lesson["text"]} for lesson in shown["content"]["lessons"]]
    assert contributor.patch(proposal, {"lessons": again[::-1]}, If_Match="*").status_code == 200
    assert reviewer.step(proposal, "publish").status_code == 200
    assert "שלהם" in lessons_of(reviewer, path, "he")


def test_a_proposal_that_has_become_impossible_can_be_read_and_mended(
    reviewer: Api, contributor: Api
) -> None:
    times = {"posted_at": "2019-03-02T00:00:00Z", "removed_at": "2019-03-05T00:00:00Z"}
    path = file_bilingual(reviewer, **times)
    proposal = proposed(contributor, path, {"removed_at": "2019-03-03T00:00:00Z"})
    assert reviewer.patch(path, {"posted_at": "2019-03-04T00:00:00Z"}, If_Match="*").status_code == 200
    shown = contributor.get(proposal).get_json()
    assert [each["pointer"] for each in shown["conflicts"]] == ["/removed_at"]
    assert [each["key"] for each in shown["obstacles"]] == ["conflicts"]
    assert reviewer.step(proposal, "publish").status_code == 409
    assert contributor.patch(proposal, {"keep": ["/removed_at"]}, If_Match="*").status_code == 422
    later = {"removed_at": "2019-03-06T00:00:00Z"}
    assert contributor.patch(proposal, later, If_Match="*").status_code == 200
    assert reviewer.step(proposal, "publish").status_code == 200


def test_proposals_together_cannot_exceed_the_number_of_languages(reviewer: Api, contributor: Api) -> None:
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    tags = [
        "he",
        "ar",
        "fr",
        "de",
        "es",
        "it",
        "pt",
        "nl",
        "sv",
        "da",
        "fi",
        "pl",
        "cs",
        "hu",
        "ro",
        "el",
        "tr",
        "uk",
    ]
    for tag in tags:
        assert reviewer.put(f"{path}/translations/{tag}", HEBREW, If_Match="*").status_code == 201
    last = [contributor.put(f"{path}/translations/{tag}", HEBREW, If_Match="*") for tag in ("ja", "ko")]
    one, two = (f"/proposals/{response.get_json()['id']}" for response in last)
    assert reviewer.step(one, "publish").status_code == 200
    refused = reviewer.step(two, "publish")
    assert (refused.status_code, "21 languages" in refused.get_json()["detail"]) == (409, True)


def test_merging_an_incident_discards_what_was_proposed_for_it(reviewer: Api, contributor: Api) -> None:
    gone, stays = file_bilingual(reviewer), file_bilingual(reviewer)
    proposal = proposed(contributor, gone, {"cause": "Another."})
    merged = reviewer.post(f"{gone}/duplicate-of/{stays[11:]}", {}, If_Match="*")
    assert merged.status_code == 200
    shown = contributor.get(proposal).get_json()
    assert (shown["status"], shown["events"][-1]["comment"]) == (
        "discarded",
        f"Its incident is a duplicate of {stays[11:]}.",
    )


def test_a_withdrawn_incident_stops_its_proposals(reviewer: Api, contributor: Api) -> None:
    path = file_bilingual(reviewer)
    proposal = proposed(contributor, path, {"cause": "Another."})
    assert reviewer.step(path, "withdraw").status_code == 200
    shown = reviewer.get(proposal, lang="he").get_json()
    assert [each["key"] for each in shown["obstacles"]] == ["incident_not_published"]
    assert "האירוע" in shown["obstacles"][0]["detail"]
    for step in ("approve", "publish"):
        assert reviewer.step(proposal, step).status_code == 409
    assert reviewer.step(proposal, "discard").status_code == 200


def test_all_who_wrote_a_proposal_are_its_authors_and_its_publisher_is_recorded(
    person: PEOPLE,
) -> None:
    dana, noa = person("Dana Levi", main="contributor"), person("Noa Cohen", main="reviewer")
    path = f"/incidents/{noa.file(status='published')['id']}"
    proposal = proposed(dana, path, {"cause": "Dana's.", "comment": "A typo."})
    assert noa.patch(proposal, {"cause": "Noa's."}, If_Match="*").status_code == 200
    assert noa.step(proposal, "publish", comment="Checked.").status_code == 200
    revision = dana.get(f"{path}/revisions").get_json()["items"][0]
    assert revision["author"] == "Dana Levi, Noa Cohen"
    assert revision["comment"] == f"A typo. Proposal {proposal[11:]}, published by Noa Cohen."
    event = dana.get(f"{path}/events").get_json()["items"][0]
    assert (event["step"], event["author"], event["comment"]) == (
        "publish",
        "Noa Cohen",
        f"Proposal {proposal[11:]}. Checked.",
    )
    assert event["version"] == revision["number"]


def test_a_required_text_of_a_translation_cannot_be_emptied(reviewer: Api) -> None:
    path = file_bilingual(reviewer)
    emptied = reviewer.patch(path, {"language": "he", "summary": ""}, If_Match="*")
    assert (emptied.status_code, emptied.get_json()["errors"][0]["pointer"]) == (422, "/summary")


def test_any_version_may_be_discarded_while_the_incident_changes(any_person: PEOPLE) -> None:
    dana, noa = any_person("Dana Levi", main="contributor"), any_person("Noa Cohen", main="reviewer")
    path = f"/incidents/{noa.file(status='published')['id']}"

    def edit(number: int) -> int:
        api = Api(noa.client.application.test_client(), noa.contract, noa.token)
        return api.patch(path, {"tags": [str(number)]}, If_Match="*").status_code

    def discard(proposal: str) -> int:
        api = Api(noa.client.application.test_client(), noa.contract, noa.token)
        return api.post(f"{proposal}/events", {"step": "discard"}, If_Match="*").status_code

    with ThreadPoolExecutor(2) as threads:
        for number in range(5):
            proposal = proposed(dana, path, {"cause": f"Number {number}."})
            answers = [threads.submit(edit, number), threads.submit(discard, proposal)]
            assert [answer.result() for answer in answers] == [200, 200]
