"""Guards of the types `account` and `approval`, which look at what is known of a draft."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from kb.domain.guard import Severity
from kb.guards.errors import GuardError
from kb.guards.matcher import Match
from kb.guards.types import parse
from kb.search.concepts import ConceptTable
from tests.support.guard_matches import analyzed, found, guard, matcher

NIGHT = {"quiet_from": "22:00", "quiet_until": "06:00", "time_zone": "Asia/Jerusalem"}
CONCEPTS = ConceptTable.of(
    {
        "war": {
            "labels": {"en": "War", "he": "מלחמה"},
            "phrases": {"en": ["war"], "he": ["מלחמה"]},
            "ambiguous": {"en": ["bomb"]},
        },
        "faith": {"phrases": {"en": ["church"]}},
    }
)


def matches(parameters: dict[str, Any], **facts: Any) -> list[Match]:
    return list(matcher("account", **parameters).matches(analyzed("Hello", **facts)))


@pytest.mark.parametrize(
    ("account", "is_known"),
    [("@BrandUK", True), ("brandil", True), (" @brandIL ", True), (None, True), ("@branduk2", False)],
)
def test_an_account_is_compared_with_the_list_without_case_and_sign(
    account: str | None, is_known: bool
) -> None:
    found = matches({"accounts": ["branduk", "@BrandIL"]}, account=account)
    assert not found if is_known else found[0].values["account"] == {"": account}
    assert all(match.span is None for match in found)


@pytest.mark.parametrize(
    ("at", "approvers", "time"),
    [
        ("2027-06-01T19:00:00+00:00", (), "22:00"),  # summer time: UTC+3
        ("2027-01-01T19:59:00+00:00", (), None),
        ("2027-01-01T20:00:00+00:00", ("Dana",), "22:00"),
        ("2027-01-01T03:59:59+00:00", ("Dana", " dana"), "05:59"),
        ("2027-01-01T03:59:59+00:00", ("Dana", "Tom"), None),
        ("2027-01-01T04:00:00+00:00", (), None),
        ("2027-01-01T23:00:00-05:00", (), None),
    ],
)
def test_a_post_at_night_needs_two_approvers(at: str, approvers: tuple[str, ...], time: str | None) -> None:
    found = matches(NIGHT, scheduled_at=datetime.fromisoformat(at), approvers=approvers, account="@any")
    assert [match.values["time"][""] for match in found] == ([time] if time else [])


def test_quiet_hours_may_lie_within_a_day() -> None:
    noon = {"quiet_from": "12:00", "quiet_until": "13:00", "time_zone": "UTC"}
    assert matches(noon, scheduled_at=datetime.fromisoformat("2027-01-01T12:30:00+00:00"))
    assert not matches(noon, scheduled_at=datetime.fromisoformat("2027-01-01T13:00:00+00:00"))
    assert not matches(noon)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({}, "accounts"),
        ({"accounts": "@brand"}, "accounts"),
        ({**NIGHT, "quiet_from": "24:00"}, "quiet_from"),
        ({**NIGHT, "quiet_from": 1320}, "quiet_from"),  # as YAML reads 22:00
        ({**NIGHT, "quiet_until": "22:00"}, "quiet_until"),
        ({**NIGHT, "time_zone": "Jerusalem"}, "time_zone"),
        ({"quiet_from": "22:00", "quiet_until": "06:00"}, "time_zone"),
        ({"quiet_until": "06:00", "time_zone": "UTC"}, "quiet_from"),
        ({"quiet_from": "22:00", "time_zone": "UTC"}, "quiet_until"),
        ({"time_zone": "UTC"}, "quiet_from"),
    ],
)
def test_invalid_parameters_are_refused_with_their_place(parameters: dict[str, object], name: str) -> None:
    with pytest.raises(GuardError) as error:
        matcher("account", **parameters)
    assert error.value.pointer == f"/parameters/{name}"


def test_an_approval_is_asked_for_wherever_it_applies() -> None:
    always = matcher("approval", CONCEPTS)
    assert [match.span for match in always.matches(analyzed("Hello", CONCEPTS))] == [None]


def test_an_approval_is_asked_for_where_a_concept_is_touched() -> None:
    approval = matcher("approval", CONCEPTS, concepts=["faith", "war"])
    assert found(approval, "War, a church, a war", CONCEPTS) == ["War", "church"]
    assert found(approval, "המלחמה", CONCEPTS) == ["המלחמה"]
    assert found(approval, "Peace", CONCEPTS) == []
    assert found(approval, "A bomb of a party, and then war", CONCEPTS) == ["war"]
    first = next(iter(approval.matches(analyzed("War", CONCEPTS))))
    assert first.values == {"concept": {"en": "War", "he": "מלחמה"}}


def test_an_approval_is_a_note_about_known_concepts() -> None:
    with pytest.raises(GuardError, match="Did you mean war") as error:
        matcher("approval", CONCEPTS, concepts=["wars"])
    assert error.value.pointer == "/parameters/concepts/0"
    with pytest.raises(GuardError, match="note") as error:
        parse(guard("approval", severity=Severity.STOP), CONCEPTS)
    assert error.value.pointer == "/severity"
