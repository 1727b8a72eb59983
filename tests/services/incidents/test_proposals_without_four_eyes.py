"""Proposals where the rule of four eyes is off: whoever may publish changes what is published at once."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.api import Api
from tests.support.incidents import FULL_INCIDENT, HEBREW
from tests.support.proposals import propose


def test_a_reviewer_changes_a_published_incident_at_once(as_role: Callable[..., Api]) -> None:
    reviewer = as_role("reviewer")
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    assert reviewer.patch(path, {"cause": "Another."}, If_Match="*").status_code == 200
    assert reviewer.put(f"{path}/translations/he", HEBREW, If_Match="*").status_code == 201


def test_a_contributor_proposes_and_a_reviewer_publishes(as_role: Callable[..., Api]) -> None:
    reviewer, contributor = as_role("reviewer"), as_role("contributor")
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    proposal = propose(contributor, path, cause="Another.")
    assert contributor.step(proposal, "publish").status_code == 403
    assert reviewer.step(proposal, "publish").status_code == 200


def test_what_changed_meanwhile_stays_and_a_conflict_is_named(as_role: Callable[..., Api]) -> None:
    reviewer, contributor = as_role("reviewer"), as_role("contributor")
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    proposal = propose(contributor, path, cause="Proposed.", severity=2)
    reviewer.patch(path, {"cause": "At once.", "outcome": "At once."}, If_Match="*")
    shown = contributor.get(proposal).get_json()
    assert [conflict["pointer"] for conflict in shown["conflicts"]] == ["/cause"]
    refused = reviewer.step(proposal, "publish")
    assert refused.status_code == 409
    assert [error["pointer"] for error in refused.get_json()["errors"]] == ["/cause"]
    assert contributor.patch(proposal, {"severity": 3}, If_Match="*").status_code == 409
    assert contributor.patch(proposal, {"cause": "Both."}, If_Match="*").status_code == 200
    assert reviewer.step(proposal, "publish").status_code == 200
    read = contributor.get(path).get_json()
    assert (read["cause"], read["outcome"], read["severity"]) == ("Both.", "At once.", 2)


def test_narrowing_who_sees_it_is_up_to_a_reviewer(as_role: Callable[..., Api]) -> None:
    reviewer, contributor = as_role("reviewer"), as_role("contributor")
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    proposal = propose(contributor, path, visibility="team")
    assert as_role().get(path).status_code == 200
    assert reviewer.step(proposal, "publish").status_code == 200
    assert as_role().get(path).status_code == 404


def test_a_repeated_step_with_a_key_is_taken_once(as_role: Callable[..., Api]) -> None:
    reviewer, contributor = as_role("reviewer"), as_role("contributor")
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    restored_from = contributor.get(path).get_json()["version"]
    reviewer.patch(path, {"cause": "Another."}, If_Match="*")
    key = {"If_Match": "*", "Idempotency_Key": "k"}
    first, again = (
        contributor.post(f"{path}/revisions/{restored_from}/restore", {}, **key) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.get_json() == again.get_json()
    proposal = f"/proposals/{first.get_json()['id']}"
    step = {"step": "publish"}
    once, twice = (
        reviewer.post(f"{proposal}/events", step, If_Match='"1"', Idempotency_Key="p") for _ in range(2)
    )
    assert once.get_json() == twice.get_json()
    assert once.status_code == twice.status_code == 200


UNLIKE = {
    "id",
    "slug",
    "url",
    "author",
    "version",
    "created_at",
    "updated_at",
    "published_at",
    "status",
    "lessons",
}
"""Fields in which two incidents with the same content differ."""


def test_every_field_can_be_proposed(any_role: Callable[..., Api]) -> None:
    reviewer, contributor = any_role("reviewer"), any_role("contributor")
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    changes = {name: FULL_INCIDENT[name] for name in FULL_INCIDENT.keys() - {"language"}}
    proposal = propose(contributor, path, **changes)
    proposed = contributor.get(proposal).get_json()["content"]
    expected = reviewer.get(f"/incidents/{reviewer.file(**changes)['id']}").get_json()
    assert reviewer.step(proposal, "publish").status_code == 200
    published = contributor.get(path).get_json()
    assert published["lessons"] == proposed["lessons"]
    assert [lesson["text"] for lesson in published["lessons"]] == ["Proofread.", "Sign off."]
    for name in expected.keys() - UNLIKE:
        assert published[name] == proposed[name] == expected[name], name
