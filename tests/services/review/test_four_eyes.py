"""The four-eyes rule: nobody approves or publishes their own words."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import update

from kb.config import Settings
from kb.models import Revision, db
from tests.support.api import Api, running
from tests.support.incidents import HEBREW


def test_an_author_cannot_publish_approve_or_file_as_published(strict_person: Callable[..., Api]) -> None:
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


def test_an_approval_covers_one_version_only(strict_person: Callable[..., Api]) -> None:
    author = strict_person("Dana Levi", north="reviewer")
    other = strict_person("Noa Cohen", north="reviewer")
    path = f"/incidents/{author.file(status='in_review')['id']}"
    version = other.get(path).headers["ETag"]
    assert author.patch(path, {"cause": "Something else."}, If_Match="*").status_code == 200
    # The version that was read is no longer the current one.
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


def test_an_author_cannot_approve_their_own_words(strict_person: Callable[..., Api]) -> None:
    author = strict_person("Dana Levi", north="contributor")
    other = strict_person("Noa Cohen", north="reviewer")
    third = strict_person("Gal Mizrahi", north="reviewer")
    path = f"/incidents/{author.file(status='in_review')['id']}"
    assert other.patch(path, {"cause": "Rewritten."}, If_Match="*").status_code == 200
    assert other.step(path, "publish").status_code == 409
    # An edit by somebody else does not change that.
    assert author.patch(path, {"tags": ["more"]}, If_Match="*").status_code == 200
    assert other.step(path, "approve").status_code == 403
    assert third.step(path, "publish").status_code == 200
    # Publication ends the round: earlier authors may review the next one.
    assert third.step(path, "reopen").status_code == 200
    assert author.patch(path, {"tags": ["even more"], "status": "in_review"}, If_Match="*").status_code == 200
    assert other.step(path, "publish").status_code == 200


def test_a_team_token_counts_as_its_creator(strict_person: Callable[..., Api]) -> None:
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


def test_restored_or_merged_words_keep_their_author(
    strict_person: Callable[..., Api],
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
    # Approved words no longer count as those of their author.
    third.step(path, "reopen")
    approved = author.get(path).get_json()["version"] - 2
    author.patch(path, {"cause": "Worse.", "status": "in_review"}, If_Match="*")
    author.post(f"{path}/revisions/{approved}/restore", {}, If_Match="*")
    assert other.step(path, "approve").status_code == 200
    twin = f"/incidents/{other.file(lessons=[{'text': 'Of Noa.'}])['id']}"
    author.post(f"{twin}/duplicate-of/{path[11:]}", {"take_over": ["lessons"]}, If_Match="*")
    assert other.step(path, "approve").status_code == 403
    assert third.step(path, "approve").status_code == 200


def test_an_incident_filed_as_published_counts_as_reviewed(
    settings: Settings, strict_person: Callable[..., Api]
) -> None:
    author = strict_person("Dana Levi", north="reviewer")
    other = strict_person("Noa Cohen", north="reviewer")
    for app in running(settings):  # before the rule was turned on
        lax = Api(app.test_client(), author.contract, author.token)
        path = f"/incidents/{lax.file(status='published')['id']}"
    assert other.step(path, "reopen").status_code == 200
    assert other.patch(path, {"cause": "Better known by now.", "status": "in_review"}, If_Match="*")
    assert author.step(path, "publish").status_code == 200


def test_authors_from_before_user_accounts_are_recognized_by_name(
    strict: Flask, strict_person: Callable[..., Api]
) -> None:
    author = strict_person("Dana Levi", north="reviewer")
    path = f"/incidents/{author.file(status='in_review')['id']}"
    with strict.app_context():
        db.session.execute(update(Revision).values(principal=None))
        db.session.commit()
    assert author.step(path, "approve").status_code == 403
    assert strict_person("Noa Cohen", north="reviewer").step(path, "publish").status_code == 200


def test_an_approval_must_name_a_version(strict_person: Callable[..., Api]) -> None:
    author = strict_person("Dana Levi", north="contributor")
    other = strict_person("Noa Cohen", north="reviewer")
    path = f"/incidents/{author.file(status='in_review')['id']}"
    for step in ("approve", "publish"):
        assert other.step(path, step, if_match="*").status_code == 428
        assert other.step(path, step, if_match='"1", "2", "3"').status_code == 428
    assert other.patch(path, {"status": "published"}, If_Match="*").status_code == 428


def test_an_edit_made_with_a_step_belongs_to_whoever_takes_the_step(
    strict_person: Callable[..., Api],
) -> None:
    author = strict_person("Dana Levi", north="contributor")
    other = strict_person("Noa Cohen", north="reviewer")
    path = f"/incidents/{author.file()['id']}"
    submitted = other.patch(path, {"cause": "Rewritten.", "status": "in_review"}, If_Match="*")
    assert (submitted.get_json()["status"], submitted.get_json()["version"]) == ("in_review", 3)
    operations = [item["operation"] for item in other.get(f"{path}/revisions").get_json()["items"]]
    assert operations == ["submitted", "updated", "created"]
    assert other.step(path, "approve").status_code == 403


def test_all_tokens_of_a_user_count_as_one_person(strict_person: Callable[..., Api]) -> None:
    author = strict_person("Dana Levi", north="reviewer")
    path = f"/incidents/{author.file(status='in_review')['id']}"
    secret = author.post("/tokens", {"name": "another me"}).get_json()["secret"]
    again = Api(author.client, author.contract, secret)
    assert again.step(path, "approve").status_code == 403
    assert again.step(path, "publish").status_code == 409


def test_a_published_incident_stays_as_it_is_until_it_is_reopened(strict_person: Callable[..., Api]) -> None:
    author = strict_person("Dana Levi", north="reviewer")
    other = strict_person("Noa Cohen", north="reviewer")
    path = f"/incidents/{author.file(status='in_review')['id']}"
    assert other.step(path, "publish").status_code == 200
    before = author.get(path).get_json()
    for changed in (
        author.patch(path, {"cause": "Nobody has read this."}, If_Match="*"),
        author.put(f"{path}/translations/he", HEBREW, If_Match="*"),
    ):
        assert changed.status_code == 202
        assert author.get(path).get_json() == before
    assert author.step(path, "reopen").status_code == 200
    assert author.patch(path, {"cause": "Better."}, If_Match="*").status_code == 200
    restored = author.post(f"{path}/revisions/1/restore", {}, If_Match="*")
    assert restored.get_json()["cause"] != "Better."


def test_an_administrator_can_override_with_a_recorded_reason(strict_person: Callable[..., Api]) -> None:
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


def test_without_four_eyes_one_person_can_publish(as_role: Callable[..., Api]) -> None:
    reviewer = as_role("reviewer")
    path = f"/incidents/{reviewer.file(status='in_review')['id']}"
    reviewer.post(f"{path}/comments", {"text": "Is this so?"})
    assert reviewer.step(path, "approve").status_code == 200
    assert reviewer.step(path, "publish", acknowledge=["open_comments"]).status_code == 200
