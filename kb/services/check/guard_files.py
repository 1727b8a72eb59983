"""The guards in files: those that are shipped, and what a team adds or changes in its data folder."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from kb.config import seeds_dir
from kb.guards.definition import expand_shorthand, to_data, to_guard
from kb.guards.errors import GuardError
from kb.guards.examples import failed_examples
from kb.guards.ruleset import compile_guard
from kb.schemas.guards import GuardInputSchema
from kb.schemas.pointers import field_errors
from kb.search.lexicon_files import ReloadedFiles
from kb.services.infrastructure.runtime import concepts, settings
from kb.yaml_text import read_yaml_file

if TYPE_CHECKING:
    from pathlib import Path

    from kb.domain.guard import Guard

FILE_NAME = "guards.yaml"
"""The name of the shipped file, and of a team's own in its data folder."""


class GuardFileError(ValueError):
    """A file of guards is invalid. The message says what to change."""


class GuardFiles(ReloadedFiles[tuple["Guard", ...]]):
    """The shipped guards and a team's own, reloaded when the team's file changes."""

    error = GuardFileError

    def read(self, own: Path | None) -> tuple[Guard, ...]:
        """The shipped guards, changed and added to by a team's own. Raises GuardFileError."""
        if own is None:
            return _shipped(self._shipped)
        guards = {guard.key: guard for guard in _shipped(self._shipped)}
        for row in read_rows(own):
            key = row["key"]
            base = {} if key not in guards else to_data(guards[key])
            guard = load_guard(own, {**base, **row})
            if guard != guards.get(key):
                _check_examples(own, guard)
            guards[key] = guard
        return tuple(guards.values())


def file_guards() -> tuple[Guard, ...]:
    """The guards in the files of the running application: the same object until a file changes."""
    return _files_of(settings().data_dir).current()


@lru_cache(maxsize=64)
def _files_of(data_dir: Path) -> GuardFiles:
    return GuardFiles(seeds_dir() / FILE_NAME, data_dir / FILE_NAME)


@lru_cache(maxsize=1)
def _shipped(path: Path) -> tuple[Guard, ...]:
    """The shipped guards, which do not change."""
    return read_guards(path)


def read_guards(path: Path) -> tuple[Guard, ...]:
    """The guards of a file, in its order. Raises GuardFileError."""
    return tuple(load_guard(path, row) for row in read_rows(path))


def read_rows(path: Path) -> list[dict[str, Any]]:
    """What a file says of each guard, by key. Raises GuardFileError."""
    content = read_yaml_file(path, GuardFileError)
    rows = content.get("guards") if isinstance(content, dict) and len(content) == 1 else None
    if not isinstance(rows, list):
        raise GuardFileError(f"{path} must have `guards:`, a list, and nothing else.")
    keys = [row.get("key") if isinstance(row, dict) else None for row in rows]
    for number, key in enumerate(keys, start=1):
        if not isinstance(key, str) or not key or ":" in key:
            raise GuardFileError(f"{path}: guard {number} must have a `key`, a text without a colon.")
        if keys.count(key) > 1:
            raise GuardFileError(f"{path}: the key {key} is used twice. Give each guard one of its own.")
    return rows


def load_guard(path: Path, row: dict[str, Any]) -> Guard:
    """The guard of a row. Raises GuardFileError."""
    fields = {name: value for name, value in expand_shorthand(row).items() if name != "key"}
    try:
        return to_guard(row["key"], GuardInputSchema().load(_json(fields)))
    except ValidationError as error:
        reasons = " ".join(f"{item.pointer}: {item.detail}" for item in field_errors(error.messages))
        raise GuardFileError(f"{path}: the guard {row['key']}, {reasons}") from error


def _json(value: Any) -> Any:
    """What YAML reads, with times as the texts that JSON has."""
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _check_examples(path: Path, guard: Guard) -> None:
    """Raise GuardFileError for a guard that is invalid, or whose examples do not hold."""
    try:
        compiled = compile_guard(guard, concepts())
    except GuardError as error:
        raise GuardFileError(f"{path}: the guard {guard.key}, {error.pointer}: {error}") from error
    for failed in failed_examples(compiled, concepts()):
        text = failed.draft.text
        raise GuardFileError(f"{path}: the guard {guard.key}, {failed.pointer}: {failed.message} ({text!r})")
