"""How many names are found in another script, and how many ordinary words are mistaken for one."""

from __future__ import annotations

import random
import re
import time
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import yaml

from bench.report import machine, table, write
from kb.search.transliteration import NameIndex

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

_DATA = Path(__file__).parent / "wild" / "names.yaml"
_SEPARATORS = re.compile(r"[\s-]+")
_NOT_LETTERS = re.compile(r"[\W_]+")
_MIN_LENGTH, _MAX_LENGTH = 3, 14
"""The letters of invented names."""

_PARTS = ("tuned", "held_out")
_DIRECTIONS = (("hebrew", "Hebrew, for Latin names"), ("latin", "Latin letters, for Hebrew names"))


class Pair(TypedDict):
    ask: str
    expect: str


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    parser = commands.add_parser("names", help="names across scripts", description=__doc__)
    parser.add_argument("--names", type=int, default=0, help="make up names until there are as many")
    parser.add_argument("--missed", action="store_true", help="list what is missed, and what is mistaken")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look up all names and ordinary words, and print the tables; the exit code is 0."""
    data = load()
    vocabulary = _with_invented(vocabulary_of(data), options.names)
    start = time.process_time()
    index = NameIndex(vocabulary)
    milliseconds = (time.process_time() - start) * 1e3
    write(f"{len(vocabulary)} names, indexed in {milliseconds:.0f} ms of processor time.\n{machine()}\n")
    rows = []
    for script, title in _DIRECTIONS:
        for part in _PARTS:
            pairs = data[part][script]
            rows.append([title, part.replace("_", " "), *_found(index, pairs)])
            if options.missed:
                _write_missed(index, pairs)
    write(table(["asked in", "rules", "names", "first", "among three"], rows) + "\n")
    rows = []
    for language in ("hebrew", "english"):
        words = list(dict.fromkeys(data[f"ordinary_{language}"].split()))
        rows.append([f"{language.capitalize()} words", *_mistaken(index, words)])
        if options.missed:
            write(", ".join(f"{word}: {found[0][0]}" for word in words if (found := index.nearest(word))))
    write(table(["ordinary words", "", "match a name", "ms a word"], rows))
    return 0


def load() -> dict[str, Any]:
    """The names and the words of `names.yaml`."""
    data: dict[str, Any] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return data


def vocabulary_of(data: dict[str, Any]) -> list[str]:
    """All names as an index has them: in lower case, each word, and the words joined."""
    names = [pair["expect"] for part in _PARTS for script, _ in _DIRECTIONS for pair in data[part][script]]
    for script, _ in _DIRECTIONS:
        names += data[f"distractors_{script}"].split(",")
    return sorted({form for name in names for form in _forms(name)} - {""})


def _with_invented(names: list[str], count: int) -> list[str]:
    """At least so many names: the given ones, and the beginning of one with the end of another."""
    generator = random.Random(1)  # noqa: S311 (no secret)
    scripts = [list(group) for _, group in groupby(names, key=lambda name: name > "\u0590")]
    found = set(names)
    while len(found) < count:
        script = scripts[0] if generator.random() < 0.75 else scripts[-1]
        start, end = generator.choices(script, k=2)
        name = start[: generator.randint(1, len(start))] + end[-generator.randint(1, len(end)) :]
        if _MIN_LENGTH <= len(name) <= _MAX_LENGTH:
            found.add(name)
    return sorted(found)


def _forms(name: str) -> list[str]:
    return [_joined(name), *map(_joined, _SEPARATORS.split(name))]


def _joined(name: str) -> str:
    return _NOT_LETTERS.sub("", name.casefold())


def _found(index: NameIndex, pairs: Sequence[Pair]) -> list[str]:
    """The number of names, and the shares that come first and among three."""
    ranks = [rank_of(index, pair) for pair in pairs]
    return [str(len(pairs)), _share(rank == 0 for rank in ranks), _share(rank is not None for rank in ranks)]


def rank_of(index: NameIndex, pair: Pair) -> int | None:
    """The position of the expected name among the nearest three, or None."""
    names = [name for name, _ in index.nearest(pair["ask"])]
    expected = _joined(pair["expect"])
    return names.index(expected) if expected in names else None


def _mistaken(index: NameIndex, words: Sequence[str]) -> list[str]:
    """The number of words, the share that match a name, and the milliseconds for a word."""
    start = time.process_time()
    found = [index.nearest(word) for word in words]
    milliseconds = (time.process_time() - start) * 1e3 / len(words)
    return [str(len(words)), _share(map(bool, found)), f"{milliseconds:.2f}"]


def _share(outcomes: Iterable[bool]) -> str:
    counted = list(outcomes)
    return f"{sum(counted) / len(counted):.1%}".replace("%", " %")


def _write_missed(index: NameIndex, pairs: Sequence[Pair]) -> None:
    for pair in pairs:
        if rank_of(index, pair) != 0:
            found = ", ".join(f"{name} {distance:.2f}" for name, distance in index.nearest(pair["ask"]))
            write(f"- {pair['ask']}, expected {pair['expect']}: {found or 'nothing'}")
