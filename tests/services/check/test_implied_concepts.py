"""What findings say of the incidents that a draft resembles."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from kb.config import seeds_dir
from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.guards.ruleset import Ruleset
from kb.search.concept_files import ConceptFiles
from kb.search.concepts import ConceptTable
from kb.services.check.guard_files import read_guards
from kb.services.check.precedents import (
    GUESSED_GAP_WEIGHT,
    GUESSED_WEIGHT,
    IMPLIED_MODE_SHARE,
    IMPLIED_WEIGHT,
    implied_concepts,
    precedent_query,
)
from kb.services.check.rulesets import make_ruleset


@cache
def concepts() -> ConceptTable:
    """The shipped concepts."""
    return ConceptFiles(seeds_dir() / "lexicon.yaml", Path("none")).current()


@cache
def ruleset() -> Ruleset:
    """The shipped guards."""
    return make_ruleset(read_guards(seeds_dir() / "guards.yaml"), concepts())


def implied(text: str) -> dict[str, float]:
    draft = AnalyzedDraft(Draft(text=text), concepts())
    return implied_concepts(ruleset().findings(draft), draft)


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("Our boots cost [price].", {"placeholder": IMPLIED_WEIGHT}),
        (
            "Happy Diwali from us all. Might want to run this past Priya before we post.",
            {"placeholder": GUESSED_GAP_WEIGHT},
        ),
        ("We are make making our own pasta from today.", {"placeholder": GUESSED_GAP_WEIGHT}),
        ("Caption this! Best one wins.", {"invitation": IMPLIED_WEIGHT}),
        ("The market is back on Sunday.", {}),
    ],
)
def test_a_guess_weighs_less_than_what_is_certain(text: str, weights: dict[str, float]) -> None:
    assert implied(text) == weights


def test_a_guess_takes_nothing_from_what_the_words_say() -> None:
    draft = AnalyzedDraft(Draft(text="Lorem ipsum, TBD, TBC, placeholder text"), concepts())
    by_words = precedent_query(draft, {}, (), {}).concepts["placeholder"]
    assert precedent_query(draft, {"placeholder": by_words / 2}, (), {}).concepts["placeholder"] == by_words


def test_what_a_finding_implies_also_asks_for_incidents_that_failed_by_it() -> None:
    draft = AnalyzedDraft(Draft(text="Our boots cost [price]."), concepts())
    modes = precedent_query(draft, {"placeholder": 3.0}, (), {}).failure_modes
    assert modes == {"placeholder-published": 3.0 * IMPLIED_MODE_SHARE}
    assert precedent_query(draft, {}, (), {}).failure_modes == {}


def test_a_guess_at_a_gap_weighs_more_than_one_by_the_wording() -> None:
    assert GUESSED_WEIGHT < GUESSED_GAP_WEIGHT < IMPLIED_WEIGHT
