"""Publishing with private names, contact data or open comments takes a word, which the audit log keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.api import Api
from tests.support.incidents import HEBREW, incident

NAMED = {"cause": "The intern Sarah Miller posted it; write to sarah.miller@example.com."}
BOTH = ["private_names", "contact_data"]


@pytest.fixture
def reviewer(person: Callable[..., Api]) -> Api:
    return person("Noa Cohen", main="admin")


def test_a_name_or_an_address_must_be_acknowledged_to_publish(reviewer: Api) -> None:
    path = f"/incidents/{reviewer.file(**NAMED)['id']}"
    told = reviewer.get(f"{path}/completeness").get_json()["concerns"]
    assert [(concern["key"], concern["pointer"]) for concern in told] == [
        ("private_names", "/cause"),
        ("contact_data", "/cause"),
    ]
    refused = reviewer.step(path, "publish")
    assert refused.status_code == 409
    assert '"acknowledge": ["private_names", "contact_data"]' in refused.get_json()["detail"]
    assert {error["pointer"] for error in refused.get_json()["errors"]} == {"/cause"}
    assert reviewer.get(path).get_json()["status"] == "draft"
    assert reviewer.step(path, "publish", acknowledge=["private_names"]).status_code == 409
    assert reviewer.step(path, "publish", acknowledge=["private_names", "weather"]).status_code == 422
    assert reviewer.step(path, "publish", acknowledge=BOTH).status_code == 200
    (entry,) = reviewer.get("/audit", event="acknowledgment").get_json()["items"]
    assert (entry["incident"], entry["detail"]) == (int(path[11:]), {"concerns": BOTH, "at": ["/cause"]})
    assert "Miller" not in str(entry)


def test_concerns_and_obstacles_are_in_the_language_of_the_reader(
    person: Callable[..., Api], strict_person: Callable[..., Api]
) -> None:
    reviewer, contributor = person("Noa Cohen", main="admin"), person("Dana Levi", main="contributor")
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    proposed = contributor.patch(path, NAMED, If_Match="*", Accept_Language="he").get_json()
    assert "אדם פרטי" in proposed["concerns"][0]["detail"]
    draft = reviewer.file(**NAMED)["id"]
    ready = reviewer.get(f"/incidents/{draft}/completeness", lang="he").get_json()
    assert "אדם פרטי" in ready["concerns"][0]["detail"]
    author = strict_person("Tal Mor", north="reviewer")
    waiting = author.get(f"/incidents/{author.file()['id']}/completeness", lang="he").get_json()
    assert "אדם נוסף" in waiting["obstacles"][0]["detail"]


def test_every_way_to_publish_asks(reviewer: Api) -> None:
    zebra = {**incident(organization="Zebra", status="published"), **NAMED}
    for known in ([], ["private_names"]):
        assert reviewer.post("/incidents", {**zebra, "acknowledge": known}).status_code == 409, known
    assert reviewer.get("/incidents", status="published", organization="Zebra").get_json()["items"] == []
    filed = reviewer.post("/incidents", {**zebra, "acknowledge": BOTH})
    assert filed.get_json()["status"] == "published"
    path = f"/incidents/{reviewer.file(**NAMED)['id']}"
    assert reviewer.patch(path, {"status": "published"}, If_Match="*").status_code == 409
    both = {"status": "published", "acknowledge": BOTH}
    assert reviewer.patch(path, both, If_Match="*").status_code == 200


def test_a_change_of_a_published_incident_asks_about_what_it_adds(reviewer: Api) -> None:
    path = f"/incidents/{reviewer.file(**NAMED, status='published', acknowledge=BOTH)['id']}"
    # What readers see already needs no further word, wherever it moves.
    assert reviewer.patch(path, {"severity": 2}, If_Match="*").status_code == 200
    assert reviewer.patch(path, {"outcome": f"So: {NAMED['cause']}"}, If_Match="*").status_code == 200
    added = {"lessons": [{"text": "Ask Dana Levi first."}]}
    refused = reviewer.patch(path, added, If_Match="*")
    assert refused.status_code == 409
    assert [error["pointer"] for error in refused.get_json()["errors"]] == ["/lessons/0/text"]
    assert reviewer.patch(path, {**added, "acknowledge": ["private_names"]}, If_Match="*").status_code == 200


def test_a_translation_asks_too(reviewer: Api) -> None:
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    named = {**HEBREW, "cause": "המתמחה יוסי כהן פרסם את זה."}
    refused = reviewer.put(f"{path}/translations/he", named, If_Match="*")
    assert refused.status_code == 409, refused.text
    assert [error["pointer"] for error in refused.get_json()["errors"]] == ["/translations/he/cause"]
    assert reviewer.get(path, lang="he").get_json()["language"] == "en"
    known = {**named, "acknowledge": ["private_names"]}
    assert reviewer.put(f"{path}/translations/he", known, If_Match="*").status_code == 201


def test_opening_it_to_more_readers_asks_about_all_of_it(reviewer: Api) -> None:
    filed = reviewer.file(**NAMED, status="published", visibility="team", acknowledge=BOTH)
    path = f"/incidents/{filed['id']}"
    assert reviewer.patch(path, {"visibility": "organization"}, If_Match="*").status_code == 409
    opened = {"visibility": "organization", "acknowledge": BOTH}
    assert reviewer.patch(path, opened, If_Match="*").status_code == 200


def test_open_comments_must_be_acknowledged_to_publish(reviewer: Api) -> None:
    path = f"/incidents/{reviewer.file()['id']}"
    said = reviewer.post(f"{path}/comments", {"text": "Is this so?"})
    refused = reviewer.step(path, "publish")
    assert refused.status_code == 409
    assert refused.get_json()["errors"] == [{"pointer": "/acknowledge", "detail": "Open comments: 1."}]
    comment = f"{path}/comments/{said.get_json()['id']}"
    assert reviewer.patch(comment, {"resolved": True}, If_Match="*").status_code == 200
    assert reviewer.step(path, "publish").status_code == 200


def test_a_draft_needs_no_acknowledgment(reviewer: Api) -> None:
    path = f"/incidents/{reviewer.file(**NAMED)['id']}"
    assert reviewer.patch(path, {"outcome": NAMED["cause"]}, If_Match="*").status_code == 200
    assert reviewer.step(path, "submit").status_code == 200
    assert reviewer.get("/audit", event="acknowledgment").get_json()["items"] == []


def test_a_name_is_found_behind_any_number_of_other_hints(reviewer: Api) -> None:
    many = " ".join(f"a{number}@example.com" for number in range(30))
    path = f"/incidents/{reviewer.file(cause=many)['id']}"
    assert reviewer.step(path, "publish", acknowledge=["contact_data"]).status_code == 200
    named = {"cause": f"{many} and our intern Sarah Miller, +972 54-123-4567"}
    refused = reviewer.patch(path, named, If_Match="*")
    assert refused.status_code == 409
    assert len(refused.get_json()["errors"]) == 2


def test_part_of_a_longer_name_is_another_name(reviewer: Api) -> None:
    foundation = {"cause": "The Sarah Miller-Smith foundation asked. Write to press@acme-mail.com."}
    filed = reviewer.file(**foundation, status="published", acknowledge=BOTH)
    added = {"outcome": "Sarah Miller did it. Write to ress@acme-mail.com."}
    refused = reviewer.patch(f"/incidents/{filed['id']}", added, If_Match="*")
    assert refused.status_code == 409
    assert '"private_names", "contact_data"' in refused.get_json()["detail"]


def test_a_name_that_was_the_organization_s_is_asked_about_when_that_changes(reviewer: Api) -> None:
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    named = {"organization": "Sarah Miller", "cause": "Sarah Miller posted it."}
    assert reviewer.patch(path, named, If_Match="*").status_code == 200
    assert reviewer.patch(path, {"organization": "Acme"}, If_Match="*").status_code == 409


def test_all_concerns_are_asked_about_at_once(reviewer: Api, person: Callable[..., Api]) -> None:
    dana = person("Dana Levi", main="contributor")
    path = f"/incidents/{reviewer.file(status='published', visibility='team')['id']}"
    change = dana.patch(path, {**NAMED, "visibility": "organization"}, If_Match="*").get_json()
    reviewer.post(f"{path}/comments", {"text": "Is this so?", "proposal": change["id"]})
    proposal = f"/proposals/{change['id']}"
    every = ["open_comments", "private_names", "contact_data"]
    assert [concern["key"] for concern in reviewer.get(proposal).get_json()["concerns"]] == every
    assert str(every).replace("'", '"') in reviewer.step(proposal, "publish").get_json()["detail"]
    assert reviewer.step(proposal, "publish", acknowledge=every).status_code == 200
    (entry,) = reviewer.get("/audit", event="acknowledgment").get_json()["items"]
    assert entry["detail"]["concerns"] == every
