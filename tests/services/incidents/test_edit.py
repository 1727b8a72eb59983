"""Editing and withdrawing an incident."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.api import Api
from tests.support.incidents import FULL_INCIDENT, incident, stored


class TestEditing:
    def test_omitted_fields_stay_unchanged(self, any_role: Callable[..., Api]) -> None:
        api = any_role("contributor")
        filed = api.post("/incidents", FULL_INCIDENT)
        path = f"/incidents/{filed.get_json()['id']}"
        changed = api.patch(path, {"severity": 3, "platforms": ["tiktok"]}, If_Match=filed.headers["ETag"])
        assert changed.status_code == 200
        before, after = stored(filed), stored(changed)
        differing = {name for name in before if before[name] != after[name]}
        assert differing == {"severity", "platforms", "version", "updated_at"}
        assert (after["severity"], after["platforms"], after["version"]) == (3, ["tiktok"], 2)

    def test_an_edit_requires_the_current_version(self, contributor: Api) -> None:
        path = f"/incidents/{contributor.file()['id']}"
        assert contributor.patch(path, {"severity": 2}).status_code == 428
        assert contributor.patch(path, {"severity": 2}, If_Match='"1-en"').status_code == 200
        stale = contributor.patch(path, {"severity": 3}, If_Match='"1-en"')
        assert stale.status_code == 412
        assert contributor.get(path).get_json()["severity"] == 2
        for header in ('"nonsense"', "W/", "'; DROP TABLE incident", '"0"'):
            assert contributor.patch(path, {"severity": 3}, If_Match=header).status_code == 412

    def test_moments_are_checked_against_the_stored_ones(self, contributor: Api) -> None:
        path = f"/incidents/{contributor.file(posted_at='2019-03-02T10:00:00Z')['id']}"
        response = contributor.patch(path, {"removed_at": "2019-03-02T09:00:00Z"}, If_Match="*")
        assert response.get_json()["errors"][0]["pointer"] == "/removed_at"

    def test_a_submitted_list_replaces_the_stored_one(self, any_role: Callable[..., Api]) -> None:
        api = any_role("contributor")
        path = f"/incidents/{api.file(tags=['a', 'b'], platforms=['twitter', 'tiktok'])['id']}"
        changes = {"tags": ["c", "b", "b"], "platforms": ["tiktok", "youtube"], "sources": [{"title": "One"}]}
        changed = api.patch(path, changes, If_Match="*").get_json()
        assert (changed["tags"], changed["platforms"]) == (["b", "c"], ["tiktok", "youtube"])
        assert api.patch(path, {"sources": []}, If_Match="*").get_json()["sources"] == []

    def test_two_lessons_with_the_same_text_stay_two(self, contributor: Api) -> None:
        twice = [{"text": "Look twice."}] * 2
        filed = contributor.post("/incidents", incident(lessons=twice))
        path = f"/incidents/{filed.get_json()['id']}"
        assert stored(contributor.patch(path, {"lessons": twice}, If_Match="*")) == stored(filed)

    def test_a_lesson_cannot_be_listed_twice(self, contributor: Api) -> None:
        filed = contributor.file()
        lesson = {"id": filed["lessons"][0]["id"], "text": "Again."}
        response = contributor.patch(f"/incidents/{filed['id']}", {"lessons": [lesson, lesson]}, If_Match="*")
        assert response.get_json()["errors"][0]["pointer"] == "/lessons/1/id"

    @pytest.mark.parametrize("header", ['"1"', 'W/"1-en"', "1", "*", '"7-he", "1-en"'])
    def test_if_match_accepts_several_notations(self, contributor: Api, header: str) -> None:
        path = f"/incidents/{contributor.file()['id']}"
        assert contributor.patch(path, {"severity": 2}, If_Match=header).status_code == 200

    def test_an_edit_without_effect_creates_no_version(self, contributor: Api) -> None:
        filed = contributor.post("/incidents", FULL_INCIDENT)
        path = f"/incidents/{filed.get_json()['id']}"
        same = {name: FULL_INCIDENT[name] for name in FULL_INCIDENT.keys() - {"language", "slug"}}
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

    def test_a_reviewer_can_publish_a_draft_but_a_contributor_cannot(
        self, as_role: Callable[..., Api]
    ) -> None:
        path = f"/incidents/{as_role('contributor').file()['id']}"
        assert as_role("contributor").patch(path, {"status": "published"}, If_Match="*").status_code == 403
        published = as_role("reviewer").patch(path, {"status": "published"}, If_Match="*").get_json()
        assert published["status"] == "published"
        assert published["published_at"] is not None
        assert as_role().get(path).status_code == 200
        assert as_role("reviewer").patch(path, {"status": "draft"}, If_Match="*").status_code == 409


class TestWithdrawal:
    def test_a_withdrawn_incident_stays_visible_only_to_its_team(self, any_role: Callable[..., Api]) -> None:
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

    def test_a_withdrawn_incident_is_listed_only_on_request(self, admin: Api) -> None:
        filed = admin.file(title="Zebra", status="published")
        admin.delete(f"/incidents/{filed['id']}", If_Match="*")
        for query, there in [({}, False), ({"status": "withdrawn"}, True)]:
            ids = [card["id"] for card in admin.get("/incidents", **query).get_json()["items"]]
            assert (filed["id"] in ids) is there

    def test_a_contributor_can_discard_a_draft_but_not_withdraw_a_published_incident(
        self, as_role: Callable[..., Api]
    ) -> None:
        draft, published = as_role("contributor").file(), as_role("reviewer").file(status="published")
        assert as_role("contributor").delete(f"/incidents/{draft['id']}", If_Match="*").status_code == 204
        assert as_role("contributor").delete(f"/incidents/{published['id']}", If_Match="*").status_code == 403


def test_null_empties_a_list_in_a_change(contributor: Api) -> None:
    filed = contributor.file(tags=["one"], platforms=["twitter"])
    body = {"tags": None, "sources": None, "lessons": None}
    changed = contributor.patch(f"/incidents/{filed['id']}", body, If_Match="*").get_json()
    assert (changed["tags"], changed["lessons"], changed["platforms"]) == ([], [], ["twitter"])
    assert contributor.post("/incidents", {**incident(), "tags": None}).status_code == 422
