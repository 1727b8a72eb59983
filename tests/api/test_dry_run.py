"""`POST /incidents?dry_run=true` says what filing would lead to, and stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb.models import db
from tests.support.api import Api
from tests.support.incidents import incident

_PATH = "/incidents?dry_run=true"


def stored(client: FlaskClient) -> Mapping[str, list[Any]]:
    """Every row of every table."""
    app: Flask = client.application
    with app.app_context():
        rows = {
            name: sorted(map(repr, db.session.execute(table.select())))
            for name, table in db.metadata.tables.items()
        }
        db.session.rollback()
    assert rows["incident"]
    return rows


STORY = {"title": "A story", "url": "https://example.com/story"}


def test_a_dry_run_answers_with_duplicates_hints_and_what_would_be_stored_and_stores_nothing(
    any_role: Callable[..., Api],
) -> None:
    api = any_role("contributor")
    twin = api.file(sources=[STORY])["id"]
    body = incident(
        title="An intern was at fault",
        summary="The intern Dana Levi, dana@example.com, was careless and posted it.",
        sources=[{**STORY, "url": "http://m.example.com/story/?utm_source=x"}],
        status="published",
    )
    before = stored(api.client)
    answer = api.post(_PATH, body, Idempotency_Key="a")
    assert stored(api.client) == before
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    tried = answer.get_json()
    assert tried["errors"] == []
    assert tried["likely_duplicates"][0]["incident"]["id"] == twin
    assert "same_source" in tried["likely_duplicates"][0]["reasons"]
    assert {note["kind"] for note in tried["notes"]} >= {"contact"}
    assert tried["language_source"] == "given"
    filed = api.post("/incidents", body, Idempotency_Key="a")
    assert filed.status_code == 201
    for name in ("status", "slug", "language", "language_source", "notes", "likely_duplicates"):
        assert tried[name] == filed.get_json()[name], name


def test_errors_stand_beside_the_duplicates_where_the_request_itself_would_be_refused(
    any_role: Callable[..., Api],
) -> None:
    api = any_role("reviewer")
    taken = api.file(slug="acme", sources=[STORY])
    for changes, pointer, status in [
        ({"category": "no-such"}, "/category", 422),
        ({"status": "published", "cause": ""}, "/cause", 422),
        ({"slug": "acme"}, "/slug", 409),
        ({"status": "published", "summary": "Call Dana Levi on dana@example.com."}, "/summary", 409),
    ]:
        body = incident(sources=[STORY], **changes)
        before = stored(api.client)
        tried = api.post(_PATH, body)
        assert stored(api.client) == before
        assert tried.status_code == 200, pointer
        answer = tried.get_json()
        assert pointer in [error["pointer"] for error in answer["errors"]]
        assert (answer["status"], answer["slug"]) == (None, None)
        assert answer["likely_duplicates"][0]["incident"]["id"] == taken["id"]
        refused = api.post("/incidents", body)
        assert refused.status_code == status, pointer
        assert refused.get_json()["errors"] == answer["errors"]


def test_a_guard_that_fails_is_reported_whatever_its_examples_say(contributor: Api) -> None:
    guard = {
        "type": "phrase",
        "severity": "caution",
        "message": {"en": "Not this: {text}"},
        "platforms": ["nope"],
        "parameters": {"phrases": ["dirt cheap"]},
        "examples": {
            "bad": [{"text": "Dirt cheap boots", "scheduled_at": "2027-01-01T00:00:00Z"}],
            "good": [{"text": "Boots for every budget"}],
        },
    }
    body = incident(lessons=[{"text": "Say what it costs.", "guard": guard}])
    answer = contributor.post(_PATH, body)
    assert answer.status_code == 200
    (error,) = answer.get_json()["errors"]
    assert error["pointer"] == "/lessons/0/guard/platforms/0"


def test_errors_are_in_the_language_of_the_request(contributor: Api) -> None:
    tried = contributor.post(_PATH, incident(category="no-such"), Accept_Language="he").get_json()
    assert "אין" in tried["errors"][0]["detail"]


def test_a_body_that_cannot_be_read_is_refused_as_ever(contributor: Api) -> None:
    before = stored(contributor.client)
    assert contributor.post(_PATH, {"title": "Zebra"}).status_code == 422
    assert contributor.post("/incidents?dry_run=maybe", incident()).status_code == 422
    assert contributor.post(_PATH, incident(team="no-such")).status_code == 422
    assert stored(contributor.client) == before


@pytest.mark.parametrize("role", [None, "reader"])
def test_a_dry_run_is_for_those_who_may_file(as_role: Callable[..., Api], role: str | None) -> None:
    api = as_role(role) if role else as_role()
    assert api.post(_PATH, incident()).status_code == (403 if role else 401)


def test_a_key_is_left_free_by_a_dry_run_and_does_not_replay_to_one(contributor: Api) -> None:
    filed = contributor.post("/incidents", incident(), Idempotency_Key="a").get_json()
    tried = contributor.post(_PATH, incident(), Idempotency_Key="a")
    assert (tried.status_code, "Idempotent-Replayed" in tried.headers) == (200, False)
    again = contributor.post("/incidents", incident(), Idempotency_Key="a").get_json()
    assert again["id"] == filed["id"]


def test_the_next_incident_is_found_by_search_after_a_dry_run(contributor: Api) -> None:
    contributor.post(_PATH, incident(title="Zebra"))
    assert contributor.get("/search", q="zebra", correct="false").get_json()["total"] == 0
    filed = contributor.file(title="Zebra")["id"]
    hits = contributor.get("/search", q="zebra").get_json()["items"]
    assert [hit["incident"]["id"] for hit in hits] == [filed]
