"""How many typos are taken for words, and how many words for typos, by how rare a word may be."""

from __future__ import annotations

import random
import time
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING

from bench.report import machine, table, write
from kb.search.analysis import is_hebrew
from kb.search.known_words import KnownWords
from kb.search.word_lists import word_list
from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

_WORDS = Path(__file__).with_name("known_words.yaml")
_HEBREW_LETTERS = "אבגדהוזחטיכלמנסעפצקרשת"
_RANDOM_TYPOS = 200
_MIN_TYPO_LENGTH = 5
_LANGUAGES = ("en", "he")


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    parser = commands.add_parser("known-words", help="typos and words told apart", description=__doc__)
    parser.add_argument("--list", action="store_true", help="also print what is told wrongly")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look up the words of the file and random typos of them, and print the tables; the exit code is 0."""
    lists = [_read_list(language) for language in _LANGUAGES]
    known_words = KnownWords()
    rows = []
    seconds, count = 0.0, 0
    for sample, words, should_be_known in _samples():
        start = time.process_time()
        wrong = [word for word in words if known_words.is_known(word, _LANGUAGES) != should_be_known]
        seconds, count = seconds + time.process_time() - start, count + len(words)
        rows.append([sample, len(words), len(wrong), f"{100 * len(wrong) / len(words):.0f} %"])
        if options.list:
            write(f"{sample}: {' '.join(wrong)}\n")
    write(f"{machine()}\n")
    write(table(["sample", "words", "told wrongly", "share"], rows))
    write("\n" + table(["list", "words", "MB in memory", "seconds to read"], lists))
    write(f"\nA first look-up takes {1e6 * seconds / count:.0f} µs on average.")
    return 0


def _read_list(language: str) -> list[object]:
    """The row of a language, whose list is read."""
    start = time.process_time()
    words = word_list(language)
    assert words is not None
    return [language, len(words), f"{words.size / 1e6:.1f}", f"{time.process_time() - start:.2f}"]


def _samples() -> Iterator[tuple[str, list[str], bool]]:
    """The words to look up, and whether they are words."""
    content = read_yaml(_WORDS.read_text("utf-8"))
    for language, text in content["misspelled"].items():
        yield f"common misspellings, {language}", text.split(), False
    for sample, text in content["clean"].items():
        yield f"random typos, {sample}", _random_typos(text.split()), False
    for sample, text in content["clean"].items():
        yield f"words, {sample}", text.split(), True


def _random_typos(words: Sequence[str]) -> list[str]:
    """Words with a random letter left out, put in, replaced or swapped; some of these are words, too."""
    generator = random.Random(1)  # noqa: S311 (nothing secret)
    long_words = [word.casefold() for word in words if len(word) >= _MIN_TYPO_LENGTH and word.isalpha()]
    typos: list[str] = []
    while len(typos) < _RANDOM_TYPOS:
        word = generator.choice(long_words)
        typo = _edited(word, generator)
        if typo != word:
            typos.append(typo)
    return typos


def _edited(word: str, generator: random.Random) -> str:
    place = generator.randrange(1, len(word))
    before, after = word[:place], word[place:]
    letter = generator.choice(_HEBREW_LETTERS if is_hebrew(word) else ascii_lowercase)
    return generator.choice(
        [
            before + after[1:],
            before + letter + after,
            before + letter + after[1:],
            before[:-1] + after[0] + before[-1] + after[1:],
        ]
    )
