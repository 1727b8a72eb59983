"""A draft is handed in for review where it is read: a near miss reaches its readers without the API."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.api import Api
from tests.support.pages import Browser, Page, visitor

PEOPLE = Callable[..., Api]
DRAFT = "Black Friday **** Need copy and link****"


def near_miss(dana: Browser, **texts: str) -> Page:
    """File what a check has found as a near miss."""
    result = dana.send(dana.open("/check"), "Check it", text=DRAFT, organization="Acme")
    form = dana.follow(result, "File it as a near miss")
    labels = [label for label in form.texts("main label") if label in ("What led to it", "How it ended")]
    assert labels == ["What led to it", "How it ended"], "as the page of the incident calls them"
    return dana.send(form, "File it as a draft", organization="Acme", **texts)


def test_a_near_miss_goes_from_the_check_over_a_second_person_to_its_readers(person: PEOPLE) -> None:
    dana, noa = visitor(person("Dana", north="contributor")), visitor(person("Noa", north="reviewer"))
    filed = near_miss(dana, cause="Nobody proofread it.", outcome="The check stopped it.")
    assert "Nobody proofread it." in filed.text
    ready = dana.follow(filed, "See what a review needs")
    done = dana.send(ready, "Hand it in for review", comment="Please read the lesson.")
    assert done.texts("[role=status]") == [
        "Handed in. Now it waits for somebody else in your team to read it."
    ]
    read = noa.follow(noa.open("/waiting"), "Caught before publication")
    assert "Please read the lesson." in read.text
    accepted = noa.send(read, "Accept and publish")
    assert accepted.texts("[role=status]") == ["Accepted. Readers see the incident from now on."]


def test_a_draft_that_lacks_something_says_what_and_is_not_handed_in(person: PEOPLE) -> None:
    dana = visitor(person("Dana", north="contributor"))
    page = dana.follow(near_miss(dana), "See what a review needs")
    assert page.texts("#decision li") == ["It lacks: What led to it", "It lacks: How it ended"]
    assert dana.follow(page, "It lacks: How it ended").heading == "How it ended"
    assert not page.soup.select("main form")
    assert page.one("title").get_text().startswith("Hand in: ")
    token = str(page.one("input[name=csrf_token]")["value"])
    sent = {"csrf_token": token, "step": "submit", "version": "1"}
    headers = {"Accept": "text/html", "Origin": "http://localhost"}
    refused = Page(page.url, dana.client.post(page.url, data=sent, headers=headers))
    assert refused.status == 422
    assert refused.texts("[role=alert] h2") == ["It was not handed in"]


def test_a_draft_is_not_handed_in_in_a_version_that_was_not_read(person: PEOPLE) -> None:
    api = person("Dana", north="contributor")
    number = api.file(status="draft")["id"]
    dana = visitor(api)
    page = dana.open(f"/incidents/{number}/review")
    assert api.patch(f"/incidents/{number}", {"cause": "Another one."}, If_Match="*").status_code == 200
    stale = dana.send(page, "Hand it in for review", comment="Please.")
    assert stale.status == 409
    assert stale.one("#submit-comment").get_text().strip() == "Please."
    assert dana.send(stale, "Hand it in for review").url == f"/incidents/{number}"


def test_a_reader_of_the_team_does_not_hand_in_a_draft(person: PEOPLE) -> None:
    number = person("Dana", north="contributor").file(status="draft")["id"]
    page = visitor(person("Lea", north="reader")).open(f"/incidents/{number}/review")
    assert "This does not wait for a review." in page.text
    assert not page.soup.select("main form")
