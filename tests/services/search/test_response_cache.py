"""A cached response equals the one that would be computed now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from kb.config import Settings
from kb.services.infrastructure.runtime import engine
from kb.services.search import finding, sync, visible_hits
from tests.support.api import Api

QUERY = {"q": "quokka", "limit": 5}


def titles(api: Api) -> list[str]:
    answer = api.get("/search", **QUERY).get_json()
    return [item["incident"]["title"] for item in answer["items"]]


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An entry for each query that was not answered from the cache."""
    computations: list[str] = []
    find_visible = visible_hits.find_visible

    def counted(*arguments: Any) -> Any:
        computations.append("computed")
        return find_visible(*arguments)

    monkeypatch.setattr(finding, "find_visible", counted)
    return computations


def test_a_repeated_query_is_answered_from_the_cache(admin: Api, computed: list[str]) -> None:
    admin.file(title="The quokka affair", status="published")
    first, second = (admin.get("/search", **QUERY).get_json() for _ in range(2))
    assert computed == ["computed"]
    assert {**first, "took_ms": 0} == {**second, "took_ms": 0}
    admin.get("/search", q="quokka", limit=6)
    admin.get("/search", q="quokka", limit=5, highlight="first")
    assert len(computed) == 3


def test_a_write_invalidates_the_cache_immediately(admin: Api) -> None:
    assert titles(admin) == []
    incident = admin.file(title="The quokka affair", status="published")
    assert titles(admin) == ["The quokka affair"]
    path = f"/incidents/{incident['id']}"
    admin.patch(path, {"title": "The quokka, again"}, If_Match="*")
    assert titles(admin) == ["The quokka, again"]
    assert admin.delete(path, If_Match="*").status_code == 204
    assert titles(admin) == []


def test_a_newly_hidden_incident_is_not_returned_while_the_index_lags(
    admin: Api, anonymous: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = admin.file(title="The quokka affair", status="published")
    assert titles(anonymous) == ["The quokka affair"]
    monkeypatch.setattr(sync, "catch_up", lambda _: False)
    admin.patch(f"/incidents/{incident['id']}", {"visibility": "team"}, If_Match="*")
    assert titles(anonymous) == []
    assert titles(admin) == ["The quokka affair"]


def test_callers_do_not_share_cached_responses(as_role: Callable[..., Api]) -> None:
    north = as_role("contributor", team="north")
    north.file(title="The quokka of the north")
    insiders = (as_role("reader", team="north"), as_role("site_admin"))
    others = (as_role("reader", team="south"), as_role())
    for _ in range(2):
        for insider, other in zip(insiders, others, strict=True):
            assert titles(insider) == ["The quokka of the north"]
            assert titles(other) == []


def test_added_synonyms_take_effect(admin: Api, settings: Settings) -> None:
    admin.file(title="The zebra affair", status="published")
    assert titles(admin) == []
    (settings.data_dir / "synonyms.yaml").write_text("groups:\n  - [quokka, zebra]\n", "utf-8")
    assert titles(admin) == ["The zebra affair"]


def test_the_index_state_changes_with_each_commit(app: Flask, admin: Api) -> None:
    states = []
    for number in range(3):
        admin.file(title=f"Number {number}", status="published")
        with app.app_context():
            states.append(engine().state())
    assert len(set(states)) == 3
