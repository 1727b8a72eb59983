"""What is asked of the public cases: questions, drafts, and second reports of the same incidents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.drafts.cases import RiskyDraft, read_lines
from kb.guards.definition import to_draft
from kb.schemas.incident_input import IncidentInputSchema
from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection

_FOLDER = Path(__file__).parent


class Question(NamedTuple):
    """What a person types, its kind and language, and the slugs of the incidents that are a right answer."""

    ask: str
    kind: str
    language: str
    expect: frozenset[str]


class Twin(NamedTuple):
    """A second report of an incident: the slug of that incident, and the validated input."""

    of: str
    data: dict[str, Any]


def read_questions(slugs: Collection[str]) -> list[Question]:
    """The questions of questions.yaml. Raises RuntimeError if one expects an unknown incident."""
    rows = read_yaml((_FOLDER / "questions.yaml").read_text("utf-8"))
    questions = [Question(row["ask"], row["kind"], row["language"], frozenset(row["expect"])) for row in rows]
    for question in questions:
        _require_known(question.ask, question.expect, slugs)
    return questions


def read_drafts(slugs: Collection[str]) -> list[RiskyDraft]:
    """The drafts of drafts.jsonl that show what is wrong with them.

    Raises RuntimeError if one is like an unknown incident.
    """
    drafts = [
        RiskyDraft(to_draft(row), "draft", frozenset(row["like"]))
        for row in read_lines(_FOLDER / "drafts.jsonl")
        if row["visible"]
    ]
    for each in drafts:
        _require_known(each.draft.text, each.like, slugs)
    return drafts


def read_twins(slugs: Collection[str]) -> list[Twin]:
    """The second reports of twins.jsonl. Raises RuntimeError if one is of an unknown incident."""
    schema = IncidentInputSchema()
    twins = []
    for row in read_lines(_FOLDER / "twins.jsonl"):
        _require_known(row["title"], [row["of"]], slugs)
        sources = [{"title": row["title"], **source} for source in row["sources"]]
        fields = {name: value for name, value in row.items() if name != "of"} | {"sources": sources}
        twins.append(Twin(row["of"], schema.load(fields)))
    return twins


def _require_known(text: str, expected: Collection[str], slugs: Collection[str]) -> None:
    if unknown := set(expected) - set(slugs):
        raise RuntimeError(f"{text!r}: there is no incident {', '.join(sorted(unknown))}.")
