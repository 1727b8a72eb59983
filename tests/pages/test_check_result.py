"""The parts of a result, computed for its page: marks, changes, costs, examples."""

import pytest
from flask import Flask

from kb.pages.checks import check_result
from kb.pages.checks.check_result import changes_since, keep_first_example, mark
from kb.pages.checks.former_findings import Former
from kb.pages.words.check_words import cost_words


def test_overlapping_findings_share_a_stretch_of_the_text() -> None:
    findings = [
        {"number": 1, "severity": "caution", "span": {"start": 0, "end": 6}},
        {"number": 2, "severity": "stop", "span": {"start": 4, "end": 9}},
        {"number": 3, "severity": "note", "span": None},
    ]
    segments = mark("0123456789", findings)
    assert [(part.text, part.severity, part.numbers, part.ends) for part in segments] == [
        ("0123", "caution", (1,), ()),
        ("45", "stop", (1, 2), (1,)),
        ("678", "stop", (2,), (2,)),
        ("9", None, (), ()),
    ]


def test_a_finding_that_moved_is_neither_gone_nor_new() -> None:
    def finding(number: int, text: str) -> dict[str, object]:
        return {"number": number, "guard": "g", "severity": "stop", "message": "", "span": {"text": text}}

    former = [Former("g", "stop", "TBD", ""), Former("g", "stop", "TK", "")]
    changes = changes_since(former, [finding(1, "TK"), finding(2, "XXX"), finding(3, "???")])
    assert (changes.gone, changes.new, changes.stayed) == ([], frozenset({3}), 2)


def test_a_cost_with_its_amount_is_one_item_of_the_list(app: Flask) -> None:
    costs: list[dict[str, object]] = [
        {"kind": "other", "amount": 500_000, "currency": "PLN", "alleged": False},
        {"kind": "revenue", "amount": 2_000_000, "currency": "EUR", "alleged": True},
        {"kind": "reputation", "amount": None, "currency": None, "alleged": False},
    ]
    with app.test_request_context("/check?lang=en"):
        told = cost_words(costs)
    assert told == "500,000 Polish zlotys (other), 2 million euros (sales, alleged) and reputation"


def test_a_finding_that_was_folded_is_not_new_when_it_stands_for_itself_nor_gone_when_it_goes() -> None:
    finding = {"number": 1, "guard": "g", "severity": "stop", "message": "", "span": {"text": "TK"}}
    folded = Former("g", "stop", "TK", "", "folded")
    stands = changes_since([folded], [finding])
    assert (stands.gone, stands.new, stands.stayed) == ([], frozenset(), 1)
    assert changes_since([folded], []).gone == []


def test_an_example_draft_of_several_incidents_is_shown_with_the_first_of_them() -> None:
    precedents = [{"example": example} for example in (None, "Half price today", "Half price today", "Grief")]
    keep_first_example(precedents)
    assert [item["example"] for item in precedents] == [None, "Half price today", None, "Grief"]


@pytest.mark.parametrize(("language", "said"), [("en", "Sales, “copy”"), ("he", "Sales, ״copy״")])
def test_words_that_a_precedent_shares_with_a_draft_are_told_from_subjects(
    app: Flask, language: str, said: str
) -> None:
    why = {
        "guards": [],
        "themes": ["discount"],
        "labels": {"discount": "Sales"},
        "failure_modes": [],
        "words": ["copy"],
        "platform": None,
    }
    item = {"why": why, "incident": {"summary": ""}, "cost": []}
    with app.test_request_context(f"/?lang={language}"):
        assert check_result._reasons(item, {"failure_mode": {}, "platform": {}})["reasons"] == said
