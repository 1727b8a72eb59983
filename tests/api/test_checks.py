"""POST /checks: what a draft is answered, over HTTP, and what is kept of it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.api import Api

PLACEHOLDER = "Black\u200b Friday **** Need copy and link****"


def test_a_draft_gets_findings_at_their_place_and_precedents_with_reasons(reader: Api) -> None:
    result = reader.post("/checks", {"text": PLACEHOLDER, "platform": "x"}).get_json()
    assert result["verdict"] == "stop"
    finding = result["findings"][0]
    span = finding["span"]
    assert PLACEHOLDER[span["start"] : span["end"]] == span["text"] == "**** Need copy and link****"
    assert finding["lesson"]["id"] == int(finding["guard"].removeprefix("lesson:"))
    assert finding["incident"]["slug"] == "mcdonalds-need-copy-and-link"
    precedent = result["precedents"][0]
    assert (precedent["incident"]["slug"], precedent["strength"]) == (finding["incident"]["slug"], "strong")
    assert precedent["why"]["platform"] == "twitter"
    assert precedent["why"]["guards"] == [finding["guard"]]
    assert precedent["lessons"]
    assert {theme["key"] for theme in result["themes"]} >= {"discount", "placeholder"}
    assert result["playbook"]["responses"]
    assert "does not mean" in result["notice"]


def test_the_playbook_counts_what_was_done_in_strong_precedents_only(contributor: Api) -> None:
    body = {"text": "Happy anniversary! We remember the fallen soldiers. Join us for a minute of silence."}
    result = contributor.post("/checks", {**body, "weak": True}).get_json()
    strengths = [item["strength"] for item in result["precedents"]]
    assert "weak" in strengths
    assert result["playbook"]["incidents"] == strengths.count("strong")


def test_a_field_in_the_draft_is_quoted_and_not_filled_in(reader: Api) -> None:
    found = reader.post("/checks", {"text": "Hello {kind}, see you tomorrow"}).get_json()["findings"]
    assert any("“{kind}”" in finding["message"] for finding in found), found


def test_a_hebrew_draft_is_answered_in_hebrew(reader: Api) -> None:
    result = reader.post("/checks", {"text": "לזכר הנופלים: 20% הנחה, רק היום!"}).get_json()
    assert result["verdict"] == "stop"
    assert any("א" <= letter <= "ת" for letter in result["findings"][0]["message"])
    assert "הבדיקה" in result["notice"]


def test_a_finding_in_a_link_beside_the_text_names_the_link(reader: Api) -> None:
    link = "https://staging.acme.example/sale"
    (finding,) = reader.post("/checks", {"text": "See our site", "links": [link]}).get_json()["findings"]
    assert finding["span"] is None
    assert link in finding["message"]


def test_a_check_without_findings_is_clear_and_a_suppressed_finding_does_not_count(reader: Api) -> None:
    assert (
        reader.post("/checks", {"text": "Fresh bread from seven every morning."}).get_json()["verdict"]
        == "clear"
    )
    found = reader.post("/checks", {"text": PLACEHOLDER}).get_json()
    keys = {finding["guard"] for finding in found["findings"]} | {"unfinished-text"}
    suppress = [{"guard": key, "reason": "A quotation."} for key in sorted(keys)]
    result = reader.post("/checks", {"text": PLACEHOLDER, "suppress": suppress}).get_json()
    assert result["verdict"] == "clear"
    assert all(item["active"] and item["findings"] for item in result["suppressed"])


def test_a_suppressed_guard_takes_along_the_same_finding_of_a_lesson_and_the_reverse(reader: Api) -> None:
    text = "hi TBD"
    lesson = reader.post("/checks", {"text": text}).get_json()["findings"][0]["guard"]
    assert lesson.startswith("lesson:")
    for guard in (lesson, "unfinished-text"):
        suppress = [{"guard": guard, "reason": "The title of a song."}]
        result = reader.post("/checks", {"text": text, "suppress": suppress}).get_json()
        assert (result["verdict"], result["findings"]) == ("clear", [])
        assert result["suppressed"][0]["findings"] == 1


def test_a_suppressed_caution_does_not_take_along_a_stop_at_the_same_place(reader: Api) -> None:
    suppress = [{"guard": "likely-slip", "reason": "The title of a song."}]
    result = reader.post(
        "/checks", {"text": "hi TBD! Say it with chopsticks, [insert link]", "suppress": suppress}
    ).get_json()
    assert result["verdict"] == "stop"
    assert result["suppressed"][0]["spans"][0]["text"] == "[insert link]"
    assert "[insert link]" in {finding["span"]["text"] for finding in result["findings"]}


def test_a_suppression_that_has_run_out_says_so(reader: Api) -> None:
    suppress = [
        {"guard": "unfinished-text", "reason": "A quotation.", "until": "2020-01-01"},
        {"guard": "profanity", "reason": "A quotation.", "until": "9999-01-01"},
        {"guard": "nope", "reason": "A quotation.", "until": "2020-01-01"},
    ]
    notices = {
        language: [
            item["notice"]
            for item in reader.post(
                "/checks", {"text": PLACEHOLDER, "suppress": suppress}, Accept_Language=language
            ).get_json()["suppressed"]
        ]
        for language in ("en", "he")
    }
    assert notices["en"] == [
        "The suppression of unfinished-text held until 2020-01-01: it left nothing out.",
        None,
        "There is no active guard nope: nothing was left out.",
    ]
    assert notices["he"][0] == "ההתעלמות מהכלל unfinished-text הייתה בתוקף עד 2020-01-01: דבר לא הושמט בגללה."


def test_no_other_lesson_is_suggested_for_a_lesson_without_a_guard(contributor: Api) -> None:
    suppress = [{"guard": "lesson:99999", "reason": "A quotation."}]
    result = contributor.post("/checks", {"text": "Good morning", "suppress": suppress}).get_json()

    (suppressed,) = result["suppressed"]
    assert suppressed["notice"] == "There is no active guard lesson:99999: nothing was left out."


def test_a_suppression_that_names_no_guard_says_so_with_the_nearest_one(contributor: Api) -> None:
    suppress = [
        {"guard": key, "reason": "A quotation."} for key in ("unfinishd-text", "note-to-colleague", "nope")
    ]
    result = contributor.post("/checks", {"text": "Good morning", "suppress": suppress}).get_json()
    assert [item["notice"] for item in result["suppressed"]] == [
        "There is no active guard unfinishd-text: nothing was left out. Did you mean unfinished-text?",
        None,
        "There is no active guard nope: nothing was left out.",
    ]
    receipt = contributor.get(f"/checks/{result['id']}").get_json()
    assert all("notice" not in item for item in receipt["suppressed"])


def _scheduled(at: datetime) -> dict[str, Any]:
    return {"text": PLACEHOLDER, "scheduled_at": at.isoformat(), "keep_text": True}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "The scheduled time (November 23, 2018, 09:00 UTC-05:00) has already passed. The draft was",
        ),
        (
            "he",
            "מועד הפרסום (23 בנובמבר 2018, 09:00 UTC-05:00) כבר עבר. הטיוטה נבדקה לפי המועד הזה.",
        ),
    ],
)
def test_a_scheduled_time_that_has_passed_is_said(reader: Api, language: str, said: str) -> None:
    body = _scheduled(datetime.fromisoformat("2018-11-23T09:00:00-05:00"))
    answer = reader.post("/checks", body, Accept_Language=language).get_json()
    assert answer["notes"][0]["detail"].startswith(said)
    assert [note["pointer"] for note in answer["notes"]] == ["/scheduled_at"]


@pytest.mark.parametrize("zone", ["Asia/Jerusalem", "America/Los_Angeles"])
def test_a_time_has_passed_by_a_minute_in_the_time_zone_in_which_it_is_given(reader: Api, zone: str) -> None:
    now = datetime.now(UTC)  # minutes are added here: where clocks are set back, an hour comes twice
    for minutes, notes in ((-2, 1), (0, 0), (60, 0)):
        moment = (now + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
        answer = reader.post("/checks", _scheduled(moment)).get_json()
        assert len(answer["notes"]) == notes
    assert reader.post("/checks", {"text": PLACEHOLDER}).get_json()["notes"] == []


def test_a_check_that_is_repeated_is_not_told_that_its_time_has_passed(contributor: Api) -> None:
    body = _scheduled(datetime.fromisoformat("2018-11-23T09:00:00-05:00"))
    number = contributor.post("/checks", body).get_json()["id"]
    answer = contributor.post(f"/checks/{number}/rerun", {})
    assert answer.status_code == 201
    assert "passed" not in answer.text


def test_only_signed_in_callers_leave_a_receipt_without_the_text(contributor: Api, anonymous: Api) -> None:
    body = {"text": PLACEHOLDER, "account": "@acme"}
    assert anonymous.post("/checks", body).get_json()["id"] is None
    number = contributor.post("/checks", body).get_json()["id"]
    receipt = contributor.get(f"/checks/{number}").get_json()
    assert receipt["text"] is None
    assert receipt["text_sha256"] == hashlib.sha256(PLACEHOLDER.encode()).hexdigest()
    assert receipt["findings"][0]["span"]["text"] is None
    assert [item["id"] for item in contributor.get("/checks").get_json()["items"]] == [number]
    kept = contributor.post("/checks", {**body, "keep_text": True}).get_json()["id"]
    assert contributor.get(f"/checks/{kept}").get_json()["text"] == PLACEHOLDER


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"text": ""}, "There is nothing to check"),
        ({"text": "\u200f\u200b"}, "There is nothing to check"),
        ({"text": "a" * 100_000}, "Split the text"),
        ({"text": "a", "platform": "twiter"}, "Did you mean 'twitter'?"),
        ({"text": "a", "scheduled_at": "2027-09-11T09:00"}, "with its time zone"),
        ({"text": "a", "audience_countries": ["Israel"]}, "two-letter code"),
        ({"text": "a", "suppress": [{"guard": "a", "reason": "b"}] * 501}, "500"),
    ],
)
def test_bad_input_is_refused_with_what_to_do(reader: Api, body: dict[str, object], detail: str) -> None:
    response = reader.post("/checks", body)
    assert response.status_code == 422
    assert detail in response.text


@pytest.mark.parametrize("text", ["🎉🎉🎉", "\u202b<b>שלום</b>\u202c", "x" * 20_000, "2020 was long ago"])
def test_unusual_text_is_checked(reader: Api, text: str) -> None:
    body = {"text": text, "scheduled_at": "2001-01-01T00:00:00Z"}
    assert reader.post("/checks", body).get_json()["verdict"] in {"clear", "caution", "stop"}
