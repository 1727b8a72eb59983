"""Rules that find unfinished text, and the sites that they find."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kb.guards.patterns.pattern_set import compile_shipped
from kb.guards.placeholders.alternatives import one_of
from kb.guards.placeholders.deliberate import is_deliberate, letters_to_copy

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
_CLOSING_QUOTES = ('"', "”", "״")
_QUOTATION_MARK = re.compile("[“„«‹\"״'‘]")
_WRITING_WORDS = one_of(
    """
    said says? saying read reads reading began begins? start(?:s|ed|ing)? e-?mail(?:s|ed)? letters? addressed
    greeted called messages? writes? wrote written types? typed push signs? slides? labell?ed marked box
    titled subject texts? lines? winner comments? openers? worr(?:y|ies|ied|ying) dread(?:s|ed|ing)? afraid
    scared allergic hunt(?:s|ed|ing)? spot(?:s|ted|ting)? sees? saw seen suggest(?:s|ed)? answer(?:s|ed)?
    repl(?:y|ies|ied) print(?:s|ed)? hands? wish(?:es|ed)?
    """
)
_WRITING_WORDS_HE = one_of(
    """
    חושש(?:ת|ים|ות)? מפחד(?:ת|ים|ות)? אלרגי(?:ת|ים|ות)? מאתר(?:ת|ים|ות)?
    שמתחילה? התחילה? ש?כתב(?:ה|תי|נו|ו)? כתוב כתובה מייל הודעה שלט השלט הזמנה ההזמנה שאלו נקראה?
    ש?(?:רוא(?:ה|ים|ות)|רא(?:ה|תה|ו|יתי|ינו)) ש?מגיש(?:ה|ים|ות)? ענ(?:ה|תה|ו) הציע(?:ה|ו)?
    """
)
_WRITING = re.compile(rf"\b{_WRITING_WORDS}\b|(?<!\w){_WRITING_WORDS_HE}(?!\w)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…]\s+")
_STRAY = re.compile(
    r"\b(?:an?|one|another|every|the odd) (?:stray|rogue|unfilled|leftover|forgotten) [\[({<]*$",
    re.IGNORECASE,
)
_ESCAPES = re.compile(
    r"(?:[^\[\]\n]{0,20}[\])}>]+)? (?:might|may|could|can|will|would|slip(?:s|ped|ping)?"
    r"|reach(?:es|ed|ing)?|makes?|made|goes|went|gets?|got|left)\b"
)
"""Context before and after a mention of unfinished text: `a stray [CTA] might reach a live page`."""

_NO_MISTAKE = re.compile(
    r"[\"”]? (?:is|was) (?:a real (?:person|name|place|street|word)|the (?:name|title) of|what we call)\b"
    r"|[\"”״]? (?:זה|זו|זהו|הוא|היא) (?:השם של|שמו|שמה)(?!\w)"
    r"|[\"”]? ?\(?(?:yes|really),? (?:that|it)[’']?s (?:really |actually )?(?:their|its|his|her|our|the) "
    r"(?:real |actual )?name\b"
    r"|\? (?:not any ?more|no longer|no more)\b|\? (?:כבר לא|לא עוד)(?!\w)"
    r"|(?: (?:on|in|under|at|above) (?:the|our|your|this|that) \w+)?,? "
    r"(?:is ?n[’']t|is not|was ?n[’']t|was not) (?:an? )"
    r"(?:airport code|code|name|typo|mistake|error|bug|slip|placeholder|size)\b"
    r"|(?:\.\w{2,4})?[\"”]?, (?:an?|our|the) (?:new )?(?:exhibition|show|book|play|talk|film|podcast|album|"
    r"song) (?:about|by|on|of)\b"
    r"|(?: (?:ב|על |של )\S+){0,2},? (?:ו?(?:זו|זה|זאת|היא|הוא) לא|לא|אינ(?:ה|ו)|איננ(?:ה|ו)) "
    r"(?:טעות|שגיאה|תקלה|באג)(?!\w)",
    re.IGNORECASE,
)
"""Context after a mark that is intended: `TBA on the poster isn't a typo`."""

_NAMED_AS_TEXT = re.compile(
    r"(?:\bthe (?:words?|text|tag|field|caption)|(?<!\w)ה(?:כיתוב|טקסט|מילים|תגית|שדה)) $", re.IGNORECASE
)
_INSTEAD = re.compile(r" (?:instead of|in place of|rather than|במקום)(?!\w)")
"""Context of a mark that a program had written: `with the text [First Name] instead of the name`."""

_MISSED = re.compile(r"\b(?:the|an?) $")
_BY_SOMEBODY = re.compile(
    r" (?:that )?(?:nobody|no one|somebody|someone|everyone) "
    r"(?:replaced|filled|noticed|caught|forgot|missed)\b"
)
"""Context of a mark as a mistake: `You catch the TK nobody replaced`."""

_TALKED_ABOUT = re.compile(
    r"[^\n\"”״]{0,80}[\"”״] (?:(?:was|were) (?:found|spotted|printed)\b"
    r"|(?:היא|הוא|זו|זה) (?:בקשה|פקודה|משפט|פתיח|שורה|הודעה|תשובה)(?!\w))"
)
"""Context after a mark in a quotation that is the subject: `"TODO: be nicer" was found in our code`."""

_OPENS_QUOTATION = re.compile(r"[\s(:,אבהולמשכ-]|$")
_GREETING_TALKED_ABOUT = re.compile(
    r"(?:dear|hi|hello|hey)(?: there)?[ ,]*\W*$|(?:שלום|היי|הי|לכבוד|יקרה?)[ ,]*\W*$", re.IGNORECASE
)
"""A quoted greeting before the name, in a text about letters."""

_OPENING_GREETING = re.compile(
    r"(?:^|[.!?…:\n–—-]\s*)([\"“״„]?)(?:dear|hi|hello|hey|שלום|היי|הי|לכבוד|יקרה?)[ ,]*[^\w\s]{0,2}$",
    re.IGNORECASE,
)
"""A greeting that opens a sentence, maybe in quotation marks, and the signs before a field."""

_EXPLAINED = re.compile(
    r"[^\w\n]{0,3}[\"”״] (?:is|was|isn[’']t|is not|wasn[’']t) "
    r"(?:how|what|where|why|not|(?:an?|the) (?:greeting|way|first|last|worst|oldest|surest|sign))\b"
    r"|[^\w\n]{0,3}[\"”״] (?:(?:זו|זה|זאת|היא|הוא) (?:לא|מה|איך|הדרך|ה?פתיח|ה?שורה)|ככה|כך)(?!\w)",
    re.IGNORECASE,
)
"""Context after a quoted greeting that a text explains: `"Dear [First Name]" is how half of them began`."""

_HAPPENS = re.compile(
    r"[^\w\n?]{0,3}\?[\"”״]? (?:(?:it|this|that)(?: has|[’']s)? )?"
    r"(?:happen(?:s|ed)|we[’']ve all|we have all|been there|so did we)\b"
    r"|[^\w\n?]{0,3}\?[\"”״]? (?:זה (?:קורה|קרה)|קרה ל|קורה ל|כולנו|היינו שם|"
    r"מוכר|גם (?:אנחנו|אני|לנו)(?!\w))",
    re.IGNORECASE,
)
"""Context after a greeting that is a known mishap: `Dear [Name]? It happens to everyone`."""

_NAMED_DRAFT = re.compile(r"(?:final |first |rough )?draft(?: no\.?)? ?\d*", re.IGNORECASE)
_IS_DRINK = re.compile(
    r" (?:is|was) (?:an?|our|the|back)\b[^.!?\n]*\b(?:beer|ale|ipa|lager|stout|porter|cider|brew|coffee|"
    r"espresso|roast|blend|cocktail|gin|wine)\b",
    re.IGNORECASE,
)
"""A drink of that name as the subject of a sentence: `Draft No. 9 is our last word on cold brew`."""

_LENGTH = re.compile(r":? ?\d[\d,]* (?:pages|words|chapters|verses)\b", re.IGNORECASE)
"""How long a book once was: `First draft: 1,100 pages. Published: 312`."""

_NUMERAL = re.compile(r"[XVI]{2,}")
_ROMAN = re.compile(r"\broman numerals?\b|\bnumerals\b|ספרות ה?רומיות", re.IGNORECASE)
"""A number that the text calls Roman: `Chapter XX, in Roman numerals`."""

_MARGIN_NOTE = re.compile(r"comment(?:ed)? ?\[\w+\]:", re.IGNORECASE)
_SHOWN = re.compile(r" (?:this|that) is what (?:an?|every|good) ", re.IGNORECASE)
_ABOUT_EDITING = re.compile(r"\b(?:handbook|editors?|editing|style guide|margins?)\b", re.IGNORECASE)
"""A margin comment shown as an example: `Comment [A1]: this is what a good editor's margin looks like`."""

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

    @cached_property
    def is_quoted(self) -> bool:
        """Whether it is in a quotation of someone else: `the sign said "Sale ends TBD"`."""
        opening = max(map(self.before.rfind, _QUOTES))
        is_closed = any(mark in self.found[-1:] + self.after for mark in _CLOSING_QUOTES)
        if opening < 0 or not is_closed or not _OPENS_QUOTATION.match(self.before[:opening][-1:]):
            return False
        sentence = _SENTENCE_END.split(self.before[:opening])[-1]
        return _WRITING.search(sentence) is not None or self._is_greeting_quoted(opening)

    def _is_greeting_quoted(self, opening: int) -> bool:
        """Whether a greeting is quoted within a sentence: `nothing is as cold as "Dear {{first_name}}"`."""
        is_within = self.before[:opening].rstrip()[-1:].isalpha()
        return is_within and _GREETING_TALKED_ABOUT.match(self.before[opening + 1 :]) is not None

    @cached_property
    def is_talked_about(self) -> bool:
        """Whether the text is about such a mark, or uses it on purpose: a leftover elsewhere, or no mistake
        at all.
        """
        has_strayed = _STRAY.search(self.before) is not None and _ESCAPES.match(self.after) is not None
        if has_strayed or _NO_MISTAKE.match(self.after) or self._is_example or self._is_explained:
            return True
        return is_deliberate(self.found, self.before, self.after) or self._is_in_letter

    @property
    def _is_in_letter(self) -> bool:
        """Whether it is in a quoted letter that readers are asked to copy. Few sites follow a quotation mark
        in their line, and looking for letters takes as long as many rules."""
        text = self.surroundings.text
        if _QUOTATION_MARK.search(text, text.rfind("\n", 0, self.start) + 1, self.start + 1) is None:
            return False
        letters = self.surroundings.letters_to_copy
        return any(start <= self.start and self.end <= end for start, end in letters)

    @property
    def opens_quotation(self) -> bool:
        """Whether a quotation begins there."""
        return self.before[-1:] in _QUOTES

    @cached_property
    def _is_example(self) -> bool:
        """Whether it is an example of a mark: one that was printed or missed, or a quotation."""
        if self.opens_quotation:
            return _TALKED_ABOUT.match(self.found + self.after) is not None
        was_printed = _NAMED_AS_TEXT.search(self.before) and _INSTEAD.match(self.after)
        was_missed = _MISSED.search(self.before) and _BY_SOMEBODY.match(self.after)
        return bool(was_printed or was_missed)

    @cached_property
    def _is_explained(self) -> bool:
        """Whether the words after it explain it: how bad letters begin, a mishap, the name of a drink."""
        greeting = _OPENING_GREETING.search(self.before)
        if greeting is not None:
            is_example = greeting[1] and _EXPLAINED.match(self.after)
            return bool(is_example) or _HAPPENS.match(self.after) is not None
        if _NAMED_DRAFT.fullmatch(self.found.rstrip(":")):
            is_drink = self.found[0].isupper() and _IS_DRINK.match(self.after) is not None
            return is_drink or _LENGTH.match(self.after) is not None
        if _NUMERAL.fullmatch(self.found):
            return self.surroundings.mentions(_ROMAN)
        if _MARGIN_NOTE.fullmatch(self.found):
            is_shown = _SHOWN.match(self.after) is not None or self.opens_quotation
            return is_shown and self.surroundings.mentions(_ABOUT_EDITING)
        return False

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
