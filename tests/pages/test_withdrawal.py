"""A draft is discarded, and a published incident withdrawn, after a page that says what that means."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.api import Api
from tests.support.incidents import lesson_guard
from tests.support.pages import visitor

PEOPLE = Callable[..., Api]


def test_a_draft_is_discarded_after_a_question_and_brought_back(dana: Api) -> None:
    number = dana.file(status="draft")["id"]
    path, browser = f"/incidents/{number}", visitor(dana)
    question = browser.follow(browser.open(f"{path}/edit"), "Discard the draft")
    assert question.heading == "Discard the draft?"
    assert "Nobody outside the team has seen it." in question.text
    assert "The team can make it a draft again." in question.text
    assert dana.get(path).get_json()["status"] == "draft"
    done = browser.send(question, "Discard the draft", comment="It was filed twice.")
    assert (done.url, dana.get(path).get_json()["status"]) == (path, "withdrawn")
    assert done.texts("[role=status]") == ["Done. Only its team still finds it, with its history."]
    assert dana.get(f"{path}/events").get_json()["items"][0]["comment"] == "It was filed twice."
    back = browser.send(done, "Make it a draft again")
    assert back.url == f"{path}/edit"
    assert back.texts("[role=status]") == ["It is a draft again, which only its team sees."]
    assert dana.get(path).get_json()["status"] == "draft"


def test_a_published_incident_is_withdrawn_by_a_reviewer_and_its_guards_rest(dana: Api, noa: Api) -> None:
    lesson = {"text": "Proofread.", "guard": lesson_guard()}
    number = noa.file(status="published", lessons=[lesson])["id"]
    path, browser = f"/incidents/{number}", visitor(noa)
    assert "Withdraw the incident" not in visitor(dana).open(f"{path}/edit").text
    assert visitor(dana).open(f"{path}/withdraw").status == 403
    guards = {each["key"] for each in noa.get("/guards").get_json()["items"]}
    question = browser.follow(browser.open(f"{path}/edit"), "Withdraw the incident")
    assert "The guards of its lessons do not check drafts any more." in question.text
    assert browser.send(question, "Withdraw the incident").url == path
    assert noa.get(path).get_json()["status"] == "withdrawn"
    rested = guards - {each["key"] for each in noa.get("/guards").get_json()["items"]}
    assert len(rested) == 1
    assert "Make it a draft again" not in visitor(dana).open(path).text
    assert browser.send(browser.open(path), "Make it a draft again").url == f"{path}/edit"


def test_what_was_published_once_is_discarded_as_a_draft_by_reviewers_only(dana: Api, noa: Api) -> None:
    number = noa.file(status="published")["id"]
    path = f"/incidents/{number}"
    assert noa.post(f"{path}/events", {"step": "reopen"}, If_Match="*").status_code == 200
    assert "Discard the draft" not in visitor(dana).open(f"{path}/edit").text
    assert visitor(dana).open(f"{path}/withdraw").status == 403
    assert visitor(noa).open(f"{path}/withdraw").heading == "Withdraw the incident?"


def test_a_draft_that_others_have_changed_is_not_discarded_unread(dana: Api) -> None:
    number = dana.file(status="draft")["id"]
    path, browser = f"/incidents/{number}", visitor(dana)
    question = browser.open(f"{path}/withdraw")
    assert dana.patch(path, {"cause": "Another one."}, If_Match="*").status_code == 200
    stale = browser.send(question, "Discard the draft", comment="Filed twice.")
    assert stale.status == 409
    assert stale.texts("[role=alert] li") == ["It was changed in the meantime. Read it again, then decide."]
    assert stale.one("#comment").get_text().strip() == "Filed twice."
    assert browser.send(stale, "Discard the draft").url == path
    twice = browser.send(stale, "Discard the draft")
    assert (twice.url, twice.status) == (path, 200)


def test_a_comment_that_is_too_long_is_kept_and_said(dana: Api) -> None:
    number = dana.file(status="draft")["id"]
    browser = visitor(dana)
    page = browser.send(
        browser.open(f"/incidents/{number}/withdraw"), "Discard the draft", comment="long " * 200
    )
    assert page.status == 422
    assert page.texts("#comment-error") == ["Write the comment in at most 500 characters."]
    assert page.one("#comment").get_text().count("long") == 200


def test_what_was_handed_in_too_early_is_taken_back(dana: Api) -> None:
    number = dana.file(status="in_review")["id"]
    browser = visitor(dana)
    done = browser.send(browser.open(f"/incidents/{number}/review"), "Take it back")
    assert done.texts("[role=status]") == ["Taken back. It is a draft again, which only the team sees."]
    assert dana.get(f"/incidents/{number}").get_json()["status"] == "draft"


def test_strangers_and_visitors_do_not_withdraw_what_they_read(
    noa: Api, person: PEOPLE, as_role: PEOPLE
) -> None:
    number = noa.file(status="published", visibility="organization")["id"]
    path = f"/incidents/{number}"
    assert visitor(person("Eve", south="admin")).open(f"{path}/withdraw").status == 403
    assert visitor(as_role()).open(f"{path}/withdraw").heading != "Withdraw the incident?"
