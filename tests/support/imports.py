"""Imports: checking lines, sending a file over HTTP, and waiting for its end."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from kb.models import ImportJob, db
from kb.models.base import utc_now
from kb.services.exchange.entries import read_entries
from kb.services.exchange.imports import importing, jobs
from tests.support.incidents import incident
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask
    from werkzeug.test import TestResponse

    from kb.services.exchange.line_checks import CheckedFile
    from tests.support.api import Api

_ACTIVE = ("queued", "running")


def lines(*bodies: dict[str, Any]) -> bytes:
    """A file of JSON Lines."""
    return b"".join(json.dumps(body).encode() + b"\n" for body in bodies)


def check_lines(content: Iterable[bytes], team: str | None = None, *, mirror: bool = False) -> CheckedFile:
    """Check the lines of a JSON file against the database. Writes nothing."""
    return importing.check_entries(read_entries(content), team, mirror=mirror)


ORGANIZATION = "Zq Imports Ltd"

DRAFT = lines(incident(external_id="a", organization=ORGANIZATION))
PUBLISHED = lines(incident(external_id="a", organization=ORGANIZATION, status="published"))


def stored(api: Api) -> list[dict[str, Any]]:
    """The incidents of the organization whose incidents these files bring."""
    query = {"organization": ORGANIZATION, "status": "draft,published"}
    items: list[dict[str, Any]] = api.get("/incidents", **query).get_json()["items"]
    return items


def send(api: Api, body: bytes, headers: dict[str, str] | None = None, **query: str) -> TestResponse:
    """Send a file to be imported."""
    return api.request("POST", "/import", data=body, query_string=query, headers=headers or {})


def ended(api: Api, answer: TestResponse) -> dict[str, Any]:
    """The import that an answer has filed, once it has ended."""
    assert answer.status_code == 202, answer.text
    return wait_until_ended(api, answer.get_json())


def wait_until_ended(api: Api, job: dict[str, Any]) -> dict[str, Any]:
    """An import once it has ended."""
    latest = dict(job)

    def has_ended() -> bool:
        latest.update(api.get(f"/import/{job['id']}").get_json())
        return latest["state"] not in _ACTIVE

    eventually(has_ended, lambda: latest)
    return latest


def interrupt(app: Flask, job_id: int, **values: Any) -> None:
    """Leave an import as it is when its process was killed a while ago, with a file by default."""
    old = utc_now() - jobs.STALE_AFTER - timedelta(seconds=1)
    state = {"state": "running", "ended_at": None, "heartbeat_at": old, "report": None, "is_written": False}
    content = {"content": zlib.compress(lines(incident(external_id=f"restarted-{job_id}")))}
    with app.app_context():
        values = {**state, **content, **values}
        db.session.execute(update(ImportJob).where(ImportJob.id == job_id).values(**values))
        db.session.commit()
        db.session.remove()
