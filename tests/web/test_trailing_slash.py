"""Addresses with a slash too many at their end."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.support.api import Api
from tests.support.incidents import incident


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/api/v1/incidents/?limit=1&category=tone-deaf", "/api/v1/incidents?limit=1&category=tone-deaf"),
        ("/api/v1/incidents/3/", "/api/v1/incidents/3"),
        ("/incidents/", "/incidents"),
        ("/incidents/3/", "/incidents/3"),
        ("/api/v1/taxonomy/קטגוריה/", "/api/v1/taxonomy/%D7%A7%D7%98%D7%92%D7%95%D7%A8%D7%99%D7%94"),
    ],
)
def test_an_address_with_a_slash_leads_to_the_one_without(reader: Api, path: str, location: str) -> None:
    response = reader.client.get(path)
    assert (response.status_code, response.headers["Location"]) == (308, location)


def test_what_is_posted_to_an_address_with_a_slash_arrives(contributor: Api) -> None:
    headers = {"Authorization": f"Bearer {contributor.token}"}
    response = contributor.client.post(
        "/api/v1/incidents/", json=incident(), headers=headers, follow_redirects=True
    )
    assert response.status_code == 201


@pytest.mark.parametrize("path", ["/nothing/", "/api/v1/nothing/", "/incidents//", "/incidents/seven/"])
def test_where_nothing_is_without_the_slash_nothing_is_with_it(reader: Api, path: str) -> None:
    assert reader.client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["//incidents/", "//example.com/incidents/", "///incidents/"])
def test_no_address_leads_to_another_host(reader: Api, path: str) -> None:
    response = reader.client.get("/", environ_overrides={"PATH_INFO": path})
    location = urlsplit(response.headers.get("Location", "/"))
    assert location.netloc in ("", "localhost")
    assert not location.path.startswith("//")
