"""What people answer to a check: overrides and near misses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kb.domain.guard import Severity
from kb.yaml_text import read_yaml
from tests.support.api import Api
from tests.support.checks import TEXT, store_check


def test_an_override_is_recorded_with_its_reason_and_in_the_audit_log(person: Callable[..., Api]) -> None:
    dana, noa = person("Dana", north="reader"), person("Noa", north="contributor")
    number = store_check(dana)
    for caller in (dana, noa):
        response = caller.post(f"/checks/{number}/override", {"reason": "It is a quotation."})
        assert response.status_code == 201
    receipt = dana.get(f"/checks/{number}").get_json()
    assert [item["author"] for item in receipt["overrides"]] == ["Dana", "Noa"]
    assert receipt["overridden"]
    entry = person("Ada", north="admin").get("/audit", event="check_override").get_json()["items"][0]
    assert (entry["actor"], entry["team"]) == ("Noa", "north")
    assert entry["detail"] == {
        "check": number,
        "verdict": "stop",
        "guards": ["unfinished-text"],
        "reason": "It is a quotation.",
    }


def test_only_a_finding_of_ones_own_team_can_be_overridden(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="reader")
    found, clear = store_check(dana), store_check(dana, {})
    body = {"reason": "We know."}
    for caller, number, status in (
        (dana, clear, 409),
        (person("Rea", north="reader"), found, 403),
        (person("Eve", south="admin"), found, 404),
        (dana, 99_999, 404),
    ):
        assert caller.post(f"/checks/{number}/override", body).status_code == status
    assert dana.post(f"/checks/{found}/override", {"reason": ""}).status_code == 422


def test_a_near_miss_is_filed_with_what_the_check_knew(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="contributor")
    source = dana.get("/incidents/3").get_json()
    lesson = source["lessons"][0]
    found = {f"lesson:{lesson['id']}": "****"}
    draft: dict[str, Any] = {
        "organization": "Acme",
        "industry": "food",
        "audience": "Parents of small children",
    }
    number = store_check(dana, found, **draft)
    response = dana.post(f"/checks/{number}/near-miss", {})
    filed = response.get_json()
    assert response.headers["Location"] == f"/api/v1/incidents/{filed['id']}"
    assert (filed["kind"], filed["status"], filed["team"]) == ("near_miss", "draft", "north")
    assert {name: filed[name] for name in draft} == draft
    assert filed["title"] == "Caught before publication: Unfinished text"
    assert filed["category"] == source["category"]
    assert filed["failure_modes"] == source["failure_modes"]
    assert filed["platforms"] == ["twitter"]
    assert [item["text"] for item in filed["lessons"]] == [lesson["text"]]
    assert filed["occurred_on"] == dana.get(f"/checks/{number}").get_json()["created_at"][:10]


def test_a_check_is_filed_as_a_near_miss_once(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="contributor")
    body = {"organization": "Acme", "category": "internal-communication"}
    number, other = store_check(dana), store_check(dana)
    first = dana.post(f"/checks/{number}/near-miss", body).get_json()
    again = dana.post(f"/checks/{number}/near-miss", body)
    assert again.status_code == 409
    assert again.get_json()["detail"] == f"Check {number} is filed already: see /incidents/{first['id']}."
    assert dana.post(f"/checks/{other}/near-miss", body).status_code == 201


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Midway"])
def test_a_near_miss_happened_on_the_day_that_it_was_where_it_is_filed(
    person: Callable[..., Api], zone: str
) -> None:
    """At any moment the date on Kiritimati is later than the date on Midway, and one of them is not UTC's."""
    dana = person("Dana", north="contributor")
    dana.patch("/me", {"time_zone": zone}, If_Match="*")
    number = store_check(dana)
    body = {"organization": "Acme", "category": "internal-communication"}
    filed = dana.post(f"/checks/{number}/near-miss", body)
    assert filed.status_code == 201
    checked_at = datetime.fromisoformat(dana.get(f"/checks/{number}").get_json()["created_at"])
    assert filed.get_json()["occurred_on"] == str(checked_at.astimezone(ZoneInfo(zone)).date())


def test_a_near_miss_in_hebrew_has_hebrew_texts(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="contributor")
    number = store_check(dana, language="he", text="**** חסר קישור")
    body = {"organization": "אקמי", "category": "internal-communication", "lesson": "להגיה לפני התזמון."}
    filed = dana.post(f"/checks/{number}/near-miss", body).get_json()
    assert (filed["title"], filed["language"]) == ("נתפס לפני הפרסום: טקסט לא גמור", "he")
    assert "טקסט לא גמור" in filed["summary"]
    assert filed["failure_modes"] == ["placeholder-published"]
    assert filed["lessons"][0]["text"] == "להגיה לפני התזמון."


def test_a_near_miss_asks_for_what_the_check_did_not_know(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="contributor")
    number = store_check(dana, precedents=())
    response = dana.post(f"/checks/{number}/near-miss", {"language": "fr"})
    assert response.status_code == 422
    pointers = [item["pointer"] for item in response.get_json()["errors"]]
    assert pointers == ["/organization", "/title", "/category"]
    assert person("Eve", south="admin").post(f"/checks/{number}/near-miss", {}).status_code == 404


def test_a_harmless_finding_is_offered_to_the_owner_of_the_guard(person: Callable[..., Api]) -> None:
    dana, noa = person("Dana", south="reader"), person("Noa", north="reviewer")
    lesson = noa.file(team="north", status="published")["lessons"][0]["id"]
    number = store_check(dana, {f"lesson:{lesson}": "****"}, audience_countries=("US",))
    path = f"/checks/{number}/findings/1/not-a-problem"
    assert dana.post(path, {}).get_json()["errors"][0]["pointer"] == "/text"
    assert dana.post(path, {"text": "Another"}).status_code == 422
    assert dana.post(path.replace("/1/", "/2/"), {"text": TEXT}).status_code == 404
    offered = dana.post(path, {"text": TEXT, "reason": "Stars of a review."})
    assert offered.status_code == 201
    assert dana.post(path, {"text": TEXT}).status_code == 409
    offers = f"/guards/lesson:{lesson}/offers"
    (offer,) = noa.get(offers, status="open").get_json()["items"]
    assert offer["example"] == {
        "text": TEXT,
        "platform": "twitter",
        "account": "@Brand",
        "audience_countries": ["US"],
    }
    assert (offer["reason"], offer["finding"], offer["author"]) == ("Stars of a review.", 1, "Dana")
    assert dana.get(offers).status_code == 403
    text = noa.get(f"{offers}.yaml").text
    assert read_yaml(text) == {"examples": {"good": [offer["example"]]}}
    declined = noa.post(f"{offers}/{offer['id']}/decision", {"status": "declined"})
    assert (declined.get_json()["status"], declined.get_json()["decided_by"]) == ("declined", "Noa")
    assert noa.post(f"{offers}/{offer['id']}/decision", {"status": "accepted"}).status_code == 409
    assert noa.get(offers, status="open").get_json()["items"] == []


def test_offers_to_a_guard_of_no_lesson_are_for_site_administrators(person: Callable[..., Api]) -> None:
    dana, ada = person("Dana", north="admin"), person("Ada", site_admin=True)
    number = store_check(dana, keep_text=True)
    offer = dana.post(f"/checks/{number}/findings/1/not-a-problem", {}).get_json()
    offers = "/guards/unfinished-text/offers"
    assert dana.get(offers).status_code == 403
    assert [item["id"] for item in ada.get(offers).get_json()["items"]] == [offer["id"]]
    refused = ada.post(f"{offers}/{offer['id']}/decision", {"status": "accepted"})
    assert (refused.status_code, "YAML" in refused.get_json()["detail"]) == (409, True)
    taken_over = ada.post(f"{offers}/{offer['id']}/decision", {"status": "taken_over"}).get_json()
    assert (taken_over["status"], taken_over["decided_by"]) == ("taken_over", "Ada")
    assert ada.post(f"{offers}/{offer['id']}/decision", {"status": "declined"}).status_code == 409
    assert ada.post(f"{offers}/99999/decision", {"status": "declined"}).status_code == 404
    for key in ("lesson:99999", "lesson:x", "lesson:²"):
        assert ada.get(f"/guards/{key}/offers").status_code == 404


def test_offers_to_the_guard_of_a_hidden_lesson_are_not_found(person: Callable[..., Api]) -> None:
    lesson = person("Noa", north="contributor").file()["lessons"][0]["id"]
    eve = person("Eve", south="admin")
    hidden, unknown = (eve.get(f"/guards/lesson:{key}/offers") for key in (lesson, 99_999))
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.get_json()["detail"].replace(str(lesson), "99999") == unknown.get_json()["detail"]


PHRASE = {
    "type": "phrase",
    "severity": "stop",
    "message": {"en": "This is unfinished: {text}"},
    "parameters": {"phrases": ["need copy"]},
    "examples": {"bad": [{"text": "Need copy"}], "good": [{"text": "Copy shop"}]},
}


def test_an_accepted_example_becomes_one_of_the_guard_that_is_changed_for_it(
    person: Callable[..., Api],
) -> None:
    dana, noa = person("Dana", north="reader"), person("Noa", north="reviewer")
    filed = noa.file(lessons=[{"text": "Proofread.", "guard": PHRASE}], status="published", severity=3)
    lesson = filed["lessons"][0]["id"]
    number = store_check(dana, {f"lesson:{lesson}": "Need copy"}, keep_text=True)
    offer = dana.post(f"/checks/{number}/findings/1/not-a-problem", {}).get_json()
    path = f"/guards/lesson:{lesson}/offers/{offer['id']}/decision"
    refused = noa.post(path, {"status": "accepted"})
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "/lessons/0/guard/examples/good/1"
    changed = {**PHRASE, "parameters": {"phrases": ["need copy"], "except": ["need copy and link"]}}
    accepted = noa.post(path, {"status": "accepted", "guard": changed})
    assert (accepted.get_json()["status"], accepted.get_json()["proposal"]) == ("accepted", None)
    guard = noa.get(f"/incidents/{filed['id']}").get_json()["lessons"][0]["guard"]
    assert [example["text"] for example in guard["examples"]["good"]] == ["Copy shop", TEXT]
    assert guard["parameters"] == changed["parameters"]


def test_an_accepted_example_answers_all_open_offers_of_the_same_text(person: Callable[..., Api]) -> None:
    dana, noa = person("Dana", north="reader"), person("Noa", north="reviewer")
    harmless = {
        **PHRASE,
        "parameters": {"phrases": ["unfinished"]},
        "examples": {"bad": [{"text": "unfinished"}], "good": [{"text": "Done"}]},
    }
    filed = noa.file(lessons=[{"text": "Proofread.", "guard": harmless}], status="published", severity=3)
    offers = f"/guards/lesson:{filed['lessons'][0]['id']}/offers"
    taken_over = {"status": "taken_over"}
    found = {f"lesson:{filed['lessons'][0]['id']}": "copy"}
    first, second, other, declined = (
        dana.post(
            f"/checks/{store_check(dana, found, keep_text=True, text=text)}/findings/1/not-a-problem", {}
        ).get_json()["id"]
        for text in (TEXT, TEXT, f"{TEXT} Another one.", TEXT)
    )
    assert noa.post(f"{offers}/{first}/decision", taken_over).status_code == 409
    noa.post(f"{offers}/{declined}/decision", {"status": "declined"})
    assert noa.post(f"{offers}/{first}/decision", {"status": "accepted"}).status_code == 200
    decided = {
        item["id"]: (item["status"], item["decided_by"]) for item in noa.get(offers).get_json()["items"]
    }
    assert decided == {
        first: ("accepted", "Noa"),
        second: ("accepted", "Noa"),
        other: ("open", None),
        declined: ("declined", "Noa"),
    }


def test_an_example_accepted_by_a_contributor_becomes_a_proposal(person: Callable[..., Api]) -> None:
    dana, noa = person("Dana", north="contributor"), person("Noa", north="reviewer")
    harmless = {
        **PHRASE,
        "parameters": {"phrases": ["unfinished"]},
        "examples": {"bad": [{"text": "unfinished"}], "good": [{"text": "Done"}]},
    }
    filed = noa.file(lessons=[{"text": "Proofread.", "guard": harmless}], status="published", severity=3)
    lesson = filed["lessons"][0]["id"]
    number = store_check(dana, {f"lesson:{lesson}": "copy"}, keep_text=True)
    offer = dana.post(f"/checks/{number}/findings/1/not-a-problem", {}).get_json()
    path = f"/guards/lesson:{lesson}/offers/{offer['id']}/decision"
    proposal = dana.post(path, {"status": "accepted"}).get_json()["proposal"]
    content = noa.get(f"/proposals/{proposal}").get_json()["content"]
    assert len(content["lessons"][0]["guard"]["examples"]["good"]) == 2
    assert (
        len(noa.get(f"/incidents/{filed['id']}").get_json()["lessons"][0]["guard"]["examples"]["good"]) == 1
    )


def test_a_near_miss_of_a_guard_of_no_lesson_has_the_category_of_the_first_precedent(
    person: Callable[..., Api],
) -> None:
    dana = person("Dana", north="contributor")
    category = dana.get("/incidents/2").get_json()["category"]
    assert category != dana.get("/incidents/3").get_json()["category"]
    number = store_check(dana, {"memorial-and-sale": "****"}, precedents=(2, 3), organization="Acme")
    assert dana.post(f"/checks/{number}/near-miss", {}).get_json()["category"] == category


def test_a_near_miss_is_named_after_the_first_finding(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="contributor")
    text = "In memory of the fallen: 20% off all grills, today only! [insert link]"
    draft = {"text": text, "language": "en", "organization": "Acme"}
    checked = dana.post("/checks", draft).get_json()
    assert len(checked["themes"]) > 2
    standing = [item for item in checked["findings"] if item["folded_into"] is None]
    assert len(standing) < len(checked["findings"])
    filed = dana.post(f"/checks/{checked['id']}/near-miss", {"category": "tone-deaf"}).get_json()
    subjects = filed["title"].removeprefix("Caught before publication: ").split(", ")
    labels = [theme["label"] for theme in checked["themes"]]
    assert len(subjects) <= 2
    assert {*subjects} <= {*labels}
    named = filed["summary"].partition("Guards: ")[2].rstrip(".").split("; ")
    assert len(named) == len({item["guard"] for item in standing})
    first = standing[0]
    assert [item["text"] for item in filed["lessons"]] == [
        (first["lesson"] or {"text": first["suggestion"]})["text"]
    ]


def test_a_near_miss_of_a_clear_check_does_not_say_that_the_check_found_problems(
    person: Callable[..., Api],
) -> None:
    dana = person("Dana", north="contributor")
    body = {"category": "internal-communication", "title": "A draft"}
    said = {}
    for language in ("en", "he"):
        number = store_check(dana, {}, organization="Acme")
        filed = dana.post(f"/checks/{number}/near-miss", {**body, "language": language})
        said[language] = filed.get_json()["summary"]
    assert said == {
        "en": "A draft was caught before it was published. Its check had found no reason to hold it back.",
        "he": "טיוטה נתפסה לפני שפורסמה. הבדיקה שלה לא מצאה סיבה לעכב אותה.",
    }
    noted = store_check(dana, severity=Severity.NOTE, organization="Acme")
    summary = dana.post(f"/checks/{noted}/near-miss", body).get_json()["summary"]
    assert summary == f"{said['en']} Guards with a note: Unfinished text."


def _check_with_a_hidden_lesson(person: Callable[..., Api]) -> tuple[Api, int, str]:
    """A member of a check's team; the check, and its finding's guard, of a lesson of another team."""
    dana, sari = person("Dana", north="contributor", south="reader"), person("Sari", south="admin")
    lesson = f"lesson:{dana.file(team='north')['lessons'][0]['id']}"
    return (
        sari,
        store_check(dana, {lesson: "****"}, team="south", keep_text=True, organization="Acme"),
        lesson,
    )


def test_answers_to_a_check_do_not_name_the_guard_of_a_hidden_lesson(person: Callable[..., Api]) -> None:
    sari, number, lesson = _check_with_a_hidden_lesson(person)
    assert sari.post(f"/checks/{number}/override", {"reason": "It is a quotation."}).status_code == 201
    entry = sari.get("/audit", event="check_override").get_json()["items"][0]
    assert entry["detail"]["guards"] == ["lesson:hidden"]
    path = f"/checks/{number}/findings/1/not-a-problem"
    offered = [sari.post(path, {}, Idempotency_Key="a").get_json()["guard"] for _ in range(2)]
    assert offered == ["lesson:hidden"] * 2
    body = {"category": "internal-communication"}
    filed = sari.post(f"/checks/{number}/near-miss", body).get_json()
    assert filed["summary"] == "A check found problems in a draft before it was published."
    assert filed["lessons"] == []
    ada = person("Ada", site_admin=True)
    assert ada.get("/audit", event="check_override").get_json()["items"][0]["detail"]["guards"] == [lesson]


def test_a_rerun_does_not_name_the_guard_of_a_hidden_lesson(person: Callable[..., Api]) -> None:
    sari, number, lesson = _check_with_a_hidden_lesson(person)
    answer = sari.post(f"/checks/{number}/rerun", {}).get_json()
    assert "lesson:hidden" in {item["guard"] for item in answer["gone_findings"]}
    assert lesson not in str(answer)


def test_a_near_miss_names_the_guards_of_lessons_that_all_may_see(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="contributor")
    public = f"lesson:{dana.get('/incidents/3').get_json()['lessons'][0]['id']}"
    own = f"lesson:{dana.file(team='north')['lessons'][0]['id']}"
    number = store_check(dana, {own: "****", public: "Need copy"}, organization="Acme")
    summary = dana.post(f"/checks/{number}/near-miss", {}).get_json()["summary"]
    assert summary.endswith("Guards: A note where the copy should be.")
