"""What two parts of a query have in common is scored once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb.search.whoosh_engine.querying import matching
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
