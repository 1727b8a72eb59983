"""A team files its postmortem, reads it, corrects it, takes it back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from tests.support.api import Api
from tests.support.incidents import incident, stored

FULL = incident(
    organization="מקדונלד'ס",
    title="A placeholder went out",
    why_failure="It suggests incompetence.",
    alternative="Let a second person sign off.",
    severity_evidence="Mocked, not hurt.",
    audience="Followers.",
    occurred_on="2017-11-24",
    posted_at="2017-11-24T03:00:00Z",
    acknowledged_at="2017-11-24T12:30:00+02:00",
    severity=2,
    confidence="medium",
    visibility="team",
    category="internal-communication",
    secondary_categories=["tone-deaf"],
    failure_modes=["placeholder-published"],
    themes=["competence"],
    platforms=["twitter", "facebook"],
    industry="food",
    tags=["scheduling", "black-friday"],
    lessons=[{"text": "Proofread."}, {"text": "Sign off."}],
    sources=[
        {"title": "The tweet", "publisher": "Twitter", "url": "https://example.org/1", "kind": "social"}
    ],
    responses=[{"kind": "mocked_back", "at": "2017-11-24"}],
    impacts=[
        {"kind": "market_value", "amount": 1.5e6, "currency": "USD", "alleged": True, "source": "A paper"}
    ],
)


def test_everything_that_is_filed_comes_back(any_role: Callable[..., Api]) -> None:
    api = any_role("contributor")
    response = api.post("/incidents", FULL)
    assert response.status_code == 201
    read = api.get(response.headers["Location"].removeprefix("/api/v1")).get_json()
    assert read == stored(response)
    for name in FULL.keys() - {"lessons", "sources", "tags", "acknowledged_at"}:
        assert read[name] == FULL[name], name
    assert [lesson["text"] for lesson in read["lessons"]] == ["Proofread.", "Sign off."]
    assert read["sources"] == [{**FULL["sources"][0], "archive_url": None, "published_on": None}]
    assert read["acknowledged_at"] == "2017-11-24T10:30:00Z"
    assert read["tags"] == ["black-friday", "scheduling"]
    assert (read["status"], read["version"], read["team"]) == ("draft", 1, "main")


def test_only_what_is_required_must_be_filed_and_the_rest_has_defaults(contributor: Api) -> None:
    filed = contributor.file()
    assert filed["slug"] == "acme-a-reply-went-out-from-the-wrong-account"
    assert (filed["kind"], filed["visibility"], filed["occurred_precision"]) == (
        "incident",
        "organization",
        "day",
    )
    assert (filed["severity"], filed["industry"], filed["platforms"]) == (None, None, [])


@pytest.mark.parametrize(
    "field",
    ["title", "summary", "category", "cause", "outcome", "lessons", "organization", "occurred_on"],
)
def test_each_required_field_is_missed(as_role: Callable[..., Api], field: str) -> None:
    body = incident(**{field: None})
    drafted = as_role("contributor").post("/incidents", body)
    assert drafted.status_code == (422 if field in ("title", "category", "organization") else 201)
    response = as_role("reviewer").post("/incidents", {**body, "status": "published"})
    assert response.status_code == 422
    assert f"/{field}" in [error["pointer"] for error in response.get_json()["errors"]]


def test_who_files_the_same_at_once_gets_a_slug_each(any_app: Flask, any_role: Callable[..., Api]) -> None:
    admin = any_role("site_admin")

    def file(_: int) -> str:
        body = Api(any_app.test_client(), admin.contract, admin.token).file()
        slug: str = body["slug"]
        return slug

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(file, range(12)))) == 12


@pytest.mark.parametrize(
    ("role", "status"), [("contributor", "draft"), ("reviewer", "published"), ("site_admin", "published")]
)
def test_published_is_taken_up_from_those_who_may_publish(
    as_role: Callable[..., Api], role: str, status: str
) -> None:
    assert as_role(role).file(status="published")["status"] == status


def test_two_incidents_of_one_title_get_slugs_of_their_own(contributor: Api) -> None:
    slugs = [contributor.file()["slug"] for _ in range(3)]
    assert slugs[1:] == [f"{slugs[0]}-2", f"{slugs[0]}-3"]


def test_a_title_in_hebrew_makes_a_slug_in_hebrew(contributor: Api) -> None:
    filed = contributor.file(language="he", organization="אסם", title="ציוץ שפורסם בטעות")
    assert filed["slug"] == "אסם-ציוץ-שפורסם-בטעות"
    assert filed["language"] == "he"


@pytest.mark.parametrize(
    ("written", "first", "precision"),
    [
        ({"occurred_on": "2018"}, "2018-01-01", "year"),
        ({"occurred_on": "2018-05"}, "2018-05-01", "month"),
        ({"occurred_on": "2018-05-17"}, "2018-05-17", "day"),
        ({"occurred_on": "2018-05-17", "occurred_precision": "month"}, "2018-05-01", "month"),
    ],
)
def test_a_date_is_as_precise_as_the_facts(
    contributor: Api, written: dict[str, str], first: str, precision: str
) -> None:
    filed = contributor.file(**written)
    assert (filed["occurred_on"], filed["occurred_precision"]) == (first, precision)


def test_a_date_known_to_the_month_is_found_by_any_day_of_it(contributor: Api) -> None:
    filed = contributor.file(occurred_on="2015-05")
    for days, hit in [(("2015-05-20", "2015-05-21"), True), (("2015-06-01", "2015-06-02"), False)]:
        listed = contributor.get("/incidents", **{"from": days[0], "to": days[1]}).get_json()["items"]
        assert (filed["id"] in [card["id"] for card in listed]) is hit


def test_an_alias_or_another_spelling_of_a_term_is_understood(contributor: Api) -> None:
    filed = contributor.file(platforms=["X"], category="Tone Deaf", secondary_categories=["תוכן פוגעני"])
    assert (filed["platforms"], filed["category"]) == (["twitter"], "tone-deaf")
    assert filed["secondary_categories"] == ["offensive"]


def test_a_text_in_hebrew_letters_is_hebrew_unless_it_says_otherwise(contributor: Api) -> None:
    hebrew = {"title": "ציוץ שפורסם בטעות", "summary": "טיוטה עלתה לאוויר."}
    assert contributor.file(language=None, **hebrew)["language"] == "he"
    assert contributor.file(language="yi", **hebrew)["language"] == "yi"
    assert contributor.file(language=None)["language"] == "en"


class TestChanging:
    def test_what_is_left_out_stays(self, any_role: Callable[..., Api]) -> None:
        api = any_role("contributor")
        filed = api.post("/incidents", FULL)
        path = f"/incidents/{filed.get_json()['id']}"
        changed = api.patch(path, {"severity": 3, "platforms": ["tiktok"]}, If_Match=filed.headers["ETag"])
        assert changed.status_code == 200
        before, after = stored(filed), stored(changed)
        differing = {name for name in before if before[name] != after[name]}
        assert differing == {"severity", "platforms", "version", "updated_at"}
        assert (after["severity"], after["platforms"], after["version"]) == (3, ["tiktok"], 2)

    def test_a_change_says_which_version_it_is_based_on(self, contributor: Api) -> None:
        path = f"/incidents/{contributor.file()['id']}"
        assert contributor.patch(path, {"severity": 2}).status_code == 428
        assert contributor.patch(path, {"severity": 2}, If_Match='"1-en"').status_code == 200
        stale = contributor.patch(path, {"severity": 3}, If_Match='"1-en"')
        assert stale.status_code == 412
        assert contributor.get(path).get_json()["severity"] == 2
        for header in ('"nonsense"', "W/", "'; DROP TABLE incident", '"0"'):
            assert contributor.patch(path, {"severity": 3}, If_Match=header).status_code == 412

    def test_the_order_of_moments_holds_for_what_is_stored_too(self, contributor: Api) -> None:
        path = f"/incidents/{contributor.file(posted_at='2019-03-02T10:00:00Z')['id']}"
        response = contributor.patch(path, {"removed_at": "2019-03-02T09:00:00Z"}, If_Match="*")
        assert response.get_json()["errors"][0]["pointer"] == "/removed_at"

    def test_a_list_that_is_sent_replaces_the_one_that_is_there(self, any_role: Callable[..., Api]) -> None:
        api = any_role("contributor")
        path = f"/incidents/{api.file(tags=['a', 'b'], platforms=['twitter', 'tiktok'])['id']}"
        changes = {"tags": ["c", "b", "b"], "platforms": ["tiktok", "youtube"], "sources": [{"title": "One"}]}
        changed = api.patch(path, changes, If_Match="*").get_json()
        assert (changed["tags"], changed["platforms"]) == (["b", "c"], ["tiktok", "youtube"])
        assert api.patch(path, {"sources": []}, If_Match="*").get_json()["sources"] == []

    def test_two_lessons_may_say_the_same_and_are_still_two(self, contributor: Api) -> None:
        twice = [{"text": "Look twice."}] * 2
        filed = contributor.post("/incidents", incident(lessons=twice))
        path = f"/incidents/{filed.get_json()['id']}"
        assert stored(contributor.patch(path, {"lessons": twice}, If_Match="*")) == stored(filed)

    def test_a_lesson_cannot_stand_there_twice(self, contributor: Api) -> None:
        filed = contributor.file()
        lesson = {"id": filed["lessons"][0]["id"], "text": "Again."}
        response = contributor.patch(f"/incidents/{filed['id']}", {"lessons": [lesson, lesson]}, If_Match="*")
        assert response.get_json()["errors"][0]["pointer"] == "/lessons/1/id"

    @pytest.mark.parametrize("header", ['"1"', 'W/"1-en"', "1", "*", '"7-he", "1-en"'])
    def test_the_version_may_be_written_in_several_ways(self, contributor: Api, header: str) -> None:
        path = f"/incidents/{contributor.file()['id']}"
        assert contributor.patch(path, {"severity": 2}, If_Match=header).status_code == 200

    def test_a_change_that_changes_nothing_makes_no_version(self, contributor: Api) -> None:
        filed = contributor.post("/incidents", FULL)
        path = f"/incidents/{filed.get_json()['id']}"
        same = {name: FULL[name] for name in FULL.keys() - {"language", "slug"}}
        assert stored(contributor.patch(path, same, If_Match="*")) == stored(filed)

    def test_a_lesson_keeps_its_id_when_it_is_moved_or_reworded(self, contributor: Api) -> None:
        filed = contributor.file(lessons=[{"text": "One"}, {"text": "Two"}])
        one, two = (lesson["id"] for lesson in filed["lessons"])
        changes = {"lessons": [{"text": "Two"}, {"id": one, "text": "One, reworded"}, {"text": "Three"}]}
        lessons = contributor.patch(f"/incidents/{filed['id']}", changes, If_Match="*").get_json()["lessons"]
        assert [lesson["id"] for lesson in lessons[:2]] == [two, one]
        assert [lesson["text"] for lesson in lessons] == ["Two", "One, reworded", "Three"]

    def test_a_nested_object_must_be_complete(self, contributor: Api) -> None:
        filed = contributor.file()
        body = {"lessons": [{"id": filed["lessons"][0]["id"]}], "sources": [{"publisher": "A paper"}]}
        response = contributor.patch(f"/incidents/{filed['id']}", body, If_Match="*")
        assert response.status_code == 422
        pointers = [error["pointer"] for error in response.get_json()["errors"]]
        assert pointers == ["/lessons/0/text", "/sources/0/title"]

    def test_the_primary_category_can_become_a_secondary_one(self, contributor: Api) -> None:
        filed = contributor.file(category="wrong-account", secondary_categories=["tone-deaf"])
        body = {"category": "tone-deaf", "secondary_categories": ["wrong-account"]}
        changed = contributor.patch(f"/incidents/{filed['id']}", body, If_Match="*").get_json()
        assert (changed["category"], changed["secondary_categories"]) == ("tone-deaf", ["wrong-account"])

    def test_a_reviewer_publishes_a_draft_and_a_contributor_may_not(
        self, as_role: Callable[..., Api]
    ) -> None:
        path = f"/incidents/{as_role('contributor').file()['id']}"
        assert as_role("contributor").patch(path, {"status": "published"}, If_Match="*").status_code == 403
        published = as_role("reviewer").patch(path, {"status": "published"}, If_Match="*").get_json()
        assert published["status"] == "published"
        assert published["published_at"] is not None
        assert as_role().get(path).status_code == 200
        assert as_role("reviewer").patch(path, {"status": "draft"}, If_Match="*").status_code == 409


class TestWithdrawing:
    def test_readers_lose_sight_of_it_and_its_team_keeps_it(self, any_role: Callable[..., Api]) -> None:
        reviewer = any_role("reviewer")
        filed = reviewer.file(status="published")
        path = f"/incidents/{filed['id']}"
        assert any_role().get(path).status_code == 200
        assert reviewer.delete(path, If_Match='"1"').status_code == 204
        assert any_role().get(path).status_code == 404
        kept = reviewer.get(path).get_json()
        assert (kept["status"], kept["title"], kept["version"]) == ("withdrawn", filed["title"], 2)
        assert reviewer.delete(path, If_Match='"2"').status_code == 204
        assert reviewer.get(path).get_json()["version"] == 2

    def test_it_leaves_the_list_unless_asked_for(self, admin: Api) -> None:
        filed = admin.file(title="Zebra", status="published")
        admin.delete(f"/incidents/{filed['id']}", If_Match="*")
        for query, there in [({}, False), ({"status": "withdrawn"}, True)]:
            ids = [card["id"] for card in admin.get("/incidents", **query).get_json()["items"]]
            assert (filed["id"] in ids) is there

    def test_a_contributor_may_discard_a_draft_and_not_withdraw_what_is_published(
        self, as_role: Callable[..., Api]
    ) -> None:
        draft, published = as_role("contributor").file(), as_role("reviewer").file(status="published")
        assert as_role("contributor").delete(f"/incidents/{draft['id']}", If_Match="*").status_code == 204
        assert as_role("contributor").delete(f"/incidents/{published['id']}", If_Match="*").status_code == 403


class TestReading:
    def test_an_unchanged_incident_is_not_sent_again(self, anonymous: Api) -> None:
        tag = anonymous.get("/incidents/1").headers["ETag"]
        again = anonymous.get("/incidents/1", headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")

    def test_the_answer_is_in_the_wanted_language_and_says_so(self, anonymous: Api) -> None:
        for query in ({"lang": "he"}, {"headers": {"Accept-Language": "he-IL, en;q=0.5"}}):
            response = anonymous.get("/incidents/3", **query)
            assert response.get_json()["language"] == response.headers["Content-Language"] == "he"
            assert response.get_json()["original_language"] == "en"
        assert anonymous.get("/incidents/3", lang="fr").get_json()["language"] == "en"
        assert anonymous.get("/incidents/3", lang="iw").get_json()["language"] == "he"

    @pytest.mark.parametrize("path", ["/incidents/0", "/incidents/999", f"/incidents/{10**30}"])
    def test_what_is_not_there_is_not_found(self, anonymous: Api, path: str) -> None:
        assert anonymous.get(path).status_code == 404

    def test_pages_of_a_list_follow_each_other_without_gap_or_overlap(
        self, any_role: Callable[..., Api]
    ) -> None:
        api = any_role("contributor")
        api.file(occurred_on="2018-05-01")
        whole = [card["id"] for card in api.get("/incidents").get_json()["items"]]
        assert len(whole) == 7
        pages: list[int] = []
        query: dict[str, Any] = {"limit": 2}
        while True:
            page = api.get("/incidents", **query).get_json()
            pages += [card["id"] for card in page["items"]]
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
        assert pages == whole

    @pytest.mark.parametrize("cursor", ["x", "W10", "WyIyMDE4LTAxLTAxIiwgMS41XQ", "WzEsMl0", "8J-mkw", "e30"])
    def test_a_cursor_of_somebody_elses_is_refused(self, anonymous: Api, cursor: str) -> None:
        response = anonymous.get("/incidents", cursor=cursor)
        assert response.status_code == 422
        assert response.get_json()["errors"][0]["parameter"] == "cursor"

    def test_a_list_comes_as_csv_that_a_spreadsheet_may_open(self, admin: Api) -> None:
        admin.file(title="=HYPERLINK(1)", occurred_on="2020-01-01", platforms=["twitter", "tiktok"])
        for query in ({"format": "csv"}, {"headers": {"Accept": "text/csv"}}):
            response = admin.get("/incidents", limit=1, **query)
            assert response.mimetype == "text/csv"
            (row,) = csv.DictReader(io.StringIO(response.text))
            assert row["title"] == "'=HYPERLINK(1)"
            assert row["platforms"] == "twitter; tiktok"
            assert 'rel="next"' in response.headers["Link"]
