"""Active filters as chips: the label of each, and the URL of the page without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from kb.domain.dates import DatePrecision, PartialDate, parse_partial_date
from kb.domain.filters import UNKNOWN_KEY
from kb.domain.incident import Status
from kb.domain.taxonomy import NAMESPACES
from kb.domain.text import strip_invisible
from kb.pages.formats import iso_date, partial_date, severity_word
from kb.pages.language import LANGUAGES
from kb.pages.messages import _, _l
from kb.pages.parameters import page_url
from kb.pages.words.incident_words import STATUS_NAMES
from kb.pages.words.term_labels import Terms
from kb.pages.words.trend_words import isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kb.pages.messages import LazyText
    from kb.pages.parameters import Pairs

DIMENSIONS: Mapping[str, LazyText] = {
    "category": _l("Category"),
    "platform": _l("Platform"),
    "industry": _l("Industry"),
    "theme": _l("Theme"),
    "failure_mode": _l("How it failed"),
    "response": _l("Response"),
    "severity": _l("Severity"),
    "organization": _l("Organization"),
    "language": _l("Language"),
    "kind": _l("Kind"),
    "team": _l("Team"),
}
"""The dimensions of groups, in words."""

_PARAMETERS: Mapping[str, LazyText] = {
    **DIMENSIONS,
    "severity_min": _l("Severity, at least"),
    "from": _l("From"),
    "to": _l("To"),
    "country": _l("Countries"),
    "month": _l("Month"),
}

_KINDS: Mapping[str, LazyText] = {"incident": _l("failures"), "near_miss": _l("near misses")}
_KNOWN: Mapping[str, LazyText] = {
    "severity": _l("severity is known"),
    "acknowledged": _l("time to acknowledgment is known"),
    "removed": _l("time to removal is known"),
}
_BOUNDS = (("from", "to"), ("within_from", "within_to"))
_MAX_CHIPS = 50
_SHOWN_NAMES = 3
_SHOWN_CHARACTERS = 60


class Chip(NamedTuple):
    """An active filter, with the URL without it."""

    label: str
    url: str


def parameter_label(pointer: str) -> str | None:
    """Return the page's name for the parameter that an error points to; None if it has none."""
    label = _PARAMETERS.get(pointer.strip("/").partition("/")[0])
    return None if label is None else str(label)


def chips_of(pairs: Pairs, address: Callable[[Pairs], str] = page_url) -> list[Chip]:
    """Return the first filters among a page's parameters, each with the URL that `address` builds of the
    others."""
    terms = Terms()
    chips: list[Chip] = []
    periods = _periods(pairs)
    in_periods = {name for names in periods for name in names}
    for place, (name, values) in enumerate(pairs):
        if name in in_periods:
            continue
        # The name of an organization may have a comma, and so may a URL.
        alternatives = [values] if name in ("organization", "source") else values.split(",")
        for value in alternatives:
            if len(chips) < _MAX_CHIPS and (text := _chip_label(name, value.strip(), terms)):
                rest = ",".join(other for other in alternatives if other != value)
                others = [*pairs[:place], *([(name, rest)] if rest else []), *pairs[place + 1 :]]
                chips.append(Chip(text, address(others)))
    for names, text in periods.items():
        chips.append(Chip(text, address([pair for pair in pairs if pair[0] not in names])))
    return chips


def _periods(pairs: Pairs) -> dict[tuple[str, str], str]:
    """Return the periods formed by two bounds, by their names: readers see one filter."""
    sent = dict(pairs)
    periods = {}
    for names in _BOUNDS:
        if all([name for name, _value in pairs].count(name) == 1 for name in names):
            text = _period_text(sent[names[0]], sent[names[1]])
            if text is not None:
                periods[names] = text
    return periods


def _period_text(first: str, last: str) -> str | None:
    """Return the year, month or day that spans exactly from one date to another; None if there is none."""
    try:
        begin, end = parse_partial_date(first), parse_partial_date(last)
    except ValueError:
        return None
    for precision in (DatePrecision.YEAR, DatePrecision.MONTH, DatePrecision.DAY):
        period = PartialDate(begin.first, precision)
        if period.at(precision).first == begin.first and period.last == end.last:
            return partial_date(begin.first.isoformat(), precision)
    return None


def _chip_label(name: str, value: str, terms: Terms) -> str | None:
    """Return the label of a filter; None for other parameters, and for the default status, published."""
    if name in NAMESPACES:
        return _value(name, value, terms)
    if name == "severity" and value in "12345":
        return f"{value}: {severity_word(int(value))}"
    if name == "group":
        return _group(value, terms)
    if name in ("from", "to", "within_from", "within_to"):
        day = _day(value)
        if day is None:
            return None
        value = day
    if name == "collection":
        return _("Collection: %(title)s", title=terms.collection(value))
    plain: dict[str, str | None] = {
        "from": _("since %(date)s", date=value),
        "to": _("until %(date)s", date=value),
        "within_from": _("since %(date)s", date=value),
        "within_to": _("until %(date)s", date=value),
        **_severity_bounds(value),
        "published_from": _("published since %(date)s", date=value[:10]),
        "published_before": _("published before %(date)s", date=value[:10]),
        "lost": _("a loss in %(currency)s is known", currency=value),
        "known": str(_KNOWN.get(value, value)),
        "kind": str(_KINDS.get(value, value)),
        "status": _status(value),
        "organization": value,
        "source": _("cites %(address)s", address=isolated(_shown_address(value))),
        "tag": value,
        "language": LANGUAGES.get(value, value),
    }
    return plain.get(name)


def _status(value: str) -> str | None:
    """Return the name of a status; None for the default, and for an invalid one, which an error reports."""
    name = None if value == Status.PUBLISHED else STATUS_NAMES.get(value)
    return None if name is None else str(name)


def _severity_bounds(value: str) -> dict[str, str]:
    """Return the bounds of the severity in words, by name; none for an invalid severity, which an error
    reports.
    """
    if value not in {*"12345"}:
        return {}
    return {
        "severity_min": _("severity %(number)s or more", number=value),
        "severity_max": _("severity %(number)s or less", number=value),
    }


def _group(condition: str, terms: Terms) -> str:
    """Return the label of a group: its name, or the dimension's with a note for the unknown or the rest."""
    dimension, _colon, quoted = condition.removeprefix("-").partition(":")
    heading = str(DIMENSIONS.get(dimension, dimension))
    if quoted == UNKNOWN_KEY:
        return _("%(dimension)s is not known", dimension=heading)
    keys = [unquote(key) for key in quoted.split("|")]
    if condition.startswith("-") or len(keys) > _SHOWN_NAMES:
        return _("%(dimension)s: the rest", dimension=heading)
    return f"{heading}: {_joined(_value(dimension, key, terms) for key in keys)}"


def _value(dimension: str, key: str, terms: Terms) -> str:
    if dimension in NAMESPACES:
        return terms.label(dimension, key)
    if dimension == "severity" and key in "12345":
        return f"{key}: {severity_word(int(key))}"
    if dimension == "team":
        return terms.team(key)
    return LANGUAGES.get(key, str(_KINDS.get(key, key)))


def _joined(names: Iterable[str]) -> str:
    return ", ".join(names)


def _shown_address(url: str) -> str:
    """Format a URL for people, cut if it is long: without the scheme, and percent-decoded."""
    decoded = strip_invisible(unquote(url.partition("://")[2]))
    text = "".join(filter(str.isprintable, decoded)).rstrip("/")
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _day(text: str) -> str | None:
    """Format a date of the URL; None if it is invalid, which an error reports."""
    try:
        return iso_date(text)
    except ValueError:
        return None
