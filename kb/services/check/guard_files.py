"""The guards in files: the shipped ones, and a team's additions and changes in its data folder."""

from __future__ import annotations

import logging
import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from kb.config import seeds_dir
from kb.derived_files import derived
from kb.domain.guard import GuardType
from kb.errors import InvalidInput
from kb.guards.breadth import check_breadth
from kb.guards.corpus import Posts, harmless_posts
from kb.guards.definition import expand_shorthand, to_data, to_guard
from kb.guards.errors import GuardError
from kb.guards.examples import failed_examples
from kb.guards.ruleset import compile_guard
from kb.guards.types import check_names
from kb.messages import Message, joined, message_of
from kb.reloaded_files import ReloadedFiles
from kb.schemas.guards import GuardInputSchema
from kb.schemas.pointers import field_errors
from kb.services.infrastructure.runtime import concepts, settings
from kb.services.taxonomy.lookup import TermLookup
from kb.services.taxonomy.named_terms import names_terms, with_guard_term_keys
from kb.yaml_text import read_yaml_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from kb.domain.guard import Guard
    from kb.errors import FieldError
    from kb.guards.ruleset import CompiledGuard

log = logging.getLogger(__name__)

FILE_NAME = "guards.yaml"
"""The name of the shipped file, and of a team's own in its data folder."""


KEY = re.compile(r"[\w.-]{1,100}")
"""The syntax of a guard's key."""


class GuardFileError(ValueError):
    """A file of guards is invalid. The message says what to change."""


class GuardFiles(ReloadedFiles[tuple["Guard", ...]]):
    """The shipped guards and a team's own, reloaded when the team's file changes."""

    error = GuardFileError

    def read(self, own: Path | None) -> tuple[Guard, ...]:
        """The shipped guards, with a team's changes and additions. Raises GuardFileError.

        Unknown terms are logged only: a term may be retired long after somebody wrote the file, and the
        other guards must go on.
        """
        if own is None:
            return _shipped(self._shipped)
        shipped = {guard.key: guard for guard in _shipped(self._shipped)}
        named = _changed(own, shipped, known_terms=False)
        check_guards(own, [guard for guard in named if guard != shipped.get(guard.key)])
        return tuple({**shipped, **{guard.key: guard for guard in named}}.values())


def check_own_file() -> None:
    """Raise GuardFileError if the team's file of guards is invalid; checks ignore such a file, and warn."""
    own = settings().data_dir / FILE_NAME
    if own.exists():
        read_own_guards(own)
        _files_of(settings().data_dir).read(own)


def file_guards() -> tuple[Guard, ...]:
    """The guards in the files of the running application: the same object until a file changes."""
    return _files_of(settings().data_dir).current()


def shipped_guards() -> tuple[Guard, ...]:
    """The shipped guards, without the changes of a team's file."""
    return _shipped(seeds_dir() / FILE_NAME)


@lru_cache(maxsize=64)
def _files_of(data_dir: Path) -> GuardFiles:
    return GuardFiles(seeds_dir() / FILE_NAME, data_dir / FILE_NAME)


@lru_cache(maxsize=1)
def _shipped(path: Path) -> tuple[Guard, ...]:
    """The shipped guards, cached since they do not change."""
    rows = derived(
        "guards", [path.read_bytes()], lambda: [[guard.key, to_data(guard)] for guard in read_guards(path)]
    )
    return tuple(to_guard(key, data) for key, data in rows)


def read_guards(path: Path) -> tuple[Guard, ...]:
    """The guards of a file, in its order. Raises GuardFileError."""
    return tuple(load_guard(path, row) for row in read_rows(path))


def read_own_guards(path: Path) -> tuple[Guard, ...]:
    """The guards in a team's file, in its order, without testing their examples.

    An entry for a shipped guard may contain just the changes. Raises GuardFileError.
    """
    return _changed(path, {guard.key: guard for guard in shipped_guards()})


def _changed(path: Path, shipped: Mapping[str, Guard], *, known_terms: bool = True) -> tuple[Guard, ...]:
    """The guards of a file; whatever one leaves out comes from the shipped guard with the same key.

    Terms in any spelling are replaced by their keys, as in the guards of lessons. Unknown ones are an error
    if the terms must be `known_terms`.
    """
    guards = []
    for row in read_rows(path):
        base = shipped.get(row["key"])
        whole = {**({} if base is None else to_data(base)), **row}
        guards.append(_loaded(path, whole, partial(_with_term_keys, known=known_terms)))
    return tuple(guards)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, one for each guard, with unique keys. Raises GuardFileError."""
    content = read_yaml_file(path, GuardFileError)
    rows = content.get("guards") if isinstance(content, dict) and len(content) == 1 else None
    if not isinstance(rows, list):
        raise GuardFileError(Message("{path} must have `guards:`, a list, and nothing else.", path=str(path)))
    keys = [row.get("key") if isinstance(row, dict) else None for row in rows]
    for number, key in enumerate(keys, start=1):
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise GuardFileError(
                Message(
                    "{path}: guard {number} must have a `key` of letters, digits and hyphens.",
                    path=str(path),
                    number=number,
                )
            )
        if keys.count(key) > 1:
            raise GuardFileError(
                Message(
                    "{path}: the key {key} is used twice. Give each guard one of its own.",
                    path=str(path),
                    key=key,
                )
            )
    return rows


def load_guard(path: Path, row: dict[str, Any]) -> Guard:
    """The guard of a row of the shipped file, which names terms by their keys. Raises GuardFileError."""
    return _loaded(path, row, lambda data: data)


def _loaded(
    path: Path, row: dict[str, Any], keyed: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> Guard:
    fields = {name: value for name, value in expand_shorthand(row).items() if name != "key"}
    try:
        return to_guard(row["key"], keyed(GuardInputSchema().load(json_data(fields))))
    except ValidationError as error:
        errors = (*field_errors(error.messages),)
    except InvalidInput as error:
        errors = error.errors
    raise GuardFileError(_of_guard(path, row["key"], _reasons(errors)))


def _with_term_keys(data: Mapping[str, Any], *, known: bool) -> Mapping[str, Any]:
    """The data of a guard with the keys of its terms. Unknown ones stay as they are, and are logged; raises
    InvalidInput for them if they must be `known`.
    """
    if not names_terms(data):  # as most: then no database is needed
        return data
    terms = TermLookup(attached=False)
    keyed = with_guard_term_keys(data, terms)
    if terms.errors and known:
        raise InvalidInput(terms.errors)
    if terms.errors:
        log.warning("A guard of %s names unknown terms. %s", FILE_NAME, _reasons(terms.errors))
    return keyed


def _reasons(errors: Iterable[FieldError]) -> Message:
    return joined(joined([item.pointer, item.detail], ": ") for item in errors)


def json_data(value: Any) -> Any:
    """Convert data read from YAML to JSON types: times become texts."""
    if isinstance(value, dict):
        return {name: json_data(item) for name, item in value.items()}
    if isinstance(value, list):
        return [json_data(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def check_guards(path: Path, guards: Iterable[Guard]) -> None:
    """Raise GuardFileError for an invalid guard, a failing example, or a pattern that is too broad."""
    posts = Posts()
    for guard in guards:
        try:
            check_names(guard)
            compiled = compile_guard(guard, concepts())
            if guard.type is GuardType.PATTERN:
                posts = posts or harmless_posts(concepts())
                check_breadth(compiled, posts)
        except GuardError as error:
            detail = joined([error.pointer, message_of(error)], ": ")
            raise GuardFileError(_of_guard(path, guard.key, detail)) from error
        _check_examples(path, compiled)


def _check_examples(path: Path, compiled: CompiledGuard) -> None:
    """Raise GuardFileError if an example of a guard fails."""
    guard = compiled.guard
    for failed in failed_examples(compiled, concepts()):
        text = failed.draft.text
        detail = Message(
            "{pointer}: {message} ({text!r})", pointer=failed.pointer, message=failed.message, text=text
        )
        raise GuardFileError(_of_guard(path, guard.key, detail))


def _of_guard(path: Path, key: str, detail: Message) -> Message:
    """An error message that names the file and the guard."""
    return Message("{path}: the guard {key}, {detail}", path=str(path), key=key, detail=detail)
