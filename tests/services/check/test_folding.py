"""Findings that say nearly the same: one stands for the others, and none is lost."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from kb.domain.guard import LESSON_PREFIX, Guard, GuardType, Severity, Verdict
from kb.guards.clean_text import Span
from kb.guards.matcher import Match
from kb.guards.ruleset import Finding
from kb.services.check.folding import FOLDED_TYPES, content, fold, is_of_lesson
from tests.support.api import Api

# Several guards speak of each of both subjects.
JOKE = "We never forget: take 40% off on Martin Luther King Day. Drop it like a bomb in Syria."


def _finding(key: str, type_: GuardType, severity: Severity, span: Span | None) -> Finding:
    return Finding(Guard(key=key, type=type_, severity=severity, message={"en": "No."}), Match(span))


def _themes(key: str, severity: Severity, start: int, end: int) -> Finding:
    return _finding(key, GuardType.THEMES, severity, Span(start, end))


_SPANS = st.builds(lambda start, length: Span(start, start + length), st.integers(0, 30), st.integers(1, 10))
_FINDINGS = st.lists(
    st.builds(
        _finding,
        st.sampled_from(["a", "b", f"{LESSON_PREFIX}1"]),
        st.sampled_from([*FOLDED_TYPES, GuardType.PHRASE]),
        st.sampled_from(Severity),
        st.none() | _SPANS,
    ),
    max_size=12,
).map(lambda findings: sorted(findings, key=lambda finding: [*Severity].index(finding.guard.severity)))


@given(_FINDINGS)
def test_each_finding_stands_or_is_folded_into_one_that_stands_shares_its_words_and_is_as_grave(
    findings: list[Finding],
) -> None:
    for finding, number in zip(findings, folded_into := fold(findings), strict=True):
        if number is None:
            continue
        graver = findings[number - 1]
        assert folded_into[number - 1] is None
        assert graver.guard.type is finding.guard.type
        if content(graver) == content(finding) and is_of_lesson(graver):
            continue
        assert graver.match.span is not None
        assert finding.match.span is not None
        assert {*range(*graver.match.span)} & {*range(*finding.match.span)}
        severities = [*Severity]
        assert severities.index(graver.guard.severity) <= severities.index(finding.guard.severity)


@given(_FINDINGS)
def test_the_verdict_of_the_findings_that_stand_is_that_of_all(findings: list[Finding]) -> None:
    standing = [each for each, number in zip(findings, fold(findings), strict=True) if number is None]
    every, some = ({each.guard.severity for each in group} for group in (findings, standing))
    assert Verdict.of(every) is Verdict.of(some)


def test_of_equally_grave_findings_that_of_a_lesson_stands_and_neighbors_stand_apart() -> None:
    stop, caution = Severity.STOP, Severity.CAUTION
    findings = [
        _themes("terror-and-sale", stop, 0, 20),
        _themes("lesson:1", stop, 5, 30),
        _themes("far-away", caution, 30, 40),
        _themes("war-and-light-tone", caution, 10, 15),
    ]
    assert fold(findings) == [2, None, None, 2]


def test_phrases_stand_apart_because_a_team_may_say_different_things_of_the_same_words() -> None:
    phrases = [_finding(key, GuardType.PHRASE, Severity.STOP, Span(0, 9)) for key in ("free", "free-trial")]
    assert fold(phrases) == [None, None]


def test_what_repeats_a_finding_of_a_lesson_is_folded_into_it_whatever_its_type() -> None:
    phrases = [
        _finding(key, GuardType.PHRASE, severity, Span(0, end))
        for key, severity, end in (
            ("free", Severity.STOP, 9),
            ("lesson:1", Severity.STOP, 9),
            ("lesson:2", Severity.STOP, 9),
            ("longer", Severity.STOP, 12),
            ("milder", Severity.CAUTION, 9),
        )
    ]
    assert fold(phrases) == [2, None, None, None, None]
    days = [_finding(key, GuardType.DATE, Severity.NOTE, None) for key in ("lesson:1", "quiet-days")]
    assert fold(days) == [None, 1]


def test_the_owners_of_an_included_guard_learn_that_what_a_lesson_found_too_is_no_problem(
    person: Callable[..., Api],
) -> None:
    dana = person("Dana", north="reader")
    draft = {"text": "Black Friday **** Need copy and link****", "keep_text": True}
    result = dana.post("/checks", draft).get_json()
    lesson, included = result["findings"]
    assert lesson["guard"].startswith("lesson:")
    assert (included["guard"], included["folded_into"]) == ("unfinished-text", 1)
    assert included["span"] == lesson["span"]
    offered = dana.post(f"/checks/{result['id']}/findings/2/not-a-problem", {"reason": "It is quoted."})
    assert (offered.status_code, offered.get_json()["guard"]) == (201, "unfinished-text")
    for guard in (lesson["guard"], "unfinished-text"):
        suppressed = {**draft, "suppress": [{"guard": guard, "reason": "It is quoted."}]}
        assert dana.post("/checks", suppressed).get_json()["findings"] == []


def test_a_link_to_a_test_site_is_one_thing_to_mend_though_it_is_a_placeholder_too(reader: Api) -> None:
    result = reader.post("/checks", {"text": "Book now: https://localhost."}).get_json()
    assert len({each["guard"] for each in result["findings"]}) > 1
    assert len([each for each in result["findings"] if each["folded_into"] is None]) == 1


def test_whoever_leaves_out_a_finding_sees_what_was_folded_into_it(reader: Api) -> None:
    first = reader.post("/checks", {"text": JOKE}).get_json()
    [number] = {each["folded_into"] for each in first["findings"] if each["folded_into"] is not None}
    standing = first["findings"][number - 1]
    folded = [each for each in first["findings"] if each["folded_into"] == number]
    assert standing["folded_into"] is None
    assert folded
    suppress = [{"guard": standing["guard"], "reason": "A quotation."}]
    second = reader.post("/checks", {"text": JOKE, "suppress": suppress}).get_json()
    [next_one] = [each for each in second["findings"] if each["guard"] == folded[0]["guard"]]
    assert next_one["folded_into"] is None
    assert next_one["span"] == folded[0]["span"]


def test_a_receipt_has_every_finding_and_counts_those_that_stand(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="reader")
    result = dana.post("/checks", {"text": JOKE}).get_json()
    receipt = dana.get(f"/checks/{result['id']}").get_json()
    fields = ("guard", "severity", "folded_into")
    assert [[each[name] for name in fields] for each in receipt["findings"]] == [
        [each[name] for name in fields] for each in result["findings"]
    ]
    standing = [each for each in result["findings"] if each["folded_into"] is None]
    assert sum(receipt["finding_counts"].values()) == len(standing) < len(result["findings"])
