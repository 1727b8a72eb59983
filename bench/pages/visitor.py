"""The requests of somebody's browser, signed in or not, and of a program that asks the API for the same."""

from __future__ import annotations

import http.client
import json
import re
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kb.config import API_ROOT
from kb.pages.session import SESSION_COOKIE

if TYPE_CHECKING:
    from collections.abc import Mapping

CODINGS = "gzip, deflate, br, zstd"
"""What browsers accept."""

_FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Visitor:
    """Somebody who reads in a language, with the token of an account or without.

    `form_cookie` and `form_token` are what sending a form needs (`with_form`).
    """

    language: str
    token: str | None = None
    form_cookie: str = ""
    form_token: str = ""

    def with_form(self, port: int) -> Visitor:
        """The visitor after opening the page for drafts of a server on a port."""
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            connection.request("GET", "/check", headers=self._page_headers("identity"))
            response = connection.getresponse()
            cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]
            match = _FORM_TOKEN.search(response.read().decode())
        assert match is not None
        return replace(self, form_cookie=cookie, form_token=match[1])

    def page(self, path: str, codings: str = CODINGS) -> bytes:
        """The request for a page."""
        return _request("GET", path, self._page_headers(codings))

    def form(self, path: str, fields: Mapping[str, str], codings: str = CODINGS) -> bytes:
        """The request that sends a form."""
        headers = self._page_headers(codings) | {"Content-Type": "application/x-www-form-urlencoded"}
        return _request("POST", path, headers, urlencode({**fields, "csrf_token": self.form_token}).encode())

    def call(self, method: str, path: str, data: Any = None, codings: str = CODINGS) -> bytes:
        """A request to the API, with data as JSON."""
        headers = {"Accept-Language": self.language, "Accept-Encoding": codings}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if data is None:
            return _request(method, f"{API_ROOT}{path}", headers)
        headers |= {"Content-Type": "application/json", "If-Match": "*"}
        return _request(method, f"{API_ROOT}{path}", headers, json.dumps(data, ensure_ascii=False).encode())

    def _page_headers(self, codings: str) -> dict[str, str]:
        session = "" if self.token is None else f"{SESSION_COOKIE}={self.token}"
        cookies = "; ".join(filter(None, (session, self.form_cookie)))
        headers = {"Accept": "text/html", "Accept-Language": self.language, "Accept-Encoding": codings}
        return headers | ({"Cookie": cookies} if cookies else {})


def _request(method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes:
    length = {} if body is None else {"Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in ({**headers, **length}).items())
    return f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{lines}\r\n".encode() + (body or b"")
