"""Relevance: known-item search among the docstrings of Python, by titles, words and misspelled words."""

from __future__ import annotations

import importlib
import json
import random
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

from bench import docstrings
from bench.folders import temporary_folder
from bench.load_generator import Connection
from bench.peers import texts
from bench.report import environment, format_number, log, subset_of, table, write
from bench.stacks import STACKS, FlaskStack, Service, Stack

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    Search = Callable[[str], list[int]]

KINDS = {
    "title": "the title's words",
    "words": "five words of the text",
    "2 typos": "five, two of them misspelled",
    "5 typos": "five misspelled ones",
}
"""The kinds of queries: the label in the table's header, and its description."""

_NAMES = ("kb", "tantivy", "fts5", "postgres", "whoosh")
_SINGLE_FIELD_STACKS = ("tantivy", "fts5", "whoosh")
"""Stacks also measured with all text in one field: engines that sum field scores rank better that way."""

_STOP_WORDS = frozenset(
    "about above after again against all also and any are been before being below between both but can "
    "could did does doing down during each few for from further had has have having her here hers him "
    "his how into its itself just like may more most must not now off once one only other our out over "
    "own same she should some such than that the their them then there these they this those through "
    "too under until upon use used using very was were what when where which while who whom why will "
    "with would you your none".split()
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Query(NamedTuple):
    """A query, its kind, and the ID of the only relevant document."""

    kind: str
    text: str
    relevant_id: int


class Score(NamedTuple):
    """A stack's mean reciprocal rank for a kind of query, and its share of queries without hits."""

    mrr: float
    no_hits_rate: float


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    parser = commands.add_parser(
        "relevance",
        help="how high known documents rank, against other stacks",
        description=__doc__,
    )
    parser.add_argument("--documents", type=int, help="how many documents (default: all docstrings)")
    parser.add_argument(
        "--queries",
        type=int,
        default=500,
        help="queries of each kind (default 500)",
    )
    parser.add_argument(
        "--only",
        type=subset_of(_NAMES),
        default=_NAMES,
        metavar="NAMES",
        help=f"some of {','.join(_NAMES)}",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Index the corpus in each stack, run the queries, and print the scores; the exit code is 0."""
    incidents = docstrings.incidents(options.documents)
    queries = sample_queries(incidents, options.queries)
    scores: dict[str, dict[str, Score]] = {}
    for name in options.only:
        stack_class = STACKS[name]
        if reason := stack_class.unavailable_reason():
            log(f"Skipped: {stack_class.title} ({reason})")
            continue
        title = stack_class.title.removeprefix("Flask + ")  # in process, without Flask
        scores[title] = _measure(name, incidents, queries)
        if name in _SINGLE_FIELD_STACKS:
            scores[f"{title}; one field"] = _measure(name, _merge_fields(incidents), queries)
    _print(len(incidents), queries, scores)
    return 0


def _measure(name: str, incidents: Sequence[dict[str, Any]], queries: Sequence[Query]) -> dict[str, Score]:
    """Index the documents in a stack, and score the queries."""
    with temporary_folder() as folder, ExitStack() as exit_stack:
        log(f"Indexing, and running {len(queries)} queries: {STACKS[name].title}")
        return _score(_search(STACKS[name](folder / name), incidents, exit_stack), queries)


def _merge_fields(incidents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"summary": " ".join(texts(incident).values())} for incident in incidents]


def sample_queries(incidents: Sequence[dict[str, Any]], count: int) -> list[Query]:
    """Queries for a sample of the documents: the title, five words of the text, and those with typos."""
    rng = random.Random(1)  # noqa: S311 (nothing secret)
    result = []
    for document_id in rng.sample(range(len(incidents)), min(count, len(incidents))):
        incident = incidents[document_id]
        result.append(Query("title", " ".join(re.findall(r"\w+", incident["title"])), document_id))
        body = " ".join(incident[field] for field in ("summary", "cause", "outcome"))
        words = sorted(set(re.findall(r"[a-z]{4,}", body.lower())) - _STOP_WORDS)
        if len(words) < 5:
            continue
        query_words = rng.sample(words, 5)
        result.append(Query("words", " ".join(query_words), document_id))
        order = rng.sample(range(5), 5)
        for typo in order[:2]:
            query_words[typo] = misspell(query_words[typo], rng)
        result.append(Query("2 typos", " ".join(query_words), document_id))
        for typo in order[2:]:
            query_words[typo] = misspell(query_words[typo], rng)
        result.append(Query("5 typos", " ".join(query_words), document_id))
    return result


def misspell(word: str, rng: random.Random) -> str:
    """The word with one random edit: a letter deleted, doubled, replaced, or swapped with the next.

    The first letter may be edited too: sparing it would favor correctors that assume it is right.
    """
    position = rng.randrange(len(word))
    before, letter, after = word[:position], word[position], word[position + 1 :]
    other = rng.choice(_LETTERS.replace(letter, ""))
    edits = [before + after, before + letter * 2 + after, before + other + after]
    if after and letter != after[0]:
        edits.append(before + after[0] + letter + after[1:])
    return rng.choice(edits)


def _search(stack: Stack, incidents: Sequence[dict[str, Any]], exit_stack: ExitStack) -> Search:
    """Build the stack; a function that searches it for a text, and returns the IDs of the first hits."""
    exit_stack.callback(stack.close)
    stack.build(incidents)
    if isinstance(stack, Service):
        stack.start()
        return _http_search(stack, exit_stack.enter_context(Connection(stack.server.port)))
    assert isinstance(stack, FlaskStack)
    search = importlib.import_module(f"bench.peers.{stack.module}").open_search(stack.folder)
    return lambda text: [item["id"] for item in search(text)["items"]]


def _http_search(stack: Stack, connection: Connection) -> Search:
    def search(text: str) -> list[int]:
        response = connection.get(stack.path(text).encode())
        if response.status != 200:
            raise RuntimeError(f"{response.status} for {text!r}: {response.body[:500]!r}")
        names = [item["incident"]["organization"] for item in json.loads(response.body)["items"]]
        # The six seed incidents are indexed as well, and count as irrelevant.
        return [docstrings.document_id(name) if name.startswith("No. ") else -1 for name in names]

    return search


def _score(search: Search, queries: Sequence[Query]) -> dict[str, Score]:
    """The scores by kind of query: MRR@10, and the share of queries without hits."""
    ranks: dict[str, list[float]] = {kind: [] for kind in KINDS}
    no_hits = dict.fromkeys(KINDS, 0)
    for query in queries:
        ids = search(query.text)[:10]
        ranks[query.kind].append(1 / (ids.index(query.relevant_id) + 1) if query.relevant_id in ids else 0.0)
        no_hits[query.kind] += not ids
    return {
        kind: Score(sum(ranks[kind]) / len(ranks[kind]), no_hits[kind] / len(ranks[kind]))
        for kind in KINDS
        if ranks[kind]
    }


def _print(documents: int, queries: list[Query], scores: dict[str, dict[str, Score]]) -> None:
    counts = {
        description: sum(query.kind == kind for query in queries) for kind, description in KINDS.items()
    }
    write(
        f"{documents:,} Python docstrings; known-item MRR@10, and the share of queries with no hits (none)."
    )
    write("Queries: " + "; ".join(f"{count} of {kind}" for kind, count in counts.items()) + ".")
    write(f"{environment()}\n")
    header = ["stack", *(f"{kind}{part}" for kind in KINDS for part in ("", ": none"))]
    rows = [
        [
            title,
            *(
                cell
                for score in kinds.values()
                for cell in (format_number(score.mrr, 3), f"{score.no_hits_rate:.1%}")
            ),
        ]
        for title, kinds in scores.items()
    ]
    write(table(header, rows))
