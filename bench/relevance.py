"""How well searches find: known documents among the docstrings of Python, by what one remembers of them."""

from __future__ import annotations

import importlib
import json
import random
import re
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench import docstrings
from bench.drive import Connection
from bench.peers import texts
from bench.report import chosen_from, machine, number, say, table, versions, write
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
"""The kinds of queries, as the table's header and its explanation name them."""

_NAMES = ("kb", "tantivy", "fts5", "postgres", "whoosh")
_ALSO_IN_ONE_FIELD = ("tantivy", "fts5", "whoosh")
"""Stacks that also get all text as one field: engines that add up the scores of fields rank better so."""

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
    """A query, its kind, and the number of the only relevant document."""

    kind: str
    text: str
    relevant_id: int


class Score(NamedTuple):
    """The relevance of a stack for one kind of query."""

    mrr: float
    nothing_found: float


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    parser = commands.add_parser("relevance", help="whether known documents are found", description=__doc__)
    parser.add_argument("--documents", type=int, help="how many documents (default: all docstrings)")
    parser.add_argument("--queries", type=int, default=500, help="how many of each kind (default 500)")
    parser.add_argument(
        "--only",
        type=chosen_from(_NAMES),
        default=_NAMES,
        metavar="NAMES",
        help=f"some of {','.join(_NAMES)}",
    )
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Build, ask and print."""
    incidents = docstrings.incidents(options.documents)
    asked = queries(incidents, options.queries)
    scores: dict[str, dict[str, Score]] = {}
    for name in options.only:
        kind = STACKS[name]
        if reason := kind.missing():
            say(f"Left out: {kind.title} ({reason})")
            continue
        title = kind.title.removeprefix("Flask + ")  # what finds is asked without it
        scores[title] = _measure(name, incidents, asked)
        if name in _ALSO_IN_ONE_FIELD:
            scores[f"{title}; one field"] = _measure(name, _in_one_field(incidents), asked)
    _print(options, len(incidents), asked, scores)
    return 0


def _measure(name: str, incidents: Sequence[dict[str, Any]], asked: Sequence[Query]) -> dict[str, Score]:
    """How a stack does with these documents."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as closing:
        say(f"Indexing, and asking {len(asked)} queries: {STACKS[name].title}")
        return _score(_search(STACKS[name](Path(folder) / name), incidents, closing), asked)


def _in_one_field(incidents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"summary": " ".join(texts(incident).values())} for incident in incidents]


def queries(incidents: Sequence[dict[str, Any]], count: int, seed: int = 1) -> list[Query]:
    """For some of the documents: the title, words of the text, and these with slips of the finger."""
    source = random.Random(seed)  # noqa: S311 (nothing secret)
    found = []
    for place in source.sample(range(len(incidents)), min(count, len(incidents))):
        incident = incidents[place]
        found.append(Query("title", " ".join(re.findall(r"\w+", incident["title"])), place))
        body = " ".join(incident[field] for field in ("summary", "cause", "outcome"))
        words = sorted(set(re.findall(r"[a-z]{4,}", body.lower())) - _STOP_WORDS)
        if len(words) < 5:
            continue
        chosen = source.sample(words, 5)
        found.append(Query("words", " ".join(chosen), place))
        order = source.sample(range(5), 5)
        for slip in order[:2]:
            chosen[slip] = misspelled(chosen[slip], source)
        found.append(Query("2 typos", " ".join(chosen), place))
        for slip in order[2:]:
            chosen[slip] = misspelled(chosen[slip], source)
        found.append(Query("5 typos", " ".join(chosen), place))
    return found


def misspelled(word: str, source: random.Random) -> str:
    """The word with one slip at any letter: it is left out, doubled, replaced, or swapped with the next.

    The first letter is not spared: correctors that take it for right would be asked only what suits them.
    """
    place = source.randrange(len(word))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    other = source.choice(_LETTERS.replace(letter, ""))
    slips = [before + after, before + letter * 2 + after, before + other + after]
    if after and letter != after[0]:
        slips.append(before + after[0] + letter + after[1:])
    return source.choice(slips)


def _search(stack: Stack, incidents: Sequence[dict[str, Any]], closing: ExitStack) -> Search:
    """A filled stack as a function from a text to the numbers of the documents that it shows first."""
    closing.callback(stack.close)
    stack.build(incidents)
    if isinstance(stack, Service):
        stack.start()
        return _asking(stack, closing.enter_context(Connection(stack.server.port)))
    assert isinstance(stack, FlaskStack)
    found = importlib.import_module(f"bench.peers.{stack.module}").opened(stack.folder)
    return lambda text: [item["id"] for item in found(text)["items"]]


def _asking(stack: Stack, connection: Connection) -> Search:
    def search(text: str) -> list[int]:
        answer = connection.ask(stack.path(text).encode())
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} for {text!r}: {answer.body[:500]!r}")
        names = [item["incident"]["organization"] for item in json.loads(answer.body)["items"]]
        # The six founding cases are indexed as well: they count as wrong hits.
        return [docstrings.number_of(name) if name.startswith("No. ") else -1 for name in names]

    return search


def _score(search: Search, asked: Sequence[Query]) -> dict[str, Score]:
    """By kind: the mean reciprocal rank within the first ten, and the share of queries without a hit."""
    ranks: dict[str, list[float]] = {kind: [] for kind in KINDS}
    nothing = dict.fromkeys(KINDS, 0)
    for query in asked:
        ids = search(query.text)[:10]
        ranks[query.kind].append(1 / (ids.index(query.relevant_id) + 1) if query.relevant_id in ids else 0.0)
        nothing[query.kind] += not ids
    return {
        kind: Score(sum(ranks[kind]) / len(ranks[kind]), nothing[kind] / len(ranks[kind]))
        for kind in KINDS
        if ranks[kind]
    }


def _print(
    options: argparse.Namespace, documents: int, asked: list[Query], scores: dict[str, dict[str, Score]]
) -> None:
    counts = {meant: sum(query.kind == kind for query in asked) for kind, meant in KINDS.items()}
    if options.format == "json":
        found = {
            title: {kind: score._asdict() for kind, score in kinds.items()} for title, kinds in scores.items()
        }
        answer = {"machine": machine(), "versions": versions(), "documents": documents, "queries": counts}
        write(json.dumps(answer | {"scores": found}, indent=2))
        return
    write(f"{documents:,} docstrings of Python; known-item MRR@10, and how many queries find nothing (none).")
    write("Queries: " + "; ".join(f"{count} of {kind}" for kind, count in counts.items()) + ".")
    write(f"{machine()}; {', '.join(f'{name} {version}' for name, version in versions().items())}\n")
    header = ["stack", *(f"{kind}{part}" for kind in KINDS for part in ("", ": none"))]
    rows = [
        [
            title,
            *(
                cell
                for score in kinds.values()
                for cell in (number(score.mrr, 3), f"{score.nothing_found:.1%}")
            ),
        ]
        for title, kinds in scores.items()
    ]
    write(table(header, rows))
