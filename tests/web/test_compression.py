"""Responses are compressed for clients that ask, and conditional requests keep working."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response, stream_with_context
from werkzeug.test import TestResponse

from kb.web.compression import MIN_BYTES, install_compression
from tests.support.api import Api

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DECOMPRESS: dict[str | None, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "zstd": zstd.decompress,
    None: bytes,
}
LONG = "/trends?group_by=category&interval=year"


def coding(response: TestResponse) -> str | None:
    return response.headers.get("Content-Encoding")


def body(response: TestResponse) -> bytes:
    return DECOMPRESS[coding(response)](response.data)


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-unknown, gzip;q=0.5", "gzip"),
        ("zstd", "zstd"),
        ("deflate, gzip, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("*", "gzip"),
        ("*;q=0.1", "gzip"),
        ("identity;q=0, *", "gzip"),
        ("gzip;q=0, *", None),
        ("gzip;q=0", None),
        ("zstd;q=0, gzip;q=0", None),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("gzip, identity;q=0.5", "gzip"),
        ("br, deflate", None),
        ("", None),
        (";;q=,gzip;q=nan", None),
        ("gzip" + ", x" * 2_000, "gzip"),
    ],
)
def test_the_client_chooses_the_coding(shared_app: Flask, accepted: str, expected: str | None) -> None:
    client = shared_app.test_client()
    plain = client.get(f"/api/v1{LONG}")
    response = client.get(f"/api/v1{LONG}", headers={"Accept-Encoding": accepted})
    assert coding(response) == expected
    assert body(response).count(b"bucket_start") == plain.data.count(b"bucket_start") > 0
    assert response.content_length == len(response.data)
    assert "Accept-Encoding" in response.headers["Vary"]


def test_only_long_texts_are_compressed(shared_app: Flask) -> None:
    client = shared_app.test_client()
    headers = {"Accept-Encoding": "gzip"}
    for path in ("/openapi.yaml", "/docs", "/api/v1/incidents?format=csv", "/api/v1/search?q=account"):
        response = client.get(path, headers=headers)
        assert coding(response) == "gzip", path
        assert len(response.data) < len(body(response))
    for path in ("/health/live", "/api/v1/taxonomy/nowhere", "/api/v1/nowhere"):
        response = client.get(path, headers=headers)
        assert coding(response) is None, path
        assert len(response.data) < MIN_BYTES
        assert "Accept-Encoding" in response.headers["Vary"]


def test_a_head_request_has_the_headers_of_a_get(shared_app: Flask) -> None:
    client = shared_app.test_client()
    headers = {"Accept-Encoding": "gzip"}
    got, head = (client.open("/openapi.yaml", method=method, headers=headers) for method in ("GET", "HEAD"))
    assert head.data == b""
    for name in ("Content-Encoding", "Content-Length", "Content-Type", "Vary"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("accepted", ["gzip", "zstd", ""])
@pytest.mark.parametrize("path", ["/incidents/1", LONG])
def test_what_was_sent_compressed_is_not_sent_again(reader: Api, path: str, accepted: str) -> None:
    plain = reader.client.get(f"/api/v1{path}").headers["ETag"]
    headers = {"Accept-Encoding": accepted}
    first = reader.client.get(f"/api/v1{path}", headers=headers)
    tag = first.headers["ETag"]
    assert (tag == plain) == (accepted == "")
    for condition in (tag, f'"other", {tag}', f"W/{tag}"):
        again = reader.client.get(f"/api/v1{path}", headers={**headers, "If-None-Match": condition})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert coding(again) is None
    # Another form has another tag, but if the content is the same, the client need not read it again.
    assert reader.client.get(f"/api/v1{path}", headers={"If-None-Match": tag}).status_code == 304
    changed = reader.client.get(f"/api/v1{path}", headers={**headers, "If-None-Match": '"0-gzip"'})
    assert changed.status_code == 200


@pytest.mark.parametrize("accepted", ["gzip", "zstd", ""])
def test_a_client_may_send_back_the_etag_that_it_got(admin: Api, accepted: str) -> None:
    filed = admin.file(summary="A long summary. " * 100)
    path = f"/incidents/{filed['id']}"
    headers = {"Accept-Encoding": accepted, "Authorization": f"Bearer {admin.token}"}
    for severity in (1, 2):
        tag = admin.client.get(f"/api/v1{path}", headers=headers).headers["ETag"]
        assert tag.endswith(f'-{accepted}"') == bool(accepted)
        changed = admin.patch(path, {"severity": severity}, If_Match=tag)
        assert changed.status_code == 200, changed.text
        assert admin.patch(path, {"severity": 5}, If_Match=tag).status_code == 412


def test_responses_with_secrets_are_not_to_be_stored_and_so_not_compressed(
    app: Flask, person: Callable[..., Api]
) -> None:
    dana = person("Dana", site_admin=True)
    headers = {"Accept-Encoding": "gzip", "Authorization": f"Bearer {dana.token}"}
    user = {"email": "noa@example.com", "name": "Noa", "password": "a long enough password"}
    assert dana.post("/users", user).status_code == 201
    for path, data in (
        ("/tokens", {"name": "mine"}),
        ("/tokens", {"name": "bot", "team": "main", "role": "reader"}),
        ("/sessions", {"email": user["email"], "password": user["password"]}),
    ):
        response = app.test_client().post(f"/api/v1{path}", json=data, headers=headers)
        assert response.status_code == 201, response.text
        assert "kb_" in response.text
        assert response.headers["Cache-Control"] == "no-store"


def test_only_what_is_complete_and_may_be_stored_is_compressed() -> None:
    app = Flask("test")
    install_compression(app)
    text = "a" * MIN_BYTES
    responses: dict[str, Callable[[], Any]] = {
        "plain": lambda: Response(text, mimetype="text/plain"),
        "short": lambda: Response(text[1:], mimetype="text/plain"),
        "image": lambda: Response(text, mimetype="image/png"),
        "secret": lambda: Response(text, mimetype="text/plain", headers={"Cache-Control": "no-store"}),
        "coded": lambda: Response(text, mimetype="text/plain", headers={"Content-Encoding": "br"}),
        "range": lambda: Response(text, 206, {"Content-Range": "bytes 0-999/2000"}, mimetype="text/plain"),
        "stream": lambda: Response(stream_with_context(iter([text])), mimetype="text/plain"),
        "problem": lambda: Response(text, 422, mimetype="application/problem+json"),
        "weak": lambda: Response(text, mimetype="text/plain", headers={"ETag": 'W/"1"'}),
    }
    for name, view in responses.items():
        app.add_url_rule(f"/{name}", name, view)
    headers = {"Accept-Encoding": "gzip"}
    got = {name: app.test_client().get(f"/{name}", headers=headers) for name in responses}
    assert {name for name, response in got.items() if coding(response) == "gzip"} == {
        "plain",
        "problem",
        "weak",
    }
    assert got["weak"].headers["ETag"] == 'W/"1-gzip"'
    assert got["stream"].text == text
