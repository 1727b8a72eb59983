"""Comments on an incident: who sees them, and when they block publication."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from kb.config import Settings
from tests.support.api import Api, people, running


def test_open_comments_block_publication(strict_person: Callable[..., Api]) -> None:
    author = strict_person("Dana Levi", north="contributor")
    reviewer = strict_person("Noa Cohen", north="reviewer")
    path = f"/incidents/{author.file(status='in_review')['id']}"
    said = reviewer.post(f"{path}/comments", {"text": "Who says so?", "about": "cause"})
    comment = said.headers["Location"].removeprefix("/api/v1")
    assert "comments" in reviewer.step(path, "publish").get_json()["detail"]
    assert reviewer.get(f"{path}/completeness").get_json()["open_comments"] == 1
    assert author.patch(comment, {"resolved": True}).status_code == 428
    done = author.patch(comment, {"resolved": True}, If_Match=said.headers["ETag"])
    assert (done.get_json()["resolved_by"], done.get_json()["about"]) == ("Dana Levi", "cause")
    assert reviewer.patch(comment, {"resolved": False}, If_Match=said.headers["ETag"]).status_code == 412
    assert reviewer.step(path, "publish").status_code == 200


def test_a_concurrent_comment_cannot_slip_past_publication(any_settings: Settings) -> None:
    for app in running(replace(any_settings, resolved_comments=True)):
        dana = people(app)("Dana Levi", north="reviewer")
        for _ in range(4):
            path = f"/incidents/{dana.file()['id']}"
            api = Api(app.test_client(), dana.contract, dana.token)
            with ThreadPoolExecutor(2) as pool:
                said = pool.submit(api.post, f"{path}/comments", {"text": "Wait!"})
                dana.step(path, "publish", if_match='"1"')
                assert said.result().status_code == 201
            comment = dana.get(f"{path}/comments").get_json()["items"][0]
            # A comment on the draft is internal, and would have blocked publication.
            assert (dana.get(path).get_json()["status"] == "published") is not comment["internal"]


def test_comments_made_before_publication_stay_internal(
    as_role: Callable[..., Api], person: Callable[..., Api]
) -> None:
    reviewer, stranger = as_role("reviewer"), person("Eve", south="admin")
    path = f"/incidents/{reviewer.file()['id']}"
    reviewer.post(f"{path}/comments", {"text": "Between us."})
    reviewer.step(path, "publish", acknowledge=["open_comments"])
    reviewer.post(f"{path}/comments", {"text": "For all."})
    reviewer.post(f"{path}/comments", {"text": "Still between us.", "internal": True})
    assert _texts(stranger.get(f"{path}/comments")) == ["For all."]
    assert _texts(as_role().get(f"{path}/comments")) == ["For all."]
    assert _texts(reviewer.get(f"{path}/comments")) == ["Still between us.", "For all.", "Between us."]
    assert _texts(reviewer.get(f"{path}/comments", resolved="true")) == []
    assert stranger.get(f"{path}/comments/1").status_code == 404
    assert stranger.patch(f"{path}/comments/1", {"resolved": True}, If_Match="*").status_code == 404


def test_outsiders_can_comment_on_public_incidents_and_resolve_their_own_comments(
    as_role: Callable[..., Api], person: Callable[..., Api]
) -> None:
    reviewer, stranger = as_role("reviewer"), person("Eve")
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    mine = stranger.post(f"{path}/comments", {"text": "הערה: זה קרה גם לנו"})
    assert mine.get_json()["author"] == "Eve"
    theirs = reviewer.post(f"{path}/comments", {"text": "Thank you"}).headers["Location"]
    assert stranger.patch(theirs.removeprefix("/api/v1"), {"resolved": True}, If_Match="*").status_code == 403
    own = mine.headers["Location"].removeprefix("/api/v1")
    assert stranger.patch(own, {"resolved": True}, If_Match="*").status_code == 200
    assert as_role().post(f"{path}/comments", {"text": "x"}).status_code == 401
    assert stranger.post(f"{path}/comments", {"text": "x", "internal": True}).status_code == 422
    for bad in ({}, {"text": ""}, {"text": "x" * 5_001}, {"text": "x", "about": "nothing"}):
        assert stranger.post(f"{path}/comments", bad).status_code == 422


def _texts(response: Any) -> list[str]:
    return [item["text"] for item in response.get_json()["items"]]
