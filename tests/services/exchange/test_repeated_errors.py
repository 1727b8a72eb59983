"""Errors that several lines have in common are said once, with their lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.services.exchange.line_checks import LineError
from kb.services.exchange.repeated_errors import MAX_NAMED, line_ranges, repeated_errors


def test_the_same_error_of_several_lines_is_one() -> None:
    errors = [
        LineError(2, "/severity", "huge", "how bad"),
        LineError(2, "/title", "missing"),
        LineError(3, "/severity", "huge", "how bad"),
        LineError(4, "/severity", "tiny", "how bad"),
        LineError(9, "/severity", "huge", "how bad", "other.csv"),
        LineError(0, "/severity", "huge", "how bad"),
    ]
    found = [(each.error, each.lines) for each in repeated_errors(errors, "row")]
    assert found == [
        (errors[0], [2, 3]),
        (errors[1], [2]),
        (errors[3], [4]),
        (errors[4], [9]),
        (errors[5], [0]),
    ]


def test_documents_with_the_same_error_are_named_together() -> None:
    errors = [LineError(1, "/title", "missing", file=name) for name in ("a.md", "b.md")]
    (found,) = repeated_errors(errors, "document")
    assert found.files == ["a.md", "b.md"]


def test_neighboring_lines_are_named_as_ranges() -> None:
    assert line_ranges([2, 3, 10, 4, 7, 9, 9]) == (["2–4", "7", "9–10"], 0)


@given(st.sets(st.integers(1, 60)))
def test_every_line_is_named_or_counted(lines: set[int]) -> None:
    named, more = line_ranges(sorted(lines))
    ends = [[int(number) for number in each.split("–")] for each in named]
    in_ranges = [line for each in ends for line in range(each[0], each[-1] + 1)]
    assert in_ranges == sorted(lines)[: len(in_ranges)]
    assert len(in_ranges) + more == len(lines)
    assert len(named) <= MAX_NAMED
