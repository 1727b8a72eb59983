from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from kb.config import Settings
from tests.support.api import Api, running
from tests.support.incidents import HEBREW
from tests.support.pages import Browser, visitor

PEOPLE = Callable[..., Api]

FORM = ("csrf_token", "version")
ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application with the four-eyes rule."""
    yield from running(replace(settings, four_eyes=True))


def published(noa: Api, dana: Api, **fields: object) -> int:
    """An incident that Dana filed and Noa published."""
    filed = dana.file(status="in_review", severity=3, **fields)
    assert noa.step(f"/incidents/{filed['id']}", "publish").status_code == 200
    number: int = filed["id"]
    return number


def propose(api: Api, incident: int, **changes: object) -> int:
    """Propose a change, and return the proposal's id."""
    response = api.patch(f"/incidents/{incident}", changes, If_Match="*")
    assert response.status_code == 202, response.text
    number: int = response.get_json()["id"]
    return number


def test_what_waits_is_listed_with_who_handed_it_in_newest_last(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    number = published(noa, dana, title="Long known")
    propose(dana, number, cause="Nobody had read it.")
    dana.file(title="Just handed in", status="in_review", severity=3)
    browser = visitor(noa)
    front = browser.open("/")
    page = browser.follow(front, "Waiting for review")
    assert page.texts(".rows strong") == ["Long known", "Just handed in"]
    first, second = page.texts(".rows .meta")
    assert first.startswith("a change of a published incident handed in by Dana")
    assert "UTC" in first
    assert second.startswith("an incident handed in by Dana")
    assert page.texts(".rows li > p") == ["You may decide", "You may decide"]


def test_ones_own_is_listed_for_somebody_else_to_decide(person: PEOPLE) -> None:
    noa = person("Noa", north="reviewer")
    noa.file(title="Mine", status="in_review", severity=3)
    page = visitor(noa).open("/waiting")
    assert page.texts(".rows strong") == ["Mine"]
    assert page.texts(".rows li > p") == ["Yours: somebody else must decide"]


def test_a_draft_that_was_not_handed_in_and_another_teams_are_not_listed(
    person: PEOPLE, browser: Browser
) -> None:
    dana = person("Dana", north="contributor")
    dana.file(title="Not yet")
    dana.file(title="Theirs", status="in_review", severity=3)
    stranger = visitor(person("Uri", south="admin")).open("/waiting")
    assert "Nothing is waiting" in stranger.text
    assert visitor(dana).open("/waiting").texts(".rows strong") == ["Theirs"]
    assert visitor(person("Lea", north="reader")).open("/waiting").texts(".rows li > p") == []
    assert visitor(person("Tom")).open("/waiting").status == 403
    assert browser.open("/waiting").heading == "Sign in"


def test_a_proposed_change_is_read_before_and_after_and_accepted(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    number = published(noa, dana, title="Long known", cause="Nobody had read it.")
    propose(dana, number, cause="Somebody had read it.")
    browser = visitor(noa)
    page = browser.follow(browser.open("/waiting"), "Long known")
    assert page.texts(".diff h2") == ["What led to it"]
    assert page.texts(".diff del") == ["Nobody"]
    assert page.texts(".diff ins") == ["Somebody"]
    done = browser.send(page, "Accept and publish", comment="Thank you.")
    assert done.url == f"/incidents/{number}"
    assert done.texts("[role=status]") == ["Accepted. Readers see the change from now on."]
    assert "Somebody had read it." in done.text
    assert "Nothing is waiting" in browser.open("/waiting").text
    closed = browser.open(page.url)
    assert "This change was accepted." in closed.text
    assert "Thank you." in closed.text
    assert not closed.soup.select("#decision")


def test_a_rejected_change_leaves_the_incident_and_keeps_the_reason(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    number = published(noa, dana, cause="Nobody had read it.")
    path = f"/proposals/{propose(dana, number, cause='Somebody.')}"
    browser = visitor(noa)
    wrong = browser.send(browser.open(path), "Reject the change", comment="x" * 501)
    assert wrong.status == 422
    assert wrong.texts("#discard-comment-error") == ["Write the comment in at most 500 characters."]
    assert wrong.one("#discard-comment").get_text() == "x" * 501
    assert not wrong.one("#publish-comment").get_text()
    done = browser.send(wrong, "Reject the change", comment="<b>Who</b> was it?")
    assert done.texts("[role=status]") == ["Discarded. The incident stays as it is."]
    assert "Nobody had read it." in done.text
    assert "<b>Who</b> was it?" in visitor(dana).open(path).text


def test_ones_own_change_cannot_be_accepted(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    path = f"/proposals/{propose(noa, published(noa, dana), cause='Mine.')}"
    browser = visitor(noa)
    page = browser.open(path)
    assert "You wrote some of it, so somebody else must decide." in page.text
    assert "Accept and publish" not in page.text
    fields = {name: str(page.soup.select(f"#decision [name={name}]")[0]["value"]) for name in FORM}
    answer = browser.client.post(path, data={**fields, "step": "publish"}, headers=ORIGIN)
    assert answer.status_code == 409
    assert noa.get(path).get_json()["status"] == "open"


def test_a_change_is_not_decided_in_a_version_that_was_not_read(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    path = f"/proposals/{propose(dana, published(noa, dana), cause='First.')}"
    browser = visitor(noa)
    page = browser.open(path)
    assert dana.patch(path, {"cause": "Second."}, If_Match="*").status_code == 200
    again = browser.send(page, "Accept and publish", comment="Fine.")
    assert again.status == 409
    assert "It was changed in the meantime." in again.one("[role=alert]").get_text()
    assert again.one("#publish-comment").get_text() == "Fine."
    assert browser.send(again, "Accept and publish").status == 200


def test_an_incident_that_was_handed_in_is_read_and_accepted(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    number = dana.file(title="Just handed in", status="in_review", severity=3)["id"]
    browser = visitor(noa)
    page = browser.follow(browser.open("/waiting"), "Just handed in")
    assert page.texts(".diff h2")[0] == "Title"
    assert not {"id", "created_at", "Status"} & {*page.texts(".diff h2")}
    assert "It happened" in page.texts(".diff li"), "not the key of the API"
    assert "What was handed in" in page.texts("h2")
    assert not page.soup.select(".diff ins"), "all of it is new, so nothing stands out"
    done = browser.send(page, "Accept and publish")
    assert done.url == f"/incidents/{number}"
    assert done.texts("[role=status]") == ["Accepted. Readers see the incident from now on."]
    assert noa.get(f"/incidents/{number}").get_json()["status"] == "published"
    assert "This does not wait for a review." in browser.open(page.url).text


def test_an_incident_is_handed_back_with_what_should_change(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    number = dana.file(status="in_review", severity=3)["id"]
    browser = visitor(noa)
    done = browser.send(browser.open(f"/incidents/{number}/review"), "Ask for changes", comment="Sources?")
    assert done.texts("[role=status]") == ["Handed back. It is a draft again, which only the team sees."]
    (event, *_) = dana.get(f"/incidents/{number}/events").get_json()["items"]
    assert (event["step"], event["comment"]) == ("request_changes", "Sources?")


def test_what_was_handed_back_is_listed_until_it_is_handed_in_again(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    filed = dana.file(title="Handed back", status="in_review", severity=3)
    path = f"/incidents/{filed['id']}"
    assert noa.step(path, "request_changes", comment="Sources?").status_code == 200
    dana.file(title="Never handed in")
    browser = visitor(dana)
    waiting = browser.open("/waiting")
    assert waiting.texts("#returned strong") == ["Handed back"]
    assert "handed back by Noa" in waiting.texts("#returned li")[0]
    page = browser.follow(waiting, "Handed back")
    assert page.url == f"{path}/edit"
    assert page.texts(".status-note p") == ["Noa has read it and asks for changes.", "Sources?"]
    for other in (person("Lea", north="reader"), person("Uri", south="admin")):
        assert not visitor(other).open("/waiting").soup.select("#returned")
    assert dana.step(path, "submit").status_code == 200
    assert not browser.open("/waiting").soup.select("#returned")
    assert "asks for changes" not in browser.open(page.url).text


def test_what_readers_should_not_see_is_ticked_before_it_is_accepted(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    number = dana.file(status="in_review", severity=3, cause="Write to dana.levi@example.com.")["id"]
    browser = visitor(noa)
    page = browser.send(browser.open(f"/incidents/{number}/review"), "Accept and publish", comment="Fine.")
    assert page.status == 422
    assert page.texts("#acknowledge-error") == ["Tick what you know of, to accept it in spite of that."]
    assert page.one("#publish-comment").get_text() == "Fine."
    done = browser.send(page, "Accept and publish", acknowledge="contact_data")
    assert done.texts("[role=status]") == ["Accepted. Readers see the incident from now on."]


def test_a_member_of_another_team_finds_nothing_to_decide(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    proposal = f"/proposals/{propose(dana, published(noa, dana), cause='New.')}"
    draft = f"/incidents/{dana.file(status='in_review', severity=3)['id']}/review"
    stranger = visitor(person("Uri", south="admin"))
    token = str(stranger.open("/").one(".menu input[name=csrf_token]")["value"])
    for path, step in ((proposal, "discard"), (draft, "request_changes")):
        assert stranger.open(path).status == 404
        sent = {"csrf_token": token, "version": "1", "step": step}
        assert stranger.client.post(path, data=sent, headers=ORIGIN).status_code == 404
        assert visitor(noa).client.post(path, data={"version": "1", "step": step}).status_code == 400


def test_a_reader_of_the_team_reads_but_does_not_decide(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    path = f"/proposals/{propose(dana, published(noa, dana), cause='New.')}"
    lea = visitor(person("Lea", north="reader"))
    page = lea.open(path)
    assert "Reviewers of the team decide whether it is accepted." in page.text
    assert not page.soup.select("#decision form")


def test_the_page_of_an_incident_leads_its_team_to_what_waits(person: PEOPLE, browser: Browser) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    number = published(noa, dana)
    proposal = propose(dana, number, cause="New.")
    draft = dana.file(status="in_review", severity=3)["id"]
    reviewer = visitor(noa)
    page = reviewer.follow(reviewer.open(f"/incidents/{number}"), "See the change")
    assert page.url == f"/proposals/{proposal}"
    page = reviewer.follow(reviewer.open(f"/incidents/{draft}"), "See what is new in it")
    assert page.url == f"/incidents/{draft}/review"
    for reader in (browser, visitor(person("Uri", south="admin"))):
        assert "waits for a review" not in reader.open(f"/incidents/{number}").text


def test_the_menu_counts_what_waits_on_every_page(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    propose(dana, published(noa, dana), cause="New.")
    dana.file(title="Just handed in", status="in_review", severity=3)
    dana.file(title="A draft")
    for page in ("/", "/waiting", "/incidents/999999"):
        seen = visitor(noa).open(page)
        assert seen.link("Waiting for review 2") == "/waiting"
        assert seen.texts(".menu summary") == ["Noa 2 waiting for review"]
    # Whoever decides nothing is not called to it, but finds the list.
    assert visitor(dana).open("/").texts(".menu summary") == ["Dana"]
    assert visitor(dana).open("/").link("Waiting for review 2")
    stranger = visitor(person("Uri", south="admin")).open("/")
    assert stranger.texts(".menu summary") == ["Uri"]
    assert stranger.texts(".menu a[href='/waiting']") == ["Waiting for review"]


def test_a_decision_page_shows_the_open_comments(person: PEOPLE) -> None:
    noa, dana = person("Noa", north="reviewer"), person("Dana", north="contributor")
    number = published(noa, dana, title="Long known")
    proposal = propose(dana, number, cause="Somebody.")
    draft = dana.file(title="Just handed in", status="in_review", severity=3)["id"]
    said = {"text": "Who says so?\n\nI found <b>no</b> source.", "about": "cause"}
    assert noa.post(f"/incidents/{draft}/comments", said).status_code == 201
    done = noa.post(f"/incidents/{draft}/comments", {"text": "Settled long ago."}).get_json()
    path = f"/incidents/{draft}/comments/{done['id']}"
    assert noa.patch(path, {"resolved": True}, If_Match="*").status_code == 200
    assert noa.post(f"/incidents/{number}/comments", {"text": "Of the incident."}).status_code == 201
    of_change = {"text": "Of the change.", "proposal": proposal}
    assert noa.post(f"/incidents/{number}/comments", of_change).status_code == 201
    page = visitor(noa).open(f"/incidents/{draft}/review")
    assert page.texts("#comments li p:not(.meta)") == ["Who says so? I found <b>no</b> source."]
    (line,) = page.texts("#comments .meta")
    assert line.startswith("Noa about: What led to it")
    assert visitor(noa).open(f"/proposals/{proposal}").texts("#comments li p:not(.meta)") == [
        "Of the change."
    ]


def test_a_title_is_listed_in_the_language_of_the_reader(person: PEOPLE) -> None:
    dana = person("Dana", north="contributor")
    number = dana.file(title="Handed in", status="in_review", severity=3)["id"]
    assert dana.put(f"/incidents/{number}/translations/he", HEBREW, If_Match="*").status_code == 201
    page = visitor(dana, "he").open("/waiting")
    assert page.texts(".rows a[lang=he]") == [HEBREW["title"]]
    assert visitor(dana).open("/waiting").texts(".rows a[lang=en]") == ["Handed in"]
