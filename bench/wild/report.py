"""The tables of this benchmark: how questions are answered, and what correction does to queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.report import environment, format_number, table, write
from bench.wild.cases import Question, SpellingQuery, read_incidents, read_questions, read_spelling
from bench.wild.evaluation import Answer, Score, ask, open_collection, score

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from typing import Any

    Incidents = Mapping[str, dict[str, Any]]

_LANGUAGES = {"he": "Hebrew", "en": "English"}
_SETS = (("he", "en"), ("en", "he"), ("en", "en"), ("he", "he"))
"""The languages of a question and of the incident that answers it, in the order of the table."""


class SpellingAnswer(NamedTuple):
    """A query, with the answers to it with and without correction."""

    query: SpellingQuery
    answer: Answer
    uncorrected: Answer

    @property
    def is_changed(self) -> bool:
        """Whether correction searched other words than those that were asked."""
        return self.answer.corrected or self.answer.interpreted != self.uncorrected.interpreted

    @property
    def is_offered(self) -> bool:
        """Whether the query stood as it was, and another spelling was offered."""
        return not self.is_changed and self.answer.did_you_mean is not None


def run(options: argparse.Namespace) -> int:
    """Import the incidents, ask everything, and print the tables; the exit code is 0.

    Raises RuntimeError if a file of test cases is invalid.
    """
    incidents = read_incidents()
    questions = read_questions(options.questions, incidents)
    spelling = read_spelling(options.spelling, incidents)
    if not (questions or spelling):
        return 0
    with open_collection(incidents):
        answers = [(question, ask(question.ask)) for question in questions]
        spelling_answers = [
            SpellingAnswer(query, ask(query.ask), ask(query.ask, correct=False)) for query in spelling
        ]
    write(f"{len(incidents)} incidents, each in one language, and the seeds; one answer is right.")
    write(environment())
    if answers:
        _print_questions(answers, incidents)
    if spelling_answers:
        _print_spelling(spelling_answers)
    if options.misses:
        _print_misses(answers, incidents)
        _print_changes(spelling_answers)
    return 0


def _print_questions(answers: Sequence[tuple[Question, Answer]], incidents: Incidents) -> None:
    sets: dict[tuple[str, str], list[tuple[Answer, set[str]]]] = {languages: [] for languages in _SETS}
    for question, answer in answers:
        languages = (question.language, incidents[question.expect]["language"])
        sets.setdefault(languages, []).append((answer, {question.expect}))
    rows = [
        _question_row(f"{_LANGUAGES.get(asked, asked)} about {_LANGUAGES[filed]}", score(members))
        for (asked, filed), members in sets.items()
        if members
    ]
    rows.append(_question_row("all", score([member for members in sets.values() for member in members])))
    write("\n" + table(["questions", "n", "hit@1", "hit@5", "MRR", "nothing found"], rows))


def _question_row(title: str, result: Score) -> list[str]:
    figures = (result.hit_at_1, result.hit_at_5, result.mrr)
    cells = [format_number(figure, 2) for figure in figures]
    return [title, str(result.total), *cells, f"{result.nothing_found:.1%}"]


def _print_spelling(answers: Sequence[SpellingAnswer]) -> None:
    """Print MRR and hit@5 with correction (`correct`) and without it, and how many queries it touched."""
    header = ["queries", "n", "changed", "offered", "with an answer", "MRR", "hit@5"]
    header += ["MRR, correct=false", "hit@5, correct=false"]
    titles = {True: "with typos", False: "clean"}
    rows = []
    for typo, title in titles.items():
        group = [each for each in answers if each.query.typo is typo]
        if group:
            rows.append(_spelling_row(title, group))
    write("\n" + table(header, rows))


def _spelling_row(title: str, answers: Sequence[SpellingAnswer]) -> list[str]:
    expected = [(each, {each.query.expect}) for each in answers if each.query.expect is not None]
    corrected = score([(each.answer, expect) for each, expect in expected])
    uncorrected = score([(each.uncorrected, expect) for each, expect in expected])
    figures = (corrected.mrr, corrected.hit_at_5, uncorrected.mrr, uncorrected.hit_at_5)
    return [
        title,
        str(len(answers)),
        str(sum(each.is_changed for each in answers)),
        str(sum(each.is_offered for each in answers)),
        str(corrected.total),
        *(format_number(figure, 3) for figure in figures),
    ]


def _print_misses(answers: Sequence[tuple[Question, Answer]], incidents: Incidents) -> None:
    """List the questions whose answer is not among the first five, with its rank and what was first."""
    for question, answer in answers:
        rank = answer.rank({question.expect})
        if rank is not None and rank <= 5:
            continue
        write(f"\n{question.ask}")
        write(f"  expected ({rank or 'not found'}): {_title(question.expect, incidents)}")
        write(f"  first: {_title(answer.hits[0], incidents) if answer.hits else 'nothing'}")
        write(f"  interpreted: {answer.interpreted}")


def _print_changes(answers: Sequence[SpellingAnswer]) -> None:
    """List the clean queries that were changed or offered another spelling."""
    for each in answers:
        if not each.query.typo and (each.is_changed or each.is_offered):
            kind = "changed" if each.is_changed else "offered"
            write(f"\n{each.query.ask}\n  {kind}: {each.answer.did_you_mean or each.answer.interpreted}")


def _title(slug: str, incidents: Incidents) -> str:
    """The title of an incident, or the slug of one of the seeds."""
    return f"{slug}: {incidents[slug]['title']}" if slug in incidents else slug
