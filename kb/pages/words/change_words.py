"""Changes of an incident as people read them: the name of each field, and what was added and removed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from kb.pages.formats import iso_date, moment, severity_word
from kb.pages.messages import _, _l
from kb.pages.words.guard_parameter_words import PARAMETERS
from kb.pages.words.incident_words import (
    CONFIDENCES,
    GUARD_EFFECTS,
    GUARDS,
    IMPACTS,
    KINDS,
    SOURCES,
    STATUS_NAMES,
    VISIBILITIES,
    amount,
    language_name,
)
from kb.pages.words.term_labels import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kb.pages.messages import LazyText

_FIELDS: Mapping[str, LazyText] = {
    "title": _l("Title"),
    "summary": _l("What happened"),
    "outcome": _l("How it ended"),
    "cause": _l("What led to it"),
    "why_failure": _l("Why it counts as a failure"),
    "alternative": _l("What could have been done instead"),
    "severity_evidence": _l("What the severity is based on"),
    "audience": _l("Audience"),
    "lessons": _l("Lessons"),
    "organization": _l("Organization"),
    "kind": _l("Whether it happened or nearly did"),
    "status": _l("Status"),
    "visibility": _l("Who may see it"),
    "language": _l("Language of the original"),
    "original_language": _l("Language of the original"),
    "occurred_on": _l("Date"),
    "posted_at": _l("Posted"),
    "acknowledged_at": _l("Acknowledged"),
    "removed_at": _l("Removed"),
    "severity": _l("Severity"),
    "confidence": _l("Confidence"),
    "category": _l("Category"),
    "secondary_categories": _l("Other categories"),
    "failure_modes": _l("How it failed"),
    "themes": _l("Themes"),
    "platforms": _l("Platform"),
    "industry": _l("Industry"),
    "tags": _l("Tags"),
    "sources": _l("Sources"),
    "responses": _l("Response"),
    "impacts": _l("What it cost"),
    "slug": _l("Name in the address"),
    "external_id": _l("Identifier elsewhere"),
    "extra": _l("Further facts of its file"),
    "collection": _l("Collection"),
    "duplicate_of": _l("Merged into"),
    "team": _l("Team"),
    "author": _l("Author"),
}
"""The names of the fields of a snapshot."""

_ORDER = {name: place for place, name in enumerate(_FIELDS)}

_NAMESPACES = {
    "category": "category",
    "secondary_categories": "category",
    "failure_modes": "failure_mode",
    "themes": "theme",
    "platforms": "platform",
    "industry": "industry",
}

_ENUMERATIONS: Mapping[str, Mapping[str, LazyText]] = {
    "status": STATUS_NAMES,
    "visibility": VISIBILITIES,
    "confidence": CONFIDENCES,
    "kind": KINDS,
}


def field_label(pointer: str) -> str | None:
    """Return the name of the incident field that an error points to; None for a field without one."""
    label = _FIELDS.get(pointer.strip("/").partition("/")[0])
    return None if label is None else str(label)


class Change(NamedTuple):
    """A changed field: the words of a text as `equal`, `insert` and `delete`, or values removed and added."""

    name: str
    language: str | None
    words: Sequence[Mapping[str, str]] | None
    removed: Sequence[str]
    added: Sequence[str]


def changes(fields: Sequence[Mapping[str, Any]], language: str) -> list[Change]:
    """Describe the changes of a diff. `language` is that of the original texts."""
    terms = Terms()
    shown = [field for field in fields if not _is_repeated(field["pointer"])]
    return [_change(field, language, terms) for field in sorted(shown, key=_place)]


def _place(field: Mapping[str, Any]) -> tuple[bool, str, int]:
    """Return the sort key of a field: texts first, in reading order, then other facts; translations last."""
    path = field["pointer"].strip("/").split("/")
    is_translation = path[0] == "translations"
    return is_translation, path[1] if is_translation else "", _ORDER.get(path[-1], len(_ORDER))


def _is_repeated(pointer: str) -> bool:
    """Whether a field repeats the content of another one."""
    name = pointer.rpartition("/")[2]
    return pointer == "/original_language" or (pointer.startswith("/translations/") and name == "version")


def _change(field: Mapping[str, Any], language: str, terms: Terms) -> Change:
    path = field["pointer"].strip("/").split("/")
    name, text_language = _field_name(path), language
    if path[0] == "translations":
        text_language = path[1]
        name = _("%(field)s, in %(language)s", field=name, language=language_name(text_language))
    if field["words"] is not None:
        return Change(name, text_language, _in_phrases(field["words"]), (), ())
    key = path[-1]
    before, after = value_texts(key, field["before"], terms), value_texts(key, field["after"], terms)
    return Change(
        name,
        None,
        None,
        [value for value in before if value not in after],
        [value for value in after if value not in before],
    )


def _in_phrases(words: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Merge changes of a diff that only spaces separate into one change: the old words, then the new."""
    phrases: list[dict[str, str]] = []
    removed = added = ""
    for place, piece in enumerate(words):
        is_gap = bool(removed or added) and not piece["text"].strip() and place + 1 < len(words)
        if piece["op"] == "equal" and not is_gap:
            phrases += _replacement(removed, added)
            removed = added = ""
            phrases.append({"op": "equal", "text": piece["text"]})
            continue
        removed += piece["text"] if piece["op"] != "insert" else ""
        added += piece["text"] if piece["op"] != "delete" else ""
    return phrases + _replacement(removed, added)


def _replacement(removed: str, added: str) -> list[dict[str, str]]:
    """Return the removed and the added text; shared leading spaces stay outside."""
    changed = removed or added
    spaces = changed[: len(changed) - len(changed.lstrip())]
    pieces = [
        {"op": "equal", "text": spaces},
        {"op": "delete", "text": removed.removeprefix(spaces)},
        {"op": "insert", "text": added.removeprefix(spaces)},
    ]
    return [piece for piece in pieces if piece["text"]]


def _field_name(path: Sequence[str]) -> str:
    if path[-1] == "guard":
        return _("Guard of lesson %(number)s", number=int(path[1]) + 1)
    return str(_FIELDS.get(path[-1], path[-1]))


def value_texts(name: str, value: Any, terms: Terms) -> list[str]:
    """Format the value of a field of a snapshot as a list of texts, empty for an empty value.

    What consists of several parts is Markup, with each part isolated; it is read in the page's direction.
    """
    if value in (None, "", []):
        return []
    if name == "guard":
        return _guard_lines(value)
    return [_text(name, item, terms) for item in (value if isinstance(value, list) else [value])]


def _guard_lines(guard: Mapping[str, Any]) -> list[str]:
    """Format a guard, one line for each part that may change."""
    lines = [str(GUARDS[guard["type"]]), str(GUARD_EFFECTS[guard["severity"]])]
    lines += [] if guard["active"] else [_("It is switched off.")]
    for field, heading in (("title", _("Is called")), ("message", _("Says")), ("suggestion", _("Advises"))):
        lines += [_line(heading, text) for text in guard.get(field, {}).values()]
    lines += [_line(PARAMETERS.get(name, name), _plain(value)) for name, value in guard["parameters"].items()]
    for field, heading in (
        ("countries", _("Countries")),
        ("platforms", _("Platforms")),
        ("accounts", _("Accounts")),
    ):
        lines += [_line(heading, _plain(guard[field]))] if guard[field] else []
    for field, heading in (("bad", _("Must find")), ("good", _("Must let pass"))):
        lines += [_line(heading, draft["text"]) for draft in guard["examples"][field]]
    return lines


def _line(heading: object, text: str) -> Markup:
    """Format what a guard says, finds or advises below its heading, in its own direction."""
    return Markup("{}: <bdi>{}</bdi>").format(heading, text)


def _plain(value: Any) -> str:
    """Format a guard's parameter: lists joined by commas, lists of lists by semicolons."""
    if isinstance(value, list):
        parts = [_plain(item) for item in value]
        return ("; " if any(isinstance(item, list) for item in value) else ", ").join(parts)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text(name: str, value: Any, terms: Terms) -> str:
    """Format a value, or one item of a list, in words."""
    if name in _NAMESPACES:
        return terms.label(_NAMESPACES[name], value)
    if name in _ENUMERATIONS:
        return str(_ENUMERATIONS[name].get(value, value))
    if isinstance(value, dict):
        return _object(name, value, terms)
    return _SCALARS.get(name, str)(value)


def _severity(level: int) -> str:
    return _("%(level)s of 5, %(word)s", level=level, word=severity_word(level))


_SCALARS: Mapping[str, Callable[[Any], str]] = {
    "severity": _severity,
    "occurred_on": iso_date,
    "posted_at": moment,
    "acknowledged_at": moment,
    "removed_at": moment,
    "language": language_name,
}


def _object(name: str, value: Mapping[str, Any], terms: Terms) -> Markup:
    """Format a source, response or impact on one line, each part of it in its own direction.

    The parts are separated by a dot: a comma would seem to precede what runs against the line.
    """
    if name == "sources":
        parts = [value["title"], value["publisher"], value["url"], value["archive_url"]]
        parts += [_day(value["published_on"]), str(SOURCES.get(value["kind"], value["kind"]))]
    elif name == "responses":
        parts = [terms.label("response", value["kind"]), _day(value["at"])]
    else:
        known = None if value["amount"] is None else amount(value["amount"], value["currency"])
        parts = [str(IMPACTS.get(value["kind"], value["kind"])), known, value["source"]]
        parts.append(_("alleged") if value["alleged"] else None)
    return Markup(" · ").join(Markup("<bdi>{}</bdi>").format(part) for part in parts if part)


def _day(text: str | None) -> str | None:
    return None if text is None else iso_date(text)
