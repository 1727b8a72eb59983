"""Convert incidents from the API or an export to the form that an import accepts."""

from __future__ import annotations

from typing import Any, NamedTuple

from kb.schemas.export_line import READ_ONLY

_READ_ONLY_IN_LESSONS = frozenset({"id", "language"})


class Importable(NamedTuple):
    """The fields of an incident that an import writes, and the names of the ignored ones."""

    value: Any
    ignored: frozenset[str]


def importable(value: Any) -> Importable:
    """Strip an incident of the read-only fields of API responses and exports. One without an id is neither,
    and left unchanged.

    A translation that has only some of the lessons, by id, gets null in place of the others.
    """
    if not isinstance(value, dict) or "id" not in value:
        return Importable(value, frozenset())
    ignored = READ_ONLY & value.keys()
    fields = {name: item for name, item in value.items() if name not in ignored}
    lessons = value.get("lessons")
    if isinstance(lessons, list):
        fields["lessons"] = [_without(item, _READ_ONLY_IN_LESSONS) for item in lessons]
    if isinstance(translations := value.get("translations"), dict):
        fields["translations"] = {
            language: _translation(item, _ids(lessons)) for language, item in translations.items()
        }
    return Importable(fields, frozenset(ignored))


def _ids(lessons: Any) -> list[Any]:
    """The ids of lessons; empty unless each has one."""
    if not isinstance(lessons, list):
        return []
    ids = [item.get("id") if isinstance(item, dict) else None for item in lessons]
    return [] if any(not isinstance(each, int) for each in ids) else ids


def _translation(item: Any, ids: list[Any]) -> Any:
    if not isinstance(item, dict):
        return item
    fields = _without(item, frozenset({"version"}))
    translated = _ids(lessons := item.get("lessons"))
    if isinstance(lessons, list) and translated and {*translated} <= {*ids}:
        by_id = dict(zip(translated, lessons, strict=True))
        fields["lessons"] = [
            _without(by_id[each], _READ_ONLY_IN_LESSONS) if each in by_id else None for each in ids
        ]
    return fields


def _without(item: Any, names: frozenset[str]) -> Any:
    if not isinstance(item, dict):
        return item
    return {name: value for name, value in item.items() if name not in names}
