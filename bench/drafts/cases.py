"""The cases of this benchmark: risky drafts, with the incidents that they resemble, and harmless ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from kb.config import seeds_dir
from kb.guards.definition import to_draft

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from kb.domain.draft import Draft

HARMLESS = "harmless_drafts.jsonl"

HARMLESS_KIND = "harmless"
"""The kind of those drafts among risky ones that resemble nothing, and should pass."""

_SEED_PREFIX = "seed:"


class RiskyDraft(NamedTuple):
    """A draft, what kind of risk it has, and the slugs of the incidents that it resembles."""

    draft: Draft
    kind: str
    like: frozenset[str]


class HarmlessDraft(NamedTuple):
    """A draft that a check should let pass, and what in it looks risky; None if nothing does."""

    draft: Draft
    trap: str | None


def read_risky(path: Path, incidents: Collection[str]) -> list[RiskyDraft]:
    """The risky drafts of a file, and the incidents they resemble: those given, or seeds, or `seed:SLUG`.

    Raises RuntimeError for one without a text, a language or a kind, or like an incident that does not exist.
    """
    seeds = _seed_slugs()
    known = {*incidents, *seeds, *(f"{_SEED_PREFIX}{slug}" for slug in seeds)}
    rows = read_lines(path)
    for number, row in enumerate(rows, start=1):
        if absent := {"text", "language", "kind"} - row.keys():
            raise RuntimeError(f"{path}, line {number}: write {', '.join(sorted(absent))}.")
        if unknown := set(row.get("like", ())) - known:
            names = ", ".join(sorted(unknown))
            raise RuntimeError(f"{path}, line {number}: the incidents and the seeds have no {names}.")
    return [
        RiskyDraft(
            # "kind" is what kind of risk it is here, and of a draft what it is to become.
            to_draft({**row, "kind": None}),
            row["kind"],
            frozenset(slug.removeprefix(_SEED_PREFIX) for slug in row.get("like", ())),
        )
        for row in rows
        if row["kind"] != HARMLESS_KIND
    ]


def read_harmless(path: Path | None = None) -> list[HarmlessDraft]:
    """The harmless drafts of a file, by default of the shipped corpus."""
    return _harmless(read_lines(path or seeds_dir() / HARMLESS))


def read_harmless_among(path: Path) -> list[HarmlessDraft]:
    """The harmless drafts of a file of risky ones."""
    rows = [row for row in read_lines(path) if row.get("kind") == HARMLESS_KIND]
    return _harmless([{**row, "kind": None} for row in rows])


def _harmless(rows: list[dict[str, Any]]) -> list[HarmlessDraft]:
    return [HarmlessDraft(to_draft(row), row.get("trap")) for row in rows]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON Lines. Raises RuntimeError if it cannot be read."""
    try:
        return [orjson.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise RuntimeError(f"{path} cannot be read: {error}") from error


def _seed_slugs() -> list[str]:
    return [path.stem for path in (seeds_dir() / "incidents").glob("*.yaml")]
