"""The benchmark of checks measures drafts of the size that it says, and knows the incidents of its drafts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.check.texts import TWEET_LENGTH, articles, tweets
from bench.drafts import RISKY
from bench.drafts.cases import RiskyDraft, read_harmless_among, read_risky
from bench.drafts.collections import load_collection
from bench.drafts.evaluation import Answer, score
from bench.wild.cases import read_incidents
from kb.domain.draft import Draft
from kb.domain.guard import Verdict


def test_drafts_are_different_and_of_the_length_of_a_post() -> None:
    drafts = tweets(200)
    assert len({draft["text"] for draft in drafts}) == 200
    assert all(TWEET_LENGTH - 60 <= len(draft["text"]) <= TWEET_LENGTH for draft in drafts)
    assert {draft["language"] for draft in drafts} == {"en", "he"}


def test_articles_have_as_many_words_as_asked_for() -> None:
    assert [len(draft["text"].split()) for draft in articles(2, 2000)] == [2000, 2000]


def test_every_risky_draft_resembles_incidents_that_exist() -> None:
    assert all(risky.like for risky in read_risky(RISKY, read_incidents()))


def test_a_draft_like_an_unknown_incident_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "drafts.jsonl"
    path.write_text('{"text": "Sale", "language": "en", "kind": "theme", "like": ["seed:nothing"]}')
    with pytest.raises(RuntimeError, match=r"line 1.*have no seed:nothing"):
        read_risky(path, {"nothing"})


def test_harmless_drafts_among_risky_ones_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "drafts.jsonl"
    path.write_text(
        '{"text": "Price TBD", "language": "en", "kind": "theme", "like": ["seed:ted-cruz-nsfw-like"]}\n'
        '{"text": "Good morning", "language": "en", "kind": "harmless"}\n'
    )
    [risky] = read_risky(path, ())
    assert (risky.draft.text, [*risky.like]) == ("Price TBD", ["ted-cruz-nsfw-like"])
    [harmless] = read_harmless_among(path)
    assert (harmless.draft.text, harmless.trap) == ("Good morning", None)


def test_drafts_may_resemble_the_public_cases_that_ship() -> None:
    path = Path(__file__).parents[2] / "bench" / "public_cases" / "drafts.jsonl"
    slugs = load_collection("public-cases").slugs
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert {slug for row in rows for slug in row["like"]} <= slugs


def test_a_score_counts_the_first_right_precedent_of_drafts_that_have_one() -> None:
    def pair(precedents: str, like: str, verdict: Verdict) -> tuple[RiskyDraft, Answer]:
        risky = RiskyDraft(Draft(text="Sale"), "theme", frozenset(like))
        return risky, Answer(verdict, (), tuple(precedents), has_strong=bool(precedents))

    result = score(
        [
            pair("abc", "bc", Verdict.STOP),
            pair("abc", "a", Verdict.CLEAR),
            pair("", "a", Verdict.CAUTION),
            pair("abc", "", Verdict.CLEAR),
        ]
    )
    assert (result.total, result.with_precedent, result.flagged, result.strong) == (4, 3, 0.5, 0.75)
    assert (result.at_1, result.at_5, result.mrr) == (1 / 3, 2 / 3, 0.5)
