"""The kinds of fields in which a guard is written: how each is read from a form, and what it shows.

A value is in the form in which guards hold it. What cannot be read stays as it was typed, so that it can be
shown again, and `problem` says what is wrong with it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from babel.dates import get_month_names

from kb.pages.check_form import zone_choices
from kb.pages.language import LANGUAGES, interface_language
from kb.pages.messages import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from werkzeug.datastructures import MultiDict

    from kb.pages.guard_subjects import Catalog

_SPARE = 2
"""How many empty lines follow those that are filled in, for more."""

_FIXED_DAY = re.compile(r"fixed:([0-9]{2})-([0-9]{2})")


class Kind(ABC):
    """How a value is typed. `control` names how it is drawn (guard_fields.html)."""

    control: str

    @abstractmethod
    def read(self, form: MultiDict[str, str], name: str) -> Any:
        """The value in a form; None if nothing was typed or chosen."""

    def problem(self, value: Any) -> str | None:  # noqa: ARG002
        """What is wrong with a value that the guard itself would tell in other words: by default, nothing."""
        return None

    def holds(self, value: Any) -> bool:  # noqa: ARG002
        """Whether the field can say this value of a guard: by default, any that it may have."""
        return True


@dataclass(frozen=True)
class Lines(Kind):
    """Texts, one a line."""

    is_code: bool = False
    control: str = "lines"

    def read(self, form: MultiDict[str, str], name: str) -> list[str] | None:
        """The lines that are not blank."""
        return [line.strip() for line in form.get(name, "").splitlines() if line.strip()] or None

    def holds(self, value: Any) -> bool:
        """Whether each of the texts is on one line, without spaces at its ends."""
        return all(text == text.strip() and len(text.splitlines()) == 1 for text in value)


@dataclass(frozen=True)
class Line(Kind):
    """A text on one line, with the spaces at its ends."""

    is_code: bool = False
    control: str = "line"

    def read(self, form: MultiDict[str, str], name: str) -> str | None:
        """The text as typed."""
        return form.get(name) or None

    def holds(self, value: Any) -> bool:
        """Whether it is on one line."""
        return len(value.splitlines()) < 2


@dataclass(frozen=True)
class Number(Kind):
    """A whole number."""

    least: int
    most: int
    control: str = "number"

    def read(self, form: MultiDict[str, str], name: str) -> int | str | None:
        """The number, or what was typed in its stead."""
        typed = form.get(name, "").strip()
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else typed or None

    def problem(self, value: Any) -> str | None:
        """That it is none, or out of its range."""
        if isinstance(value, int) and self.least <= value <= self.most:
            return None
        return _("Write a number from %(least)s to %(most)s.", least=self.least, most=self.most)


@dataclass(frozen=True)
class Flag(Kind):
    """A box to tick; an inverse one says false."""

    is_inverse: bool = False
    control: str = "flag"

    def read(self, form: MultiDict[str, str], name: str) -> bool | None:
        """What a ticked box says."""
        return not self.is_inverse if form.get(name) else None


@dataclass(frozen=True)
class Choice(Kind):
    """One of some values, with their words."""

    options: Mapping[Any, object]
    control: str = "choice"

    def read(self, form: MultiDict[str, str], name: str) -> Any:
        """The chosen value."""
        return next((value for value in self.options if str(value) == form.get(name)), None)


@dataclass(frozen=True)
class Choices(Kind):
    """Any of some values, with their words, in the order of these."""

    source: Mapping[str, object] | Callable[[], Mapping[str, str]]
    control: str = "choices"

    @property
    def options(self) -> Mapping[str, object]:
        """The values with their words."""
        return self.source() if callable(self.source) else self.source

    def read(self, form: MultiDict[str, str], name: str) -> list[str]:
        """The chosen values."""
        chosen = form.getlist(name)
        return [value for value in self.options if value in chosen]

    def holds(self, value: Any) -> bool:
        """Whether each is among the options."""
        return {*value} <= {*self.options}


@dataclass(frozen=True)
class Picked(Kind):
    """Some of many things that have names: each in a field of its own that offers the names."""

    catalog: Catalog
    control: str = "picked"

    def read(self, form: MultiDict[str, str], name: str) -> list[str]:
        """The keys of what was typed; what has no key stays."""
        typed = (text.strip() for text in form.getlist(name))
        return list(dict.fromkeys(self.catalog.key(text) for text in typed if text))

    def names(self, value: Iterable[str] | None) -> list[str]:
        """The names of some keys, and empty ones for more."""
        return [*map(self.catalog.name, value or ()), *[""] * _SPARE]

    def problem(self, value: Any) -> str | None:
        """Which of them are not among the names, with the one that was probably meant."""
        unknown = [key for key in value if key not in self.catalog.keys]
        if not unknown:
            return None
        near = self.catalog.near(unknown[0])
        if near is None:
            return _("“%(name)s” is not on the list. Choose a name of the list.", name=unknown[0])
        return _("“%(name)s” is not on the list. Did you mean “%(near)s”?", name=unknown[0], near=near)


@dataclass(frozen=True)
class PickedLists(Kind):
    """Several lists of things that have names."""

    catalog: Catalog
    most: int
    control: str = "picked_lists"

    def read(self, form: MultiDict[str, str], name: str) -> list[list[str]] | None:
        """The lists that are not empty."""
        lists = (Picked(self.catalog).read(form, f"{name}-{number}") for number in range(self.most))
        return [keys for keys in lists if keys] or None

    def names(self, value: Iterable[Iterable[str]] | None) -> list[list[str]]:
        """The names of each list, and empty lists for more."""
        lists = [Picked(self.catalog).names(keys) for keys in value or ()]
        spare = max(0, min(self.most, max(len(lists) + 1, _SPARE)) - len(lists))
        return [*lists, *([""] * _SPARE for _number in range(spare))]

    def problem(self, value: Any) -> str | None:
        """Which of them are not among the names."""
        problems = (Picked(self.catalog).problem(keys) for keys in value)
        return next(filter(None, problems), None)


@dataclass(frozen=True)
class TimeOfDay(Kind):
    """Hours and minutes."""

    control: str = "time"

    def read(self, form: MultiDict[str, str], name: str) -> str | None:
        """What was typed, such as 22:00."""
        return form.get(name, "").strip() or None


@dataclass(frozen=True)
class Zone(Kind):
    """A time zone."""

    control: str = "zone"

    def read(self, form: MultiDict[str, str], name: str) -> str | None:
        """The IANA name of the zone."""
        return form.get(name) or None

    def options(self, value: str | None) -> list[tuple[str, str]]:
        """The zones with their names."""
        return zone_choices(value or "")


@dataclass(frozen=True)
class OwnDays(Kind):
    """Days of the year, with their names in both languages."""

    control: str = "own_days"

    @property
    def months(self) -> list[tuple[str, str]]:
        """The months with their names, by two digits."""
        names = get_month_names("wide", "stand-alone", interface_language())
        return [(f"{number:02}", names[number]) for number in range(1, 13)]

    def read(self, form: MultiDict[str, str], name: str) -> list[dict[str, Any]] | None:
        """The days that have a day of the month or a name."""
        rows = zip(
            form.getlist(f"{name}-month"),
            form.getlist(f"{name}-day"),
            *(form.getlist(f"{name}-{language}") for language in LANGUAGES),
            strict=False,
        )
        return [self._day(*row) for row in rows if any(text.strip() for text in row[1:])] or None

    def rows(self, value: Iterable[Mapping[str, Any]] | None) -> list[dict[str, str]]:
        """The days as they are typed, and an empty one for more."""
        return [*map(self._typed, value or ()), self._typed({"rule": ""})]

    def problem(self, value: Any) -> str | None:
        """That a day of the month is missing."""
        if all(_FIXED_DAY.fullmatch(row["rule"]) for row in value):
            return None
        return _("Write the day of the month of each day, from 1 to 31.")

    def holds(self, value: Any) -> bool:
        """Whether each falls on the same day of every year, with names in the languages of the interface."""
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
