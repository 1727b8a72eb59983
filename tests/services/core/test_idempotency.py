"""Stored responses: who may get a replay is stored with them, not guessed from their fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm.attributes import flag_modified

from kb.domain.permissions import Actor, Role
from kb.errors import NotFound
from kb.models import IdempotencyKey, db
from kb.services.accounts import tokens
from kb.services.core import idempotency
from kb.services.core.unit_of_work import unit_of_work
from kb.services.operations import bootstrap
from tests.support.api import Api
from tests.support.incidents import incident


def _replay(actor: Actor, answer: dict[str, Any], **about: Any) -> Any:
    """Store a response under a key, and request its replay."""
    claim = idempotency.claim(actor, "a", "0" * 64)
    assert isinstance(claim, idempotency.Claim)
    with idempotency.performing(claim), unit_of_work():
        assert idempotency.store_answer(answer, **about) == answer
    return idempotency.claim(actor, "a", "0" * 64)


def _as_stored_before(app: Flask) -> None:
    """Reduce stored responses to the form of the previous version, without their subject."""
    with app.app_context():
        for row in db.session.query(IdempotencyKey):
            assert row.answer is not None
            row.answer = {name: value for name, value in row.answer.items() if not name.startswith("$")}
            flag_modified(row, "answer")
        db.session.commit()


@pytest.fixture
def reader(any_app: Flask) -> Actor:
    with any_app.app_context():
        bootstrap.prepare_if_needed()
        token = tokens.create_team_token("reader", Role.READER)
    return Actor(name="reader", role=Role.SIGNED_IN, token_id=token.id)


@pytest.mark.parametrize(
    "answer",
    [
        {"id": 4711, "slug": "an-answer-with-a-slug"},
        {"id": 1, "incident": 4711, "internal": True},
        {"likely_duplicates": [{"incident": {"id": 4711}}]},
    ],
)
def test_the_subject_of_a_response_is_not_guessed_from_its_fields(
    any_app: Flask, reader: Actor, answer: dict[str, Any]
) -> None:
    with any_app.app_context():
        assert _replay(reader, answer, incident_id=None) == answer


def test_a_response_about_a_hidden_incident_is_not_replayed(any_app: Flask, reader: Actor) -> None:
    with any_app.app_context(), pytest.raises(NotFound):
        _replay(reader, {"title": "x"}, incident_id=4711)


def test_an_internal_response_is_replayed_only_to_the_team(any_app: Flask, reader: Actor) -> None:
    with any_app.app_context():
        assert _replay(reader, {"title": "x"}, incident_id=1) == {"title": "x"}
        db.session.query(IdempotencyKey).delete()
        db.session.commit()
        with pytest.raises(NotFound):
            _replay(reader, {"title": "x"}, incident_id=1, internal=True)


def test_a_redacted_field_is_null_in_a_replay(any_app: Flask, reader: Actor) -> None:
    with any_app.app_context():
        answer = {"id": 1, "secret": "kb_x"}
        assert _replay(reader, answer, incident_id=None, redact="secret") == {"id": 1, "secret": None}


def test_responses_stored_by_the_previous_version_are_replayed(
    any_app: Flask, any_role: Callable[..., Api], any_person: Callable[..., Api]
) -> None:
    reviewer, site = any_role("reviewer"), any_person("Ada Admin", site_admin=True)
    published = f"/incidents/{reviewer.file(status='published')['id']}"
    posts: list[tuple[Api, str, dict[str, Any]]] = [
        (reviewer, "/incidents", incident()),
        (reviewer, f"{published}/comments", {"text": "For everybody."}),
        (reviewer, f"{published}/comments", {"text": "For us.", "internal": True}),
        (reviewer, f"{published}/actions", {"title": "Read it twice"}),
        (site, "/teams", {"key": "north"}),
    ]
    first = [api.post(path, body, Idempotency_Key=str(n)) for n, (api, path, body) in enumerate(posts)]
    assert [answer.status_code for answer in first] == [201] * len(posts)
    assert len(first[0].get_json()["likely_duplicates"]) == 1
    _as_stored_before(any_app)
    again = [api.post(path, body, Idempotency_Key=str(n)) for n, (api, path, body) in enumerate(posts)]
    assert [answer.get_json() for answer in again] == [answer.get_json() for answer in first]
    assert {answer.headers["Idempotent-Replayed"] for answer in again} == {"true"}


@pytest.mark.parametrize("before", [False, True])
def test_a_replay_to_a_former_member_reveals_no_internal_comment_and_no_hidden_duplicate(
    any_app: Flask, any_person: Callable[..., Api], before: bool
) -> None:
    site = any_person("Ada Admin", site_admin=True)
    dana = any_person("Dana Levi", north="contributor", south="contributor")
    twin = site.file(team="north", status="published")["id"]
    filed = dana.post("/incidents", incident(team="south"), Idempotency_Key="filed").get_json()
    assert [each["incident"]["id"] for each in filed["likely_duplicates"]] == [twin]
    path, body = f"/incidents/{twin}/comments", {"text": "For us.", "internal": True}
    assert dana.post(path, body, Idempotency_Key="comment").status_code == 201
    if before:
        _as_stored_before(any_app)
    assert site.delete("/teams/north/members/dana.levi@example.com", If_Match="*").status_code == 204
    assert dana.post(path, body, Idempotency_Key="comment").status_code == 404
    assert dana.get(f"/incidents/{twin}").status_code == 200
    site.delete(f"/incidents/{twin}", If_Match="*")
    again = dana.post("/incidents", incident(team="south"), Idempotency_Key="filed").get_json()
    assert again == {**filed, "likely_duplicates": []}


def test_a_replay_to_a_former_member_reveals_no_action(any_person: Callable[..., Api]) -> None:
    site = any_person("Ada Admin", site_admin=True)
    dana = any_person("Dana Levi", north="contributor", south="contributor")
    filed = site.file(team="north", status="published")["id"]
    path, body = f"/incidents/{filed}/actions", {"title": "Split the accounts."}
    assert dana.post(path, body, Idempotency_Key="action").status_code == 201
    assert dana.post(path, body, Idempotency_Key="action").status_code == 201
    assert site.delete("/teams/north/members/dana.levi@example.com", If_Match="*").status_code == 204
    assert dana.get(f"/incidents/{filed}").status_code == 200
    assert dana.post(path, body, Idempotency_Key="action").status_code == 404
