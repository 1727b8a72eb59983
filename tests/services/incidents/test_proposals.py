"""Proposals: a change to a published incident waits for its review beside what readers see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kb.config import Settings
from tests.support.api import Api, people, running
from tests.support.incidents import HEBREW
from tests.support.proposals import propose

People = Callable[..., Api]


@pytest.fixture
def strict_person(settings: Settings) -> Any:
    for app in running(replace(settings, four_eyes=True)):
        yield people(app)


@pytest.fixture
def author(strict_person: People) -> Api:
    return strict_person("Dana Levi", north="reviewer")


@pytest.fixture
def reviewer(strict_person: People) -> Api:
    return strict_person("Noa Cohen", north="reviewer")


@pytest.fixture
def path(author: Api, reviewer: Api) -> str:
    """The path of an incident that the author wrote and the reviewer published."""
    path = f"/incidents/{author.file(status='in_review')['id']}"
    assert reviewer.step(path, "publish").status_code == 200
    return path


def test_readers_see_the_published_incident_until_a_proposal_is_published(
    author: Api, reviewer: Api, strict_person: People, path: str
) -> None:
    reader = Api(author.client, author.contract)
    seq = reader.get("/changes", limit=1000).get_json()["items"][-1]["seq"]
    before = reader.get(path).get_json()
    proposal = propose(author, path, cause="A zebra was on duty.")
    assert reader.get(path).get_json() == before
    assert reader.get("/search", q="zebra").get_json()["total"] == 0
    assert reader.get("/changes", since=seq).get_json()["items"] == []
    assert reader.get("/incidents", status="published").get_json()["items"]
    assert (
        reviewer.step(proposal, "publish", if_match=reviewer.get(proposal).headers["ETag"]).status_code == 200
    )
    after = reader.get(path).get_json()
    assert (after["cause"], after["version"]) == ("A zebra was on duty.", before["version"] + 1)
    assert after["published_at"] == before["published_at"]
    assert reader.get("/search", q="zebra").get_json()["total"] == 1
    change = reader.get("/changes", since=seq).get_json()["items"][0]
    assert (change["operation"], change["version"]) == ("revised", after["version"])


def test_a_proposal_shows_what_would_change_and_who_proposed_it(author: Api, path: str) -> None:
    proposal = author.get(propose(author, path, cause="Nobody was on duty.", comment="As we know now."))
    shown = proposal.get_json()
    assert (shown["status"], shown["author"], shown["version"]) == ("open", "Dana Levi", 1)
    assert shown["content"]["cause"] == "Nobody was on duty."
    (change,) = shown["changes"]
    assert (change["pointer"], change["after"]) == ("/cause", "Nobody was on duty.")
    assert {piece["op"] for piece in change["words"]} >= {"insert", "delete"}
    assert shown["revisions"][0]["comment"] == "As we know now."
    assert [obstacle["key"] for obstacle in shown["obstacles"]] == ["not_approved"]
    assert proposal.headers["ETag"].startswith('"1-')


def test_nobody_approves_or_publishes_their_own_proposal(author: Api, reviewer: Api, path: str) -> None:
    proposal = propose(author, path, cause="Another.")
    assert author.step(proposal, "approve").status_code == 403
    assert author.step(proposal, "publish").status_code == 409
    assert reviewer.step(proposal, "approve").status_code == 200
    # Whoever wrote it may take the last step, once somebody else has approved it.
    published = author.step(proposal, "publish")
    assert published.get_json()["status"] == "published"
    revision = author.get(f"{path}/revisions").get_json()["items"][0]
    assert (revision["author"], revision["operation"]) == ("Dana Levi", "revised")
    assert [event["step"] for event in published.get_json()["events"]] == ["approve", "publish"]


def test_an_edit_of_a_proposal_voids_its_approval(author: Api, reviewer: Api, path: str) -> None:
    proposal = propose(author, path, cause="Another.")
    assert reviewer.step(proposal, "approve").status_code == 200
    edited = author.patch(proposal, {"outcome": "Worse.", "comment": "More."}, If_Match="*").get_json()
    assert (edited["version"], edited["content"]["cause"]) == (2, "Another.")
    assert author.step(proposal, "publish").status_code == 409
    assert reviewer.step(proposal, "publish", if_match='"1"').status_code == 412
    assert reviewer.step(proposal, "approve", if_match="*").status_code == 428
    assert author.get(proposal, version=1).get_json()["content"]["outcome"] != "Worse."
    assert author.get(proposal, version=3).status_code == 404
    assert reviewer.step(proposal, "publish").status_code == 200


def test_the_approval_of_a_proposal_is_not_one_of_the_incident(author: Api, reviewer: Api, path: str) -> None:
    proposal = propose(author, path, cause="Another.")
    for number in range(4):  # until the versions of proposal and incident are alike
        author.patch(proposal, {"tags": [str(number)]}, If_Match="*")
        assert reviewer.step(proposal, "approve").status_code == 200
    assert reviewer.step(path, "reopen").status_code == 200
    assert author.patch(path, {"cause": "Unseen.", "status": "in_review"}, If_Match="*").status_code == 200
    assert author.step(path, "publish").status_code == 409


def test_a_second_change_waits_for_the_first(author: Api, reviewer: Api, path: str) -> None:
    propose(author, path, cause="Another.")
    second = reviewer.patch(path, {"outcome": "Worse."}, If_Match="*")
    assert second.status_code == 409
    assert "by Dana Levi is open already" in second.get_json()["detail"]


def test_a_translation_is_a_proposal_of_its_own(
    author: Api, reviewer: Api, strict_person: People, path: str
) -> None:
    translator = strict_person("Gal Mizrahi", north="contributor")
    change = propose(author, path, severity=4)
    translated = translator.put(f"{path}/translations/he", HEBREW, If_Match="*")
    assert translated.status_code == 202, translated.text
    translation = translated.headers["Location"].removeprefix("/api/v1")
    shown = translator.get(translation, lang="he").get_json()
    assert (shown["language"], shown["translation"]) == ("he", True)
    assert shown["content"]["title"] == HEBREW["title"]
    reader = Api(author.client, author.contract)
    assert reader.get(path, lang="he").get_json()["language"] == "en"
    # The author of the original may approve it, whatever becomes of other proposals.
    assert author.step(translation, "publish").status_code == 200
    read = reader.get(path, lang="he").get_json()
    assert (read["title"], read["outdated"], read["severity"]) == (HEBREW["title"], False, None)
    assert reviewer.step(change, "publish").status_code == 200
    read = reader.get(path, lang="he").get_json()
    assert (read["title"], read["outdated"], read["severity"]) == (HEBREW["title"], False, 4)
    assert translator.patch(translation, {"title": "עוד"}, If_Match="*").status_code == 409


def test_a_proposed_translation_stays_one(author: Api, path: str) -> None:
    location = author.put(f"{path}/translations/he", HEBREW, If_Match="*").headers["Location"]
    translation = location.removeprefix("/api/v1")
    assert author.patch(translation, {"title": "כותרת אחרת"}, If_Match="*").status_code == 200
    refused = author.patch(translation, {"severity": 5}, If_Match="*")
    assert refused.status_code == 409
    assert "translation into he" in refused.get_json()["detail"]


def test_a_proposed_change_of_the_original_makes_translations_outdated(
    author: Api, reviewer: Api, path: str
) -> None:
    location = author.put(f"{path}/translations/he", HEBREW, If_Match="*").headers["Location"]
    assert reviewer.step(location.removeprefix("/api/v1"), "publish").status_code == 200
    change = propose(author, path, cause="Another.")
    confirmed = author.put(f"{path}/translations/he", HEBREW, If_Match="*")
    assert confirmed.status_code == 200  # unchanged, and still up to date
    assert reviewer.step(change, "publish").status_code == 200
    assert author.get(path, lang="he").get_json()["outdated"] is True
    # Sending it again confirms it, which is a change that somebody has to read.
    confirmed = author.put(f"{path}/translations/he", HEBREW, If_Match="*")
    assert confirmed.status_code == 202, confirmed.text
    assert reviewer.step(confirmed.headers["Location"].removeprefix("/api/v1"), "publish").status_code == 200
    assert author.get(path, lang="he").get_json()["outdated"] is False


def test_a_discarded_proposal_changes_nothing_and_makes_room(author: Api, reviewer: Api, path: str) -> None:
    proposal = propose(author, path, cause="Another.")
    assert reviewer.step(proposal, "discard", comment="Not so.").get_json()["status"] == "discarded"
    assert author.get(path).get_json()["cause"] != "Another."
    assert author.get(proposal).get_json()["content"]["cause"] == "Another."
    for again in (
        author.step(proposal, "publish"),
        author.step(proposal, "discard"),
        author.patch(proposal, {"cause": "A third."}, If_Match="*"),
    ):
        assert again.status_code == 409
        assert "was discarded" in again.get_json()["detail"]
    propose(author, path, cause="A third.")


def test_comments_on_a_proposal_are_for_the_team(author: Api, reviewer: Api, path: str) -> None:
    proposal = propose(author, path, cause="Another.")
    number = int(proposal.rpartition("/")[2])
    said = reviewer.post(f"{path}/comments", {"text": "Is this so?", "about": "cause", "proposal": number})
    assert said.get_json()["internal"] is True
    assert author.get(proposal).get_json()["open_comments"] == 1
    assert author.get(f"{path}/comments", proposal=number).get_json()["items"] == [said.get_json()]
    assert Api(author.client, author.contract).get(f"{path}/comments").get_json()["items"] == []
    # Publishing in spite of it takes a word, which the audit log keeps.
    refused = reviewer.step(proposal, "publish")
    assert refused.status_code == 409
    assert '"open_comments"' in refused.get_json()["detail"]
    assert reviewer.step(proposal, "publish", acknowledge=["open_comments"]).status_code == 200
    other = author.post(f"{path}/comments", {"text": "Too late.", "proposal": number})
    assert other.status_code == 422
    assert author.post(f"{path}/comments", {"text": "Where?", "proposal": 999}).status_code == 422


def test_restoring_a_revision_of_a_published_incident_is_a_proposal(
    author: Api, reviewer: Api, path: str
) -> None:
    first = author.get(path).get_json()["cause"]
    assert reviewer.step(propose(author, path, cause="Another."), "publish").status_code == 200
    restored = author.post(f"{path}/revisions/1/restore", {}, If_Match="*")
    assert restored.status_code == 202
    assert restored.get_json()["content"]["cause"] == first
    assert author.get(path).get_json()["cause"] == "Another."
    assert reviewer.step(f"/proposals/{restored.get_json()['id']}", "publish").status_code == 200
    assert author.get(path).get_json()["cause"] == first


def test_lessons_of_a_duplicate_are_proposed_to_a_published_original(
    author: Api, reviewer: Api, path: str
) -> None:
    twin = author.file(lessons=[{"text": "Sleep."}])["id"]
    merged = author.post(
        f"/incidents/{twin}/duplicate-of/{path[11:]}", {"take_over": ["lessons"]}, If_Match="*"
    )
    assert merged.status_code == 200, merged.text
    assert len(merged.get_json()["lessons"]) == 1
    (proposal,) = author.get(f"{path}/proposals").get_json()["items"]
    shown = author.get(f"/proposals/{proposal['id']}").get_json()
    lessons = shown["content"]["lessons"]
    assert [lesson["text"] for lesson in lessons][1:] == ["Sleep."]
    assert reviewer.step(f"/proposals/{proposal['id']}", "publish").status_code == 200
    # A lesson keeps the id under which it was proposed.
    assert author.get(path).get_json()["lessons"] == lessons


def test_a_new_lesson_can_be_reworded_and_translated_before_it_is_published(
    author: Api, reviewer: Api, path: str
) -> None:
    kept = author.get(path).get_json()["lessons"][0]
    proposal = propose(author, path, lessons=[{"id": kept["id"], "text": kept["text"]}, {"text": "New."}])
    new = author.get(proposal).get_json()["content"]["lessons"][1]
    body = {"lessons": [{"id": new["id"], "text": "Newer."}, {"id": kept["id"], "text": "Kept."}]}
    edited = author.patch(proposal, body, If_Match="*").get_json()
    assert [lesson["id"] for lesson in edited["content"]["lessons"]] == [new["id"], kept["id"]]
    assert reviewer.step(proposal, "publish").status_code == 200
    lessons = author.get(path).get_json()["lessons"]
    assert [(lesson["id"], lesson["text"]) for lesson in lessons] == [
        (new["id"], "Newer."),
        (kept["id"], "Kept."),
    ]
    other = author.file(lessons=[{"text": "Elsewhere."}])["lessons"][0]["id"]
    assert other not in (new["id"], kept["id"])


def test_a_proposal_cannot_take_what_readers_need(author: Api, path: str) -> None:
    assert author.patch(path, {"summary": ""}, If_Match="*").status_code == 422
    proposal = propose(author, path, cause="Another.")
    assert author.patch(proposal, {"summary": ""}, If_Match="*").status_code == 422
    assert author.get(proposal).get_json()["version"] == 1


def test_a_change_that_changes_nothing_is_no_proposal(author: Api, path: str) -> None:
    same = {"cause": author.get(path).get_json()["cause"]}
    assert author.patch(path, same, If_Match="*").status_code == 200
    assert author.get(f"{path}/proposals").get_json()["items"] == []
    proposal = propose(author, path, cause="Another.")
    assert author.patch(proposal, {"cause": "Another."}, If_Match="*").get_json()["version"] == 1


def test_a_proposal_is_published_only_while_its_incident_is(author: Api, reviewer: Api, path: str) -> None:
    proposal = propose(author, path, cause="Another.")
    assert reviewer.step(path, "reopen").status_code == 200
    refused = reviewer.step(proposal, "publish")
    assert refused.status_code == 409
    assert "publish it first" in refused.get_json()["detail"]
    assert author.step(path, "submit").status_code == 200
    assert reviewer.step(path, "publish").status_code == 200
    assert reviewer.step(proposal, "publish").status_code == 200


def test_an_administrator_can_publish_a_proposal_alone_with_a_reason(
    strict_person: People, path: str
) -> None:
    boss = strict_person("Boss", north="admin")
    proposal = propose(boss, path, cause="Another.")
    assert boss.step(proposal, "publish", override=True).status_code == 422
    assert boss.step(proposal, "approve", override=True, comment="Hurry").status_code == 422
    published = boss.step(proposal, "publish", override=True, comment="The press asks.")
    assert published.get_json()["events"][0]["overridden"] == ["not_approved"]
    (entry,) = boss.get("/audit", event="override").get_json()["items"]
    assert entry["detail"]["comment"] == "The press asks."


def test_proposals_of_a_team_are_listed_for_its_members_only(
    author: Api, strict_person: People, path: str
) -> None:
    stranger, reader = strict_person("Eve", south="admin"), strict_person("Rea", north="reader")
    proposal = propose(author, path, cause="A zebra.")
    assert [item["id"] for item in reader.get("/proposals", status="open").get_json()["items"]] == [
        int(proposal[11:])
    ]
    assert reader.get("/proposals", team="north").get_json()["items"]
    assert reader.get("/proposals", status="discarded,published").get_json()["items"] == []
    assert reader.get(proposal).get_json()["steps"] == []
    assert reader.patch(proposal, {"cause": "x"}, If_Match="*").status_code == 403
    assert stranger.get("/proposals").get_json()["items"] == []
    assert stranger.get("/proposals", team="north").status_code == 404
    assert stranger.get(proposal).status_code == 404
    assert stranger.get(f"{path}/proposals").status_code == 403
    number = int(proposal[11:])
    assert stranger.post(f"{path}/comments", {"text": "?", "proposal": number}).status_code == 422
