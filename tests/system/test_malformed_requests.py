"""Malformed requests to every operation of the document, by every role: a documented answer, never a 5xx."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.malformed import MalformedRequest, malform
from tests.support.samples import SAMPLE_REQUESTS, SampleData

pytestmark = pytest.mark.slow

SEED, ROUNDS = 20_261_127, 3
"""How often each operation is called in each role."""


def _walkers(person: Callable[..., Api], as_role: Callable[..., Api]) -> dict[str, Api]:
    """A caller of every role."""
    roles = ("reader", "contributor", "reviewer", "admin")
    return {
        "anonymous": as_role(),
        "signed in": person("Walker"),
        **{role: person(f"Walker {role}", north=role) for role in roles},
        "site admin": person("Walker Site", site_admin=True, north="admin"),
    }


def _send(api: Api, request: MalformedRequest) -> str | None:
    """Send a request, and return what is wrong with its answer."""
    options: dict[str, Any] = {} if request.body is None else {"data": request.body}
    try:
        response = api.request(request.method, request.path, headers=request.headers, **options)
    except AssertionError as error:  # not as documented
        return str(error)[:500]
    if response.status_code >= 500:
        return f"{response.status_code} {response.text[:300]}"
    return None


def test_no_malformed_request_is_a_server_error(
    person: Callable[..., Api], as_role: Callable[..., Api]
) -> None:
    print(f"seed {SEED}")  # noqa: T201
    random = Random(SEED)
    admin = person("Ada Admin", site_admin=True, north="admin")
    walkers = _walkers(person, as_role)
    world, wrong = SampleData(admin), []
    for name, sample in SAMPLE_REQUESTS.items():
        valid = sample(world, admin)
        parameters = admin.contract.query_parameters(valid[0], valid[1].partition("?")[0])
        for role, caller in walkers.items():
            for _ in range(ROUNDS):
                request = malform(valid, parameters, random)
                if (problem := _send(caller, request)) is not None:
                    wrong.append((name, role, request, problem))
    assert not wrong, "\n".join(map(str, wrong[:20]))
