"""Filing an incident."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from unicodedata import normalize

import pytest

from tests.support.api import Api
from tests.support.incidents import FULL_INCIDENT, incident, stored


def test_every_filed_field_is_returned(any_role: Callable[..., Api]) -> None:
    api = any_role("contributor")
    response = api.post("/incidents", FULL_INCIDENT)
    assert response.status_code == 201
    read = api.get(response.headers["Location"].removeprefix("/api/v1")).get_json()
    assert read == stored(response)
    for name in FULL_INCIDENT.keys() - {"lessons", "sources", "tags", "acknowledged_at"}:
        assert read[name] == FULL_INCIDENT[name], name
    assert [lesson["text"] for lesson in read["lessons"]] == ["Proofread.", "Sign off."]
    assert read["sources"] == [{**FULL_INCIDENT["sources"][0], "archive_url": None, "published_on": None}]
    assert read["acknowledged_at"] == "2017-11-24T10:30:00Z"
    assert read["tags"] == ["black-friday", "scheduling"]
    assert (read["status"], read["version"], read["team"]) == ("draft", 1, "main")


def test_optional_fields_have_defaults(contributor: Api) -> None:
    filed = contributor.file()
    assert filed["slug"] == "acme-a-reply-went-out-from-the-wrong-account"
    assert (filed["kind"], filed["visibility"], filed["occurred_precision"]) == (
        "incident",
        "organization",
        "day",
    )
    assert (filed["severity"], filed["industry"], filed["platforms"]) == (None, None, [])


@pytest.mark.parametrize(
    "field",
    ["title", "summary", "category", "cause", "outcome", "lessons", "organization", "occurred_on"],
)
def test_every_required_field_is_demanded(as_role: Callable[..., Api], field: str) -> None:
    body = incident(**{field: None})
    drafted = as_role("contributor").post("/incidents", body)
    assert drafted.status_code == (422 if field in ("title", "category", "organization") else 201)
    response = as_role("reviewer").post("/incidents", {**body, "status": "published"})
    assert response.status_code == 422
    assert f"/{field}" in [error["pointer"] for error in response.get_json()["errors"]]


@pytest.mark.parametrize(
    ("role", "status"), [("contributor", "draft"), ("reviewer", "published"), ("site_admin", "published")]
)
def test_filing_as_published_requires_the_right_to_publish(
    as_role: Callable[..., Api], role: str, status: str
) -> None:
    assert as_role(role).file(status="published")["status"] == status


@pytest.mark.parametrize(
    ("written", "first", "precision"),
    [
        ({"occurred_on": "2018"}, "2018-01-01", "year"),
        ({"occurred_on": "2018-05"}, "2018-05-01", "month"),
        ({"occurred_on": "2018-05-17"}, "2018-05-17", "day"),
        ({"occurred_on": "2018-05-17", "occurred_precision": "month"}, "2018-05-01", "month"),
    ],
)
def test_a_date_keeps_its_precision(
    contributor: Api, written: dict[str, str], first: str, precision: str
) -> None:
    filed = contributor.file(**written)
    assert (filed["occurred_on"], filed["occurred_precision"]) == (first, precision)


def test_a_date_known_to_the_month_matches_any_of_its_days(contributor: Api) -> None:
    filed = contributor.file(occurred_on="2015-05")
    for days, hit in [(("2015-05-20", "2015-05-21"), True), (("2015-06-01", "2015-06-02"), False)]:
        listed = contributor.get("/incidents", **{"from": days[0], "to": days[1]}).get_json()["items"]
        assert (filed["id"] in [card["id"] for card in listed]) is hit


def test_aliases_and_spelling_variants_of_a_term_are_accepted(contributor: Api) -> None:
    filed = contributor.file(
        platforms=["Ｘ"], category=" Tóne  Deaf", secondary_categories=["תוכן\u200f פּוגעני"]
    )
    assert (filed["platforms"], filed["category"]) == (["twitter"], "tone-deaf")
    assert filed["secondary_categories"] == ["offensive"]


def test_hebrew_is_detected_unless_the_language_is_given(contributor: Api) -> None:
    hebrew = {"title": "ציוץ שפורסם בטעות", "summary": "טיוטה עלתה לאוויר."}
    assert contributor.file(language=None, **hebrew)["language"] == "he"
    assert contributor.file(language="yi", **hebrew)["language"] == "yi"
    assert contributor.file(language=None)["language"] == "en"


def test_the_other_form_of_a_text_is_the_same_text_and_makes_no_version(
    any_role: Callable[..., Api],
) -> None:
    def decomposed(value: Any) -> Any:
        return json.loads(normalize("NFD", json.dumps(value, ensure_ascii=False)))

    api = any_role("contributor")
    body = incident(title="Café Zoë", organization="Nestlé", tags=["été"], lessons=[{"text": "Déjà vu."}])
    one, other = api.post("/incidents", body).get_json(), api.post("/incidents", decomposed(body)).get_json()
    own = {"id", "url", "slug", "created_at", "updated_at", "likely_duplicates", "lessons"}
    assert {name: other[name] for name in other.keys() - own} == {
        name: one[name] for name in one.keys() - own
    }
    assert other["slug"] == f"{one['slug']}-2"
    assert [lesson["text"] for lesson in other["lessons"]] == ["Déjà vu."]
    change = {name: body[name] for name in ("title", "organization", "tags")}
    patched = api.patch(f"/incidents/{one['id']}", decomposed(change), If_Match='"1"').get_json()
    assert (patched["version"], patched["title"]) == (1, "Café Zoë")
    comment = api.post(f"/incidents/{one['id']}/comments", {"text": normalize("NFD", "Où ?")})
    assert comment.get_json()["text"] == "Où ?"
