"""The benchmark of pages asks for the same as the API does, and says which pages miss the goals."""

from __future__ import annotations

from argparse import Namespace

import pytest

from bench.pages.cases import Case, Places, make_cases
from bench.pages.report import Row, print_results
from bench.pages.visitor import Visitor

NUMBER = 3
PLACES = Places(long_incident=4, changed_incident=7, receipt=1, guard="unfinished-text")
CASES = [*make_cases(NUMBER, Visitor("he"), Visitor("he", "secret"), PLACES)]
QUICK = Row("quick", p50=2, p99=3, calls={"GET /a": 1, "GET /b": 1}, kb=59, kb_sent=9, errors=0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_page_has_as_many_requests_as_each_of_its_calls(case: Case) -> None:
    assert {len(case.pages), *map(len, case.calls.values())} == {NUMBER}


def test_a_page_and_its_calls_are_asked_for_by_the_same_person() -> None:
    for case in CASES:
        assert all(b"Accept-Language: he" in request for request in (*case.plain, *case.pages))
        is_member = b"Cookie: kb_session=secret" in case.pages[0]
        calls = [request for requests in case.calls.values() for request in requests]
        assert all((b"Bearer secret" in call) is is_member for call in calls), case.name


def test_drafts_are_new_in_each_request() -> None:
    (checks,) = (case for case in CASES if case.name == "result of a check")
    assert len({*checks.pages}) == len({*checks.calls["POST /checks"]}) == NUMBER


def test_the_report_marks_what_is_slower_or_larger_than_its_goal(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [QUICK, QUICK._replace(page="slow", p50=6.1), QUICK._replace(page="large", kb=61, errors=1)]
    print_results(Namespace(documents=1000, requests=NUMBER), rows)
    printed = capsys.readouterr().out
    cells = {
        parts[1]: parts[5:]
        for line in printed.splitlines()
        if (parts := [part.strip() for part in line.split("|")])[1:2] and line.startswith("| ")
    }
    assert cells["quick"] == ["2.0", "1.00", "59.0", "9.0", "", ""]
    assert cells["slow"] == ["2.0", "3.05", "59.0", "9.0", "slow", ""]
    assert cells["large"][-2] == "large"
    assert "- quick: GET /a (1.0), GET /b (1.0)" in printed
    assert "1 requests failed" in printed
