"""Who may do what, and that an invisible incident looks nonexistent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kb.config import Settings
from tests.support.api import Api, callers, running
from tests.support.incidents import HEBREW, incident


@pytest.mark.parametrize(
    ("role", "file", "edit", "publish", "withdraw", "history"),
    [
        (None, 401, 401, 401, 401, 401),
        ("reader", 403, 403, 403, 403, 200),
        ("contributor", 201, 202, 403, 403, 200),
        ("reviewer", 201, 200, 200, 204, 200),
        ("site_admin", 201, 200, 200, 204, 200),
    ],
)
def test_each_role_has_its_rights_on_an_incident(
    as_role: Callable[..., Api],
    role: str | None,
    file: int,
    edit: int,
    publish: int,
    withdraw: int,
    history: int,
) -> None:
    admin, caller = as_role("site_admin"), as_role(role)
    draft, published = admin.file(), admin.file(status="published")
    path = f"/incidents/{published['id']}"
    assert caller.post("/incidents", incident()).status_code == file
    assert caller.patch(path, {"severity": 2}, If_Match="*").status_code == edit
    translated = caller.put(f"{path}/translations/he", HEBREW, If_Match="*").status_code
    assert translated == (201 if edit == 200 else edit)
    assert caller.get(f"{path}/revisions").status_code == history
    assert caller.delete(path, If_Match="*").status_code == withdraw
    path = f"/incidents/{draft['id']}"
    assert caller.patch(path, {"status": "published"}, If_Match="*").status_code == publish


def test_a_published_incident_of_another_team_is_read_only(as_role: Callable[..., Api]) -> None:
    path = f"/incidents/{as_role('reviewer', team='north').file(status='published')['id']}"
    stranger = as_role("reviewer", team="south")
    assert stranger.get(path).status_code == 200
    assert stranger.patch(path, {"severity": 5}, If_Match="*").status_code == 403
    assert stranger.put(f"{path}/translations/he", HEBREW, If_Match="*").status_code == 403
    assert stranger.delete(path, If_Match="*").status_code == 403
    assert stranger.get(f"{path}/revisions").status_code == 403


@pytest.mark.parametrize("hidden", [{}, {"status": "published", "visibility": "team"}])
def test_an_invisible_incident_looks_nonexistent(
    any_role: Callable[..., Api], hidden: dict[str, str]
) -> None:
    owner = any_role("reviewer", team="north")
    filed = owner.file(title="Zebra", industry="gaming", **hidden)
    path, missing = f"/incidents/{filed['id']}", "/incidents/999"
    for stranger in (any_role(), any_role("reviewer", team="south")):
        for verb in (
            stranger.get,
            lambda path: stranger.get(f"{path}/revisions"),  # noqa: B023
            lambda path: stranger.patch(path, {"severity": 2}, If_Match='"1"'),  # noqa: B023
            lambda path: stranger.delete(path, If_Match='"1"'),  # noqa: B023
            lambda path: stranger.put(f"{path}/translations/he", HEBREW, If_Match='"1"'),  # noqa: B023
        ):
            here, nowhere = verb(path), verb(missing)
            assert here.status_code == nowhere.status_code
            assert here.text.replace(str(filed["id"]), "999") == nowhere.text
        assert filed["id"] not in [card["id"] for card in stranger.get("/incidents").get_json()["items"]]
        assert filed["id"] not in [item["incident"] for item in stranger.get("/changes").get_json()["items"]]
        assert _count(stranger, "industry", "gaming") == 0
        assert stranger.get("/search", q="zebra", facets="industry").get_json()["facets"] == {"industry": []}
    assert owner.get(path).status_code == 200
    assert _count(owner, "industry", "gaming") == 1


def test_making_a_published_incident_public_requires_the_right_to_publish(
    as_role: Callable[..., Api],
) -> None:
    filed = as_role("reviewer").file(status="published", visibility="team")
    path, opened = f"/incidents/{filed['id']}", {"visibility": "organization"}
    assert as_role("contributor").patch(path, opened, If_Match="*").status_code == 202  # a proposal
    assert as_role().get(path).status_code == 404
    assert as_role("reviewer").patch(path, opened, If_Match="*").status_code == 200
    assert as_role().get(path).status_code == 200


def test_making_a_public_incident_private_requires_the_right_to_withdraw(as_role: Callable[..., Api]) -> None:
    path = f"/incidents/{as_role('reviewer').file(status='published')['id']}"
    closed = {"visibility": "team"}
    assert as_role("contributor").patch(path, closed, If_Match="*").status_code == 202  # a proposal
    assert as_role().get(path).status_code == 200
    assert as_role("reviewer").patch(path, closed, If_Match="*").status_code == 200


def test_a_site_administrator_sees_every_team(as_role: Callable[..., Api]) -> None:
    filed = as_role("contributor", team="north").file()
    assert as_role("site_admin", team="south").get(f"/incidents/{filed['id']}").status_code == 200


def test_with_anonymous_none_reading_requires_a_token(settings: Settings) -> None:
    for app in running(replace(settings, anonymous="none")):
        caller = callers(app)
        assert caller().get("/search", category="offensiv").status_code == 401
        for path in ("/incidents", "/incidents/1", "/search", "/taxonomy", "/taxonomy/category", "/changes"):
            response = caller().get(path)
            assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert caller("reader").get(path).status_code == 200
        for path in ("/health/live", "/health/ready"):
            assert caller().get(path).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "Bearer kb_nonsense",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer kb_" + "x" * 5_000,
        "kb_x",
        "Bearer kb_é",
    ],
)
def test_an_invalid_token_is_rejected_even_for_public_content(anonymous: Api, header: str) -> None:
    response = anonymous.get("/incidents", headers={"Authorization": header})
    assert response.status_code == 401


def test_read_only_fields_cannot_be_set(contributor: Api) -> None:
    for field in ("author", "team", "team_id", "version", "id", "created_at", "duplicate_of"):
        assert contributor.post("/incidents", {**incident(), field: "x"}).status_code == 422


def _count(api: Api, namespace: str, key: str) -> int:
    terms = api.get(f"/taxonomy/{namespace}").get_json()["terms"]
    count: int = next(term["count"] for term in terms if term["key"] == key)
    return count
