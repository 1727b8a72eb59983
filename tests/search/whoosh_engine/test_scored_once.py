"""What two parts of a query have in common is scored once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb.search.whoosh_engine.querying import explain, matching, searcher
from kb.search.whoosh_engine.querying.explain import Explainer
from kb.search.whoosh_engine.querying.matching import phrase_terms
from tests.support.small_index import SmallIndex


def test_both_readings_of_a_compound_score_its_phrase_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = SmallIndex(tmp_path, "A well-known quokka", "A quokka known well", "Well, well")
    scored: list[Any] = []
    score = matching._score_phrase

    def counted(view: Any, phrase: Any, *others: Any) -> Any:
        scored.append(phrase)
        return score(view, phrase, *others)

    monkeypatch.setattr(matching, "_score_phrase", counted)
    index.hits("well-known")
    assert len(scored) == len(set(scored)) == 1


def test_both_readings_of_a_compound_explain_its_phrase_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = SmallIndex(tmp_path, "A well-known quokka", "A quokka known well", "Well, well")
    read: list[Any] = []

    def counted(view: Any, phrase: Any, *others: Any) -> Any:
        read.append(phrase)
        return phrase_terms(view, phrase, *others)

    monkeypatch.setattr(explain, "phrase_terms", counted)
    [best, *_] = index.page("well-known", explain=True).hits
    assert len(read) == 1
    assert best.explanation is not None
    whole = [row["term"] for row in best.explanation["terms"] if row["weight"] == 1.0]
    assert whole.count("known") == 2, "each reading has its row"


def test_others_are_served_between_a_search_and_its_explanation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = SmallIndex(tmp_path, "A well-known quokka")
    steps: list[str] = []

    def explained(*arguments: Any) -> Any:
        steps.append("explain")
        return Explainer(*arguments)

    monkeypatch.setattr(searcher, "Explainer", explained)
    monkeypatch.setattr("kb.pauses.PIECE_SECONDS", 0.0)
    monkeypatch.setattr("kb.pauses.rest", lambda: steps.append("pause"))
    index.page("quokka", explain=True)
    assert steps == ["pause", "explain"]
    index.hits("quokka")
    assert steps == ["pause", "explain"], "nothing follows what is only ranked"
