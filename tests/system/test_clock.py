"""A clock that is set back or forward while the service runs: nothing but what has expired stops working."""

from __future__ import annotations

import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.accounts import PASSWORD
from tests.support.faults import FaultControl, Faults
from tests.support.incidents import incident
from tests.support.server import Server, running_server
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

HOUR, DAY = 3_600, 86_400

EMAIL = "dana@example.com"


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    return Faults(tmp_path, tmp_path / "data")


@pytest.fixture
def clock(faults: Faults) -> FaultControl:
    return faults.control


@pytest.fixture
def server(faults: Faults, installed: Path) -> Iterator[Server]:
    with running_server(installed, **faults.settings) as server:
        yield server


def _status(server: Server, path: str, body: dict[str, Any], token: str = "") -> int:
    try:
        server.post(path, body, token)
    except urllib.error.HTTPError as error:
        return error.code
    return 200


def test_what_has_not_expired_goes_on_when_the_clock_is_wrong(server: Server, clock: FaultControl) -> None:
    token = server.token()
    server.post("/users", {"email": EMAIL, "name": "Dana Levi", "password": PASSWORD}, token)
    session = server.post("/sessions", {"email": EMAIL, "password": PASSWORD}, "")["token"]
    draft = {"text": "Good morning"}
    animals = {"Okapi": -HOUR, "Giraffe": HOUR, "Tapir": 0, "Heron": DAY, "Lion": -DAY}
    for title, seconds in animals.items():
        clock.set_clock(seconds)
        assert _status(server, "/checks", draft, session) == (401 if seconds == DAY else 200), seconds
        filed = server.post("/incidents", incident(title=title, status="published"), token)
        assert server.get(f"/incidents/{filed['id']}")["title"] == title
        eventually(lambda title=title: server.get("/search", q=title)["total"] == 1)  # type: ignore[misc]
        changes = server.get("/changes", limit="1000")["items"]
        assert [item["seq"] for item in changes] == sorted(item["seq"] for item in changes)
    clock.set_clock(HOUR)
    wrong = [_status(server, "/sessions", {"email": EMAIL, "password": "wrong"}) for _ in range(6)]
    assert wrong == [401] * 5 + [429]
    clock.set_clock(0)
    assert _status(server, "/sessions", {"email": EMAIL, "password": PASSWORD}) == 200
