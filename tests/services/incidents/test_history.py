"""The history of an incident: every write is a revision that can be compared and restored."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from kb.domain.field_diff import changed_fields
from kb.models import Revision, db
from tests.support.api import Api
from tests.support.incidents import HEBREW


def test_every_write_stores_a_full_snapshot(any_role: Callable[..., Api]) -> None:
    api = any_role("reviewer")
    filed = api.file(title="First")
    path = f"/incidents/{filed['id']}"
    api.patch(path, {"title": "Second", "comment": "It was misnamed."}, If_Match="*")
    api.put(f"{path}/translations/he", HEBREW, If_Match="*")
    api.patch(path, {"status": "published"}, If_Match="*")
    api.delete(path, If_Match="*")
    history = api.get(f"{path}/revisions").get_json()["items"]
    assert [entry["number"] for entry in history] == [5, 4, 3, 2, 1]
    assert [entry["operation"] for entry in history] == [
        "withdrawn", "published", "updated", "updated", "created",
    ]  # fmt: skip
    assert [entry["snapshot"]["title"] for entry in history] == ["Second"] * 4 + ["First"]
    assert history[2]["snapshot"]["translations"]["he"]["title"] == "כותרת"
    assert history[3]["comment"] == "It was misnamed."
    assert {entry["author"] for entry in history} == {"reviewer of main"}


def test_a_long_history_is_paginated(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    for severity in (1, 2, 3):
        contributor.patch(path, {"severity": severity}, If_Match="*")
    first = contributor.get(f"{path}/revisions", limit=3).get_json()
    second = contributor.get(f"{path}/revisions", limit=3, cursor=first["next"]).get_json()
    assert [entry["number"] for entry in first["items"] + second["items"]] == [4, 3, 2, 1]
    assert second["next"] is None


def test_pages_of_large_revisions_are_shorter(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    texts = dict.fromkeys(
        ("summary", "why_failure", "cause", "outcome", "alternative", "audience"), "x" * 19_000
    )
    for number in range(22):
        contributor.patch(path, {**texts, "title": f"Number {number}"}, If_Match="*")
    first = contributor.get(f"{path}/revisions", limit=100).get_json()
    second = contributor.get(f"{path}/revisions", limit=100, cursor=first["next"]).get_json()
    assert first["items"]
    assert second["items"]
    assert second["next"] is None
    numbers = [item["number"] for page in (first, second) for item in page["items"]]
    assert numbers == [*range(23, 0, -1)]


class TestDiff:
    def test_it_lists_changed_fields_and_the_changed_words_of_texts(self, contributor: Api) -> None:
        path = f"/incidents/{contributor.file(cause='Two accounts were open in one tool.')['id']}"
        change = {
            "cause": "Three accounts were open in one scheduling tool.",
            "severity": 3,
            "lessons": [{"text": "Keep them apart."}],
            "occurred_on": "2019-03",
        }
        contributor.patch(path, change, If_Match="*")
        diff = contributor.get(f"{path}/diff").get_json()
        assert (diff["from"], diff["to"]) == (1, 2)
        fields = {field["pointer"]: field for field in diff["fields"]}
        assert fields.keys() == {"/cause", "/severity", "/lessons", "/occurred_on"}
        assert (fields["/severity"]["before"], fields["/severity"]["after"]) == (None, 3)
        assert fields["/occurred_on"]["before"] == "2019-03-02"
        assert fields["/occurred_on"]["after"] == "2019-03"
        words = [(piece["op"], piece["text"]) for piece in fields["/cause"]["words"]]
        assert words == [
            ("delete", "Two"), ("insert", "Three"), ("equal", " accounts were open in one"),
            ("insert", " scheduling"), ("equal", " tool."),
        ]  # fmt: skip
        backwards = contributor.get(f"{path}/diff", **{"from": 2, "to": 1}).get_json()
        assert {field["pointer"]: field["after"] for field in backwards["fields"]}["/severity"] is None
        assert contributor.get(f"{path}/diff", **{"from": 2, "to": 2}).get_json()["fields"] == []

    def test_it_compares_hebrew_word_by_word(self, contributor: Api) -> None:
        path = f"/incidents/{contributor.file()['id']}"
        hebrew = {**HEBREW, "summary": 'דו"ח על הציוץ'}
        contributor.put(f"{path}/translations/he", hebrew, If_Match="*")
        contributor.put(f"{path}/translations/he", {**hebrew, "summary": "תקציר על הציוץ"}, If_Match="*")
        (field,) = contributor.get(f"{path}/diff").get_json()["fields"]
        assert field["pointer"] == "/translations/he/summary"
        assert [(piece["op"], piece["text"]) for piece in field["words"]] == [
            ("delete", 'דו"ח'), ("insert", "תקציר"), ("equal", " על הציוץ"),
        ]  # fmt: skip

    def test_it_compares_lessons_word_by_word(self, contributor: Api) -> None:
        path = f"/incidents/{contributor.file(lessons=[{'text': 'Look twice.'}])['id']}"
        contributor.patch(path, {"lessons": [{"text": "Look thrice."}]}, If_Match="*")
        (field,) = contributor.get(f"{path}/diff").get_json()["fields"]
        assert [(piece["op"], piece["text"]) for piece in field["words"]] == [
            ("equal", "Look "), ("delete", "twice"), ("insert", "thrice"), ("equal", "."),
        ]  # fmt: skip

    def test_an_empty_text_of_a_new_translation_is_no_difference(self, contributor: Api) -> None:
        path = f"/incidents/{contributor.file()['id']}"
        contributor.put(f"{path}/translations/he", {**HEBREW, "alternative": ""}, If_Match="*")
        fields = {field["pointer"]: field for field in contributor.get(f"{path}/diff").get_json()["fields"]}
        assert (fields["/translations/he/title"]["before"], fields["/translations/he/title"]["after"]) == (
            None,
            HEBREW["title"],
        )
        assert "/translations/he/alternative" not in fields

    def test_a_nonexistent_version_is_not_found(self, any_role: Callable[..., Api]) -> None:
        contributor = any_role("contributor")
        path = f"/incidents/{contributor.file()['id']}"
        assert contributor.get(f"{path}/revisions/1").get_json()["snapshot"]["version"] == 1
        for nowhere in (
            "revisions/2",
            f"revisions/{10**12}",
            "diff?to=9",
            f"diff?to={2**31}",
            f"diff?from={2**31}",
        ):
            assert contributor.request("GET", f"{path}/{nowhere}").status_code == 404
        assert contributor.get(f"{path}/diff", to="x").status_code == 422


class TestRestoration:
    def test_it_restores_every_field(self, any_role: Callable[..., Api]) -> None:
        api = any_role("reviewer")
        whole = {
            "tags": ["one", "two"],
            "industry": "defense",
            "failure_modes": ["newsjacking"],
            "severity": 4,
            "posted_at": "2019-03-02T10:00:00Z",
            "sources": [{"title": "A report", "url": "https://example.com/1", "published_on": "2019-03-03"}],
            "responses": [{"kind": "deleted", "at": "2019-03-02"}],
            "impacts": [{"kind": "market_value", "amount": 8.5, "currency": "USD"}],
            "lessons": [{"text": "First."}, {"text": "Second."}],
        }
        filed = api.file(**whole)
        path = f"/incidents/{filed['id']}"
        lessons = [{"text": "ראשון."}, {"text": "שני."}]
        api.put(f"{path}/translations/he", {**HEBREW, "lessons": lessons}, If_Match="*")
        wiped = {
            **{key: [] for key in ("tags", "failure_modes", "sources", "responses", "impacts")},
            **dict.fromkeys(["severity", "industry", "posted_at"]),
            "occurred_on": "2018",
            "lessons": [{"text": "Third."}],
            "title": "Something else",
            "organization": "Another",
            "status": "in_review",
        }
        assert api.patch(path, wiped, If_Match="*").status_code == 200
        api.patch(path, {"language": "he", "title": "אחרת"}, If_Match="*")
        before = api.get(f"{path}/revisions/2").get_json()["snapshot"]
        restored = api.post(f"{path}/revisions/2/restore", {"comment": "Too much was cut."}, If_Match='"5"')
        assert (restored.status_code, restored.get_json()["version"]) == (200, 6)
        assert restored.get_json()["status"] == "in_review"
        revision = api.get(f"{path}/revisions/6").get_json()
        assert (revision["operation"], revision["comment"]) == ("restored", "Too much was cut.")
        assert changed_fields(before, revision["snapshot"]) == ["/status"]
        assert api.get(path, lang="he").get_json()["outdated"] is False
        assert api.get("/search", q="newsjacking report first").get_json()["total"] > 0
        # A second restoration changes nothing.
        again = api.post(f"{path}/revisions/2/restore", {}, If_Match="*")
        assert again.get_json()["version"] == 6

    def test_a_later_translation_is_kept_and_marked_outdated(self, contributor: Api) -> None:
        path = f"/incidents/{contributor.file(title='First')['id']}"
        contributor.patch(path, {"title": "Second"}, If_Match="*")
        contributor.put(f"{path}/translations/he", HEBREW, If_Match="*")
        restored = contributor.post(f"{path}/revisions/1/restore", {}, If_Match="*").get_json()
        assert (restored["title"], restored["languages"]) == ("First", ["en", "he"])
        assert contributor.get(path, lang="he").get_json()["outdated"] is True

    def test_it_writes_nothing_when_nothing_changes(self, contributor: Api) -> None:
        path = f"/incidents/{contributor.file(title='First')['id']}"
        contributor.put(f"{path}/translations/he", HEBREW, If_Match="*")
        contributor.patch(path, {"title": "Second"}, If_Match="*")
        contributor.patch(path, {"title": "First"}, If_Match="*")
        before = contributor.get(path, lang="he")
        assert before.get_json()["outdated"] is True
        contributor.post(f"{path}/revisions/2/restore", None, If_Match="*")
        after = contributor.get(path, lang="he")
        assert (after.get_json(), after.headers["ETag"]) == (before.get_json(), before.headers["ETag"])

    def test_a_snapshot_without_text_versions_leaves_a_translation_outdated(
        self, app: Flask, contributor: Api
    ) -> None:
        path = f"/incidents/{contributor.file()['id']}"
        contributor.put(f"{path}/translations/he", HEBREW, If_Match="*")
        contributor.patch(path, {"title": "Second"}, If_Match="*")
        contributor.patch(path, {"severity": 2}, If_Match="*")
        with app.app_context():
            for row in db.session.scalars(select(Revision)):
                row.snapshot = {name: value for name, value in row.snapshot.items() if name != "text_version"}
            db.session.commit()
        assert contributor.post(f"{path}/revisions/3/restore", {}, If_Match="*").get_json()["version"] == 5
        assert contributor.get(path, lang="he").get_json()["outdated"] is True

    def test_a_lesson_comes_back_with_its_action(self, any_role: Callable[..., Api]) -> None:
        api = any_role("contributor")
        filed = api.file(lessons=[{"text": "One."}, {"text": "Two."}])
        path, lesson = f"/incidents/{filed['id']}", filed["lessons"][0]["id"]
        action = api.post(f"{path}/actions", {"title": "Act", "lesson": lesson}).get_json()["id"]
        api.patch(path, {"lessons": [{"text": "Two."}]}, If_Match="*")
        assert api.get(f"/actions/{action}").get_json()["lesson"] is None
        restored = api.post(f"{path}/revisions/1/restore", {}, If_Match="*").get_json()
        assert [each["id"] for each in restored["lessons"]] == [each["id"] for each in filed["lessons"]]
        assert api.get(f"/actions/{action}").get_json()["lesson"] == lesson

    def test_it_distinguishes_lessons_that_changed_places(self, any_role: Callable[..., Api]) -> None:
        api = any_role("contributor")
        filed = api.file(lessons=[{"text": "A."}, {"text": "B."}])
        path, second = f"/incidents/{filed['id']}", filed["lessons"][1]["id"]
        api.patch(path, {"lessons": [{"id": second, "text": "A."}]}, If_Match="*")
        restored = api.post(f"{path}/revisions/1/restore", {}, If_Match="*")
        assert [(each["id"], each["text"]) for each in restored.get_json()["lessons"]] == [
            (each["id"], each["text"]) for each in filed["lessons"]
        ]

    def test_it_neither_publishes_nor_makes_a_published_incident_incomplete(
        self, as_role: Callable[..., Api]
    ) -> None:
        reviewer = as_role("reviewer")
        thin = {"organization": "Acme", "title": "Thin", "category": "offensive"}
        path = f"/incidents/{reviewer.post('/incidents', thin).get_json()['id']}"
        said = {"occurred_on": "2019", "summary": "s", "cause": "c", "outcome": "o"}
        reviewer.patch(path, {**said, "lessons": [{"text": "l"}], "status": "published"}, If_Match="*")
        assert reviewer.post(f"{path}/revisions/1/restore", {}, If_Match="*").status_code == 422
        assert reviewer.get(path).get_json()["summary"] == "s"
        reviewer.step(path, "reopen")
        assert reviewer.post(f"{path}/revisions/2/restore", {}, If_Match="*").get_json()["status"] == "draft"
        assert reviewer.post(f"{path}/revisions/1/restore", {}).status_code == 428
        assert reviewer.post(f"{path}/revisions/9/restore", {}, If_Match="*").status_code == 404
