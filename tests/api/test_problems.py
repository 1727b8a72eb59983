"""Invalid input gets a response that names the field and says what to do, and it changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.support.api import Api, callers
from tests.support.incidents import incident
from tests.support.invalid_incidents import INVALID_VALUES, UNKNOWN_REFERENCES


@pytest.fixture(scope="module")
def contributor(shared_app: Flask) -> Api:
    return callers(shared_app)("contributor")


@pytest.fixture(scope="module")
def admin(shared_app: Flask) -> Api:
    return callers(shared_app)("site_admin")


@pytest.fixture
def unchanged(admin: Api) -> Iterator[None]:
    """Fail if the test has written an incident."""
    before = admin.get("/changes").get_json()
    yield
    assert admin.get("/changes").get_json() == before


@pytest.mark.usefixtures("unchanged")
class TestFiling:
    @pytest.mark.parametrize(
        ("field", "value", "pointer", "message"),
        [*INVALID_VALUES, *UNKNOWN_REFERENCES],
    )
    def test_an_invalid_value_is_reported_at_its_pointer(
        self, contributor: Api, field: str, value: Any, pointer: str, message: str
    ) -> None:
        response = contributor.request(
            "POST", "/incidents", data=_json({**incident(), field: value}), **_JSON
        )
        assert response.status_code == 422, response.text
        errors = {error["pointer"]: error["detail"] for error in response.get_json()["errors"]}
        assert pointer in errors
        assert message in errors[pointer]

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

    def test_a_body_may_begin_with_a_byte_order_mark(self, contributor: Api) -> None:
        body = b'\xef\xbb\xbf{"text": "Good morning"}'
        assert contributor.request("POST", "/checks", data=body, **_JSON).status_code == 200

    def test_a_flood_of_errors_gets_a_short_response(self, contributor: Api) -> None:
        for body in (b'{"tags":[' + b"1," * 300_000 + b"1]}", b'{"sources":[' + b"{}," * 300_000 + b"{}]}"):
            response = contributor.request("POST", "/incidents", data=body, **_JSON)
            assert response.status_code == 422
            assert len(response.data) < 10_000
        keys = b",".join(b'"%x":1' % n for n in range(100_000))
        response = contributor.request("POST", "/incidents", data=b"{" + keys + b"}", **_JSON)
        assert len(response.data) < 10_000
        *_, unknown, rest = response.get_json()["errors"]
        assert unknown["detail"].startswith("Unknown field.")
        assert rest == {"pointer": "", "detail": "99980 more unknown fields."}

    @pytest.mark.parametrize(
        "changes",
        [
            {"k" * 900_000: 1},
            {f"{number}{'א' * 4_000}": 1 for number in range(100)},
            {"category": "x" * 900_000},
            {"platforms": ["א" * 100] * 50},
            {"lessons": [{f"{number}{'k' * 200}": 1 for number in range(90)}] * 50},
            {"lessons": [{"text": "a", "guard": {"x" * 9_000: 1, "type": "y" * 9_000}}] * 50},
            {"language": "e" * 900_000},
        ],
        ids=["key", "keys", "text", "terms", "lessons", "guards", "language"],
    )
    def test_an_error_never_sends_back_what_was_sent_as_a_whole(
        self, contributor: Api, changes: dict[str, Any]
    ) -> None:
        response = contributor.post("/incidents", incident(**changes))
        assert response.status_code == 422
        assert len(response.data) < 20_000

    def test_an_unauthorized_request_is_rejected_before_its_body_is_read(self, reader: Api) -> None:
        for body in (b"{", b"[" * 100_000, b'{"category": "xyzzy"}'):
            assert reader.request("POST", "/incidents", data=body, **_JSON).status_code == 401

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
def test_every_error_is_problem_json(reader: Api, contributor: Api) -> None:
    for api, method, path, status in [
        (reader, "GET", "/nowhere", 404),
        (reader, "DELETE", "/search", 405),
        (reader, "POST", "/incidents", 401),
        (reader, "GET", "/incidents/1/revisions", 401),
        (reader, "GET", "/incidents/one", 404),
        (contributor, "POST", "/incidents", 415),
    ]:
        response = api.request(method, path)
        assert (response.status_code, response.mimetype) == (status, "application/problem+json")
        assert response.get_json()["status"] == status


def test_a_method_that_a_path_does_not_have_is_answered_with_those_that_it_has(reader: Api) -> None:
    response = reader.request("PUT", "/incidents/1/duplicate-of/2")
    assert (response.status_code, "POST" in response.headers["Allow"]) == (405, True)
    assert response.get_json()["detail"] == "PUT is not possible at this path. Use POST."


@pytest.mark.parametrize(
    ("path", "is_said"), [("/incidents/one", True), ("/checks/one", False), ("/x", False)]
)
def test_that_incidents_are_addressed_by_number_is_said_below_their_path_only(
    reader: Api, path: str, is_said: bool
) -> None:
    detail = reader.get(path).get_json()["detail"]
    assert detail.startswith("There is nothing at this path. See /docs for all endpoints.")
    assert ("by number" in detail) is is_said


_JSON: dict[str, Any] = {"content_type": "application/json"}


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/incidents/2147483648", 404),
        ("/changes?since=2147483648", 422),
        ("/incidents?cursor=WyIyMDE4LTAxLTAxIiwxMDk5NTExNjI3Nzc2XQ", 422),
        ("/taxonomy/%00", 404),
    ],
)
def test_values_no_database_can_store_are_client_errors(
    any_role: Callable[..., Api], path: str, status: int
) -> None:
    path, _, query = path.partition("?")
    response = any_role("reader").request("GET", path, query_string=query)
    assert response.status_code == status


@pytest.mark.no_cover
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.dictionaries(st.sampled_from([*incident(), "severity", "tags", "impacts", "sources"]), ANYTHING)
)
def test_arbitrary_input_never_causes_a_server_error(
    as_role: Callable[..., Api], body: dict[str, Any]
) -> None:
    contributor = as_role("contributor")
    response = contributor.request("POST", "/incidents", data=_json({**incident(), **body}), **_JSON)
    assert response.status_code < 500
