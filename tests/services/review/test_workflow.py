"""From a thin draft to its readers, and back: steps, four eyes, completeness, comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from kb.config import Settings
from kb.domain.incident import Status
from kb.domain.workflow import Step, next_status, steps_from
from kb.models import Revision, db
from tests.support.api import Api, people, running

THIN = {"organization": "Acme", "title": "A joke went out", "category": "wrong-account"}

WAYS = {
    ("draft", "submit"): "in_review",
    ("draft", "publish"): "published",
    ("draft", "withdraw"): "withdrawn",
    ("in_review", "retract"): "draft",
    ("in_review", "request_changes"): "draft",
    ("in_review", "approve"): "in_review",
    ("in_review", "publish"): "published",
    ("in_review", "withdraw"): "withdrawn",
    ("published", "reopen"): "draft",
    ("published", "withdraw"): "withdrawn",
    ("withdrawn", "reopen"): "draft",
}
TO = {"draft": [], "in_review": ["submit"], "published": ["publish"], "withdrawn": ["withdraw"]}


@pytest.fixture
def strict(settings: Settings) -> Iterator[Flask]:
    """The application of a team with four eyes, whose comments have to be resolved."""
    yield from running(replace(settings, four_eyes=True, resolved_comments=True))


@pytest.fixture
def strict_person(strict: Flask) -> Callable[..., Api]:
    return people(strict)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("step", Step)
def test_the_table_of_steps_decides(status: Status, step: Step) -> None:
    assert next_status(status, step) == WAYS.get((status.value, step.value))
    assert (step in steps_from(status)) is ((status.value, step.value) in WAYS)


@pytest.mark.parametrize("status", list(Status))
def test_each_step_leads_where_the_table_says_and_is_told_with_who_when_and_why(
    as_role: Callable[..., Api], status: Status
) -> None:
    reviewer = as_role("reviewer")
    for step in Step:
        path = f"/incidents/{reviewer.file()['id']}"
        for earlier in TO[status]:
            assert reviewer.step(path, earlier).status_code == 200
        version = reviewer.get(path).get_json()["version"]
        response = reviewer.step(path, step, comment="Because.")
        wanted = WAYS.get((status.value, step.value))
        if wanted is None:
            assert response.status_code == 409, (step, response.text)
            assert reviewer.get(path).get_json()["version"] == version
            continue
        assert response.get_json()["status"] == wanted
        event = reviewer.get(f"{path}/events").get_json()["items"][0]
        told = (event["step"], event["before"], event["after"], event["author"], event["comment"])
        assert told == (step, status, wanted, "reviewer of main", "Because.")
        assert event["version"] == version
        stays = status is Status.PUBLISHED and wanted == "withdrawn"
        assert (response.get_json()["published_at"] is not None) is (wanted == "published" or stays)


def test_a_step_needs_its_own_role(as_role: Callable[..., Api]) -> None:
    contributor, reviewer = as_role("contributor"), as_role("reviewer")
    path = f"/incidents/{contributor.file()['id']}"
    assert contributor.step(path, "submit").status_code == 200
    for step in ("approve", "request_changes", "publish"):
        assert contributor.step(path, step).status_code == 403
    assert contributor.step(path, "retract").status_code == 200
    assert reviewer.step(path, "publish").status_code == 200
    for step in ("withdraw", "reopen"):
        assert contributor.step(path, step).status_code == 403
    assert contributor.step(path, "publish", if_match='"1"').status_code == 412
    assert contributor.post(f"{path}/events", {"step": "submit"}).status_code == 428
    assert contributor.post(f"{path}/events", {"step": "jump"}, If_Match="*").status_code == 422


def test_what_is_reviewed_is_for_its_team(as_role: Callable[..., Api]) -> None:
    contributor = as_role("contributor")
    path = f"/incidents/{contributor.file(status='in_review', title='Zebra')['id']}"
    assert contributor.get(path).get_json()["status"] == "in_review"
    assert contributor.get("/search", q="zebra").get_json()["total"] == 1
    assert contributor.get("/incidents", status="in_review").get_json()["items"][0]["title"] == "Zebra"
    assert as_role().get(path).status_code == 404
    assert as_role().get("/search", q="zebra").get_json()["total"] == 0
    assert as_role().get(f"{path}/events").status_code == 401


def test_what_was_ever_published_is_withdrawn_by_who_may_and_answered_for(
    as_role: Callable[..., Api], person: Callable[..., Api]
) -> None:
    boss, reviewer, contributor = person("Boss", main="admin"), as_role("reviewer"), as_role("contributor")
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    assert reviewer.step(path, "reopen", comment="A mistake in it.").status_code == 200
    assert contributor.get(f"{path}/completeness").get_json()["steps"] == ["submit"]
    assert contributor.delete(path, If_Match="*").status_code == 403
    assert contributor.post(f"{path}/duplicate-of/1", {}, If_Match="*").status_code == 403
    assert reviewer.delete(path, If_Match="*").status_code == 204
    closed = f"/incidents/{reviewer.file(status='published')['id']}"
    assert reviewer.patch(closed, {"visibility": "team"}, If_Match="*").status_code == 200
    told = boss.get("/audit", event="withdrawal").get_json()["items"]
    assert [(entry["incident"], entry["detail"]["by"]) for entry in told][::-1] == [
        (int(path[11:]), "reopen"),
        (int(closed[11:]), "visibility"),
    ]


class TestCompleteness:
    def test_a_thin_draft_is_told_what_it_lacks_and_is_published_once_it_says_it(
        self, as_role: Callable[..., Api]
    ) -> None:
        reviewer = as_role("reviewer")
        filed = reviewer.post("/incidents", THIN)
        assert filed.status_code == 201
        path = f"/incidents/{filed.get_json()['id']}"
        assert (filed.get_json()["occurred_on"], filed.get_json()["occurred_precision"]) == (None, None)
        told = reviewer.get(f"{path}/completeness").get_json()
        assert not told["complete"]
        needed = ["/occurred_on", "/summary", "/cause", "/outcome", "/lessons"]
        assert [field["pointer"] for field in told["missing"]] == needed
        assert all(field["question"] and field["label"] for field in told["missing"])
        refused = reviewer.step(path, "publish")
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.get_json()["errors"]] == needed
        for published in (
            reviewer.patch(path, {"status": "published"}, If_Match="*"),
            reviewer.post("/incidents", {**THIN, "status": "published"}),
        ):
            assert published.status_code == 422
        said = {"occurred_on": "2019", "summary": "s", "cause": "c", "outcome": "o"}
        reviewer.patch(path, {**said, "lessons": [{"text": "l"}]}, If_Match="*")
        assert reviewer.get(f"{path}/completeness").get_json()["complete"]
        assert reviewer.step(path, "publish").status_code == 200

    def test_what_is_published_stays_complete(self, as_role: Callable[..., Api]) -> None:
        reviewer = as_role("reviewer")
        path = f"/incidents/{reviewer.file(status='published')['id']}"
        for thinner in ({"summary": ""}, {"lessons": []}, {"occurred_on": None}):
            assert reviewer.patch(path, thinner, If_Match="*").status_code == 422
        assert reviewer.get(path).get_json()["version"] == 1
        assert reviewer.step(path, "reopen").status_code == 200
        assert reviewer.patch(path, {"occurred_on": None}, If_Match="*").get_json()["occurred_on"] is None

    def test_a_thin_draft_may_be_translated_as_far_as_it_goes(self, contributor: Api) -> None:
        path = f"/incidents/{contributor.post('/incidents', THIN).get_json()['id']}"
        title = {"title": "בדיחה יצאה"}
        assert contributor.put(f"{path}/translations/he", title, If_Match="*").status_code == 201
        contributor.patch(path, {"cause": "Two accounts in one tool."}, If_Match="*")
        refused = contributor.put(f"{path}/translations/he", title, If_Match="*")
        assert [error["pointer"] for error in refused.get_json()["errors"]] == ["/cause"]

    def test_it_asks_in_hebrew(self, contributor: Api) -> None:
        filed = contributor.post("/incidents", {**THIN, "title": "בדיחה פרטית בחשבון המותג"}).get_json()
        told = contributor.get(f"/incidents/{filed['id']}/completeness").get_json()
        assert told["language"] == "he"
        assert all("א" <= field["question"][0] <= "ת" for field in told["missing"])

    def test_a_draft_without_a_date_is_found_and_listed_last_and_by_no_date(self, contributor: Api) -> None:
        thin = contributor.post("/incidents", {**THIN, "title": "Zebra"}).get_json()
        dated = contributor.file(title="Zebra", occurred_on="2019")
        assert [item["id"] for item in contributor.get("/incidents").get_json()["items"]][-1] == thin["id"]
        pages, cursor = [], ""
        while cursor is not None:
            page = contributor.get("/incidents", limit=3, **({"cursor": cursor} if cursor else {})).get_json()
            pages += page["items"]
            cursor = page["next"]
        assert (len(pages), pages[-1]["id"]) == (8, thin["id"])
        for query in ({"q": "zebra"}, {"q": "zebra", "boosts": "recency"}):
            found = contributor.get("/search", **query).get_json()["items"]
            assert [hit["incident"]["id"] for hit in found] == [dated["id"], thin["id"]]
        for query in ({"from": 2010}, {"to": 2030}, {"q": "after:2010"}, {"q": "before:2030"}):
            found = contributor.get("/search", **query).get_json()["items"]
            assert thin["id"] not in [hit["incident"]["id"] for hit in found], query
        trend = contributor.get("/trends", status="draft", interval="year").get_json()
        assert (trend["undated"], trend["from"]) == (1, "2019-01-01")


class TestFourEyes:
    def test_the_author_cannot_publish_approve_or_file_as_published(
        self, strict_person: Callable[..., Api]
    ) -> None:
        author = strict_person("Dana Levi", north="reviewer")
        filed = author.file(status="published")
        assert filed["status"] == "draft"
        path = f"/incidents/{filed['id']}"
        assert "submit it for review" in author.step(path, "publish").get_json()["detail"]
        assert author.step(path, "submit").status_code == 200
        assert author.step(path, "approve").status_code == 403
        assert author.step(path, "publish").status_code == 409
        obstacles = author.get(f"{path}/completeness").get_json()["obstacles"]
        assert [obstacle["key"] for obstacle in obstacles] == ["not_approved"]

    def test_an_approval_is_of_one_version(self, strict_person: Callable[..., Api]) -> None:
        author = strict_person("Dana Levi", north="reviewer")
        other = strict_person("Noa Cohen", north="reviewer")
        path = f"/incidents/{author.file(status='in_review')['id']}"
        version = other.get(path).headers["ETag"]
        assert author.patch(path, {"cause": "Something else."}, If_Match="*").status_code == 200
        # What was read is not what is there.
        assert other.step(path, "approve", if_match=version).status_code == 412
        assert other.step(path, "approve").status_code == 200
        assert author.patch(path, {"outcome": "Worse."}, If_Match="*").status_code == 200
        assert author.step(path, "publish").status_code == 409
        assert other.step(path, "approve").status_code == 200
        current = author.get(path).headers["ETag"]
        both = author.patch(path, {"status": "published", "outcome": "Worst."}, If_Match=current)
        assert both.status_code == 409
        published = author.step(path, "publish")
        assert published.get_json()["status"] == "published"

    def test_who_wrote_any_of_it_does_not_approve_it(self, strict_person: Callable[..., Api]) -> None:
        author = strict_person("Dana Levi", north="contributor")
        other = strict_person("Noa Cohen", north="reviewer")
        third = strict_person("Gal Mizrahi", north="reviewer")
        path = f"/incidents/{author.file(status='in_review')['id']}"
        assert other.patch(path, {"cause": "Rewritten."}, If_Match="*").status_code == 200
        assert other.step(path, "publish").status_code == 409
        # Nor once somebody else has written a little more.
        assert author.patch(path, {"tags": ["more"]}, If_Match="*").status_code == 200
        assert other.step(path, "approve").status_code == 403
        assert third.step(path, "publish").status_code == 200
        # What has been published was read: the next round is a new one.
        assert third.step(path, "reopen").status_code == 200
        assert (
            author.patch(path, {"tags": ["even more"], "status": "in_review"}, If_Match="*").status_code
            == 200
        )
        assert other.step(path, "publish").status_code == 200

    def test_a_teams_token_has_the_eyes_of_who_made_it(self, strict_person: Callable[..., Api]) -> None:
        boss = strict_person("Boss", north="admin")
        path = f"/incidents/{boss.file(status='in_review')['id']}"
        made = boss.post("/tokens", {"name": "sock", "team": "north", "role": "admin"}).get_json()
        assert made["created_by"].startswith("user:")
        sock = Api(boss.client, boss.contract, made["secret"])
        again = sock.post("/tokens", {"name": "puppet", "team": "north", "role": "reviewer"}).get_json()
        puppet = Api(boss.client, boss.contract, again["secret"])
        for eyes in (sock, puppet):
            assert eyes.step(path, "approve").status_code == 403
            assert eyes.step(path, "publish").status_code == 409

    def test_words_that_are_brought_back_or_taken_over_stay_those_of_who_wrote_them(
        self, strict_person: Callable[..., Api]
    ) -> None:
        author = strict_person("Dana Levi", north="contributor")
        other = strict_person("Noa Cohen", north="reviewer")
        third = strict_person("Gal Mizrahi", north="reviewer")
        path = f"/incidents/{author.file()['id']}"
        other.patch(path, {"cause": "Noa's words."}, If_Match="*")
        author.patch(path, {"cause": "Dana's words.", "status": "in_review"}, If_Match="*")
        assert third.step(path, "publish").status_code == 200
        assert third.step(path, "reopen").status_code == 200
        author.post(f"{path}/revisions/2/restore", {}, If_Match="*")
        author.step(path, "submit")
        assert other.step(path, "publish").status_code == 409
        assert third.step(path, "publish").status_code == 200
        # What was approved is nobody's in particular any more.
        third.step(path, "reopen")
        approved = author.get(path).get_json()["version"] - 2
        author.patch(path, {"cause": "Worse.", "status": "in_review"}, If_Match="*")
        author.post(f"{path}/revisions/{approved}/restore", {}, If_Match="*")
        assert other.step(path, "approve").status_code == 200
        twin = f"/incidents/{other.file(lessons=[{'text': 'Of Noa.'}])['id']}"
        author.post(f"{twin}/duplicate-of/{path[11:]}", {"take_over": ["lessons"]}, If_Match="*")
        assert other.step(path, "approve").status_code == 403
        assert third.step(path, "approve").status_code == 200

    def test_what_was_filed_as_published_was_published(
        self, settings: Settings, strict_person: Callable[..., Api]
    ) -> None:
        author = strict_person("Dana Levi", north="reviewer")
        other = strict_person("Noa Cohen", north="reviewer")
        for app in running(settings):  # before the rule held
            lax = Api(app.test_client(), author.contract, author.token)
            path = f"/incidents/{lax.file(status='published')['id']}"
        assert other.step(path, "reopen").status_code == 200
        assert other.patch(path, {"cause": "Better known by now.", "status": "in_review"}, If_Match="*")
        assert author.step(path, "publish").status_code == 200

    def test_who_wrote_before_there_were_users_is_known_by_name(
        self, strict: Flask, strict_person: Callable[..., Api]
    ) -> None:
        author = strict_person("Dana Levi", north="reviewer")
        path = f"/incidents/{author.file(status='in_review')['id']}"
        with strict.app_context():
            db.session.execute(update(Revision).values(principal=None))
            db.session.commit()
        assert author.step(path, "approve").status_code == 403
        assert strict_person("Noa Cohen", north="reviewer").step(path, "publish").status_code == 200

    def test_an_approval_names_its_version(self, strict_person: Callable[..., Api]) -> None:
        author = strict_person("Dana Levi", north="contributor")
        other = strict_person("Noa Cohen", north="reviewer")
        path = f"/incidents/{author.file(status='in_review')['id']}"
        for step in ("approve", "publish"):
            assert other.step(path, step, if_match="*").status_code == 428
            assert other.step(path, step, if_match='"1", "2", "3"').status_code == 428
        assert other.patch(path, {"status": "published"}, If_Match="*").status_code == 428

    def test_what_is_written_with_a_step_is_written_by_who_takes_it(
        self, strict_person: Callable[..., Api]
    ) -> None:
        author = strict_person("Dana Levi", north="contributor")
        other = strict_person("Noa Cohen", north="reviewer")
        path = f"/incidents/{author.file()['id']}"
        submitted = other.patch(path, {"cause": "Rewritten.", "status": "in_review"}, If_Match="*")
        assert (submitted.get_json()["status"], submitted.get_json()["version"]) == ("in_review", 3)
        operations = [item["operation"] for item in other.get(f"{path}/revisions").get_json()["items"]]
        assert operations == ["submitted", "updated", "created"]
        assert other.step(path, "approve").status_code == 403

    def test_a_users_tokens_are_the_same_eyes(self, strict_person: Callable[..., Api]) -> None:
        author = strict_person("Dana Levi", north="reviewer")
        path = f"/incidents/{author.file(status='in_review')['id']}"
        secret = author.post("/tokens", {"name": "another me"}).get_json()["secret"]
        again = Api(author.client, author.contract, secret)
        assert again.step(path, "approve").status_code == 403
        assert again.step(path, "publish").status_code == 409

    def test_what_is_published_is_reopened_to_be_changed(self, strict_person: Callable[..., Api]) -> None:
        author = strict_person("Dana Levi", north="reviewer")
        other = strict_person("Noa Cohen", north="reviewer")
        path = f"/incidents/{author.file(status='in_review')['id']}"
        assert other.step(path, "publish").status_code == 200
        hebrew = {"title": "כותרת", "summary": "תקציר", "cause": "סיבה", "outcome": "תוצאה"}
        for changed in (
            author.patch(path, {"cause": "Nobody has read this."}, If_Match="*"),
            author.put(f"{path}/translations/he", hebrew, If_Match="*"),
        ):
            assert changed.status_code == 409
            assert "reopen" in changed.get_json()["detail"]
        assert author.step(path, "reopen").status_code == 200
        assert author.patch(path, {"cause": "Better."}, If_Match="*").status_code == 200
        restored = author.post(f"{path}/revisions/1/restore", {}, If_Match="*")
        assert restored.get_json()["cause"] != "Better."

    def test_an_administrator_overrides_with_a_reason_that_is_kept(
        self, strict_person: Callable[..., Api]
    ) -> None:
        boss = strict_person("Boss", north="admin")
        reviewer = strict_person("Noa Cohen", north="reviewer")
        path = f"/incidents/{boss.file()['id']}"
        boss.post(f"{path}/comments", {"text": "Is this so?"})
        assert boss.step(path, "publish", override=True).status_code == 422
        assert reviewer.step(path, "publish", override=True, comment="Hurry").status_code == 403
        assert boss.step(path, "submit", override=True, comment="Hurry").status_code == 422
        assert boss.step(path, "publish", override=True, comment="The press asks.").status_code == 200
        event = boss.get(f"{path}/events").get_json()["items"][0]
        assert event["overridden"] == ["not_reviewed", "open_comments"]
        (entry,) = boss.get("/audit", event="override").get_json()["items"]
        assert entry["detail"]["comment"] == "The press asks."
        assert boss.get("/incidents", status="published").get_json()["items"]

    def test_without_it_one_person_does_for_a_small_team(self, as_role: Callable[..., Api]) -> None:
        reviewer = as_role("reviewer")
        path = f"/incidents/{reviewer.file(status='in_review')['id']}"
        reviewer.post(f"{path}/comments", {"text": "Is this so?"})
        assert reviewer.step(path, "approve").status_code == 200
        assert reviewer.step(path, "publish").status_code == 200


class TestComments:
    def test_open_ones_stand_in_the_way_of_a_publication(self, strict_person: Callable[..., Api]) -> None:
        author = strict_person("Dana Levi", north="contributor")
        reviewer = strict_person("Noa Cohen", north="reviewer")
        path = f"/incidents/{author.file(status='in_review')['id']}"
        said = reviewer.post(f"{path}/comments", {"text": "Who says so?", "about": "cause"})
        comment = said.headers["Location"].removeprefix("/api/v1")
        assert "comments" in reviewer.step(path, "publish").get_json()["detail"]
        assert reviewer.get(f"{path}/completeness").get_json()["open_comments"] == 1
        assert author.patch(comment, {"resolved": True}).status_code == 428
        done = author.patch(comment, {"resolved": True}, If_Match=said.headers["ETag"])
        assert (done.get_json()["resolved_by"], done.get_json()["about"]) == ("Dana Levi", "cause")
        assert reviewer.patch(comment, {"resolved": False}, If_Match=said.headers["ETag"]).status_code == 412
        assert reviewer.step(path, "publish").status_code == 200

    def test_none_slips_in_beside_a_publication(self, any_settings: Settings) -> None:
        for app in running(replace(any_settings, resolved_comments=True)):
            dana = people(app)("Dana Levi", north="reviewer")
            for _ in range(4):
                path = f"/incidents/{dana.file()['id']}"
                api = Api(app.test_client(), dana.contract, dana.token)
                with ThreadPoolExecutor(2) as pool:
                    said = pool.submit(api.post, f"{path}/comments", {"text": "Wait!"})
                    dana.step(path, "publish", if_match='"1"')
                    assert said.result().status_code == 201
                comment = dana.get(f"{path}/comments").get_json()["items"][0]
                # What was said of the draft is internal, and would have stood in the way.
                assert (dana.get(path).get_json()["status"] == "published") is not comment["internal"]

    def test_what_was_said_before_a_publication_stays_inside(
        self, as_role: Callable[..., Api], person: Callable[..., Api]
    ) -> None:
        reviewer, stranger = as_role("reviewer"), person("Eve", south="admin")
        path = f"/incidents/{reviewer.file()['id']}"
        reviewer.post(f"{path}/comments", {"text": "Between us."})
        reviewer.step(path, "publish")
        reviewer.post(f"{path}/comments", {"text": "For all."})
        reviewer.post(f"{path}/comments", {"text": "Still between us.", "internal": True})
        assert _texts(stranger.get(f"{path}/comments")) == ["For all."]
        assert _texts(as_role().get(f"{path}/comments")) == ["For all."]
        assert _texts(reviewer.get(f"{path}/comments")) == ["Still between us.", "For all.", "Between us."]
        assert _texts(reviewer.get(f"{path}/comments", resolved="true")) == []
        assert stranger.get(f"{path}/comments/1").status_code == 404
        assert stranger.patch(f"{path}/comments/1", {"resolved": True}, If_Match="*").status_code == 404

    def test_others_comment_on_what_is_public_and_resolve_their_own(
        self, as_role: Callable[..., Api], person: Callable[..., Api]
    ) -> None:
        reviewer, stranger = as_role("reviewer"), person("Eve")
        path = f"/incidents/{reviewer.file(status='published')['id']}"
        mine = stranger.post(f"{path}/comments", {"text": "הערה: זה קרה גם לנו"})
        assert mine.get_json()["author"] == "Eve"
        theirs = reviewer.post(f"{path}/comments", {"text": "Thank you"}).headers["Location"]
        assert (
            stranger.patch(theirs.removeprefix("/api/v1"), {"resolved": True}, If_Match="*").status_code
            == 403
        )
        own = mine.headers["Location"].removeprefix("/api/v1")
        assert stranger.patch(own, {"resolved": True}, If_Match="*").status_code == 200
        assert as_role().post(f"{path}/comments", {"text": "x"}).status_code == 401
        assert stranger.post(f"{path}/comments", {"text": "x", "internal": True}).status_code == 422
        for bad in ({}, {"text": ""}, {"text": "x" * 5_001}, {"text": "x", "about": "nothing"}):
            assert stranger.post(f"{path}/comments", bad).status_code == 422


def _texts(response: Any) -> list[str]:
    return [item["text"] for item in response.get_json()["items"]]
