"""GET /incidents/by-slug: an incident by the readable name that it has in its team."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.api import Api


def test_an_incident_is_read_by_its_slug_as_by_its_number(admin: Api) -> None:
    admin.post("/teams", {"key": "north"})
    incident = admin.file(team="north", slug="a-joke", status="published")
    for query in ({}, {"lang": "he"}):
        by_slug = admin.get("/incidents/by-slug/north/a-joke", **query)
        by_id = admin.get(f"/incidents/{incident['id']}", **query)
        assert by_slug.get_json() == by_id.get_json()
        assert by_slug.headers["ETag"] == by_id.headers["ETag"]
    unchanged = admin.get("/incidents/by-slug/north/a-joke", headers={"If-None-Match": by_id.headers["ETag"]})
    assert unchanged.status_code == 304


def test_a_slug_is_one_of_its_team(admin: Api) -> None:
    for team in ("north", "south"):
        admin.post("/teams", {"key": team})
        admin.file(team=team, slug="a-joke", title=f"The {team} joke")
    for team in ("north", "south"):
        assert admin.get(f"/incidents/by-slug/{team}/a-joke").get_json()["title"] == f"The {team} joke"


@pytest.mark.parametrize("path", ["north/nothing", "nowhere/a-joke", "north/a%00joke", "%ED%A0%80/a-joke"])
def test_what_is_not_there_and_what_is_hidden_look_alike(
    admin: Api, person: Callable[..., Api], path: str
) -> None:
    admin.post("/teams", {"key": "north"})
    admin.post("/teams", {"key": "south"})
    admin.file(team="north", slug="a-joke", visibility="team")
    stranger = person("Sam South", south="reviewer")
    hidden = stranger.get("/incidents/by-slug/north/a-joke")
    missing = stranger.request("GET", f"/incidents/by-slug/{path}")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.get_json()["detail"] == "There is no incident 'a-joke' of a team 'north'."
