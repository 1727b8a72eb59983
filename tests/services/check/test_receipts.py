"""Receipts: what is kept of a check, who sees it, and for how long."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from kb.config import Settings
from kb.domain.guard import Severity
from kb.models import Check, CheckOverride, db
from kb.services.accounts.authentication import anonymous
from kb.services.check.receipts.store import without_text
from tests.support.api import Api, people, running
from tests.support.checks import TEXT, request_of, result_of, store_check
from tests.support.incidents import lesson_guard
from tests.support.pages import visitor


def test_a_receipt_says_what_was_found_without_the_text(any_person: Callable[..., Api]) -> None:
    dana = any_person("Dana", north="reader")
    number = store_check(
        dana,
        {"unfinished-text": "****", "sign-off": None},
        suppress=("puns",),
        audience_countries=("US",),
        links=("https://acme.example/a",),
        scheduled_at=datetime.fromisoformat("2027-11-26T09:00:00+02:00"),
        severity=Severity.CAUTION,
    )
    receipt = dana.get(f"/checks/{number}").get_json()
    assert (receipt["author"], receipt["team"], receipt["verdict"]) == ("Dana", "north", "caution")
    assert receipt["text_sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()
    assert receipt["link_sha256"] == [hashlib.sha256(b"https://acme.example/a").hexdigest()]
    assert receipt["scheduled_at"] == "2027-11-26T09:00:00+02:00"
    assert (receipt["platform"], receipt["account"], receipt["audience_countries"]) == (
        "twitter",
        "@Brand",
        ["US"],
    )
    first, second = receipt["findings"]
    assert (first["number"], first["guard"]) == (1, "unfinished-text")
    assert first["span"] == {"start": 13, "end": 17, "text": None}
    assert (second["number"], second["span"]) == (2, None)
    assert [item["incident"]["id"] for item in receipt["precedents"]] == [3]
    assert receipt["precedents"][0]["why"]["words"] == ["link"]
    assert (receipt["suppressed"][0]["guard"], receipt["suppressed"][0]["spans"]) == ("puns", [None])
    assert (receipt["ruleset"], receipt["position"], receipt["text"]) == ("0" * 64, 6, None)
    assert "copy" not in str(receipt["findings"])


def test_a_text_is_kept_on_request_whatever_it_holds(any_person: Callable[..., Api]) -> None:
    dana = any_person("Dana", north="reader")
    number = store_check(dana, {"unfinished-text": "****"}, text="\ud800\x00👍 ****", keep_text=True)
    receipt = dana.get(f"/checks/{number}").get_json()
    assert receipt["text"] == "?\x00👍 ****"
    assert receipt["findings"][0]["span"] == {"start": 4, "end": 8, "text": "****"}
    assert receipt["findings"][0]["message"] == "This is unfinished: ****"


def test_nothing_of_an_anonymous_caller_is_stored(app: Flask, anonymous: Api) -> None:
    assert store_check(anonymous) == 0
    with app.app_context():
        assert db.session.scalar(select(func.count(Check.id))) == 0


def test_author_team_and_site_administrators_see_a_check(person: Callable[..., Api], anonymous: Api) -> None:
    dana = person("Dana", north="reader", south="reader")
    own, shared = store_check(dana), store_check(dana, team="south")
    for caller, seen in (
        (dana, [shared, own]),
        (person("Sari", south="reader"), [shared]),
        (person("Noa", north="admin"), []),
        (person("Ada", site_admin=True), [shared, own]),
    ):
        assert [item["id"] for item in caller.get("/checks").get_json()["items"]] == seen
        for number in (own, shared):
            assert caller.get(f"/checks/{number}").status_code == (200 if number in seen else 404)
    assert anonymous.get("/checks").status_code == 401
    assert person("Noa").get("/checks", team="south").status_code == 404


def test_a_check_belongs_to_the_only_team_of_its_author(person: Callable[..., Api]) -> None:
    teams = {}
    for name, roles in (
        ("Lone", {}),
        ("One", {"north": "reader"}),
        ("Two", {"north": "admin", "south": "admin"}),
    ):
        caller = person(name, **roles)
        teams[name] = caller.get(f"/checks/{store_check(caller)}").get_json()["team"]
    assert teams == {"Lone": None, "One": "north", "Two": None}


def test_a_receipt_hides_incidents_from_those_who_may_not_see_them(person: Callable[..., Api]) -> None:
    dana, sari = person("Dana", north="contributor", south="reader"), person("Sari", south="reader")
    hidden = dana.file(team="north")
    lesson = f"lesson:{hidden['lessons'][0]['id']}"
    number = store_check(
        dana,
        {lesson: "****", "unfinished-text": "Need copy"},
        precedents=(hidden["id"], 3),
        team="south",
        keep_text=True,
        suppress=(lesson, "puns", "lesson:99999", "lesson:²"),
    )
    own = dana.get(f"/checks/{number}").get_json()
    assert len(own["precedents"]) == 2
    assert [item["guard"] for item in (*own["findings"], *own["suppressed"][:2])] == [
        lesson,
        "unfinished-text",
        lesson,
        "puns",
    ]
    receipt = sari.get(f"/checks/{number}").get_json()
    assert [item["incident"]["id"] for item in receipt["precedents"]] == [3]
    finding, other = receipt["findings"]
    assert (finding["guard"], other["guard"]) == ("lesson:hidden", "unfinished-text")
    assert [item["guard"] for item in receipt["suppressed"]] == [
        "lesson:hidden",
        "puns",
        *["lesson:hidden"] * 2,
    ]
    assert lesson not in str(receipt)
    assert [finding[name] for name in ("message", "suggestion", "lesson", "incident")] == [None] * 4
    assert hidden["title"] not in str(receipt)


def test_a_kept_receipt_repeats_what_a_lesson_says_only_while_it_says_so(person: Callable[..., Api]) -> None:
    admin, dana = person("Ada", site_admin=True), person("Dana", north="reader")
    examples = {"bad": [{"text": "A zebra sale"}], "good": [{"text": "A zebra"}]}
    rule = {"parameters": {"phrases": ["zebra sale"]}, "examples": examples}
    message = {"en": "As John did: {text}", "he": "כמו ג'ון: {text}"}
    lesson = {"text": "Read it.", "guard": lesson_guard(message=message, **rule)}
    filed = admin.file(lessons=[lesson], status="published", team="main")
    draft = {"text": "Zebra sale", "keep_text": True}
    number = dana.post("/checks", draft).get_json()["id"]

    def said() -> tuple[str | None, str]:
        """What the API and the page say of the finding of the lesson."""
        findings = dana.get(f"/checks/{number}").get_json()["findings"]
        (finding,) = (each for each in findings if each["guard"].startswith("lesson:"))
        return finding["message"], visitor(dana).open(f"/checks/{number}").text

    assert said()[0] == "As John did: Zebra sale"
    edited = {**lesson, "id": filed["lessons"][0]["id"], "guard": lesson_guard(**rule)}
    changed = admin.patch(f"/incidents/{filed['id']}", {"lessons": [edited]}, If_Match="*")
    assert changed.status_code == 200, changed.text
    message_now, page = said()
    assert message_now is None
    assert "is a note, not a post" in page.lower()
    assert "As John did" not in page


def test_checks_are_listed_by_page_and_filter(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="reader")
    numbers = [
        store_check(dana, {}, text="Hello"),
        store_check(dana, severity=Severity.CAUTION, platform="facebook", account="@ACME"),
        store_check(dana),
    ]
    page = dana.get("/checks", limit=2)
    assert [item["id"] for item in page.get_json()["items"]] == numbers[:0:-1]
    rest = dana.get("/checks", limit=2, cursor=page.get_json()["next"]).get_json()
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (numbers[:1], None)
    tomorrow = (datetime.now(UTC) + timedelta(1)).date().isoformat()
    for query, found in (
        ({"verdict": "stop"}, numbers[2:]),
        ({"verdict": "caution,clear"}, numbers[1::-1]),
        ({"platform": "facebook"}, [numbers[1]]),
        ({"account": "acme"}, [numbers[1]]),
        ({"team": "north"}, numbers[::-1]),
        ({"since": tomorrow}, []),
        ({"until": tomorrow}, numbers[::-1]),
    ):
        assert [item["id"] for item in dana.get("/checks", **query).get_json()["items"]] == found, query
    counts = dana.get("/checks").get_json()["items"][1]["finding_counts"]
    assert counts == {"stop": 0, "caution": 1, "note": 0}


def test_receipts_are_deleted_when_they_have_been_kept_long_enough(any_settings: Settings) -> None:
    for days, left in ((0, 3), (30, 2)):
        for app in running(replace(any_settings, check_retention_days=days)):
            dana = people(app)("Dana", north="contributor")
            if not days:
                old, named = store_check(dana), store_check(dana)
                assert dana.post(f"/checks/{old}/override", {"reason": "We know."}).status_code == 201
                dana.file(passed_check=named)
                with app.app_context():
                    long_ago = datetime.now(UTC) - timedelta(31)
                    db.session.execute(update(Check).values(created_at=long_ago))
                    db.session.commit()
            store_check(dana)
            with app.app_context():
                assert db.session.scalar(select(func.count(Check.id))) == left + bool(days)
                assert db.session.scalar(select(func.count(CheckOverride.id))) == (0 if days else 1)


def test_a_stored_result_holds_no_quotes_of_the_draft(app: Flask) -> None:
    with app.app_context():
        request = request_of()
        result: dict[str, Any] = result_of(request, {"unfinished-text": "****"})
        result["themes"][0]["spans"] = [{"start": 18, "end": 27, "text": "Need copy"}]
        kept = without_text(anonymous(), result)
    assert "Need copy" not in str(kept)
    assert "****" not in str(kept)
    assert kept["findings"][0]["span"]["start"] == 13


@pytest.mark.parametrize(
    ("keep_text", "stored"), [(False, "Zebracorns"), (True, "ZEBRACORN")], ids=["text not kept", "text kept"]
)
def test_a_word_shared_with_a_precedent_is_stored_as_the_precedent_spells_it_unless_the_text_is_kept(
    person: Callable[..., Api], keep_text: bool, stored: str
) -> None:
    dana = person("Dana", north="contributor")
    filed = dana.file(title="Zebracorns in the lobby", status="published")

    def shared(precedents: list[dict[str, Any]]) -> list[str]:
        (words,) = (each["why"]["words"] for each in precedents if each["incident"]["id"] == filed["id"])
        return [word for word in words if word.casefold().startswith("zebra")]

    draft = {"text": "Meet our ZEBRACORN", "keep_text": keep_text, "weak": True}
    answer, replay = (dana.post("/checks", draft, Idempotency_Key="a").get_json() for _ in range(2))
    assert answer["id"] == replay["id"]
    receipt = dana.get(f"/checks/{answer['id']}").get_json()
    rerun = {"text": draft["text"]}
    path = f"/checks/{answer['id']}/rerun"
    rerun, replayed_rerun = (dana.post(path, rerun, Idempotency_Key="b").get_json() for _ in range(2))
    rerun_receipt = dana.get(f"/checks/{rerun['id']}").get_json()
    assert replayed_rerun["id"] == rerun["id"]
    assert shared(answer["precedents"]) == ["ZEBRACORN"]
    assert shared(replay["precedents"]) == [stored]
    assert shared(receipt["precedents"]) == [stored]
    assert shared(rerun_receipt["precedents"]) == [stored]
