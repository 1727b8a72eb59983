"""Rerunning a check: the same draft against the guards and incidents of now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from kb.domain.check import CheckRequest
from kb.domain.guard import Severity
from kb.domain.incident import Status
from kb.errors import InvalidInput
from kb.models import Incident, db
from kb.services.accounts.authentication import authenticate
from kb.services.check.receipts.rerun import rerun_check
from tests.support.api import Api
from tests.support.checks import TEXT, result_of, store_check


class Rerunner:
    """Reruns checks of a caller, with given findings and precedents; keeps the requests."""

    def __init__(self, app: Flask, caller: Api) -> None:
        self.app, self.caller = app, caller
        self.requests: list[CheckRequest] = []

    def rerun(
        self, number: int, data: dict[str, Any], passages: dict[str, str | None], *precedents: int
    ) -> dict[str, Any]:
        def checker(request: CheckRequest) -> dict[str, Any]:
            self.requests.append(request)
            return result_of(request, passages, precedents, severity=Severity.CAUTION)

        with self.app.app_context():
            assert self.caller.token is not None
            actor = authenticate(self.caller.token)
            answer = rerun_check(actor, number, data, ["en"], checker)
            db.session.remove()
            return answer


@pytest.fixture
def dana(person: Callable[..., Api]) -> Api:
    return person("Dana", north="contributor")


@pytest.fixture
def rerunner(app: Flask, dana: Api) -> Rerunner:
    return Rerunner(app, dana)


def test_a_rerun_says_what_is_new_and_what_is_gone(dana: Api, rerunner: Rerunner) -> None:
    before = {"unfinished-text": "****", "link": "link"}
    number = store_check(dana, before, precedents=(3, 1), severity=Severity.CAUTION, keep_text=True)
    answer = rerunner.rerun(number, {}, {"unfinished-text": "****", "copy": "copy"}, 3, 2)
    assert answer["rerun_of"] == number
    assert answer["verdict"] == {"before": "caution", "now": "caution"}
    assert [(item["guard"], item["span"]["text"]) for item in answer["new_findings"]] == [("copy", "copy")]
    assert [(item["guard"], item["number"]) for item in answer["gone_findings"]] == [("link", 2)]
    assert [item["incident"]["id"] for item in answer["new_precedents"]] == [2]
    assert [item["incident"]["id"] for item in answer["gone_precedents"]] == [1]
    receipt = dana.get(f"/checks/{answer['id']}").get_json()
    assert (receipt["rerun_of"], receipt["text"], receipt["team"]) == (number, TEXT, "north")


def test_a_rerun_asks_the_same_as_the_check(dana: Api, rerunner: Rerunner) -> None:
    facts: dict[str, Any] = {"audience_countries": ("IL",), "approvers": ("Noa",), "language": "en"}
    links = ("https://acme.example/a",)
    number = store_check(dana, suppress=("puns",), links=links, **facts)
    rerunner.rerun(number, {"text": TEXT, "links": links}, {})
    (request,) = rerunner.requests
    assert (request.draft.text, request.draft.links, request.keep_text) == (TEXT, links, False)
    assert {name: getattr(request.draft, name) for name in facts} == facts
    assert [(item.guard, item.until) for item in request.suppress] == [("puns", None)]


def test_a_rerun_needs_the_very_text_that_was_checked(dana: Api, rerunner: Rerunner) -> None:
    number = store_check(dana, links=("https://acme.example/a",))
    for data, pointer, words in (
        ({}, "/text", "was not kept"),
        ({"text": f"{TEXT} "}, "/text", "SHA-256"),
        ({"text": TEXT}, "/links", "Send the links"),
    ):
        with pytest.raises(InvalidInput) as caught:
            rerunner.rerun(number, data, {})
        (error,) = caught.value.errors
        assert (error.pointer, words in error.detail) == (pointer, True)
    assert rerunner.requests == []


def test_a_rerun_finds_what_a_guard_has_come_to_find(dana: Api, person: Callable[..., Api]) -> None:
    guard = {
        "type": "phrase",
        "severity": "stop",
        "message": {"en": "This is unfinished: {text}"},
        "parameters": {"phrases": ["need copy"]},
        "examples": {"bad": [{"text": "Need copy"}], "good": [{"text": "Copy shop"}]},
    }
    number = store_check(dana, {})
    lessons = [{"text": "Proofread.", "guard": guard}]
    filed = person("Noa", north="reviewer").file(lessons=lessons, status="published", severity=3)
    response = dana.post(f"/checks/{number}/rerun", {"text": TEXT})
    assert response.status_code == 201
    answer = response.get_json()
    assert answer["verdict"] == {"before": "clear", "now": "stop"}
    key = f"lesson:{filed['lessons'][0]['id']}"
    (finding,) = [item for item in answer["new_findings"] if item["guard"] == key]
    assert finding["span"] == {"start": 18, "end": 27, "text": "Need copy"}
    assert (finding["incident"]["id"], finding["lesson"]["text"]) == (filed["id"], "Proofread.")
    receipt = dana.get(f"/checks/{answer['id']}").get_json()
    assert (receipt["rerun_of"], receipt["verdict"], receipt["text"]) == (number, "stop", None)
    replayed = [dana.post(f"/checks/{number}/rerun", {"text": TEXT}, Idempotency_Key="a") for _ in range(2)]
    assert replayed[0].get_json()["id"] == replayed[1].get_json()["id"]
    assert "copy" not in str(replayed[1].get_json()["new_findings"][0]["span"])


def test_a_replayed_check_says_nothing_of_an_incident_that_was_withdrawn_since(
    app: Flask, dana: Api, person: Callable[..., Api]
) -> None:
    guard = {
        "type": "phrase",
        "severity": "stop",
        "message": {"en": "As in our case: {text}"},
        "parameters": {"phrases": ["need copy"]},
        "examples": {"bad": [{"text": "Need copy"}], "good": [{"text": "Copy shop"}]},
    }
    lessons = [{"text": "Proofread.", "guard": guard}]
    noa = person("Noa", south="reviewer")
    responses = [{"kind": "legal_action"}]
    filed = noa.file(lessons=lessons, team="south", status="published", severity=3, responses=responses)
    body = {"text": TEXT, "keep_text": True}
    first = dana.post("/checks", body, Idempotency_Key="b").get_json()
    assert dana.post("/checks", body, Idempotency_Key="b").get_json() == first
    assert filed["id"] in {item["incident"]["id"] for item in first["findings"] if item["incident"]}
    with app.app_context():
        db.session.get_one(Incident, filed["id"]).status = Status.WITHDRAWN
        db.session.commit()
    replayed = dana.post("/checks", body, Idempotency_Key="b").get_json()
    assert len(replayed["findings"]) == len(first["findings"])
    assert "lesson:hidden" in {item["guard"] for item in replayed["findings"]}
    assert f"lesson:{filed['lessons'][0]['id']}" not in str(replayed)
    assert "Proofread." not in str(replayed)
    assert "As in our case" not in str(replayed)
    assert filed["title"] not in str(replayed)
    assert len(replayed["precedents"]) == len(first["precedents"]) - 1
    assert replayed["playbook"]["incidents"] == first["playbook"]["incidents"] - 1
    kinds = [{item["kind"] for item in each["playbook"]["responses"]} for each in (first, replayed)]
    assert kinds[0] - kinds[1] == {"legal_action"}
