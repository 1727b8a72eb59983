"""Checking drafts with the real service, and scoring what it finds and which precedents it names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.check import CheckRequest
from kb.domain.guard import Verdict
from kb.services.accounts.authentication import anonymous
from kb.services.check.checking import check_draft

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bench.drafts.cases import RiskyDraft
    from kb.domain.draft import Draft

_TODAY = date(2027, 1, 1)
"""Whatever the day, as no guard is suppressed."""


class Answer(NamedTuple):
    """What a check answered: the verdict, the guards that found something, the slugs of the precedents, and
    whether one of these is strong."""

    verdict: Verdict
    guards: tuple[str, ...]
    precedents: tuple[str, ...]
    has_strong: bool

    @property
    def is_flagged(self) -> bool:
        """Whether the check asks to stop or to think."""
        return self.verdict is not Verdict.CLEAR

    def rank(self, like: Collection[str]) -> int | None:
        """The position of the first right precedent, from 1; None if there is none."""
        return next((place for place, slug in enumerate(self.precedents, start=1) if slug in like), None)


class Score(NamedTuple):
    """How checks of risky drafts did; the rates are shares of the drafts.

    `at_1`, `at_5` and `mrr` are of the drafts that resemble an incident, of which there are `with_precedent`.
    """

    total: int
    stop: float
    caution: float
    strong: float
    with_precedent: int
    at_1: float
    at_5: float
    mrr: float

    @property
    def flagged(self) -> float:
        """The share that is to stop, or to be thought over."""
        return self.stop + self.caution


def check(draft: Draft) -> Answer:
    """Check a draft as an anonymous reader does who asks for weak precedents, too."""
    result = check_draft(anonymous(), CheckRequest(draft=draft, weak=True), ["en"], today=_TODAY)
    return Answer(
        verdict=result["verdict"],
        guards=tuple(dict.fromkeys(finding["guard"] for finding in result["findings"])),
        precedents=tuple(each["incident"]["slug"] for each in result["precedents"]),
        has_strong=any(each["strength"] == "strong" for each in result["precedents"]),
    )


def score(answers: Sequence[tuple[RiskyDraft, Answer]]) -> Score:
    """The score of the answers to some risky drafts."""
    ranks = [answer.rank(risky.like) for risky, answer in answers if risky.like]
    return Score(
        total=len(answers),
        stop=verdict_share([answer for _, answer in answers], Verdict.STOP),
        caution=verdict_share([answer for _, answer in answers], Verdict.CAUTION),
        strong=strong_share([answer for _, answer in answers]),
        with_precedent=len(ranks),
        at_1=_share(sum(rank == 1 for rank in ranks), len(ranks)),
        at_5=_share(sum(rank is not None and rank <= 5 for rank in ranks), len(ranks)),
        mrr=_share(sum(1 / rank for rank in ranks if rank is not None), len(ranks)),
    )


def verdict_share(answers: Sequence[Answer], verdict: Verdict) -> float:
    """The share of answers with a verdict."""
    return _share(sum(answer.verdict is verdict for answer in answers), len(answers))


def strong_share(answers: Sequence[Answer]) -> float:
    """The share of answers with a strong precedent."""
    return _share(sum(answer.has_strong for answer in answers), len(answers))


def _share(number: float, total: int) -> float:
    return number / total if total else 0.0
