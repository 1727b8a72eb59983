"""Guards of every type, made of the words of real drafts: most drafts have some of their words, few all."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from itertools import cycle
from typing import TYPE_CHECKING, Any

from bench.check.texts import sentences
from bench.corpus import WORDS
from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.guards.definition import expand_shorthand
from kb.guards.errors import GuardError
from kb.guards.examples import failed_examples
from kb.guards.ruleset import compile_guard
from kb.observances.table import WORLD, observances
from kb.services.check.guard_files import load_guard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from kb.search.concepts import ConceptTable

    Row = dict[str, Any]
    Sentences = Mapping[str, Sequence[str]]

_WORD = re.compile(r"[^\W\d_]{4,12}")
_GOOD = "Good morning from the whole team."
_MOVES = ("discount", "product", "joke", "meme", "prize", "celebration")
_YEAR = 2027
_MIX = (
    "phrase", "pattern", "phrase", "themes", "phrase", "pattern", "date", "phrase", "pattern", "themes",
    "phrase", "open-invitation", "phrase", "pattern", "link", "phrase", "themes", "hashtag", "phrase",
    "approval", "pattern", "account", "phrase", "placeholder",
)  # fmt: skip
"""The types in turn: words and patterns are what most teams write."""


def make_rules(number: int, path: Path, concepts: ConceptTable) -> list[Row]:
    """Rows of a file `guards.yaml`, whose examples hold; `path` is its place, for messages."""
    rng = random.Random(5)  # noqa: S311 (nothing secret)
    makers = _makers(rng, concepts)
    rows: list[Row] = []
    for kind in cycle(_MIX):
        if len(rows) >= number:
            break
        row = {
            "key": f"bench-{len(rows)}",
            "type": kind,
            "severity": "note" if kind == "approval" else "caution",
            "message": {"en": "“{text}” is on the list.", "he": "“{text}” מופיע ברשימה."},
            **makers[kind](),
        }
        if _holds(path, row, concepts):
            rows.append(row)
    return rows


def _holds(path: Path, row: Row, concepts: ConceptTable) -> bool:
    """Whether a guard finds something in its bad examples, and nothing in the good ones."""
    try:
        compiled = compile_guard(load_guard(path, expand_shorthand(row)), concepts)
    except GuardError:
        return False
    return next(failed_examples(compiled, concepts), None) is None


def _makers(rng: random.Random, concepts: ConceptTable) -> dict[str, Callable[[], Row]]:
    """By type, a function that makes the parameters and the examples of a guard, which may not hold."""
    names = iter(rng.sample(WORDS, len(WORDS)))
    touching = _sentences_by_concept(concepts)
    grave = [key for key in touching if concepts.concepts[key].risky]
    moves = [key for key in _MOVES if key in touching]
    return {
        "phrase": lambda: _phrase(rng),
        "pattern": lambda: _pattern(rng),
        "themes": lambda: _themes(rng, rng.choice(grave), rng.choice(moves), touching),
        "date": lambda: _date(rng),
        "open-invitation": lambda: _invitation(rng, rng.choice(grave), touching),
        "link": lambda: _link(next(names)),
        "hashtag": lambda: _hashtag(next(names)),
        "approval": lambda: _approval(rng, rng.choice(grave), touching),
        "account": lambda: _account(rng),
        "placeholder": lambda: _placeholder(next(names)),
    }


def _phrase(rng: random.Random) -> Row:
    language = rng.choice(("en", "he"))
    phrases = [" ".join(_words(rng, language, rng.randint(2, 3))) for _ in range(6)]
    return {"parameters": {"phrases": phrases}, "examples": _examples(f"{phrases[0]}.")}


def _pattern(rng: random.Random) -> Row:
    first, second, third = _words(rng, rng.choice(("en", "he")), 3)
    pattern = rng.choice(
        (
            f" {first} (?:{second}|{third}) ",
            f" {first} (?:[^ .!?]+ ){{0,3}}{second} ",
            f" {first} [0-9]+ (?:% )?{second} ",
            f" # {first}[^ ]* (?:{second}|{third}) ",
        )
    )
    texts = (f"{first} {second}", f"{first} 20 {second}", f"#{first} {second}")
    matching = next((text for text in texts if re.search(pattern, f" {text.replace('#', '# ')} ")), texts[0])
    return {"parameters": {"pattern": pattern}, "examples": _examples(matching)}


def _themes(rng: random.Random, grave: str, move: str, touching: Sentences) -> Row:
    parameters = {"all_of": [[grave], [move]], "except": [" ".join(_words(rng, "en", 3))]}
    first, second = rng.choice(touching[grave]), rng.choice(touching[move])
    return {"parameters": parameters, "examples": _examples(f"{first.rstrip('.!?…')}, {second}")}


def _date(rng: random.Random) -> Row:
    row = rng.choice([*observances().values()])
    spans = row.spans(_YEAR)
    countries = [] if WORLD in row.countries or not row.countries else [rng.choice([*row.countries])]
    bad = {
        "text": "20% off everything today!",
        "scheduled_at": f"{spans[0][0] if spans else f'{_YEAR}-01-01'}T10:00:00+00:00",
        "audience_countries": countries or ["US"],
    }
    parameters = {"observances": [row.key], "concepts": ["discount", "prize"]}
    return {"parameters": parameters, "countries": countries, "examples": _examples(bad)}


def _invitation(rng: random.Random, concept: str, touching: Sentences) -> Row:
    bad = f"{rng.choice(touching[concept])} Send us your photos with #OurPhotos and win a prize!"
    return {"parameters": {"concepts": [concept]}, "examples": _examples(bad)}


def _link(name: str) -> Row:
    parameters = {"checks": ["staging"], "hosts": [f"{name}.com"]}
    return {"parameters": parameters, "examples": _examples(f"Shop at https://{name}.com/sale")}


def _hashtag(name: str) -> Row:
    return {"parameters": {"words": ["whore", name]}, "examples": _examples("Out now! #whorepresents")}


def _approval(rng: random.Random, concept: str, touching: Sentences) -> Row:
    return {"parameters": {"concepts": [concept]}, "examples": _examples(rng.choice(touching[concept]))}


def _account(rng: random.Random) -> Row:
    parameters = {
        "quiet_from": f"{rng.randint(21, 23)}:00",
        "quiet_until": f"0{rng.randint(4, 7)}:30",
        "time_zone": rng.choice(("Asia/Jerusalem", "Europe/London")),
    }
    bad = {"text": "Good night.", "scheduled_at": f"{_YEAR}-01-12T00:30:00+00:00"}
    return {"parameters": parameters, "examples": _examples(bad)}


def _placeholder(name: str) -> Row:
    return {"parameters": {"marks": [f"##{name}##"]}, "examples": _examples(f"Sale ##{name}## today")}


def _examples(bad: str | Row) -> Row:
    return {"bad": [bad], "good": [_GOOD]}


def _words(rng: random.Random, language: str, number: int) -> list[str]:
    """Words of a language as real drafts have them, each in lower case."""
    words: list[str] = []
    while len(words) < number:
        words += rng.sample(found, 1) if (found := _WORD.findall(rng.choice(sentences(language)))) else []
    return [word.lower() for word in words]


def _sentences_by_concept(concepts: ConceptTable) -> Sentences:
    """The sentences of real drafts by the concepts that their words clearly touch."""
    by_concept: defaultdict[str, list[str]] = defaultdict(list)
    for sentence in (*sentences("en"), *sentences("he")):
        touched = AnalyzedDraft(Draft(text=sentence), concepts).touched
        for key, touches in touched.items():
            if any(touch.clear for touch in touches):
                by_concept[key].append(sentence)
    return by_concept
