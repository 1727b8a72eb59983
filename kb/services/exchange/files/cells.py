"""Convert the texts of cells to the values of fields."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain import strict_json
from kb.domain.dates import parse_moment, parse_partial_date, truncate_date
from kb.domain.text import fold
from kb.domain.written_times import AmbiguousDateError, DateOrder, parse_month, parse_schedule
from kb.messages import Message
from kb.services.exchange.files.items import exported_items, written_items
from kb.services.exchange.files.mapping import ImportMapping
from kb.services.exchange.files.targets import NAMESPACE_OF, TARGETS, TargetKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kb.services.taxonomy.lookup import TermLookup

_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Direction marks, which are copied along with Hebrew text, and do not belong to a name or a number."""

_NOTHING = frozenset(("", "-", "–", "—", "n/a", "null", "~", "?"))
"""Texts for an empty value, in the form of `fold`."""

_SEVERITY = re.compile(r"([1-5])(?:\.0+)?(?:\s*/\s*5)?")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?P<kind>[a-z_]+)(?:\s+(?P<amount>-?\d+(?:\.\d+)?))?(?:\s+(?P<currency>[A-Z]{3}))?(?P<alleged>\s+\(alleged\))?"
)
_AT_END = re.compile(r"(?<!\s)\s+(\d{4}-\d{2}-\d{2})\Z")
_SIGNS = ";,|"

_SEVERITY_HELP = Message(
    "{text!r} is no severity. Write a number from 1 to 5, or say under `values` of the mapping what it means."
)
_ORDER_HELP = Message(
    "{text!r} can be read in two ways. Say in the mapping which comes first: `dates: dmy` or `dates: mdy`."
)
_DATE_HELP = Message("{text!r} is not a date. Write the date as YYYY-MM-DD, YYYY-MM or YYYY.")


class Reading(NamedTuple):
    """The value of a cell, and notes on assumptions."""

    value: Any
    notes: tuple[Message, ...] = ()


class CellReader:
    """Reads cells according to a mapping, or as exports write them if it names no columns.

    `order` is the order of day and month in dates such as 03/04/2018, if known.
    """

    def __init__(self, mapping: ImportMapping | None, terms: TermLookup, order: DateOrder | None) -> None:
        self._mapping = mapping or ImportMapping()
        self._is_export = mapping is None or not mapping.columns
        self._terms = terms
        self._order = self._mapping.dates or order

    def read(self, field: str, text: str, name: str = "") -> Reading:
        """Read the value of a field from the text of a cell that is not blank; None to leave it empty.

        `name` is the name of its column.

        Raises ValueError, with advice, for a text that means nothing for the field.
        """
        kind = TARGETS[field]
        if kind in (TargetKind.TEXT, TargetKind.EXTRA):
            text = text.strip()
            if kind is TargetKind.EXTRA and text:
                return Reading(_extra(text) if self._is_export else {name: text})
            return Reading(text or None)
        if not self._is_export:
            text = _MARKS.sub("", text)
            if fold(text).strip() in _NOTHING:
                return Reading(None)
        text = text.strip()
        meant = self._mapped_value(field, text)
        if kind in _LISTS:
            items = self._items(field, kind, text) if meant is None else meant
            return Reading(_LISTS[kind]([each for item in items for each in self._meanings(field, item)]))
        if meant is not None:
            text = " ".join(meant)
        return self._single(field, text) if text else Reading(None)

    def _single(self, field: str, text: str) -> Reading:
        """Read a field with a single value."""
        kind = TARGETS[field]
        if kind in _SINGLE:
            return Reading(_SINGLE[kind](text))
        if kind is TargetKind.DATE or field == "source_published_on":
            return self._date(text)
        if kind is TargetKind.MOMENT:
            return self._moment(text)
        return Reading(text)

    def constant(self, field: str, texts: list[str]) -> Any:
        """The value of a field from a mapping's constant texts. Raises ValueError."""
        kind = TARGETS[field]
        if kind in _LISTS:
            return _LISTS[kind](texts)
        return self.read(field, " ".join(texts)).value if texts else None

    def _mapped_value(self, field: str, text: str) -> list[str] | None:
        """The mapping's translation of a text; None if it has none."""
        return self._mapping.values.get(field, {}).get(fold(text))

    def _meanings(self, field: str, item: str) -> list[str]:
        meant = self._mapped_value(field, item)
        return [item] if meant is None else meant

    def _items(self, field: str, kind: TargetKind, text: str) -> list[str]:
        namespace = NAMESPACE_OF.get(field)
        if namespace is not None and self._terms.get(namespace, text) is not None:
            return [text]
        if self._is_export:
            return exported_items(text)
        signs = _SIGNS if kind in (TargetKind.TERMS, TargetKind.TAGS) else ";"
        if kind is TargetKind.SOURCES and self._mapping.separator is None:
            addresses = [found.rstrip(".,;)") for found in _ADDRESS.findall(text)]
            rest = _ADDRESS.sub("", text).strip(" ,;\n")
            if addresses and not rest:
                return addresses
        return written_items(text, self._mapping.separator, signs)

    def _date(self, text: str) -> Reading:
        for parse in (parse_partial_date, parse_month):
            try:
                found = parse(text)
            except ValueError:
                continue
            return Reading(truncate_date(found.first.isoformat(), found.precision))
        try:
            read = parse_schedule(text, self._mapping.time_zone, self._order)
        except AmbiguousDateError as error:
            raise ValueError(_ORDER_HELP.format(text=error.date)) from error
        except ValueError as error:
            raise ValueError(_DATE_HELP.format(text=text[:100])) from error
        return Reading(read.at.date().isoformat(), read.notes)

    def _moment(self, text: str) -> Reading:
        if (moment := _exported_moment(text)) is not None:
            return Reading(moment)
        try:
            read = parse_schedule(text, self._mapping.time_zone, self._order)
        except AmbiguousDateError as error:
            raise ValueError(_ORDER_HELP.format(text=error.date)) from error
        if not read.has_time:
            note = Message("{text!r} has no time of day, and was left out.", text=text[:100])
            return Reading(None, (note,))
        return Reading(read.at.astimezone(UTC).isoformat(), read.notes)


def _exported_moment(text: str) -> str | None:
    """A moment in ISO 8601 with an offset; None for any other text."""
    try:
        moment = parse_moment(text) if text.endswith("Z") or "T" in text else None
        if moment is None or datetime.fromisoformat(text).tzinfo is None:
            return None
    except ValueError:
        return None
    return moment.isoformat()


def _severity(text: str) -> int:
    match = _SEVERITY.fullmatch(text)
    if match is None:
        raise ValueError(_SEVERITY_HELP.format(text=text[:100]))
    return int(match[1])


def _word(text: str) -> str:
    """Normalize any spelling of a key of the API, such as `in_review`."""
    return "_".join(fold(text).replace("-", " ").replace("_", " ").split())


def _lessons(items: list[str]) -> list[dict[str, str]]:
    return [{"text": item} for item in items]


def _sources(items: list[str]) -> list[dict[str, str]]:
    """Sources from texts with a title, an address, or both; without a title, the address is the title."""
    found = []
    for item in items:
        address = _ADDRESS.search(item)
        title = item.strip()[:500]
        if address is None:
            found.append({"title": title})
        else:
            rest = " ".join(item.replace(address[0], " ").split()).strip(" :-–—()")
            found.append({"title": (rest or address[0])[:500], "url": address[0]})
    return found


def _responses(items: list[str]) -> list[dict[str, str]]:
    found = []
    for item in items:
        day = _AT_END.search(item)
        found.append({"kind": item[: day.start()], "at": day[1]} if day else {"kind": item})
    return found


def _impacts(items: list[str]) -> list[dict[str, Any]]:
    found = []
    for item in items:
        match = _AMOUNT.fullmatch(item)
        if match is None:
            raise ValueError(
                Message(
                    "{text!r} is no impact. Write a kind, an amount and a currency: revenue 1000 USD.",
                    text=item[:100],
                )
            )
        impact: dict[str, Any] = {"kind": match["kind"], "alleged": match["alleged"] is not None}
        if match["amount"] is not None:
            impact["amount"] = float(match["amount"]) if "." in match["amount"] else int(match["amount"])
        if match["currency"] is not None:
            impact["currency"] = match["currency"]
        found.append(impact)
    return found


def _extra(text: str) -> dict[str, Any]:
    """The extra fields in an export: a JSON object; anything else becomes a note."""
    try:
        value = strict_json.loads(text)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"note": text}


def _plain(items: list[str]) -> list[str]:
    return [" ".join(item.replace(",", " ").split()) for item in items]


_LISTS: Mapping[TargetKind, Callable[[list[str]], list[Any]]] = {
    TargetKind.TERMS: list,
    TargetKind.TAGS: _plain,
    TargetKind.LESSONS: _lessons,
    TargetKind.SOURCES: _sources,
    TargetKind.RESPONSES: _responses,
    TargetKind.IMPACTS: _impacts,
}
_SINGLE: Mapping[TargetKind, Callable[[str], Any]] = {
    TargetKind.NUMBER: _severity,
    TargetKind.WORD: _word,
    TargetKind.PRECISION: _word,
}
