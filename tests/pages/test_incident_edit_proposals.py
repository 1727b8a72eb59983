"""A published incident is changed in the browser: at once, or as a proposal that waits for a review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from kb.config import Settings
from tests.support.api import Api, running
from tests.support.incidents import HEBREW
from tests.support.pages import visitor


@pytest.fixture(params=["four eyes", "two eyes"])
def app(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Flask]:
    yield from running(replace(settings, four_eyes=request.param == "four eyes"))


four_eyes = pytest.mark.parametrize("app", ["four eyes"], indirect=True)
two_eyes = pytest.mark.parametrize("app", ["two eyes"], indirect=True)


@pytest.fixture
def number(noa: Api, dana: Api) -> int:
    """An incident that Dana filed and Noa published."""
    filed: int = dana.file(status="in_review", severity=3)["id"]
    assert noa.step(f"/incidents/{filed}", "publish").status_code == 200
    return filed


def test_a_contributors_change_waits_and_more_is_added_to_it(noa: Api, dana: Api, number: int) -> None:
    browser = visitor(dana)
    page = browser.follow(browser.open(f"/incidents/{number}"), "Change the incident")
    assert "each change is a proposal" in page.text
    form = browser.follow(page, "Change : What led to it")
    page = browser.send(form, "Propose the change", cause="Another cause.", comment="As the report says.")
    assert page.texts("[role=status]") == ["Proposed. Readers see it once somebody else has accepted it."]
    assert "What you change here is added to it." in page.text
    assert "Another cause." in page.texts("#cause")[0]
    page = browser.send(
        browser.follow(page, "Add a source"), "Propose the change", title="The report", kind="news"
    )
    waiting = browser.follow(page, "See the change")
    assert waiting.texts(".diff h2") == ["What led to it", "Sources"]
    assert "As the report says." in waiting.text
    assert "Another cause." not in browser.open(f"/incidents/{number}").text
    reviewer = visitor(noa)
    assert reviewer.send(reviewer.open(waiting.url), "Accept and publish").status == 200
    assert "Another cause." in browser.open(f"/incidents/{number}").text
    assert browser.follow(waiting, "Change the incident").url == f"/incidents/{number}/edit"


def test_a_form_that_was_opened_before_somebody_proposed_a_change_is_compared_with_it(
    noa: Api, dana: Api, number: int
) -> None:
    browser = visitor(dana)
    form = browser.open(f"/incidents/{number}/edit/cause")
    uri = visitor(dana)
    uri.send(uri.open(form.url), "Propose the change", cause="First.")
    stale = browser.send(form, "Propose the change", cause="Second.")
    assert stale.status == 409
    assert stale.one("#cause").get_text().strip() == "Second."
    assert "First" in " ".join(stale.texts(".meanwhile ins"))
    assert browser.send(stale, "Propose the change").status == 200
    assert "Second." in browser.open(f"/incidents/{number}/edit").texts("#cause")[0]


@four_eyes
def test_a_form_of_a_proposal_that_was_decided_meanwhile_is_compared_with_the_incident(
    noa: Api, dana: Api, number: int
) -> None:
    browser, reviewer = visitor(dana), visitor(noa)
    page = browser.send(browser.open(f"/incidents/{number}/edit/cause"), "Propose the change", cause="First.")
    form = browser.open(f"/incidents/{number}/edit/outcome")
    reviewer.send(reviewer.follow(reviewer.open(page.url), "See the change"), "Reject the change")
    stale = browser.send(form, "Propose the change", outcome="Mine.")
    assert stale.status == 409
    assert stale.one("#outcome").get_text().strip() == "Mine."
    page = browser.send(stale, "Propose the change")
    assert "First." not in page.text
    assert "Mine." in page.text


@two_eyes
def test_what_others_changed_too_stays_as_proposed_only_if_it_is_ticked(
    noa: Api, dana: Api, number: int
) -> None:
    browser = visitor(dana)
    address = f"/incidents/{number}/edit"
    browser.send(browser.open(f"{address}/cause"), "Propose the change", cause="Mine.")
    path = f"/incidents/{number}"
    assert noa.patch(path, {"cause": "Theirs."}, If_Match="*").status_code == 200
    form = browser.open(f"{address}/outcome")
    refused = browser.send(form, "Propose the change", outcome="Deleted.")
    assert refused.status == 409
    assert refused.texts("#acknowledge-error") == ["Tick what is to stay as it is proposed."]
    assert refused.one("#outcome").get_text().strip() == "Deleted."
    page = browser.send(refused, "Propose the change", acknowledge="/cause")
    assert "Mine." in page.texts("#cause")[0]
    assert "Deleted." in page.texts("#outcome")[0]


@four_eyes
def test_a_reviewers_change_waits_too_with_four_eyes(noa: Api, number: int) -> None:
    browser = visitor(noa)
    page = browser.send(browser.open(f"/incidents/{number}/edit/tags"), "Propose the change", tags="night")
    assert "Proposed." in page.texts("[role=status]")[0]
    assert noa.get(f"/incidents/{number}").get_json()["tags"] == []


@two_eyes
def test_a_reviewers_change_is_published_at_once_once_private_names_are_known_of(
    noa: Api, number: int
) -> None:
    browser = visitor(noa)
    page = browser.open(f"/incidents/{number}/edit")
    assert "readers see each change at once" in page.text
    form = browser.follow(page, "Change : What led to it")
    refused = browser.send(form, "Save", cause="Write to dana.levi@example.com.")
    assert refused.status == 409
    assert refused.texts("#acknowledge-error") == ["Tick what you know of, to save it in spite of that."]
    assert "dana.levi@example.com" in refused.texts("#acknowledge li")[0]
    assert browser.send(refused, "Save", acknowledge="contact_data").texts("[role=status]") == ["Saved."]
    assert "dana.levi@example.com" in noa.get(f"/incidents/{number}").get_json()["cause"]


def test_what_a_published_incident_needs_is_not_emptied(dana: Api, number: int) -> None:
    browser = visitor(dana)
    refused = browser.send(browser.open(f"/incidents/{number}/edit/cause"), "Propose the change", cause="")
    assert refused.status == 422
    assert refused.texts("#cause-error") == ["A published incident needs this; a draft does not."]
    refused = browser.send(browser.open(f"/incidents/{number}/edit/lessons/1"), "Remove")
    assert "needs this" in refused.one("[role=alert]").get_text()


def test_a_translation_that_waits_is_changed_where_it_waits(dana: Api, number: int) -> None:
    path = f"/incidents/{number}"
    translation = {**HEBREW, "lessons": [{"text": "לקח"}]}
    answer = dana.put(f"{path}/translations/he", translation, If_Match="*")
    assert answer.status_code == 202
    browser = visitor(dana)
    waiting = browser.open(f"/proposals/{answer.get_json()['id']}")
    page = browser.follow(waiting, "Change the incident")
    form = browser.follow(page, "Change : What led to it")
    browser.send(form, "Propose the change", cause="סיבה אחרת")
    assert "סיבה אחרת" in browser.open(waiting.url).text
