"""Read and validate the table of observances, `seeds/observances.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from kb.config import seeds_dir
from kb.observances.rules import RuleError, parse_rule, parse_shift
from kb.yaml_text import read_shipped_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kb.observances.rules import Rule, Span

KINDS = ("commercial", "religious", "commemoration", "tragedy", "awareness")
TONES = ("no-promotion", "careful", "fine")

WORLD = "*"
"""In an observance's list of countries, means the whole world."""

_FROM_EVENING = ("hebrew", "islamic")
"""Calendars whose days begin at sunset."""

_REQUIRED = {"key", "rule", "countries", "kind", "tone", "names"}
_OPTIONAL = {"shift", "earlier", "evening", "year_of_event", "days_after", "aliases", "typed", "note"}


class ObservanceError(ValueError):
    """The table of observances is invalid. The message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observance:
    """A day of the year that people know by name.

    `names` maps each language to the displayed name, and `aliases` to other names that people type. `typed`
    are names that may mean something else in a text, such as `6/4`.
    `countries` has `*` for the whole world. `days_after` is how many days it lasts beyond the first.
    `year_of_event` is the year of the event it commemorates; there are no occurrences before it. `tone` is
    what it asks of a brand, and `note` what to watch for, by language. `calendar` is the first word of its
    rule: `hebrew`, `islamic`, `fixed`. `begins_in_evening` is true if it includes the evening before its
    first day, the default for the Hebrew and the Islamic calendar.
    """

    key: str
    kind: str
    tone: str
    calendar: str
    begins_in_evening: bool
    countries: tuple[str, ...]
    names: Mapping[str, str]
    aliases: Mapping[str, tuple[str, ...]]
    typed: tuple[str, ...]
    year_of_event: int | None
    days_after: int
    note: Mapping[str, str]
    _rules: tuple[tuple[int, Rule], ...]
    _shift: Mapping[int, timedelta]

    def spans(self, year: int) -> list[Span]:
        """The first and last day of each occurrence that begins in a year; some years have none."""
        if year < (self.year_of_event or year):
            return []
        rule = next(rule for until, rule in self._rules if year <= until)
        return [
            (first + (move := self._shift.get(first.weekday(), timedelta())), last + move + self._extension)
            for first, last in rule(year)
        ]

    @property
    def _extension(self) -> timedelta:
        return timedelta(days=self.days_after)

    def is_kept_in(self, countries: Collection[str]) -> bool:
        """Whether it is observed in one of these countries, or worldwide."""
        return WORLD in self.countries or not {*countries}.isdisjoint(self.countries)

    def all_names(self, language: str) -> tuple[str, ...]:
        """Its displayed name in a language, followed by its aliases."""
        name = self.names.get(language)
        return (*([name] if name else []), *self.aliases.get(language, ()))


@lru_cache(maxsize=1)
def observances() -> Mapping[str, Observance]:
    """All observances, by key, in the order of the table. Raises ObservanceError."""
    return parse_table(read_shipped_yaml(seeds_dir() / "observances.yaml"))


@lru_cache(maxsize=1)
def observances_digest() -> str:
    """A hash of the whole table."""
    return sha256((seeds_dir() / "observances.yaml").read_bytes()).hexdigest()


def parse_table(content: Any) -> dict[str, Observance]:
    """Parse the content of a table file into observances by key. Raises ObservanceError."""
    if not isinstance(content, dict) or not isinstance(content.get("observances"), list):
        raise ObservanceError("The file must have `observances:`, a list.")
    table: dict[str, Observance] = {}
    for row in content["observances"]:
        observance = parse_observance(row)
        if observance.key in table:
            raise ObservanceError(f"{observance.key} stands in the table twice.")
        table[observance.key] = observance
    return table


def parse_observance(row: Any) -> Observance:
    """Parse one row of the table. Raises ObservanceError."""
    if not isinstance(row, dict) or not _REQUIRED <= row.keys() <= _REQUIRED | _OPTIONAL:
        raise ObservanceError(
            f"{row!r:.80} must have {', '.join(sorted(_REQUIRED))}, "
            f"and may have {', '.join(sorted(_OPTIONAL))}."
        )
    key = row["key"]
    if row["kind"] not in KINDS or row["tone"] not in TONES:
        raise ObservanceError(f"{key}: kind is one of {', '.join(KINDS)}, tone one of {', '.join(TONES)}.")
    try:
        earlier = [(period["until"], parse_rule(period["rule"])) for period in row.get("earlier", ())]
        rules = (*earlier, (9999, parse_rule(row["rule"])))
        shift = parse_shift(row.get("shift", ""))
    except RuleError as error:
        raise ObservanceError(f"{key}: {error}") from error
    calendar = row["rule"].partition(":")[0]
    return Observance(
        key=key,
        kind=row["kind"],
        tone=row["tone"],
        calendar=calendar,
        begins_in_evening=row.get("evening", calendar in _FROM_EVENING),
        countries=tuple(row["countries"]),
        names=row["names"],
        aliases={language: tuple(names) for language, names in row.get("aliases", {}).items()},
        typed=tuple(row.get("typed", ())),
        year_of_event=row.get("year_of_event"),
        days_after=row.get("days_after", 0),
        note=row.get("note", {}),
        _rules=rules,
        _shift=shift,
    )
