"""Rules that find unfinished text, and the sites that they find."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kb.guards.patterns.pattern_set import compile_shipped
from kb.guards.placeholders.deliberate import letters_to_copy

if TYPE_CHECKING:
    from collections.abc import Callable

_CONTEXT = 60
"""The context examined around a site, in characters."""

_CODE = compile_shipped(r"(?s)```.*?```|`[^`\n]+`|<code>.*?</code>")
_LINK = re.compile(
    r"https?://|\bwww\.|\b[a-z0-9-]+\.(?:com|org|net|io|co|il|ly|me|app|shop|store|gov|edu|uk|example)\b",
    re.IGNORECASE,
)
_QUOTES = ('"', "“", "״", "„")

_DOCUMENTATION = compile_shipped(
    r"(?i)(?:^|[^\pL\pN_])"
    r"(?:templat(?:e|es|ing)|syntax|jinja2?|django|markdown|"
    r"merge[ -](?:tags?|fields?)|developers?|documentation|docs|api|sdk|"
    r"webhooks?|yaml|json|ansible|terraform|javascript|python|php|github|"
    r"css|html|source code|code (?:block|sample|example)s?"
    r"|[ובהלשמכ]{0,2}(?:תיעוד|תחביר|מפתחי תוכנה|מפתחות תוכנה|קוד המקור|"
    r"(?:תגיות|תגי|שדות|שדה) (?:ה?מיזוג)))(?:[^\pL\pN_]|$)"
    r"|(?:^|[^\pL\pN_/.=-])placeholders?(?:[^\pL\pN_/=-]|$)"
)
_MAYBE_DOCUMENTATION = compile_shipped(
    r"(?i)(?:^|[^\pL\pN_])"
    r"(?:variables?|handlebars|mustache|liquid|twig|snippets?|tutorial|helm|vue|angular|react|bash|latex"
    r"|[ובהלשמכ]{0,2}(?:תבניות|תבנית|משתנה|משתנים|מפתחים))(?:[^\pL\pN_]|$)"
)
_ABOUT_PROGRAMS = compile_shipped(
    r"(?i)(?:^|[^\pL\pN_])"
    r"(?:cod(?:e|er|ers|ing)|software|program(?:s|mers?|ming)|scripts?|functions?|loops?|strings?|tags?|fields?|"
    r"curly|braces?|brackets?|render(?:s|ed|ing)?|front-?end|back-?end|frameworks?|"
    r"components?|charts?|clusters?|terminals?|devs?"
    r"|[ובהלשמכ]{0,2}(?:קוד|תוכנה|תכנות|שדה|שדות|תגית|תגיות|סוגריים|פיתוח|אפליקצי\pL+))"
    r"(?:[^\pL\pN_]|$)"
)
"""Words of templates and code, and ambiguous ones, such as liquid, that count next to a programmers' word.

They use RE2, because they search whole articles, where Python's `re` takes ten times as long.
"""


class Pattern(Protocol):
    """A compiled pattern, of `re` or of RE2."""

    def search(self, string: str, /) -> object | None:
        """The first match in a text; None if there is none."""


@dataclass(frozen=True)
class Surroundings:
    """The searched text, undisguised, and whether links are attached to it."""

    text: str
    has_attached_links: bool

    @cached_property
    def has_link(self) -> bool:
        """Whether there is a link in the text or attached to it."""
        return self.has_attached_links or _LINK.search(self.text) is not None

    @cached_property
    def is_documentation(self) -> bool:
        """Whether the text is about templates or code."""
        if _DOCUMENTATION.search(self.text) is not None:
            return True
        may_be = _MAYBE_DOCUMENTATION.search(self.text) is not None
        return may_be and _ABOUT_PROGRAMS.search(self.text) is not None

    @cached_property
    def letters_to_copy(self) -> tuple[tuple[int, int], ...]:
        """Where the text quotes letters that readers are asked to copy and to fill in."""
        return letters_to_copy(self.text)

    @cached_property
    def _mentions(self) -> dict[Pattern, bool]:
        return {}

    def mentions(self, pattern: Pattern) -> bool:
        """Whether a pattern matches anywhere in the text. Memoized for all sites."""
        if pattern not in self._mentions:
            self._mentions[pattern] = pattern.search(self.text) is not None
        return self._mentions[pattern]

    @cached_property
    def code_spans(self) -> tuple[tuple[int, int], ...]:
        """Where the text quotes code."""
        return tuple(match.span() for match in _CODE.finditer(self.text))


@dataclass(frozen=True)
class Site:
    """A part of the text that looks unfinished. `groups` are the groups of its rule's match."""

    surroundings: Surroundings
    start: int
    end: int
    groups: tuple[str | None, ...] = ()

    @property
    def given(self) -> list[str]:
        """The groups that took part in the match, without the site itself, which is the first one."""
        return [group for group in self.groups[1:] if group is not None]

    @property
    def found(self) -> str:
        """The text of the site."""
        return self.surroundings.text[self.start : self.end]

    @cached_property
    def before(self) -> str:
        """Up to _CONTEXT characters before it in its line."""
        return self.surroundings.text[max(0, self.start - _CONTEXT) : self.start].rpartition("\n")[2]

    @cached_property
    def after(self) -> str:
        """Up to _CONTEXT characters after it in its line."""
        return self.surroundings.text[self.end : self.end + _CONTEXT].partition("\n")[0]

    @property
    def opens_quotation(self) -> bool:
        """Whether a quotation begins there."""
        return self.before[-1:] in _QUOTES

    @property
    def is_in_documentation(self) -> bool:
        """Whether the text is about templates or code."""
        return self.surroundings.is_documentation

    @property
    def is_about_code(self) -> bool:
        """Whether it is within quoted code, or the text is about templates or code."""
        return self.is_in_code or self.is_in_documentation

    @cached_property
    def is_in_code(self) -> bool:
        """Whether it is within quoted code."""
        return any(start <= self.start and self.end <= end for start, end in self.surroundings.code_spans)


class Rule(NamedTuple):
    """A pattern (RE2) and, if needed, a check of the sites that it finds.

    The site is the group `site` of the pattern, or else the whole match.
    """

    pattern: str
    check: Callable[[Site], bool] | None = None


def outside_documentation(site: Site) -> bool:
    """A check for rules about text that is common in articles about templates or code."""
    return not site.is_in_documentation


def outside_code(site: Site) -> bool:
    """A check for rules about text that is common in quoted code, and in articles about templates or code."""
    return not site.is_about_code


GREETING = r"(?:[Dd]ear|DEAR|[Hh]i|HI|[Hh]ello|HELLO|[Hh]ey|HEY|[Ww]elcome|שלום|היי|הי|אהלן|יקר|יקרה|לכבוד)"
"""Words of greeting, which a name follows."""
