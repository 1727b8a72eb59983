"""The kinds of fields in which a guard is written: how each is read from a form, and what it shows.

A value has the form in which guards hold it. Input that cannot be parsed is kept as typed, to be shown
again, and `problem` says what is wrong with it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from babel.dates import get_month_names

from kb.pages.checks.check_form import zone_choices
from kb.pages.language import LANGUAGES, interface_language
from kb.pages.messages import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from werkzeug.datastructures import MultiDict

    from kb.pages.guards.guard_subjects import Catalog

_SPARE = 2
"""How many empty lines follow the filled ones, for more values."""

_FIXED_DAY = re.compile(r"fixed:([0-9]{2})-([0-9]{2})")


class Kind(ABC):
    """A kind of input. `control` names its rendering (guard_fields.html)."""

    control: str

    @abstractmethod
    def read(self, form: MultiDict[str, str], name: str) -> Any:
        """Read the value from a form; None if nothing was typed or chosen."""

    def problem(self, value: Any) -> str | None:  # noqa: ARG002
        """Return a problem that the guard itself would describe in other words; by default, None."""
        return None

    def holds(self, value: Any) -> bool:  # noqa: ARG002
        """Whether the field can represent this value of a guard; by default, any valid one."""
        return True


@dataclass(frozen=True)
class Lines(Kind):
    """Texts, one per line."""

    is_code: bool = False
    control: str = "lines"

    def read(self, form: MultiDict[str, str], name: str) -> list[str] | None:
        """Read the lines that are not blank."""
        return [line.strip() for line in form.get(name, "").splitlines() if line.strip()] or None

    def holds(self, value: Any) -> bool:
        """Whether each text is a single line, without spaces at its ends."""
        return all(text == text.strip() and len(text.splitlines()) == 1 for text in value)


@dataclass(frozen=True)
class Line(Kind):
    """A text on one line, keeping the spaces at its ends."""

    is_code: bool = False
    control: str = "line"

    def read(self, form: MultiDict[str, str], name: str) -> str | None:
        """Read the text as typed."""
        return form.get(name) or None

    def holds(self, value: Any) -> bool:
        """Whether the text is a single line."""
        return len(value.splitlines()) < 2


@dataclass(frozen=True)
class Number(Kind):
    """A whole number."""

    least: int
    most: int
    control: str = "number"

    def read(self, form: MultiDict[str, str], name: str) -> int | str | None:
        """Read the number, or the text that was typed instead."""
        typed = form.get(name, "").strip()
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else typed or None

    def problem(self, value: Any) -> str | None:
        """Report a value that is not a number, or is out of range."""
        if isinstance(value, int) and self.least <= value <= self.most:
            return None
        return _("Write a number from %(least)s to %(most)s.", least=self.least, most=self.most)


@dataclass(frozen=True)
class Flag(Kind):
    """A checkbox; an inverse one means false when ticked."""

    is_inverse: bool = False
    control: str = "flag"

    def read(self, form: MultiDict[str, str], name: str) -> bool | None:
        """Read the value of a ticked box."""
        return not self.is_inverse if form.get(name) else None


@dataclass(frozen=True)
class Choice(Kind):
    """One of several values, with labels."""

    options: Mapping[Any, object]
    control: str = "choice"

    def read(self, form: MultiDict[str, str], name: str) -> Any:
        """Read the chosen value."""
        return next((value for value in self.options if str(value) == form.get(name)), None)


@dataclass(frozen=True)
class Choices(Kind):
    """Any of several values, with labels, in the order of these."""

    source: Mapping[str, object] | Callable[[], Mapping[str, str]]
    control: str = "choices"

    @property
    def options(self) -> Mapping[str, object]:
        """Return the values with their labels."""
        return self.source() if callable(self.source) else self.source

    def read(self, form: MultiDict[str, str], name: str) -> list[str]:
        """Read the chosen values."""
        chosen = form.getlist(name)
        return [value for value in self.options if value in chosen]

    def holds(self, value: Any) -> bool:
        """Whether each value is among the options."""
        return {*value} <= {*self.options}


@dataclass(frozen=True)
class NamePicker(Kind):
    """Some of many named things, each in its own field that suggests the names."""

    catalog: Catalog
    control: str = "picked"

    def read(self, form: MultiDict[str, str], name: str) -> list[str]:
        """Read the keys of the typed names; a name without a key is kept."""
        typed = (text.strip() for text in form.getlist(name))
        return list(dict.fromkeys(self.catalog.key(text) for text in typed if text))

    def names(self, value: Iterable[str] | None) -> list[str]:
        """Return the names of keys, followed by empty ones for more."""
        return [*map(self.catalog.name, value or ()), *[""] * _SPARE]

    def problem(self, value: Any) -> str | None:
        """Report names that do not exist, each with the one that was probably meant."""
        unknown = [key for key in value if key not in self.catalog.keys]
        if not unknown:
            return None
        near = self.catalog.near(unknown[0])
        if near is None:
            return _("“%(name)s” is not on the list. Choose a name from the list.", name=unknown[0])
        return _("“%(name)s” is not on the list. Did you mean “%(near)s”?", name=unknown[0], near=near)


@dataclass(frozen=True)
class PickedLists(Kind):
    """Several lists of named things."""

    catalog: Catalog
    most: int
    control: str = "picked_lists"

    def read(self, form: MultiDict[str, str], name: str) -> list[list[str]] | None:
        """Read the lists that are not empty."""
        lists = (NamePicker(self.catalog).read(form, f"{name}-{number}") for number in range(self.most))
        return [keys for keys in lists if keys] or None

    def names(self, value: Iterable[Iterable[str]] | None) -> list[list[str]]:
        """Return the names of each list, followed by empty lists for more."""
        lists = [NamePicker(self.catalog).names(keys) for keys in value or ()]
        spare = max(0, min(self.most, max(len(lists) + 1, _SPARE)) - len(lists))
        return [*lists, *([""] * _SPARE for _number in range(spare))]

    def problem(self, value: Any) -> str | None:
        """Report names that do not exist."""
        problems = (NamePicker(self.catalog).problem(keys) for keys in value)
        return next(filter(None, problems), None)


@dataclass(frozen=True)
class TimeOfDay(Kind):
    """Hours and minutes."""

    control: str = "time"

    def read(self, form: MultiDict[str, str], name: str) -> str | None:
        """Read the typed time, such as 22:00."""
        return form.get(name, "").strip() or None


@dataclass(frozen=True)
class Zone(Kind):
    """A time zone."""

    control: str = "zone"

    def read(self, form: MultiDict[str, str], name: str) -> str | None:
        """Read the IANA name of the zone."""
        return form.get(name) or None

    def options(self, value: str | None) -> list[tuple[str, str]]:
        """Return the zones with their names."""
        return zone_choices(value or "")


@dataclass(frozen=True)
class OwnDays(Kind):
    """Days of the year, with their names in both languages."""

    control: str = "own_days"

    @property
    def months(self) -> list[tuple[str, str]]:
        """Return the months as two digits, with their names."""
        names = get_month_names("wide", "stand-alone", interface_language())
        return [(f"{number:02}", names[number]) for number in range(1, 13)]

    def read(self, form: MultiDict[str, str], name: str) -> list[dict[str, Any]] | None:
        """Read the days that have a day of the month or a name."""
        rows = zip(
            form.getlist(f"{name}-month"),
            form.getlist(f"{name}-day"),
            *(form.getlist(f"{name}-{language}") for language in LANGUAGES),
            strict=False,
        )
        return [self._day(*row) for row in rows if any(text.strip() for text in row[1:])] or None

    def rows(self, value: Iterable[Mapping[str, Any]] | None) -> list[dict[str, str]]:
        """Return the days as typed, followed by an empty one."""
        return [*map(self._typed, value or ()), self._typed({"rule": ""})]

    def problem(self, value: Any) -> str | None:
        """Report a missing day of the month."""
        if all(_FIXED_DAY.fullmatch(row["rule"]) for row in value):
            return None
        return _("Write the day of the month of each day, from 1 to 31.")

    def holds(self, value: Any) -> bool:
        """Whether each day has a fixed date, with names in the languages of the interface."""
        return all(
            row.keys() <= {"rule", "name"}
            and _FIXED_DAY.fullmatch(row["rule"])
            and (row.get("name") or {}).keys() <= LANGUAGES.keys()
            for row in value
        )

    @staticmethod
    def _day(month: str, day: str, *names: str) -> dict[str, Any]:
        number = day.strip()
        padded = number.zfill(2) if number.isascii() and number.isdigit() else number
        named = {
            language: name.strip() for language, name in zip(LANGUAGES, names, strict=True) if name.strip()
        }
        return {"rule": f"fixed:{month}-{padded}", **({"name": named} if named else {})}

    @staticmethod
    def _typed(row: Mapping[str, Any]) -> dict[str, str]:
        month, _hyphen, day = str(row["rule"]).partition(":")[2].partition("-")
        names = row.get("name") or {}
        return {
            "month": month,
            "day": day.lstrip("0"),
            **{language: names.get(language, "") for language in LANGUAGES},
        }
