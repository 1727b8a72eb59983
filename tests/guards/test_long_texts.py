"""Texts of the greatest length are checked in a time that grows with their length, whatever they repeat."""

from __future__ import annotations

import random
import string
import time
from collections.abc import Callable

import pytest

from kb.config import seeds_dir
from kb.domain.draft import MAX_DRAFT_LENGTH, Draft
from kb.guards.analysis import AnalyzedDraft
from kb.search.concepts import ConceptTable
from kb.services.check.guard_files import read_guards
from kb.services.check.rulesets import make_ruleset

pytestmark = pytest.mark.slow

_RANDOM = random.Random(7)
TAGS = " ".join("#" + "".join(_RANDOM.choices(string.ascii_lowercase, k=14)) for _ in range(3_400))


SecondsToCheck = Callable[[str], float]


@pytest.fixture(scope="module")
def seconds_to_check(concepts: ConceptTable) -> SecondsToCheck:
    """Measure the CPU time of a check of a text with the included guards, whose start is not counted."""
    ruleset = make_ruleset(read_guards(seeds_dir() / "guards.yaml"), concepts)

    def measure(text: str) -> float:
        ruleset.findings(AnalyzedDraft(Draft(text=text[:100]), concepts))
        start = time.process_time()
        ruleset.findings(AnalyzedDraft(Draft(text=text), concepts))
        return time.process_time() - start

    return measure


@pytest.mark.parametrize(
    "repeated",
    [
        "(TBD) ",
        "{{first_name}} ",
        "September 11 ",
        "11/09/2027 ",
        "יום השואה ",
        "ה-7 באוקטובר ",
        "share your story with us ",
        "holocaust sale 50% off ",
        "www.",
        pytest.param("a\u200f", id="marks between the letters of one word"),
        "https://staging.example.com/x ",
        pytest.param(TAGS, id="hashtags"),
        "<code>",
    ],
)
def test_a_long_text_that_repeats_itself_takes_no_longer_than_another_one(
    repeated: str, seconds_to_check: SecondsToCheck
) -> None:
    text = (repeated * (MAX_DRAFT_LENGTH // len(repeated) + 1))[:MAX_DRAFT_LENGTH]

    # Comparing each place with each other one took ten seconds and more.
    assert seconds_to_check(text) < 3


@pytest.mark.parametrize("marks", [".", "…", "!.", "?!", "\n."])
def test_a_long_run_of_sentence_marks_before_a_letter_takes_no_longer_than_another_text(
    marks: str, seconds_to_check: SecondsToCheck
) -> None:
    text = (marks * MAX_DRAFT_LENGTH)[: MAX_DRAFT_LENGTH - 1] + "x"

    # Trying the rest of the run at each of its marks took half a minute.
    assert seconds_to_check(text) < 3


@pytest.mark.parametrize("sign", string.punctuation + "xXא")
def test_a_long_row_of_one_sign_takes_no_longer_than_another_text(
    sign: str, seconds_to_check: SecondsToCheck
) -> None:
    # Looking for the end of a note at each length of the row took ten seconds.
    assert seconds_to_check(sign * MAX_DRAFT_LENGTH) < 3
