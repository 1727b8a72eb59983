"""What is asked of the public cases: questions, drafts, and second reports of the same incidents."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.drafts.cases import RiskyDraft, read_lines
from kb.guards.definition import to_draft
from kb.schemas.incident_input import IncidentInputSchema
from kb.services.exchange.collections.reading import incident_files
from kb.services.exchange.collections.shipped import shipped_folder
from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection

COLLECTION = "public-cases"

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


def read_in_english() -> dict[str, dict[str, Any]]:
    """The public cases by slug, in the import format, without their Hebrew and their guards."""
    cases = (read_yaml(path.read_text("utf-8")) for path in incident_files(shipped_folder(COLLECTION)))
    return {
        case["slug"]: {
            **{name: _plain(value) for name, value in case.items() if name != "translations"},
            "lessons": [{"text": lesson["text"]} for lesson in case["lessons"]],
            "status": "published",
        }
        for case in cases
    }


def _plain(value: Any) -> Any:
    """A value of YAML as JSON has it: days as texts."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def read_questions(slugs: Collection[str]) -> list[Question]:
    """The questions of questions.yaml. Raises RuntimeError if one expects an unknown incident."""
    return _read_questions("questions.yaml", slugs)


def read_plans(slugs: Collection[str]) -> list[Question]:
    """The sentences of plans.yaml. Raises RuntimeError if one expects an unknown incident."""
    return _read_questions("plans.yaml", slugs)


def _read_questions(name: str, slugs: Collection[str]) -> list[Question]:
    rows = read_yaml((_FOLDER / name).read_text("utf-8"))
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
