"""The tables of this benchmark: questions by kind and language, drafts by language, and second reports."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sqlalchemy import select

from bench.drafts.evaluation import check
from bench.drafts.evaluation import score as score_drafts
from bench.public_cases.cases import (
    COLLECTION,
    read_drafts,
    read_in_english,
    read_plans,
    read_questions,
    read_twins,
)
from bench.report import environment, format_number, table, write
from bench.wild.evaluation import ask, knowledge_base, open_collection
from bench.wild.evaluation import score as score_searches
from kb.models import Incident, db
from kb.services.accounts.authentication import anonymous
from kb.services.core.incident_lookup import SUMMARY_OPTIONS
from kb.services.core.presenters import summary
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.collections.changes import add_shipped
from kb.services.exchange.collections.reading import incident_files
from kb.services.exchange.collections.shipped import shipped_folder
from kb.services.incidents.duplicates.likely import likely_duplicates, list_duplicates, query_for_input

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from bench.drafts.cases import RiskyDraft
    from bench.drafts.evaluation import Answer as CheckAnswer
    from bench.public_cases.cases import Question, Twin
    from bench.wild.evaluation import Answer

_T = TypeVar("_T")

_LANGUAGES = {"en": "English", "he": "Hebrew"}


class Offer(NamedTuple):
    """A second report, and the slugs of the incidents that were offered as likely duplicates of it."""

    twin: Twin
    offered: tuple[str, ...]


def run(options: argparse.Namespace) -> int:
    """Add the collection, ask and check and file everything, and print the tables; the exit code is 0.

    Raises RuntimeError if a file of test cases is invalid.
    """
    slugs = {path.stem for path in incident_files(shipped_folder(COLLECTION))}
    questions, drafts, twins = read_questions(slugs), read_drafts(slugs), read_twins(slugs)
    plans = read_plans(slugs)
    with knowledge_base(lambda: add_shipped(OPERATOR, COLLECTION)):
        searches = [(question, ask(question.ask)) for question in questions]
        plan_searches = [(plan, ask(plan.ask)) for plan in plans]
        checks = [(each, check(each.draft)) for each in drafts]
        offers = [Offer(twin, _offered(twin)) for twin in twins]
        false_offers, alike = _false_offers(), _pairs_alike()
    with open_collection(read_in_english()):
        offers_in_english = [Offer(twin, _offered(twin)) for twin in twins]
    write(f"{len(slugs)} public cases, and the seeds; each in English and Hebrew.")
    write(environment())
    _print_questions("questions", searches)
    _print_questions("plans in whole sentences", plan_searches)
    _print_drafts(checks)
    _print_offers("second reports", offers)
    write(
        f"\nNo two cases are the same. {len(alike)} pairs are of one organization, or of one category and "
        f"failure mode: {len(alike & false_offers)} of them are offered; {len(false_offers - alike)} others."
    )
    _print_offers("of cases filed in English only", offers_in_english)
    if options.misses:
        _print_misses([*searches, *plan_searches], checks, offers)
    return 0


def _offered(twin: Twin) -> tuple[str, ...]:
    found = likely_duplicates(anonymous(), query_for_input(twin.data))
    return tuple(each["incident"]["slug"] for each in found)


def _false_offers() -> set[frozenset[int]]:
    """The pairs of incidents of the knowledge base of which one is offered as a duplicate of the other."""
    ids = db.session.scalars(select(Incident.id)).all()
    return {
        frozenset((incident_id, each["incident"]["id"]))
        for incident_id in ids
        for each in list_duplicates(OPERATOR, incident_id)["items"]
    }


def _pairs_alike() -> set[frozenset[int]]:
    """The pairs of incidents of the same organization, or of the same category and failure mode."""
    groups: dict[object, set[int]] = defaultdict(set)
    for row in db.session.scalars(select(Incident).options(*SUMMARY_OPTIONS)):
        groups[row.organization_key].add(row.id)
        card = summary(row)
        for mode in card["failure_modes"]:
            groups[card["category"], mode].add(row.id)
    return {frozenset(pair) for group in groups.values() for pair in combinations(sorted(group), 2)}


def _print_questions(heading: str, answers: Sequence[tuple[Question, Answer]]) -> None:
    kinds = dict.fromkeys(question.kind for question, _ in answers)
    groups: dict[str, Sequence[tuple[Question, Answer]]] = {
        kind: [pair for pair in answers if pair[0].kind == kind] for kind in kinds
    }
    groups |= _by_language(answers, lambda pair: pair[0].language)
    rows = []
    for title, group in groups.items():
        result = score_searches([(answer, question.expect) for question, answer in group])
        figures = (result.hit_at_1, result.hit_at_5, result.mrr)
        cells = [format_number(figure, 2) for figure in figures]
        rows.append([title, result.total, *cells, f"{result.nothing_found:.1%}"])
    write("\n" + table([heading, "n", "hit@1", "hit@5", "MRR", "nothing found"], rows))


def _print_drafts(answers: Sequence[tuple[RiskyDraft, CheckAnswer]]) -> None:
    rows = []
    for title, group in _by_language(answers, lambda pair: pair[0].draft.language or "en").items():
        result = score_drafts(group)
        shares = [f"{share:.0%}" for share in (result.flagged, result.stop, result.caution, result.strong)]
        figures = [format_number(figure, 2) for figure in (result.at_1, result.at_5, result.mrr)]
        rows.append([title, result.total, *shares, *figures])
    header = ["drafts that rhyme", "n", "flagged", "stop", "caution", "strong precedent", "p@1", "p@5", "MRR"]
    write("\n" + table(header, rows))


def _print_offers(heading: str, offers: Sequence[Offer]) -> None:
    """Print recall (the incident is offered), and precision: the share of that incident in all offers."""
    rows = []
    for title, group in _by_language(offers, lambda each: each.twin.data["language"]).items():
        right = sum(each.twin.of in each.offered for each in group)
        first = sum(each.offered[:1] == (each.twin.of,) for each in group)
        offered = sum(len(each.offered) for each in group)
        shares = (first / len(group), right / len(group), right / offered if offered else 1.0)
        rows.append([title, len(group), *(f"{share:.0%}" for share in shares)])
    write("\n" + table([heading, "n", "offered first", "recall", "precision"], rows))


def _by_language(answers: Sequence[_T], language_of: Callable[[_T], str]) -> dict[str, Sequence[_T]]:
    """The answers in each language that has some, and all of them."""
    groups: dict[str, Sequence[_T]] = {
        title: group
        for language, title in _LANGUAGES.items()
        if (group := [each for each in answers if language_of(each) == language])
    }
    return groups | ({"all": answers} if answers else {})


def _print_misses(
    searches: Sequence[tuple[Question, Answer]],
    checks: Sequence[tuple[RiskyDraft, CheckAnswer]],
    offers: Sequence[Offer],
) -> None:
    """List what is not found among the first five, and the second reports with another offer or none."""
    for question, answer in searches:
        rank = answer.rank(question.expect)
        if rank is None or rank > 5:
            write(f"\n{question.ask}\n  expected ({rank or 'not found'}): {', '.join(question.expect)}")
            write(f"  first: {', '.join(answer.hits[:3])}\n  interpreted: {answer.interpreted}")
    for risky, checked in checks:
        place = checked.rank(risky.like)
        if place is None or place > 5 or not checked.is_flagged:
            write(f"\n{risky.draft.text}\n  {checked.verdict}; expected ({place}): {', '.join(risky.like)}")
            write(f"  first: {', '.join(checked.precedents[:3])}")
    for each in offers:
        if each.offered != (each.twin.of,):
            title = f"{each.twin.data['title']} ({each.twin.data['organization']})"
            write(f"\n{title}\n  expected: {each.twin.of}\n  offered: {', '.join(each.offered) or 'nothing'}")
