"""The tables of this benchmark: risky drafts by kind and language, harmless ones by language and trap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.drafts.cases import (
    HarmlessDraft,
    RiskyDraft,
    read_harmless,
    read_harmless_among,
    read_risky,
)
from bench.drafts.collections import load_collection
from bench.drafts.evaluation import Answer, check, score, strong_share, verdict_share
from bench.report import environment, format_number, table, write
from kb.domain.guard import Verdict

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    RiskyAnswers = Sequence[tuple[RiskyDraft, Answer]]
    HarmlessAnswers = Sequence[tuple[HarmlessDraft, Answer]]

MAX_STOP = 0.02
"""The share of harmless drafts that may be stopped."""

MAX_CAUTION = 0.10
"""The share of harmless drafts that may be asked to be thought over."""

_LANGUAGES = {"en": "English", "he": "Hebrew"}
_CERTAIN_KINDS = ("placeholder", "open-invitation")
"""The kinds of which every draft should be flagged."""


def run(options: argparse.Namespace) -> int:
    """Import the incidents, check all drafts, and print the tables; the exit code is 0.

    Raises RuntimeError if the file of drafts is invalid.
    """
    collection = load_collection(options.collection)
    risky_drafts = read_risky(options.drafts, collection.slugs)
    harmless_drafts = _harmless_drafts(options)
    with collection.open():
        risky = [(each, check(each.draft)) for each in risky_drafts]
        harmless = [(each, check(each.draft)) for each in harmless_drafts]
    write(f"{collection.description}, and the seeds; weak precedents are asked for.")
    write(environment())
    if risky:
        _print_risky(risky)
    _print_harmless(harmless)
    if options.misses:
        _print_misses(risky)
        _print_false_alarms(harmless)
    return 0


def _harmless_drafts(options: argparse.Namespace) -> list[HarmlessDraft]:
    """The harmless drafts of the file named for them, among the risky ones, or else of the shipped corpus."""
    if options.harmless is not None:
        return read_harmless(options.harmless)
    return read_harmless_among(options.drafts) or read_harmless()


def _print_risky(answers: RiskyAnswers) -> None:
    """Print a row for each kind and each language; p@k: a right precedent is among the first k."""
    groups = {
        kind: [pair for pair in answers if pair[0].kind == kind]
        for kind in dict.fromkeys(risky.kind for risky, _ in answers)
    }
    groups |= {
        title: group
        for language, title in _LANGUAGES.items()
        if (group := [pair for pair in answers if pair[0].draft.language == language])
    }
    groups["all"] = [*answers]
    header = ["risky drafts", "n", "flagged", "stop", "caution", "strong precedent"]
    header += ["like an incident", "p@1", "p@5", "MRR"]
    write("\n" + table(header, [_risky_row(title, group) for title, group in groups.items()]))
    write(f"Goals: p@5 at least 0.90; flagged 100% of {' and '.join(_CERTAIN_KINDS)}.")


def _risky_row(title: str, answers: RiskyAnswers) -> list[str]:
    result = score(answers)
    shares = (result.flagged, result.stop, result.caution, result.strong)
    return [
        title,
        str(result.total),
        *(f"{share:.0%}" for share in shares),
        str(result.with_precedent),
        *(
            format_number(figure if result.with_precedent else None, 2)
            for figure in (result.at_1, result.at_5, result.mrr)
        ),
    ]


def _print_harmless(answers: HarmlessAnswers) -> None:
    groups = {
        f"{language_title}, {trap_title}": [
            answer
            for harmless, answer in answers
            if harmless.draft.language == language and (harmless.trap is not None) is is_trap
        ]
        for language, language_title in _LANGUAGES.items()
        for is_trap, trap_title in ((True, "trap"), (False, "plain"))
    }
    groups["all"] = [answer for _, answer in answers]
    header = ["harmless drafts", "n", "stop", "caution", "strong precedent"]
    write("\n" + table(header, [_harmless_row(title, group) for title, group in groups.items()]))
    write(f"Limits: stop {MAX_STOP:.0%}, caution {MAX_CAUTION:.0%}.")


def _harmless_row(title: str, answers: Sequence[Answer]) -> list[str]:
    shares = (
        verdict_share(answers, Verdict.STOP),
        verdict_share(answers, Verdict.CAUTION),
        strong_share(answers),
    )
    return [title, str(len(answers)), *(f"{share:.1%}" for share in shares)]


def _print_misses(answers: RiskyAnswers) -> None:
    """List the risky drafts without a finding, or without a right precedent among the first five."""
    for risky, answer in answers:
        rank = answer.rank(risky.like)
        is_found = rank is not None or not risky.like
        if answer.is_flagged and is_found:
            continue
        missed = [] if answer.is_flagged else ["not flagged"]
        missed += [] if is_found else ["no right precedent"]
        write(f"\n{risky.draft.text}")
        write(f"  {risky.kind}: {', '.join(missed)}")
        if not is_found:
            write(f"  like: {', '.join(sorted(risky.like))}")
            write(f"  precedents: {', '.join(answer.precedents) or 'none'}")


def _print_false_alarms(answers: HarmlessAnswers) -> None:
    """List the harmless drafts that are flagged, or have a strong precedent."""
    for harmless, answer in answers:
        if not (answer.is_flagged or answer.has_strong):
            continue
        reasons = [answer.verdict.value, *answer.guards]
        reasons += ["strong precedent"] if answer.has_strong else []
        write(f"\n{harmless.draft.text}\n  {', '.join(reasons)}")
        if harmless.trap is not None:
            write(f"  trap: {harmless.trap}")
        if answer.has_strong:
            write(f"  precedents: {', '.join(answer.precedents)}")
