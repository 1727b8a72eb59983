"""Invisible content does not exist: words that occur only in hidden incidents are searched for everywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask

from kb.config import API_ROOT
from tests.support.api import Api
from tests.support.canaries import CANARY, HIDDEN, STATES, hide_everything
from tests.support.incidents import incident
from tests.support.samples import SAMPLE_REQUESTS, SampleData, send_request

pytestmark = pytest.mark.no_cover  # calls what other tests call one by one

QUESTIONS = (
    f"/search?q={CANARY}&facets=category,industry,platform",
    f"/search?q={CANARY[:-1]}i&explain=true",
    f"/search?q=org:{CANARY}",
    f"/search?q=%22{CANARY}%20title%22",
    "/search?industry=gaming&facets=industry",
    "/search?status=draft,in_review,published,withdrawn&limit=100&boosts=none",
    "/search?from=2011&to=2011",
    f"/search.csv?q={CANARY}&columns=all",
    "/search.csv?status=draft,in_review,published,withdrawn&limit=100&boosts=none",
    f"/suggest?q={CANARY[:5]}",
    "/incidents?status=draft,in_review,published,withdrawn&limit=100",
    "/incidents?status=draft,in_review,published,withdrawn&limit=100&format=csv",
    f"/incidents?organization={CANARY}%20Ltd&status=draft,in_review,published,withdrawn",
    f"/incidents?tag={CANARY}%20tag&status=draft,in_review,published,withdrawn",
    "/incidents?group=team:north&status=draft,in_review,published,withdrawn",
    "/trends?group_by=organization,team&status=draft,in_review,published,withdrawn&interval=year",
    "/trends?group_by=industry&status=draft,in_review,published,withdrawn&format=csv",
    "/trends.csv?group_by=organization,team&status=draft,in_review,published,withdrawn&interval=year",
    "/incidents.csv?status=draft,in_review,published,withdrawn&limit=100",
    "/export",
    "/export?since=0",
    f"/export?organization={CANARY}%20Ltd",
    "/export.csv?columns=all",
    "/export.csv?table=lessons",
    "/export.csv?table=sources",
    "/export.csv?table=impacts",
    "/export.csv?table=responses",
    "/export.zip",
    "/export.aiid.json",
    "/export.veris.json",
    "/export.parquet.zip",
    "/taxonomy",
    "/taxonomy/industry?format=csv",
    "/taxonomy/industry.csv",
    "/checks?limit=100",
    "/checks.csv?limit=100&columns=all",
    "/checks/trends?interval=year",
    "/guards?limit=100",
    "/changes?limit=1000",
    "/calendar?from=2017&to=2019&country=US,IL",
    "/calendar.ics?from=2017&to=2019&country=US,IL",
    "/changes?format=atom",
    "/changes.atom",
    "/changes.atom?status=draft,in_review,published,withdrawn&lang=he",
    "/incidents/by-slug/north/an-incident",
    "/incidents/1/similar?limit=100",
    "/incidents/1/duplicates",
    "/incidents/1/comments",
    "/proposals",
    "/incidents/1/proposals",
    "/actions",
    f"/actions?owner={CANARY}%20title",
    "/actions?overdue=true",
    "/audit",
    "/tokens",
    "/import",
    "/collections",
    "/organizations/aliases",
    f"/organizations/aliases?organization={CANARY}%20Ltd",
    "/teams",
    "/users",
    "/me",
)

OF_A_RESOURCE = r"/(incidents|actions|proposals|checks)/<"
"""Paths that test_a_hidden_resource_responds_like_a_nonexistent_one asks for."""

WITHOUT_CONTENT = {
    "docs.root", "docs.docs_page", "docs.openapi_json", "docs.openapi_yaml", "health.get_live",
    "health.get_ready", "forms.get_template", "forms.get_template_markdown", "teams.get_team",
    "teams.list_members", "accounts.get_user", "guard_offers.list_offers", "guard_offers.list_offers_yaml",
    "collections.get_collection", "organizations.get_organization_alias",
    "metrics.get_metrics", "imports.get_import",
}  # fmt: skip
"""Endpoints that show nothing of an incident; offers are those of a guard that one must be able to see."""


@pytest.fixture
def admin(person: Callable[..., Api]) -> Api:
    return person("Ada Admin", site_admin=True, north="admin")


STRANGERS = ["anonymous", "another team", "of no team"]


@pytest.fixture(params=STRANGERS)
def stranger(request: pytest.FixtureRequest, as_role: Callable[..., Api], person: Callable[..., Api]) -> Api:
    if request.param == "anonymous":
        return as_role()
    return person("Eve", south="admin") if request.param == "another team" else person("Eve")


def test_every_endpoint_that_shows_content_is_asked(app: Flask) -> None:
    addresses = app.url_map.bind("localhost")
    asked = {addresses.match(API_ROOT + question.partition("?")[0])[0] for question in QUESTIONS}
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(API_ROOT)]
    reading = [rule for rule in rules if "GET" in (rule.methods or ())]
    of_lists = {rule.endpoint for rule in reading if not re.match(API_ROOT + OF_A_RESOURCE, rule.rule)}
    assert of_lists - asked == WITHOUT_CONTENT


def test_no_response_reveals_hidden_content(admin: Api, stranger: Api) -> None:
    before = [_without_echo(stranger.request("GET", question)) for question in QUESTIONS]
    ids = hide_everything(admin)
    for question, known in zip(QUESTIONS, before, strict=True):
        response = stranger.request("GET", question)
        assert CANARY not in str(_without_echo(response)), question
        if not question.startswith("/changes?limit"):
            assert _without_echo(response) == known, question
    changes = stranger.get("/changes", limit=1000)
    if changes.status_code == 200:
        assert not {item["incident"] for item in changes.get_json()["items"]} & set(ids)


def test_a_check_reveals_neither_a_hidden_precedent_nor_a_hidden_guard(admin: Api, stranger: Api) -> None:
    drafts = [{"text": f"{CANARY} title {CANARY} sale", "platform": "twitter"}]
    hide_everything(admin)
    known = admin.post("/checks", drafts[0]).get_json()
    assert known["precedents"]
    assert known["findings"]
    result = stranger.post("/checks", drafts[0]).get_json()
    assert (result["precedents"], result["findings"], result["verdict"]) == ([], [], "clear")
    line = stranger.post("/checks/batch", drafts).text.splitlines()[0]
    assert json.loads(line)["precedents"] == json.loads(line)["findings"] == []


def test_filing_a_copy_of_hidden_content_reveals_nothing(admin: Api, person: Callable[..., Api]) -> None:
    hide_everything(admin)
    stranger = person("Eve", south="admin")
    filed = stranger.post("/incidents", incident(**HIDDEN))
    assert filed.status_code == 201
    assert filed.get_json()["likely_duplicates"] == []
    assert filed.get_json()["slug"] == HIDDEN["slug"]
    offered = admin.get(f"/incidents/{filed.get_json()['id']}/duplicates").get_json()["items"]
    assert len(offered) == 3  # visible to those who may see them


@pytest.mark.parametrize(
    ("state", "stranger"), [*zip(STATES, STRANGERS, strict=True)], indirect=["stranger"], ids=STRANGERS
)
def test_a_hidden_resource_responds_like_a_nonexistent_one(
    admin: Api, stranger: Api, state: dict[str, str]
) -> None:
    text = {**HIDDEN, "slug": None}
    data = SampleData(
        admin, status=state["status"], visibility=state.get("visibility", "organization"), text=text
    )
    for name, sample in SAMPLE_REQUESTS.items():
        method, path, body = sample(data, admin)
        if not re.match(r"/(incidents|actions|proposals|checks)/\d", path):
            continue
        here = send_request(stranger, (method, path, body))
        number = path.split("/")[2].partition("?")[0]
        nowhere = send_request(stranger, (method, path.replace(f"/{number}", "/99999", 1), body))
        assert here.status_code == nowhere.status_code, name
        assert here.status_code in (401, 403, 404), name
        assert _without_numbers(here) == _without_numbers(nowhere), name
        assert CANARY not in here.text


def test_a_redirect_to_a_hidden_incident_is_hidden(admin: Api, stranger: Api) -> None:
    gone, stays = (admin.file(team="north", status="published")["id"] for _ in range(2))
    assert admin.post(f"/incidents/{gone}/duplicate-of/{stays}", {}, If_Match="*").status_code == 200
    assert stranger.get(f"/incidents/{gone}").status_code == 308
    assert admin.patch(f"/incidents/{stays}", {"visibility": "team"}, If_Match="*").status_code == 200
    assert stranger.get(f"/incidents/{gone}").status_code == 404


def test_a_duplicate_that_was_never_public_stays_hidden(admin: Api, stranger: Api) -> None:
    draft = admin.file(team="north")["id"]
    assert admin.post(f"/incidents/{draft}/duplicate-of/1", {}, If_Match="*").status_code == 200
    assert stranger.get(f"/incidents/{draft}").status_code == 404
    assert admin.get(f"/incidents/{draft}").headers["Location"] == "/api/v1/incidents/1"


def _without_numbers(response: Any) -> Any:
    return {name: re.sub(r"\d+", "N", str(value)) for name, value in response.get_json().items()}


def _without_echo(response: Any) -> Any:
    """A response without the echoed query, and without what changes with time or with any write."""
    if response.mimetype == "application/zip":
        with ZipFile(BytesIO(response.data)) as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}
    if response.mimetype != "application/json":
        return response.text
    body = response.get_json()
    if isinstance(body, list):
        return body
    for name in ("query", "interpreted", "took_ms", "as_of", "seq", "since"):
        body.pop(name, None)
    return body
