"""Texts of the greatest length are checked in a time that grows with their length, whatever they repeat."""

from __future__ import annotations

import random
import string
import time
from pathlib import Path

import pytest

from kb.config import seeds_dir
from kb.domain.draft import MAX_DRAFT_LENGTH, Draft
from kb.guards.analysis import AnalyzedDraft
from kb.search.concept_files import ConceptFiles
from kb.services.check.guard_files import read_guards
from kb.services.check.rulesets import make_ruleset

_RANDOM = random.Random(7)
TAGS = " ".join("#" + "".join(_RANDOM.choices(string.ascii_lowercase, k=14)) for _ in range(3_400))


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
    ],
)
def test_a_long_text_that_repeats_itself_takes_no_longer_than_another_one(repeated: str) -> None:
    concepts = ConceptFiles(seeds_dir() / "lexicon.yaml", Path("none")).current()
    ruleset = make_ruleset(read_guards(seeds_dir() / "guards.yaml"), concepts)
    text = (repeated * (MAX_DRAFT_LENGTH // len(repeated) + 1))[:MAX_DRAFT_LENGTH]
    ruleset.findings(AnalyzedDraft(Draft(text=text[:100]), concepts))

    start = time.process_time()
    ruleset.findings(AnalyzedDraft(Draft(text=text), concepts))

    # Comparing each place with each other one took ten seconds and more.
    assert time.process_time() - start < 3
