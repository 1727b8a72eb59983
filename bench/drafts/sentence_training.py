"""Train models of sentences in `seeds/sentence_models`.

`python -m bench.drafts.sentence_training notes invitations` writes both. Each learns from a file of
`training`, `notes.txt` or `invitations.txt`, one example a line, and from what is none: the harmless
drafts of the seeds, the other file, and `others.txt`. That of notes also learns from posts in which the
note is marked (`training/slips.jsonl`): the parts that are mostly that note are examples, those without
any of it are none, and neither are those of posts that are finished (`WITHOUT_NOTES`). That of
invitations also learns from whole posts of which only the kind is known (`POSTS`): of a post of its kind,
the part that scores most counts as an example, and the other parts as nothing; the parts of all other
posts are none. It is logistic regression with a step size for each feature (AdaGrad). The harmless drafts
also set the threshold: each is judged by a model that has not learned from it, and few may be taken for
one of the kind.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import orjson

from bench.drafts.cases import read_harmless, read_lines
from bench.report import write
from kb.config import seeds_dir
from kb.guards.clean_text import clean
from kb.guards.sentences.model import WordClasses
from kb.guards.sentences.parts import PARTS, sentences
from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FOLDER = Path(__file__).parent
_EXAMPLES = _FOLDER / "training"

_SLIPS = "training/slips"
"""Posts with their kind, and the note in each that is not finished."""

_FINISHED = "training/finished"
"""Finished posts, half of them with words that notes have, too."""

_UNFINISHED = "placeholder"
"""The kind of posts that are not finished."""

_RISKY = "risky"
"""The kind of posts that repeat an incident. Some of them invite the public, too."""

POSTS = {
    "unfinished": _UNFINISHED,
    "unfinished_second": _UNFINISHED,
    "finished": "finished",
    "finished_second": "finished",
    "invitations": "open-invitation",
    "harmless_requests": "harmless-invitation",
    "harmless_second": "harmless",
    "small_businesses": None,
    "large_companies": None,
    "consumer_brands": None,
    "institutions": None,
    "owners": None,
    "risky_fifteenth": None,
    "risky_sixteenth": None,
    "risky_seventeenth": None,
    "risky_eighteenth": None,
    "risky_nineteenth": None,
    "risky_twentieth": None,
    "risky_twentyfirst": None,
    "risky_twentysecond": None,
    "risky_twentythird": None,
    "risky_twentyfourth": None,
    "risky_twentyfifth": None,
    "risky_twentysixth": None,
    "risky_twentyseventh": None,
    "risky_twentyeighth": None,
    "risky_twentyninth": None,
    "risky_thirtieth": None,
    "risky_thirtyfirst": None,
    "risky_thirtysecond": None,
    "risky_thirtythird": None,
    "harmless_third": "harmless",
    "harmless_fourth": "harmless",
    "harmless_fifth": "harmless",
    "harmless_sixth": "harmless",
    "harmless_seventh": "harmless",
    "finished_third": "finished",
    "finished_fourth": "finished",
    "finished_fifth": "finished",
    "finished_sixth": "finished",
    "finished_seventh": "finished",
    "finished_eighth": "finished",
    "finished_ninth": "finished",
    _SLIPS: None,
    _FINISHED: "harmless",
}
"""The files of posts, with the kind of those that do not say it."""

WITHOUT_NOTES = (
    _FINISHED,
    "finished",
    "finished_second",
    "invitations",
    "harmless_requests",
    "harmless_second",
    "harmless_third",
    "risky_thirteenth",
    "risky_fourteenth",
    "risky_fifteenth",
    "risky_sixteenth",
    "risky_seventeenth",
    "risky_eighteenth",
    "risky_nineteenth",
    "risky_twentieth",
    "risky_twentyfirst",
    "risky_twentysecond",
    "risky_twentythird",
    "risky_twentyfourth",
    "risky_twentyfifth",
    "risky_twentysixth",
    "risky_twentyseventh",
    "risky_twentyeighth",
    "risky_twentyninth",
    "risky_thirtieth",
    "risky_thirtyfirst",
    "risky_thirtysecond",
    "risky_thirtythird",
    "harmless_fourth",
    "harmless_fifth",
    "harmless_sixth",
    "harmless_seventh",
    "finished_third",
    "finished_fourth",
    "finished_fifth",
    "finished_sixth",
    "finished_seventh",
    "finished_eighth",
    "finished_ninth",
)
"""The files whose posts have no notes, but for those of the kind `placeholder`. Later sets measure."""

_FOLDS = 4
_EPOCHS = 10
_STEP = 0.15
_DECAY = 3e-3
_ROUNDS = 2
"""How often the likeliest parts of posts are chosen anew."""

_LEAST_COUNT = 2

_IN_SLIP, _OF_SLIP = 0.6, 0.5
"""A part is an example if at least these shares of it are the note, and of the note are in it."""

_BESIDE_SLIP = 0.1
"""A part is none if less of it than this is the note."""


class Task(NamedTuple):
    """A model to train: its name, the kind of posts that it also learns from, if any, the parts of a text it
    looks at, the share of false alarms allowed, and the weight below which a feature is left out."""

    name: str
    kind: str | None
    parts: str
    other: str
    false_alarms: float
    least_weight: float


TASKS = (
    Task("notes", None, "clauses", "invitations", 1.25 / 100, 0.3),
    Task("invitations", "open-invitation", "pairs", "notes", 0.5 / 100, 0.2),
)


class Weights(NamedTuple):
    """What was learned."""

    bias: float
    by_feature: dict[str, float]

    def score(self, features: Iterable[str]) -> float:
        """The score of a text with these features."""
        return self.bias + sum(self.by_feature.get(feature, 0.0) for feature in features)


class Post(NamedTuple):
    """A text of which the kind is known."""

    text: str
    kind: str


def main() -> None:
    """Write the models that are named on the command line."""
    for task in TASKS:
        if task.name in sys.argv[1:]:
            write_model(task)


def posts(names: Iterable[str] = tuple(POSTS)) -> list[Post]:
    """The posts of some files."""
    return [
        Post(clean(row["text"]).text, row.get("kind") or POSTS.get(name) or "")
        for name in names
        for row in read_lines(_FOLDER / f"{name}.jsonl")
        if row.get("kind") != _RISKY
    ]


def write_model(task: Task, names: Iterable[str] = tuple(POSTS)) -> None:
    """Train a model with the posts of some files, and write it."""
    folder = seeds_dir() / "sentence_models"
    classes = WordClasses(read_yaml((folder / f"{task.name}.yaml").read_text("utf-8")))
    examples = [features for line in _lines(task.name) for features in _example(line, task, classes)]
    others = _features([*_lines("others"), *_lines(task.other)], task, classes)
    if not task.kind:
        marked, beside = _slips(task, classes)
        examples += marked
        others += beside
        finished = [post.text for post in posts(WITHOUT_NOTES) if post.kind != _UNFINISHED]
        others += _features(finished, task, classes)
    bags = [
        (_features([post.text], task, classes), post.kind == task.kind)
        for post in posts(names if task.kind else ())
    ]
    others += [features for parts, is_kind in bags if not is_kind for features in parts]
    bagged = [parts for parts, is_kind in bags if is_kind and parts]
    harmless = [_features([draft.draft.text], task, classes) for draft in read_harmless()]
    random.Random(7).shuffle(harmless)  # noqa: S311 (nothing secret)
    known = [*others, *(each for draft in harmless for each in draft)]
    learned = examples
    weights = _train(learned, known)
    for _ in range(_ROUNDS if bagged else 0):
        chosen = [max(parts, key=weights.score) for parts in bagged]
        learned = [*examples, *chosen]
        weights = _train(learned, known)
    scores: list[float] = []
    for fold in range(_FOLDS):
        rest = [each for place, draft in enumerate(harmless) if place % _FOLDS != fold for each in draft]
        judge = _train(learned, [*others, *rest])
        scores += [max(map(judge.score, draft), default=-9.0) for draft in harmless[fold::_FOLDS]]
    threshold = float(np.quantile(scores, 1 - task.false_alarms))
    kept = {
        feature: round(weight, 2)
        for feature, weight in sorted(weights.by_feature.items())
        if abs(weight) >= task.least_weight
    }
    content = {
        "parts": task.parts,
        "bias": round(weights.bias, 2),
        "threshold": round(threshold, 2),
        "weights": kept,
    }
    data = orjson.dumps(content, option=orjson.OPT_INDENT_2).replace(b"\n    ", b"\n") + b"\n"
    (folder / f"{task.name}.json").write_bytes(data)
    write(
        f"{task.name}: {len(learned)} examples, {len(kept)} features, {len(data):,} bytes, "
        f"threshold {threshold:.2f}"
    )


def _lines(name: str) -> list[str]:
    return [line for line in (_EXAMPLES / f"{name}.txt").read_text("utf-8").splitlines() if line]


def _example(line: str, task: Task, classes: WordClasses) -> list[set[str]]:
    """The features of an example: of its sentences if the model looks at one at a time."""
    if task.parts == "pairs":
        return [classes.features(line)]
    return [classes.features(line[part.start : part.end]) for part in sentences(line)]


def _slips(task: Task, classes: WordClasses) -> tuple[list[set[str]], list[set[str]]]:
    """The features of the parts of posts that are mostly a note, and of those that are none."""
    marked, beside = [], []
    for row in read_lines(_FOLDER / f"{_SLIPS}.jsonl"):
        text, slip = (clean(row[name]).text.strip() for name in ("text", "slip"))
        start = text.find(slip) if slip else -1
        for parts in PARTS[task.parts](text):
            for part in parts:
                common = min(part.end, start + len(slip)) - max(part.start, start) if start >= 0 else 0
                share = common / (part.end - part.start)
                if share < _BESIDE_SLIP:
                    beside.append(classes.features_in(text, part))
                elif share > _IN_SLIP and common > _OF_SLIP * len(slip):
                    marked.append(classes.features_in(text, part))
    return marked, beside


def _features(texts: Iterable[str], task: Task, classes: WordClasses) -> list[set[str]]:
    return [
        classes.features_in(text, part)
        for text in texts
        for parts in PARTS[task.parts](text)
        for part in parts
    ]


def _train(examples: Sequence[set[str]], others: Sequence[set[str]]) -> Weights:
    """Weights by which the examples score above zero and the others below."""
    numbers = _numbers(examples, others)
    rows = [(_places(features, numbers), 1.0) for features in examples]
    rows += [(_places(features, numbers), 0.0) for features in others]
    weights, squares = np.zeros(len(numbers)), np.full(len(numbers), 1e-2)
    bias, bias_squares = 0.0, 1e-2
    rng = random.Random(1)  # noqa: S311
    for _ in range(_EPOCHS):
        rng.shuffle(rows)
        for places, label in rows:
            score = bias + float(weights[places].sum())
            error = float(1 / (1 + np.exp(-np.clip(score, -30, 30))) - label)
            gradient = error + _DECAY * weights[places]
            squares[places] += gradient**2
            weights[places] -= _STEP * gradient / np.sqrt(squares[places])
            bias_squares += error**2
            bias -= _STEP * error / bias_squares**0.5
    return Weights(bias, {feature: float(weights[place]) for feature, place in numbers.items()})


def _numbers(examples: Sequence[set[str]], others: Sequence[set[str]]) -> dict[str, int]:
    """The features that are frequent enough, numbered. Parts that overlap count once."""
    counts = Counter(feature for features in examples for feature in features)
    previous: set[str] = set()
    for features in others:
        counts.update(features - previous)
        overlaps = len(features & previous) > len(features) / 3
        previous = features | previous if overlaps else features
    common = sorted(feature for feature, count in counts.items() if count >= _LEAST_COUNT)
    return {feature: place for place, feature in enumerate(common)}


def _places(features: set[str], numbers: dict[str, int]) -> np.ndarray:
    return np.array(sorted(numbers[each] for each in features if each in numbers), dtype=np.int64)


if __name__ == "__main__":
    main()
