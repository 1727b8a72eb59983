"""Backtests of guards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.guards.corpus import harmless_drafts
from kb.guards.definition import to_guard
from kb.schemas.backtest import BacktestInputSchema
from kb.search.concepts import ConceptTable
from kb.services.check.guard_writing import backtest
from kb.services.core.system_actors import OPERATOR
from tests.support.api import Api
from tests.support.samples import GUARD


def _backtest(caller: Api, *guards: dict[str, Any]) -> list[dict[str, Any]]:
    response = caller.post("/guards/backtest", {"guards": guards})
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.get_json()["items"]
    return items


def _phrase(*phrases: str) -> dict[str, Any]:
    return {**GUARD, "parameters": {"phrases": [*phrases]}}


def test_a_guard_is_tested_on_examples_incidents_harmless_posts_and_kept_drafts(
    as_role: Callable[..., Api],
) -> None:
    reader, other, admin = as_role("reader", "north"), as_role("reader", "south"), as_role("site_admin")
    hidden = admin.file(title="A zebra", status="published", visibility="team")["id"]
    reader.post("/checks", {"text": "A zebra for you", "keep_text": True})
    reader.post("/checks", {"text": "Another zebra"})
    placeholder, zebra = _backtest(reader, _phrase("asterisks", "coffee"), {**_phrase("zebra"), "key": "z"})
    assert [found["id"] for found in placeholder["incidents"]["found"]] == [3]
    assert placeholder["incidents"]["total"] == 6
    assert placeholder["harmless"]["count"] > 0
    assert placeholder["harmless"]["share"] < 0.1
    assert [failed["pointer"] for failed in placeholder["examples"]["failed"]] == ["/examples/bad/0"]
    assert (zebra["guard"], zebra["drafts"]["texts"]) == ("z", ["A zebra for you"])
    assert _backtest(other, _phrase("zebra"))[0]["drafts"]["count"] == 0
    assert hidden in [found["id"] for found in _backtest(admin, _phrase("zebra"))[0]["incidents"]["found"]]
    assert zebra["incidents"]["count"] == 0


def test_the_harmless_posts_are_looked_at_once_for_a_guard(
    as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, analyzed = as_role("reader"), list[str]()

    def note(draft: Draft, table: ConceptTable) -> AnalyzedDraft:
        analyzed.append(draft.text)
        return AnalyzedDraft(draft, table)

    monkeypatch.setattr(backtest, "AnalyzedDraft", note)
    posts = {draft.text for draft in harmless_drafts()}
    first = _backtest(reader, _phrase("coffee", "zither"))
    assert posts <= {*analyzed}
    analyzed.clear()
    again = _backtest(reader, _phrase("coffee", "zither"))
    assert not posts & {*analyzed}
    assert again == first
    both = _backtest(reader, _phrase("discount"), _phrase("coffee", "zither"))
    assert posts <= {*analyzed}
    assert both[1]["harmless"] == first[0]["harmless"] != both[0]["harmless"]


def test_a_guard_that_is_invalid_is_refused_with_where(as_role: Callable[..., Api]) -> None:
    response = as_role("reader").post("/guards/backtest", {"guards": [GUARD, _phrase()]})
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["pointer"] == "/guards/1/parameters/phrases"


def test_the_guards_of_a_caller_are_listed_with_the_hash_of_their_ruleset(admin: Api, anonymous: Api) -> None:
    lesson = {"text": "Proofread.", "guard": GUARD}
    filed = admin.file(status="published", visibility="team", lessons=[lesson])
    key = f"lesson:{filed['lessons'][0]['id']}"
    mine, theirs = (caller.get("/guards").get_json() for caller in (admin, anonymous))
    assert key in [guard["key"] for guard in mine["items"]]
    assert key not in [guard["key"] for guard in theirs["items"]]
    assert mine["ruleset"] != theirs["ruleset"]


def test_a_backtest_looks_at_the_latest_incidents_only(
    admin: Api, as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    latest = [admin.file(title=f"Zebra {number}", status="published")["id"] for number in range(3)]
    monkeypatch.setattr(backtest, "MAX_POSTS", 2)
    (found,) = _backtest(as_role("reader"), _phrase("zebra"))
    assert [each["id"] for each in found["incidents"]["found"]] == latest[:0:-1]
    assert found["incidents"]["total"] == 2
    monkeypatch.setattr(backtest, "MAX_CHARACTERS", 100)
    (found,) = _backtest(as_role("reader"), _phrase("zebra"))
    assert found["incidents"]["total"] == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Lunch at 11:20", "Lunch at 11:20"),
        ("A zebra at 11:20", "zebra"),
        (
            "Nobody reads the long beginning of such a post, and then v2 of it is what goes out to everybody",
            "beginning of such a post, and then v2 of it is what goes out to",
        ),
    ],
)
def test_what_is_too_short_to_be_understood_alone_is_told_with_the_words_around_it(
    admin: Api, text: str, told: str
) -> None:
    incident = admin.file(title=text, summary=text, status="published")["id"]
    found = _backtest(admin, _phrase("zebra", "11:20", "v2"))[0]["incidents"]["found"]
    assert next(each["text"] for each in found if each["id"] == incident) == told


def test_a_backtest_goes_on_post_by_post_and_then_tells_its_result(
    as_role: Callable[..., Api], app: Flask
) -> None:
    (whole,) = _backtest(as_role("site_admin"), _phrase("coffee"))
    with app.app_context():
        (row,) = BacktestInputSchema().load({"guards": [_phrase("coffee")]})["guards"]
        steps = backtest.backtest_in_steps(OPERATOR, [to_guard(row["key"], row)], ["en"])
        taken = 0
        try:
            while True:
                next(steps)
                taken += 1
        except StopIteration as ended:
            (result,) = ended.value
    assert taken > whole["incidents"]["total"]
    assert (result["incidents"], result["harmless"]) == (whole["incidents"], whole["harmless"])


def test_what_cannot_be_tested_is_refused_before_the_answer_begins(
    as_role: Callable[..., Api],
) -> None:
    response = as_role("reader").post("/guards/backtest", {"guards": [_phrase("")]})
    assert (response.status_code, response.mimetype) == (422, "application/problem+json")


def test_unknown_terms_of_a_guard_are_named_with_the_nearest(as_role: Callable[..., Api]) -> None:
    guard = {
        **_phrase("zebra"),
        "type": "open-invitation",
        "parameters": {"industries": ["finanse"]},
        "platforms": ["X", "tiktock"],
        "examples": {"bad": [{"text": "a", "platform": "instagrm"}], "good": []},
    }
    guards = [_phrase("zebra"), guard]
    response = as_role("reader", "north").post("/guards/backtest", {"guards": guards})
    assert response.status_code == 422
    assert {error["pointer"]: error["detail"] for error in response.get_json()["errors"]} == {
        "/guards/1/platforms/1": "There is no platform 'tiktock'. Did you mean 'tiktok'?",
        "/guards/1/parameters/industries/0": "There is no industry 'finanse'. Did you mean 'finance'?",
        "/guards/1/examples/bad/0/platform": "There is no platform 'instagrm'. Did you mean 'instagram'?",
    }
