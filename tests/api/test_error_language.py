"""Errors of the API are in the language of the request: English or Hebrew."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.api import Api

_ENGLISH = re.compile(r"\b(?:the|is|not|send|write|this|there|must|has|valid)\b", re.IGNORECASE)
_JSON = {"content_type": "application/json"}

FAILURES: list[tuple[int, str, str, dict[str, Any]]] = [
    (400, "POST", "/checks", {"data": '{"text": }', **_JSON}),
    (400, "POST", "/checks/batch.csv", {"data": b"", "content_type": "text/csv"}),
    (401, "POST", "/incidents", {"json": {}}),
    (401, "POST", "/sessions", {"json": {"email": "a@example.com", "password": "nobody"}}),
    (404, "GET", "/incidents/2147483647", {}),
    (404, "GET", "/nothing", {}),
    (404, "GET", "/taxonomy/platfrom", {}),
    (405, "DELETE", "/incidents", {}),
    (415, "POST", "/checks", {"data": "x", "content_type": "text/plain"}),
    (422, "POST", "/checks", {"json": []}),
    (422, "POST", "/checks", {"json": {"text": "x", "platfrom": "twitter", "links": "a", "language": "xx"}}),
    (422, "POST", "/checks", {"json": {"text": "x", "platform": "twiter"}}),
    (422, "GET", "/search?q=x&limit=999&sevrity=3", {}),
    (422, "GET", "/incidents?cursor=abc", {}),
    (422, "GET", "/incidents.csv?columns=nope", {}),
    (422, "GET", "/trends?interval=day&from=1800&to=2026", {}),
    (422, "GET", "/trends?from=2020-13&group_by=nonsense", {}),
    (422, "GET", "/calendar?from=3000-01-01&country=IL", {}),
]


@pytest.fixture(scope="module")
def client(shared_app: Flask) -> FlaskClient:
    return shared_app.test_client()


def _fail(client: FlaskClient, language: str, method: str, path: str, **options: Any) -> Any:
    headers = {"Accept-Language": language, **options.pop("headers", {})}
    return client.open(f"/api/v1{path}", method=method, headers=headers, **options)


@pytest.mark.parametrize(("status", "method", "path", "options"), FAILURES, ids=lambda each: str(each)[:40])
def test_a_reader_of_hebrew_reads_hebrew(
    client: FlaskClient, status: int, method: str, path: str, options: dict[str, Any]
) -> None:
    response = _fail(client, "he-IL,he;q=0.9,en;q=0.5", method, path, **options)
    problem = json.loads(response.data)
    assert response.status_code == status, problem
    texts = [problem["title"], problem["detail"], *(each["detail"] for each in problem.get("errors", ()))]
    for text in texts:
        assert re.search("[א-ת]", text), text
        # What a reader has sent and keys of the API stand between isolates, or within the sentence.
        assert not _ENGLISH.search(re.sub("\u2068.*?\u2069", "", text)), text
    assert response.headers["Content-Language"] == "he"
    assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize(("status", "method", "path", "options"), FAILURES, ids=lambda each: str(each)[:40])
def test_only_words_for_people_change(
    client: FlaskClient, status: int, method: str, path: str, options: dict[str, Any]
) -> None:
    hebrew, english = (
        json.loads(_fail(client, language, method, path, **dict(options)).data) for language in ("he", "en")
    )
    assert hebrew["type"] == english["type"]
    assert hebrew["status"] == english["status"] == status
    places = [
        [each.get("pointer", each.get("parameter")) for each in problem.get("errors", ())]
        for problem in (hebrew, english)
    ]
    assert places[0] == places[1]


@pytest.mark.parametrize(
    ("asked", "path", "language"),
    [
        ("", "/incidents/0", "en"),
        ("fr, de;q=0.5", "/incidents/0", "en"),
        ("fr, iw;q=0.5", "/incidents/0", "he"),
        ("en, he;q=0.9", "/incidents/0", "en"),
        ("he", "/incidents/0?lang=en", "en"),
        ("", "/incidents?lang=he&limit=0", "he"),
        ("he", "/incidents?lang=zz", "he"),
    ],
)
def test_the_address_decides_before_the_header(
    client: FlaskClient, asked: str, path: str, language: str
) -> None:
    response = _fail(client, asked, "GET", path)
    assert response.status_code >= 400
    assert response.headers["Content-Language"] == language


def test_a_user_reads_the_language_of_the_account(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="reader")
    assert dana.request("PATCH", "/me", json={"language": "he"}, headers={"If-Match": "*"}).status_code == 200
    assert dana.get("/incidents/2147483647").get_json()["title"] == "לא נמצא"


def test_an_invalid_row_of_a_calendar_says_so_in_hebrew(client: FlaskClient) -> None:
    content = "Date,Copy\n2027-05-01,\n"
    response = _fail(client, "he", "POST", "/checks/batch.csv", data=content, content_type="text/csv")
    row = json.loads(response.data.splitlines()[0])
    assert row["error"]["detail"] == "בשורה הזאת אין טקסט."


def test_quoted_input_keeps_its_direction_and_its_letters(client: FlaskClient) -> None:
    problem = _fail(client, "he", "GET", "/taxonomy/platfrom").get_json()
    assert problem["detail"] == "אין מרחב שמות ״\u2068platfrom\u2069״. אולי הכוונה ל-״\u2068platform\u2069״?"
