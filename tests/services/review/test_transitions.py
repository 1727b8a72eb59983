"""Workflow steps: where each leads, who may take it, and what is recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kb.domain.incident import Status
from kb.domain.workflow import Step
from tests.support.api import Api
from tests.support.workflow import TRANSITIONS

STEPS_TO = {"draft": [], "in_review": ["submit"], "published": ["publish"], "withdrawn": ["withdraw"]}


@pytest.mark.parametrize("status", list(Status))
def test_each_step_leads_to_the_documented_status_and_is_recorded(
    as_role: Callable[..., Api], status: Status
) -> None:
    reviewer = as_role("reviewer")
    for step in Step:
        path = f"/incidents/{reviewer.file()['id']}"
        for earlier in STEPS_TO[status]:
            assert reviewer.step(path, earlier).status_code == 200
        version = reviewer.get(path).get_json()["version"]
        response = reviewer.step(path, step, comment="Because.")
        expected = TRANSITIONS.get((status.value, step.value))
        if expected is None:
            assert response.status_code == 409, (step, response.text)
            assert reviewer.get(path).get_json()["version"] == version
            continue
        assert response.get_json()["status"] == expected
        event = reviewer.get(f"{path}/events").get_json()["items"][0]
        told = (event["step"], event["before"], event["after"], event["author"], event["comment"])
        assert told == (step, status, expected, "reviewer of main", "Because.")
        assert event["version"] == version
        stays = status is Status.PUBLISHED and expected == "withdrawn"
        assert (response.get_json()["published_at"] is not None) is (expected == "published" or stays)


def test_each_step_requires_its_role(as_role: Callable[..., Api]) -> None:
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


def test_whoever_may_discard_a_draft_brings_it_back(as_role: Callable[..., Api]) -> None:
    contributor, reader, reviewer = as_role("contributor"), as_role("reader"), as_role("reviewer")
    for status in ("draft", "in_review"):
        path = f"/incidents/{contributor.file(status=status)['id']}"
        assert contributor.step(path, "withdraw").status_code == 200
        assert reader.step(path, "reopen").status_code == 403
        assert contributor.get(f"{path}/completeness").get_json()["steps"] == ["reopen"]
        assert contributor.step(path, "reopen").get_json()["status"] == "draft"
    for visibility in ("team", "organization"):
        path = f"/incidents/{reviewer.file(status='published', visibility=visibility)['id']}"
        assert reviewer.step(path, "withdraw").status_code == 200
        assert contributor.step(path, "reopen").status_code == 403
        assert contributor.get(f"{path}/completeness").get_json()["steps"] == []
        assert reviewer.step(path, "reopen").status_code == 200


def test_an_incident_in_review_is_visible_only_to_its_team(as_role: Callable[..., Api]) -> None:
    contributor = as_role("contributor")
    path = f"/incidents/{contributor.file(status='in_review', title='Zebra')['id']}"
    assert contributor.get(path).get_json()["status"] == "in_review"
    assert contributor.get("/search", q="zebra").get_json()["total"] == 1
    assert contributor.get("/incidents", status="in_review").get_json()["items"][0]["title"] == "Zebra"
    assert as_role().get(path).status_code == 404
    assert as_role().get("/search", q="zebra").get_json()["total"] == 0
    assert as_role().get(f"{path}/events").status_code == 401


def test_withdrawing_a_once_published_incident_requires_the_right_and_is_audited(
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
