"""Requests made of valid ones, by changing what may be wrong then: a parameter, a header, the body."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from random import Random

    from tests.support.samples import Request

TEXTS = (
    "", " ", "\0", "x" * 5_000, "-1", "0", "1e999", "NaN", "2147483648", "9223372036854775808", "١٢", "null",
    "true", "[]", "{}", "2020-13-45", "0000-00-00", "9999-12-31", "2020-02-30T25:61:61Z", "../../etc/passwd",
    "%00", "%zz", "a,b,,c", "<script>alert(1)</script>", "'; DROP TABLE incident; --", "\u202e\u200f\ufeff",
    "👩‍👩‍👧", "שלום", '"', "\\", "\r\nX-Injected: 1", "*", "title:", "((((((((", "en-US-x-private", "zz",
)  # fmt: skip

VALUES: tuple[Any, ...] = (
    *TEXTS, None, True, -1, 0, 2**31, 2**63, -(2**70), 1.5, 1e308, [], {}, [[]], [None], {"": {}},
    ["x"] * 300,
    "\ud800",
)  # fmt: skip

BODIES = (
    b"", b"{", b"[]", b"null", b"1", b'"', b"\xff\xfe", b'{"a": NaN}', b'{"a": 1, "a": 2}', b"[" * 2_000,
    b'{"text": "\\ud800"}', b"text\n\xff\n", b"\x1f\x8b\x08",
)  # fmt: skip

_HEADERS = (
    "If-Match", "If-None-Match", "Idempotency-Key", "Accept-Language", "Accept", "Origin", "Range",
    "Authorization",
)  # fmt: skip

_CONTENT_TYPES = (
    "application/json", "text/csv", "text/plain", "multipart/form-data", "application/json; charset=x", "/",
)  # fmt: skip


class MalformedRequest(NamedTuple):
    """A method, a path with its query, a body and headers. It may happen to be valid."""

    method: str
    path: str
    body: bytes | None
    headers: dict[str, str]


def malform(request: Request, parameters: list[str], random: Random) -> MalformedRequest:
    """Change a valid request in one to three ways. `parameters` are the names that its query may have."""
    method, path, body = request
    path, _, query = path.partition("?")
    pairs = [query] if query else []
    content = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
    headers = {} if method == "GET" else {"If-Match": "*"}
    headers["Content-Type"] = "text/csv" if isinstance(body, str) else "application/json"
    for _ in range(random.randint(1, 3)):
        change = random.choice(["parameter", "parameter", "path", "header", "body", "body", "body"])
        if change == "parameter":
            name = random.choice([*parameters, random.choice(TEXTS)])
            pairs.append(f"{quote(name)}={quote(random.choice(TEXTS))}")
        elif change == "path":
            path = _change_path(path, random)
        elif change == "header":
            headers[random.choice(_HEADERS)] = _header(random.choice(TEXTS))
        elif content is None or random.random() < 0.2:
            content = random.choice(BODIES)
            headers["Content-Type"] = random.choice(_CONTENT_TYPES)
        elif not isinstance(body, str):
            body = change_value(copy.deepcopy(body), random)
            content = json.dumps(body).encode()
    return MalformedRequest(method, "?".join(filter(None, (path, "&".join(pairs)))), content, headers)


def change_value(body: Any, random: Random) -> Any:
    """Replace, remove or add something somewhere in a body of JSON."""
    if isinstance(body, dict) and body and random.random() < 0.8:
        key = random.choice(sorted(body))
        if random.random() < 0.1:
            del body[key]
        elif random.random() < 0.1:
            body[random.choice(TEXTS)] = random.choice(VALUES)
        else:
            body[key] = change_value(body[key], random)
        return body
    if isinstance(body, list) and body and random.random() < 0.6:
        index = random.randrange(len(body))
        body[index] = change_value(body[index], random)
        return body
    return random.choice(VALUES)


def _change_path(path: str, random: Random) -> str:
    parts = path.split("/")
    index = random.randrange(1, len(parts))
    parts[index] = quote(random.choice(TEXTS), safe="")
    return "/".join(parts)


def _header(text: str) -> str:
    """A text that can be sent as a header."""
    return text.replace("\r\n", " ").replace("\0", "").encode().decode("latin-1")
