"""Bad input gets an answer that names the field and says what to do, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.support.api import Api
from tests.support.incidents import incident


@pytest.fixture
def unchanged(app: Flask, admin: Api) -> Iterator[None]:
    """Fails unless the database is at the end where it was at the beginning."""
    before = admin.get("/changes").get_json()
    yield
    assert admin.get("/changes").get_json() == before


@pytest.mark.usefixtures("unchanged")
class TestFiling:
    @pytest.mark.parametrize(
        ("field", "value", "pointer", "says"),
        [
            ("titel", "x", "/titel", "Unknown field"),
            ("id", 7, "/id", "Unknown field"),
            ("team", "north", "/team", "no team 'north'"),
            ("author", "somebody", "/author", "Unknown field"),
            ("version", 9, "/version", "Unknown field"),
            ("category", "tone-deff", "/category", "Did you mean 'tone-deaf'?"),
            ("category", "xyzzy", "/category", "GET /taxonomy/category"),
            ("platforms", ["twitter", "twiter"], "/platforms/1", "Did you mean 'twitter'?"),
            ("responses", [{"kind": "apologiced"}], "/responses/0/kind", "Did you mean 'apologized'?"),
            ("occurred_on", "2018-02-30", "/occurred_on", "not a calendar date"),
            ("occurred_on", "2018-13", "/occurred_on", "not a calendar date"),
            ("occurred_on", "24/11/2017", "/occurred_on", "YYYY-MM-DD"),
            ("occurred_on", "2999-01-01", "/occurred_on", "in the future"),
            ("occurred_on", "0000", "/occurred_on", "1800"),
            ("occurred_on", 20171124, "/occurred_on", "string"),
            ("occurred_precision", "hour", "/occurred_precision", "day"),
            ("severity", 6, "/severity", "5"),
            ("severity", 0, "/severity", "1"),
            ("severity", "2", "/severity", "integer"),
            ("severity", 2.0, "/severity", "integer"),
            ("severity", True, "/severity", "integer"),
            ("language", "klingonese", "/language", "BCP 47"),
            ("language", "xx", "/language", "BCP 47"),
            ("language", "", "/language", "BCP 47"),
            ("title", "   ", "/title", ""),
            ("title", "x" * 301, "/title", "300"),
            ("title", None, "/title", ""),
            ("title", ["x"], "/title", "string"),
            ("title", "a\0b", "/title", "U+0000"),
            ("title", "a\ud800b", "/title", "U+D800"),
            ("tags", ["ok", "a\udfffb"], "/tags/1", "U+DFFF"),
            ("lessons", [{"text": ""}], "/lessons/0/text", ""),
            ("lessons", ["text"], "/lessons/0", ""),
            ("lessons", [{"id": 4, "text": "Somebody else's"}], "/lessons/0/id", "Unknown field"),
            ("sources", [{"title": "x", "url": "javascript:alert(1)"}], "/sources/0/url", "http"),
            ("sources", [{"title": "x", "url": "https://"}], "/sources/0/url", "http"),
            ("sources", [{"title": "x", "url": "http://[1"}], "/sources/0/url", "http"),
            ("impacts", [{"kind": "market_value", "currency": "dollars"}], "/impacts/0/currency", "USD"),
            ("impacts", [{"kind": "luck"}], "/impacts/0/kind", "market_value"),
            ("impacts", [{"kind": "jobs", "amount": 1e300}], "/impacts/0/amount", ""),
            ("status", "withdrawn", "/status", ""),
            ("slug", "Not A Slug", "/slug", "not-a-slug"),
            ("posted_at", "yesterday", "/posted_at", ""),
            ("posted_at", "2999-01-01T00:00:00Z", "/posted_at", "in the future"),
            ("posted_at", "0001-01-01T00:00:00+14:00", "/posted_at", ""),
            ("posted_at", "0001-01-01T00:00:00Z", "/posted_at", "1800"),
            ("responses", [{"kind": "deleted", "at": "0001-01-01"}], "/responses/0/at", "1800"),
            ("impacts", [{"kind": "jobs", "amount": 0.125}], "/impacts/0/amount", "two decimal places"),
            ("tags", ["a,b"], "/tags/0", "two tags"),
            ("impacts", [{"kind": "jobs", "amount": "12"}], "/impacts/0/amount", "number"),
            ("impacts", [{"kind": "jobs", "alleged": 1}], "/impacts/0/alleged", "boolean"),
            (
                "sources",
                [{"title": "x", "published_on": "2018-W01-1"}],
                "/sources/0/published_on",
                "YYYY-MM-DD",
            ),
            (
                "sources",
                [{"title": "x", "published_on": "2999-01-01"}],
                "/sources/0/published_on",
                "in the future",
            ),
            ("sources", [{"title": "x", "url": "http://a:99999999/"}], "/sources/0/url", "http"),
            ("title", "\u200b\u200f", "/title", ""),
            ("title", "a\u0085b", "/title", "U+0085"),
            ("language", "und", "/language", "BCP 47"),
            ("lessons", [{}] * 51, "/lessons", "at most 50 items"),
        ],
    )
    def test_an_invalid_value_is_reported_at_its_pointer(
        self, contributor: Api, field: str, value: Any, pointer: str, says: str
    ) -> None:
        response = contributor.request(
            "POST", "/incidents", data=_json({**incident(), field: value}), **_JSON
        )
        assert response.status_code == 422, response.text
        errors = {error["pointer"]: error["detail"] for error in response.get_json()["errors"]}
        assert pointer in errors
        assert says in errors[pointer]

    def test_an_unknown_field_whose_name_cannot_be_encoded_is_still_reported(self, contributor: Api) -> None:
        response = contributor.request("POST", "/incidents", data=_json({**incident(), "\ud800": 1}), **_JSON)
        assert response.status_code == 422
        assert response.get_json()["errors"][0]["pointer"] == "/\ud800"

    def test_a_taken_slug_is_a_conflict(self, contributor: Api) -> None:
        response = contributor.post("/incidents", incident(slug="mcdonalds-need-copy-and-link"))
        assert response.status_code == 409
        assert response.get_json()["errors"][0]["pointer"] == "/slug"

    def test_a_removal_before_the_post_is_rejected(self, contributor: Api) -> None:
        body = incident(posted_at="2019-03-02T10:00:00Z", removed_at="2019-03-02T09:00:00Z")
        (error,) = contributor.post("/incidents", body).get_json()["errors"]
        assert error == {"pointer": "/removed_at", "detail": "This is earlier than `posted_at`."}

    def test_a_precision_finer_than_the_date_is_rejected(self, contributor: Api) -> None:
        response = contributor.post("/incidents", incident(occurred_on="2018-05", occurred_precision="day"))
        assert response.get_json()["errors"][0]["pointer"] == "/occurred_precision"

    @pytest.mark.parametrize(
        ("body", "says"),
        [
            (b"", "not valid JSON"),
            (b"{", "line 1"),
            (b'{"title": NaN}', "NaN"),
            (b'{"severity": Infinity}', "Infinity"),
            (b'{"title": "a", "title": "b"}', "twice"),
            (b"[" * 100_000, "deeply"),
            (b'{"a":' * 100_000, "deeply"),
            (b"\xff\xfe", "UTF-8"),
            (b'"\xed\xa0\x80"', "UTF-8"),
            (b"1" * 5_000, "digits"),
            (b'{"severity": 1e999}', "too large"),
        ],
    )
    def test_malformed_json_is_rejected(self, contributor: Api, body: bytes, says: str) -> None:
        response = contributor.request("POST", "/incidents", data=body, **_JSON)
        assert response.status_code == 400
        assert says in response.get_json()["detail"]

    def test_a_flood_of_errors_gets_a_short_response(self, contributor: Api) -> None:
        for body in (b'{"tags":[' + b"1," * 300_000 + b"1]}", b'{"sources":[' + b"{}," * 300_000 + b"{}]}"):
            response = contributor.request("POST", "/incidents", data=body, **_JSON)
            assert response.status_code == 422
            assert len(response.data) < 10_000
        keys = b",".join(b'"%x":1' % n for n in range(100_000))
        response = contributor.request("POST", "/incidents", data=b"{" + keys + b"}", **_JSON)
        assert len(response.data) < 10_000
        assert len(response.get_json()["errors"]) == 50

    def test_an_unauthorized_request_is_rejected_before_its_body_is_read(self, anonymous: Api) -> None:
        for body in (b"{", b"[" * 100_000, b'{"category": "xyzzy"}'):
            assert anonymous.request("POST", "/incidents", data=body, **_JSON).status_code == 401

    @pytest.mark.parametrize("body", ["[]", '"text"', "1", "null", "[{}]"])
    def test_a_body_that_is_not_an_object_is_rejected(self, contributor: Api, body: str) -> None:
        assert contributor.request("POST", "/incidents", data=body, **_JSON).status_code == 422

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
    )
    def test_other_content_types_are_unsupported(self, contributor: Api, content_type: str) -> None:
        response = contributor.request(
            "POST", "/incidents", data=_json(incident()), content_type=content_type
        )
        assert response.status_code == 415

    def test_a_compressed_body_is_unsupported(self, contributor: Api) -> None:
        response = contributor.request(
            "POST", "/incidents", data=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}, **_JSON
        )
        assert response.status_code == 415

    def test_an_oversized_body_is_rejected(self, contributor: Api) -> None:
        response = contributor.post("/incidents", incident(summary="x" * 1_100_000))
        assert response.status_code == 413


@pytest.mark.usefixtures("unchanged")
def test_every_error_is_problem_json(anonymous: Api, contributor: Api) -> None:
    for api, method, path, status in [
        (anonymous, "GET", "/nowhere", 404),
        (anonymous, "DELETE", "/search", 405),
        (anonymous, "POST", "/incidents", 401),
        (anonymous, "GET", "/incidents/1/revisions", 401),
        (anonymous, "GET", "/incidents/one", 404),
        (contributor, "POST", "/incidents", 415),
    ]:
        response = api.request(method, path)
        assert (response.status_code, response.mimetype) == (status, "application/problem+json")
        assert response.get_json()["status"] == status


_JSON: dict[str, Any] = {"content_type": "application/json"}


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    "path",
    [
        "/incidents/2147483648",
        "/changes?since=2147483648",
        "/incidents?cursor=WyIyMDE4LTAxLTAxIiwxMDk5NTExNjI3Nzc2XQ",
        "/taxonomy/%00",
    ],
)
def test_values_no_database_can_store_are_client_errors(any_role: Callable[..., Api], path: str) -> None:
    path, _, query = path.partition("?")
    response = any_role("reader").request("GET", path, query_string=query)
    assert response.status_code in (404, 422)


@hypothesis_settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.dictionaries(st.sampled_from([*incident(), "severity", "tags", "impacts", "sources"]), ANYTHING)
)
def test_arbitrary_input_never_causes_a_server_error(contributor: Api, body: dict[str, Any]) -> None:
    response = contributor.request("POST", "/incidents", data=_json({**incident(), **body}), **_JSON)
    assert response.status_code < 500
