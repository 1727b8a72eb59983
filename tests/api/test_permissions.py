"""Every endpoint, called in every role: the permission table decides, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from flask import Flask

from kb.api.smorest import Blueprint
from kb.config import API_ROOT, Settings
from kb.domain.permissions import PERMISSIONS, Action, Role, Scope
from kb.domain.workflow import REQUIRED_ACTION
from kb.web.endpoints import ENDPOINTS, check_endpoints
from tests.support.api import Api, callers, people, running
from tests.support.pages import page_views
from tests.support.samples import SAMPLE_REQUESTS, SampleData, send_request

ROLES = [role for role in Role if role is not Role.NOBODY]

STEPS = ("create_event", "create_proposal_event")
"""Endpoints for steps, each of which needs a scope of its own."""

ELSEWHERE = {
    "openapi_yaml", "openapi_json", "docs_page", "docs_static", "root", "create_session", "delete_session",
}  # fmt: skip
"""Endpoints outside the API, and signing in and out, which tests/services/accounts/test_sessions.py calls."""


@pytest.fixture
def world(person: Callable[..., Api]) -> SampleData:
    return SampleData(person("Ada Admin", site_admin=True, north="admin"))


@pytest.fixture
def as_walker(person: Callable[..., Api], as_role: Callable[..., Api]) -> Callable[[Role], Api]:
    def walker(role: Role) -> Api:
        if role is Role.ANONYMOUS:
            return as_role()
        if role is Role.SIGNED_IN:
            return person("Walker")
        if role is Role.SITE_ADMIN:
            return person("Walker", site_admin=True)
        return person("Walker", north=role.key)

    return walker


def test_the_permission_table_lists_exactly_the_endpoints(app: Flask) -> None:
    names = {name.rpartition(".")[2] for name in app.view_functions}
    assert names - {"root_live", "root_ready", "root_metrics", "static"} == ENDPOINTS.keys() - {"docs_static"}
    assert SAMPLE_REQUESTS.keys() == ENDPOINTS.keys() - ELSEWHERE - page_views(app)


def test_an_endpoint_missing_from_the_table_cannot_be_registered() -> None:
    def unheard_of() -> str:
        return ""

    with pytest.raises(LookupError, match="unheard_of"):
        Blueprint("x", __name__).route("/x")(unheard_of)


def test_an_endpoint_outside_the_api_must_be_in_the_table_too(app: Flask) -> None:
    app.add_url_rule("/unheard-of", "unheard_of", lambda: "")
    with pytest.raises(LookupError, match="unheard_of"):
        check_endpoints(app)


each_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.key)


@pytest.mark.no_cover
@each_role
def test_every_endpoint_is_open_from_the_role_in_the_table_on(
    role: Role, world: SampleData, as_walker: Callable[[Role], Api]
) -> None:
    """Each endpoint is called in the lowest role that may, and in the highest that may not."""
    _require_enforced(_nearest(role), role, world, as_walker(role))


@pytest.mark.slow  # all other endpoints in every role
@each_role
def test_every_endpoint_enforces_the_role_in_the_table(
    role: Role, world: SampleData, as_walker: Callable[[Role], Api]
) -> None:
    names = [name for name in SAMPLE_REQUESTS if name not in _nearest(role)]
    _require_enforced(names, role, world, as_walker(role))


def _nearest(role: Role) -> list[str]:
    """The endpoints that are open from this role on, or from the next one."""
    above = next((each for each in ROLES if each > role), None)
    return [name for name in SAMPLE_REQUESTS if PERMISSIONS[ENDPOINTS[name]].role in (role, above)]


def _require_enforced(names: Iterable[str], role: Role, world: SampleData, caller: Api) -> None:
    wrong = []
    for name in names:
        response = send_request(caller, SAMPLE_REQUESTS[name](world, caller))
        allowed = role >= PERMISSIONS[ENDPOINTS[name]].role
        # Team tokens are visible only to administrators of the team.
        if name == "revoke_token" and Role.SIGNED_IN <= role < Role.ADMIN:
            right = response.status_code == 404
        elif allowed:
            right = response.status_code < 400
        else:
            right = response.status_code == (401 if role is Role.ANONYMOUS else 403)
        if not right:
            wrong.append((name, response.status_code, response.text[:300]))
    assert not wrong, wrong


@pytest.mark.no_cover
def test_with_anonymous_none_every_endpoint_requires_a_token(settings: Settings) -> None:
    for app in running(replace(settings, anonymous="none")):
        world = SampleData(people(app)("Ada Admin", site_admin=True, north="admin"))
        caller = callers(app)()
        for name, sample in SAMPLE_REQUESTS.items():
            expected = 200 if ENDPOINTS[name] is Action.PUBLIC else 401
            assert send_request(caller, sample(world, caller)).status_code == expected, name


@pytest.mark.no_cover
def test_a_read_only_token_can_only_read(world: SampleData, person: Callable[..., Api]) -> None:
    caller = person("Walker", site_admin=True, scopes=[Scope.READ])
    for name, sample in SAMPLE_REQUESTS.items():
        readable = PERMISSIONS[ENDPOINTS[name]].scope is Scope.READ and name not in STEPS
        assert (send_request(caller, sample(world, caller)).status_code < 400) is readable, name


def test_every_action_is_required_by_an_endpoint_or_a_step() -> None:
    conditional = {Action.RESOLVE, Action.OVERRIDE}  # required by what a request contains
    assert {*ENDPOINTS.values(), *REQUIRED_ACTION.values()} | conditional == set(Action)


def test_every_api_route_has_a_sample_request(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(API_ROOT)]
    assert {rule.endpoint.rpartition(".")[2] for rule in rules} <= SAMPLE_REQUESTS.keys() | ELSEWHERE
