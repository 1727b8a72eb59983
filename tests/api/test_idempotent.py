"""A POST with an Idempotency-Key takes effect once, and every repeat gets the first response."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
from flask import Flask

from kb.errors import Unavailable
from kb.messages import Message
from kb.models import IdempotencyKey, db
from kb.services.core import idempotency
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.process_identity import process_identity
from kb.web.headers import UNREADABLE
from tests.support.api import Api
from tests.support.incidents import incident
from tests.support.samples import SAMPLE_REQUESTS, SampleData, names_of, send_request


def test_a_repeated_request_gets_the_first_response_and_has_no_effect(
    any_role: Callable[..., Api],
) -> None:
    api = any_role("contributor")
    first = api.post("/incidents", incident(), Idempotency_Key="a")
    again = api.post("/incidents", incident(), Idempotency_Key="a")
    assert first.status_code == again.status_code == 201
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    for name in ("ETag", "Location"):
        assert again.headers[name] == first.headers[name]
    assert len(api.get("/incidents", status="draft").get_json()["items"]) == 1


def test_a_key_that_the_server_could_not_read_is_refused(any_role: Callable[..., Api]) -> None:
    api = any_role("contributor")
    response = api.post("/incidents", incident(), Idempotency_Key=UNREADABLE)
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["parameter"] == "Idempotency-Key"
    assert api.get("/incidents", status="draft").get_json()["items"] == []


REPEATABLE = {"check_batch", "check_batch_csv", "backtest_guards", "add_collection"}
"""These may be sent again as often as one likes: they store nothing, or nothing new the second time."""


@pytest.mark.no_cover
def test_every_post_endpoint_is_idempotent(person: Callable[..., Api]) -> None:
    admin = person("Ada Admin", site_admin=True, north="admin")
    world = SampleData(admin)
    posts = [name for name in names_of(admin.client.application, "POST") if name not in REPEATABLE]
    assert len(posts) == 19
    for name in posts:
        request = SAMPLE_REQUESTS[name](world, admin)
        first, again = (send_request(admin, request, **{"Idempotency-Key": name}) for _ in range(2))
        assert first.status_code < 300, name
        assert (again.status_code, again.headers["Idempotent-Replayed"]) == (first.status_code, "true"), name
        assert again.get_json() == {
            **first.get_json(),
            **({"secret": None} if name == "create_token" else {}),
        }
        for header in ("ETag", "Location"):
            assert again.headers.get(header) == first.headers.get(header), name
        method, path, body = request
        for changes in ({"If-Match": '"7"'}, {}):
            changed = (method, path, {**(body or {}), **({} if changes else {"name": "x"})})
            other = send_request(admin, changed, **{"Idempotency-Key": name, **changes})
            assert other.status_code == 422, name


def test_a_replay_is_denied_to_a_caller_who_lost_access(person: Callable[..., Api]) -> None:
    site = person("Ada Admin", site_admin=True)
    dana = person("Dana Levi", north="contributor", south="contributor")
    first = dana.post("/incidents", incident(team="north"), Idempotency_Key="a")
    assert first.status_code == 201
    assert site.delete("/teams/north/members/dana.levi@example.com", If_Match="*").status_code == 204
    assert dana.post("/incidents", incident(team="north"), Idempotency_Key="a").status_code == 404


def test_a_replay_omits_duplicates_that_are_now_hidden(
    as_role: Callable[..., Api], person: Callable[..., Api]
) -> None:
    owner, dana = as_role("reviewer"), person("Dana Levi", north="contributor")
    path = f"/incidents/{owner.file(status='published')['id']}"
    first = dana.post("/incidents", incident(), Idempotency_Key="a").get_json()
    assert len(first["likely_duplicates"]) == 1
    owner.delete(path, If_Match="*")
    again = dana.post("/incidents", incident(), Idempotency_Key="a").get_json()
    assert again == {**first, "likely_duplicates": []}


def test_a_service_that_stores_no_response_is_detected(app: Flask, contributor: Api) -> None:
    with patch.object(idempotency, "store_answer", side_effect=lambda answer, **_: answer):
        assert contributor.post("/incidents", incident(), Idempotency_Key="a").status_code == 500


def test_a_replay_returns_the_first_response_even_after_a_change(contributor: Api) -> None:
    first = contributor.post("/incidents", incident(), Idempotency_Key="a")
    contributor.patch(f"/incidents/{first.get_json()['id']}", {"title": "Changed"}, If_Match="*")
    again = contributor.post("/incidents", incident(), Idempotency_Key="a")
    assert again.get_json() == first.get_json()


def test_a_different_request_with_the_same_key_is_rejected(contributor: Api) -> None:
    contributor.post("/incidents", incident(), Idempotency_Key="a")
    assert contributor.post("/incidents", incident(severity=3), Idempotency_Key="a").status_code == 422


def test_a_failed_request_can_be_corrected_under_the_same_key(contributor: Api) -> None:
    bad = incident(category="xyzzy")
    assert contributor.post("/incidents", bad, Idempotency_Key="a").status_code == 422
    assert contributor.post("/incidents", incident(), Idempotency_Key="a").status_code == 201


def test_two_tokens_do_not_share_keys(as_role: Callable[..., Api]) -> None:
    ids = {
        as_role("contributor").post("/incidents", incident(), Idempotency_Key="a").get_json()["id"]
        for _ in range(2)
    }
    assert len(ids) == 2


def test_concurrent_repeats_take_effect_once(any_app: Flask, any_role: Callable[..., Api]) -> None:
    api = any_role("contributor")

    def post(_: int) -> int:
        return (
            Api(any_app.test_client(), api.contract, api.token)
            .post("/incidents", incident(), Idempotency_Key="a")
            .status_code
        )

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(post, range(24)))
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert len(api.get("/incidents", status="draft").get_json()["items"]) == 1


@pytest.mark.parametrize("ago", [idempotency.CLAIM_TIMEOUT, -timedelta(hours=1)], ids=["past", "future"])
def test_a_repeat_conflicts_while_the_first_is_in_flight_and_takes_over_an_abandoned_one(
    app: Flask, contributor: Api, ago: timedelta
) -> None:
    """Also one that is in the future, since the clock was set back."""
    with (
        patch.object(idempotency, "release"),
        patch.object(idempotency, "store_answer", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        contributor.post("/incidents", incident(), Idempotency_Key="a")
    refused = contributor.post("/incidents", incident(), Idempotency_Key="a")
    assert refused.status_code == 409
    assert 0 < int(refused.headers["Retry-After"]) <= idempotency.CLAIM_TIMEOUT.total_seconds()
    with app.app_context():
        row = db.session.query(IdempotencyKey).one()
        row.claimed_at -= ago + timedelta(seconds=1)
        db.session.commit()
    assert contributor.post("/incidents", incident(), Idempotency_Key="a").status_code == 201
    assert len(contributor.get("/incidents", status="draft").get_json()["items"]) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_the_key_of_a_process_that_was_killed_is_free_at_once(app: Flask, contributor: Api) -> None:
    with (
        patch.object(idempotency, "release"),
        patch.object(idempotency, "store_answer", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        contributor.post("/incidents", incident(), Idempotency_Key="a")
    with app.app_context():
        row = db.session.query(IdempotencyKey).one()
        ended = f"{process_identity()[:-8]}00000001"  # the same number, and another start
        row.claim = ended + row.claim[len(ended) :]
        db.session.commit()
    assert contributor.post("/incidents", incident(), Idempotency_Key="a").status_code == 201


def test_a_key_is_free_at_once_when_a_database_that_was_away_is_back(app: Flask, contributor: Api) -> None:
    away = Unavailable(Message("The database is away."))
    with (
        patch.object(idempotency, "unit_of_work", side_effect=[unit_of_work(), away]),
        patch.object(idempotency, "store_answer", side_effect=away),
    ):
        assert contributor.post("/incidents", incident(), Idempotency_Key="a").status_code == 503
    other = contributor.post("/incidents", incident(title="Another"), Idempotency_Key="b")
    assert other.status_code == 201
    with app.app_context():
        assert [row.key for row in db.session.query(IdempotencyKey)] == ["b"]
    assert contributor.post("/incidents", incident(), Idempotency_Key="a").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 201])
def test_an_invalid_key_is_rejected(contributor: Api, key: str) -> None:
    response = contributor.post("/incidents", incident(), Idempotency_Key=key)
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["parameter"] == "Idempotency-Key"
