"""Exports that are read line by line."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.support.api import Api


def titles_while(api: Api, act: Callable[[], object]) -> list[str]:
    """The titles in an export of what is published; `act` is called after its first line."""
    headers = {} if api.token is None else {"Authorization": f"Bearer {api.token}"}
    response = api.client.get("/api/v1/export?status=published", headers=headers, buffered=False)
    assert response.status_code == 200
    stream = response.iter_encoded()
    text = next(stream)
    with ThreadPoolExecutor(1) as others:  # in this thread, it would be within the request
        others.submit(act).result()
    text += b"".join(stream)
    response.close()
    return [json.loads(line)["title"] for line in text.splitlines()]


def exported(api: Api) -> list[str]:
    """The titles in an export of what is published."""
    return titles_while(api, lambda: None)
