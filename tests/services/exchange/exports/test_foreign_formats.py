"""Exports in the style of the AI Incident Database, and in VERIS: nothing is required that is not there, and
nothing is there that nobody knows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings

from kb.domain.taxonomy import NAMESPACES
from kb.models import db
from kb.schemas.export import ExportQuerySchema
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.exports import veris_codes as codes
from kb.services.exchange.exports.exporting import begin_export, export_chunks, export_request
from kb.services.taxonomy.listing import term_names
from tests.conftest import NewSettings
from tests.services.exchange.test_round_trip import in_new_application
from tests.support.api import Api
from tests.support.foreign_formats import AIID, VERIS
from tests.support.incidents import FULL_INCIDENT, incident
from tests.support.knowledge_bases import build, knowledge_bases

RULES = {"aiid": AIID, "veris": VERIS}

MINIMAL = {"title": "A draft", "organization": "Acme", "category": "wrong-account"}
"""All that a draft must have."""


def _exported(name: str, language: str = "en") -> list[Any]:
    request = export_request(ExportQuerySchema().load({"format": name}), [language])
    items: list[Any] = json.loads(b"".join(export_chunks(OPERATOR, request, str)))
    db.session.rollback()
    return items


def _left_out() -> int:
    start = begin_export(OPERATOR, export_request(ExportQuerySchema().load({"format": "veris"}), []), "test")
    return start.left_out


def _in_both(api: Api, **fields: Any) -> tuple[Any, Any]:
    """An incident that is filed, as AIID and as VERIS have it."""
    number = api.file(**fields)["id"]
    with api.client.application.app_context():
        aiid = {item["incident_id"]: item for item in _exported("aiid")}
        veris = {item["incident_id"]: item for item in _exported("veris")}
    return aiid[number], veris[str(number)]


def _attributes(item: dict[str, Any]) -> dict[str, Any]:
    (classification,) = item["classifications"]
    return {each["short_name"]: json.loads(each["value_json"]) for each in classification["attributes"]}


@pytest.mark.slow
@settings(
    max_examples=12,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(parts=knowledge_bases())
def test_any_incident_keeps_the_rules_of_both(new_settings: NewSettings, parts: Any) -> None:
    def check() -> None:
        build(*parts)
        for name, rules in RULES.items():
            for language in ("en", "he"):
                for item in _exported(name, language):
                    problems = [
                        f"{error.instance_path}: {error.message}" for error in rules.iter_errors(item)
                    ]
                    assert problems == []
        assert len(_exported("aiid")) == len(_exported("veris")) + _left_out()

    in_new_application(new_settings(), check)


@pytest.mark.parametrize("name", RULES)
def test_every_seeded_case_keeps_the_rules_in_english_and_hebrew(app: Flask, name: str) -> None:
    with app.app_context():
        english, hebrew = _exported(name), _exported(name, "he")
    assert len(english) == len(hebrew) == 6
    assert [error.message for item in english + hebrew for error in RULES[name].iter_errors(item)] == []
    text = "title" if name == "aiid" else "summary"
    assert all(first[text] != second[text] for first, second in zip(english, hebrew, strict=True))


def test_veris_leaves_out_what_has_no_year_and_aiid_says_that_it_is_unknown(admin: Api, app: Flask) -> None:
    draft = admin.post("/incidents", MINIMAL).get_json()["id"]
    old = admin.file(**incident(occurred_on="1949-12-31"))["id"]
    with app.app_context():
        veris = [int(item["incident_id"]) for item in _exported("veris")]
        aiid = {item["incident_id"]: item for item in _exported("aiid")}
        assert _left_out() == 2
    assert {draft, old}.isdisjoint(veris)
    assert len(veris) == 6
    assert (aiid[draft]["date"], aiid[old]["date"]) == ("", "1949-12-31")
    assert "description" not in aiid[draft]


def test_a_date_is_as_precise_as_it_is_known(admin: Api) -> None:
    for date, parts in (
        ("2017", {"year": 2017}),
        ("2017-11", {"year": 2017, "month": 11}),
        ("2017-11-04", {"year": 2017, "month": 11, "day": 4}),
    ):
        aiid, veris = _in_both(admin, **incident(occurred_on=date, title=f"It was {date}"))
        assert (aiid["date"], veris["timeline"]) == (date, {"incident": parts})


def test_all_that_is_known_of_an_incident_is_in_it(admin: Api) -> None:
    aiid, veris = _in_both(admin, **{**FULL_INCIDENT, "visibility": "organization"})
    (report,) = aiid["reports"]
    assert (report["url"], report["source_domain"]) == ("https://example.org/1", "example.org")
    assert (report["title"], report["date_published"]) == ("The tweet", "")
    attributes = _attributes(aiid)
    assert attributes["organization"] == veris["victim"]["victim_id"] == "מקדונלד'ס"
    assert attributes["lessons"] == ["Proofread.", "Sign off."]
    assert attributes["severity"] == veris["plus"]["severity"] == 2
    assert veris["summary"] == f"{FULL_INCIDENT['title']}\n\n{FULL_INCIDENT['summary']}"
    assert veris["corrective_action"] == "Proofread.\nSign off."
    assert veris["control_failure"] == FULL_INCIDENT["cause"]
    assert (veris["reference"], veris["confidence"]) == ("https://example.org/1", "Medium")
    assert veris["action"] == {"error": {"variety": ["Publishing error"], "vector": ["Unknown"]}}
    assert veris["plus"]["responses"] == [{"kind": "mocked_back", "at": "2017-11-24"}]


def test_veris_confirms_only_what_has_been_published(admin: Api) -> None:
    for status, kind, expected in (
        ("draft", "incident", "Suspected"),
        ("published", "incident", "Confirmed"),
        ("published", "near_miss", "Near miss"),
    ):
        _, veris = _in_both(admin, **incident(status=status, kind=kind, title=f"{status} {kind}"))
        assert veris["security_incident"] == expected


def test_an_organization_deployed_a_system_only_where_one_acted(admin: Api) -> None:
    posted, _ = _in_both(admin, **incident(failure_modes=["forced-humor"], title="A joke"))
    automated, _ = _in_both(admin, **incident(failure_modes=["automation-error"], title="A bot"))
    assert "Alleged deployer of AI system" not in posted
    assert automated["Alleged deployer of AI system"] == [_attributes(automated)["organization"]]


@pytest.mark.parametrize(
    ("failure_modes", "actor", "action"),
    [
        ([], "unknown", {"unknown": {}}),
        (["silence"], "unknown", {"unknown": {}}),
        (["policy-gap"], "unknown", {"unknown": {}}),
        (["account-compromise"], "external", {"hacking": {"variety": ["Unknown"], "vector": ["Unknown"]}}),
        (["insider-conduct"], "internal", {"misuse": {"variety": ["Unknown"], "vector": ["Unknown"]}}),
        (
            ["newsjacking", "forced-humor", "factual-error", "approval-miss"],
            "unknown",
            {"error": {"variety": ["Gaffe", "Misinformation"], "vector": ["Inadequate processes"]}},
        ),
    ],
)
def test_veris_says_who_did_what_only_if_a_failure_mode_says_so(
    admin: Api, failure_modes: list[str], actor: str, action: dict[str, Any]
) -> None:
    _, veris = _in_both(admin, **incident(failure_modes=failure_modes, category="offensive"))
    assert [*veris["actor"]] == [actor]
    assert veris["action"] == action


@pytest.mark.parametrize(
    ("industry", "code", "government"),
    [
        (None, "00", "Unknown"),
        ("food", "00", "Unknown"),
        ("finance", "52", "NA"),
        ("military", "928110", "Unknown"),
    ],
)
def test_veris_knows_an_industry_only_if_it_lies_within_one_sector(
    admin: Api, industry: str | None, code: str, government: str
) -> None:
    _, veris = _in_both(admin, **incident(industry=industry))
    assert (veris["victim"]["industry"], veris["victim"]["government"]) == (code, [government])


def test_losses_have_amounts_if_they_are_facts_in_one_currency(admin: Api) -> None:
    def losses(*impacts: tuple[str, float | None, str | None, bool]) -> Any:
        names = ("kind", "amount", "currency", "alleged")
        given = [dict(zip(names, impact, strict=True)) for impact in impacts]
        _, veris = _in_both(admin, **incident(impacts=given, title=f"It cost {impacts}"))
        assert [error.message for error in VERIS.iter_errors(veris)] == []
        return veris.get("impact")

    assert losses() is None
    fine, claim = ("legal", 50.5, "ILS", False), ("market_value", 1e6, "USD", True)
    assert losses(fine, claim, ("jobs", 3, None, False)) == {
        "overall_rating": "Unknown",
        "iso_currency_code": "ILS",
        "loss": [
            {"variety": "Legal and regulatory", "amount": 50.5},
            {"variety": "Brand damage"},
            {"variety": "Other"},
        ],
    }
    two = losses(fine, ("revenue", 1, "EUR", False))
    assert two["loss"] == [{"variety": "Legal and regulatory"}, {"variety": "Other"}]
    assert "iso_currency_code" not in two
    assert "iso_currency_code" not in losses(("revenue", 1, "QQQ", False)), "no currency that VERIS knows"


def test_each_term_with_a_code_is_in_the_taxonomy(app: Flask) -> None:
    with app.app_context():
        names = term_names(OPERATOR, NAMESPACES, ["en"])
    failure_modes = {*codes.ERRORS, *codes.ERROR_VECTORS, codes.COMPROMISE, codes.MISUSE, codes.DISCLOSURE}
    assert failure_modes <= names["failure_mode"].keys()
    assert names["failure_mode"].keys() | names["category"] >= codes.OUTSIDERS | codes.INSIDERS
    assert codes.INDUSTRIES.keys() <= names["industry"].keys()
