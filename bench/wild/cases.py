"""The test cases of this benchmark: the incidents, the questions about them, and the queries with typos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.report import log
from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

INCIDENTS = Path(__file__).with_name("incidents.yaml")


class Question(NamedTuple):
    """A question as a person asks it, its language, and the ID of the only incident that answers it."""

    ask: str
    language: str
    expect: str


class SpellingQuery(NamedTuple):
    """A query, whether it has a typo, and the ID of the incident that it looks for, or None."""

    ask: str
    typo: bool
    expect: str | None


def read_incidents() -> dict[str, dict[str, Any]]:
    """The incidents by ID, in the import format."""
    return {row["id"]: _importable(row) for row in _read_rows(INCIDENTS)}


def read_questions(path: Path, incidents: Collection[str]) -> list[Question]:
    """The questions of a file; none, with a line on standard error, if there is no such file.

    Raises RuntimeError if one has other fields, or expects an incident that does not exist.
    """
    rows = _read_cases(path, Question._fields, {*incidents})
    return [Question(**row) for row in rows]


def read_spelling(path: Path, incidents: Collection[str]) -> list[SpellingQuery]:
    """The queries of a file; none, with a line on standard error, if there is no such file.

    Raises RuntimeError if one has other fields, or expects an incident that does not exist.
    """
    rows = _read_cases(path, SpellingQuery._fields, {*incidents, None})
    return [SpellingQuery(**row) for row in rows]


def _importable(row: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in row.items() if name != "id"}
    return fields | {
        "external_id": f"wild:{row['id']}",
        "slug": row["id"],
        "status": "published",
        "occurred_on": row["occurred_on"].isoformat(),
        "lessons": [{"text": text} for text in row["lessons"]],
    }


def _read_cases(
    path: Path, fields: Collection[str], expected: Collection[str | None]
) -> list[dict[str, Any]]:
    if not path.is_file():
        log(f"Skipped: there is no file {path}.")
        return []
    rows = _read_rows(path)
    for row in rows:
        if row.keys() != set(fields):
            raise RuntimeError(f"{path}: write the fields {', '.join(fields)} instead of {row!r}.")
        if row["expect"] not in expected:
            raise RuntimeError(f"{path}: {INCIDENTS.name} has no incident {row['expect']!r}.")
    return rows


def _read_rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read_yaml(path.read_text(encoding="utf-8")) or []
    return rows
