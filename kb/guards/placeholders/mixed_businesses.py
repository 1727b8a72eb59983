"""Posts in which two businesses speak, because one was copied: a dental clinic's offer signed by a garage."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import re2

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_LENGTH = 1_500
"""Longer texts, in characters, are articles, which tell of many businesses."""


class _Trade(NamedTuple):
    """A trade: patterns for the names of its businesses and for what they sell, and related trades."""

    english: str
    hebrew: str
    things: str
    hebrew_things: str
    kin: frozenset[str] = frozenset()


_FOOD = frozenset(("bakery", "butcher", "restaurant"))

_TRADES = {
    "dentist": _Trade(
        "dental|dentists?|dentistry|orthodontics?",
        "מרפאת ה?שיניים",
        "dentists?|hygienists?|whitening|aligners",
        "הלבנת שיניים|יישור שיניים|רופאי ה?שיניים|שינניות",
    ),
    "physiotherapist": _Trade(
        "physio|physiotherapy|chiropractic",
        "מכון ה?פיזיותרפיה",
        "physios?|physiotherapists?",
        "פיזיותרפיסטים|פיזיותרפיסטיות",
        frozenset(("gym",)),
    ),
    "garage": _Trade(
        "garage|auto repairs?|car repairs?",
        "מוסך",
        "mechanics|oil changes?",
        "מכונאים|החלפת שמן|טיפול עשרת אלפים",
    ),
    "florist": _Trade(
        "florists?|floristry|flower shop",
        "חנות ה?פרחים|משתלת?",
        "bouquets|tulips|roses|peonies",
        "זרים|זרי פרחים",
    ),
    "butcher": _Trade(
        "butchers?|butchery", "אטליז|קצביית", "sausages|lamb chops|steaks", "נקניקיות|סטייקים|נתחים", _FOOD
    ),
    "bakery": _Trade(
        "bakery|bakehouse|patisserie",
        "מאפיית|קונדיטוריית",
        "sourdoughs?|croissants|loaves",
        "לחמים|קרואסונים",
        _FOOD,
    ),
    "restaurant": _Trade(
        "pizzeria|bistro|trattoria|steakhouse",
        "מסעדת|פיצריית|המבורגריית",
        "pizzas|burgers|pasta|margheritas|tasting menu",
        "פיצות|בצקים|המבורגרים|פסטות",
        _FOOD,
    ),
    "hairdresser": _Trade(
        "barbers?|barbershop|hairdressers?|hair salon|nail bar",
        "מספרת|מכון ה?יופי",
        "stylists|haircuts|blow-?dr(?:y|ies)|facials|manicures",
        "תספורות|טיפולי פנים|מניקור",
        frozenset(("gym",)),
    ),
    "gym": _Trade(
        "gym|crossfit|pilates",
        "חדר ה?כושר|סטודיו ל?פילאטיס",
        "personal trainers",
        "מאמנים אישיים|קבוצ(?:ת|ות) ה?פילאטיס|פילאטיס מכשירים",
        frozenset(("physiotherapist", "hairdresser")),
    ),
    "vet": _Trade("veterinary|vets|animal hospital", "מרפאה וטרינרית", "vets", "וטרינרים|וטרינריות"),
    "law firm": _Trade(
        "solicitors|law firm|attorneys", "משרד עורכי ה?דין", "solicitors|attorneys", "עורכי ה?דין"
    ),
    "optician": _Trade(
        "opticians?|optometrists?", "אופטיקת?", "optometrists|frames", "משקפיים|אופטומטריסטים"
    ),
    "bike shop": _Trade(
        "cycles|bike ?shop|bike ?service", "חנות ה?אופניים", "bike mechanics", "מכונאי ה?אופניים"
    ),
    "estate agent": _Trade(
        "realty|estate agents?", "משרד תיווך", "estate agents|realtors", "מתווכים|מתווכות"
    ),
    "plumber": _Trade("plumbing|plumbers?", "אינסטלציה", "plumbers", "אינסטלטורים"),
    "bookshop": _Trade("bookshop|bookstore|booksellers?", "חנות ה?ספרים", "booksellers", "מוכרי ה?ספרים"),
}

_ANY_TRADE = re2.compile(
    "(?i)"
    + "|".join(
        f"{each.english.replace(' ', ' ?')}|{each.hebrew}|{each.things}|{each.hebrew_things}"
        for each in _TRADES.values()
    )
)

_NAME = r"[A-Z][\w’']*(?: (?:(?:&|and|of|the|de|la|on) )?[A-Z][\w’']*){0,3}"


def _own_places(trade: _Trade) -> re.Pattern[str]:
    """Where a business of the trade speaks: its name in a tag or at the end, or its goods."""
    joined = trade.english.replace(" ", "[_-]?")
    return re.compile(
        rf"(?<!\w)[#@](?i:[\w.]*(?:{joined}))(?!\w)"
        rf"|(?<![\w@.])(?i:[a-z\d-]+(?:{joined}))(?=\.[a-z]{{2,8}}\b)"
        rf"|^\W*(?:[A-Z][\w’'&]*,? )+(?i:{trade.english})\W*$"
        rf"|\b[Aa]t (?:[A-Z][\w’'&]* )+(?i:{trade.english})\b"
        rf"|^\W*(?:צוות |באהבה,? |שלכם,? )?(?:{trade.hebrew})(?: [^\n]{{1,40}})?$"
        rf"|(?<!\w)(?:שלכם|שלכן|באהבה|בברכה|ה?צוות)(?:,| של)? (?:צוות |משפחת )?(?:{trade.hebrew})(?!\w)"
        rf"|(?<!\w)ב(?:{trade.hebrew})(?!\w)"
        rf"|(?<!\w)(?:פותחים|פותחות|פתחנו|נפתחת) (?:{trade.hebrew_things})"
        rf"|\b(?i:our (?:\w+ )?(?:{trade.things}))\b|\b(?i:{trade.things})\b[^.!?\n]{{0,40}}[$€£]\d"
        rf"|(?<!\w)ה?(?:{trade.hebrew_things}) שלנו(?!\w)|(?<!\w)ה?(?:{trade.hebrew_things}) ב-?\d",
        re.MULTILINE,
    )


@cache  # compiled when a text first names several trades
def _places_by_trade() -> dict[str, re.Pattern[str]]:
    return {name: _own_places(trade) for name, trade in _TRADES.items()}


_SPEAKS = re2.compile(
    rf"(?m)(?:^|[.!?,] ?|\b)(?:[Hh]ere at|At) (?:the )?({_NAME}),? (?:we|our)\b"
    rf"|\b(?:[Tt]he|[Oo]ur) (?:whole|entire) ({_NAME}) (?:team|family|crew|gang|staff)\b"
    rf"|\b(?:[Aa]ll of us|[Ee]very(?:one|body)|[Yy]our friends|the team|the whole team) "
    rf"(?:here )?(?:at|from) (?:the )?({_NAME})|\b[Ww]e at ({_NAME})"
)
"""Where a business says its name as one that speaks."""

_OTHERS = re.compile(
    r"\b(?i:partner\w*|together|collab\w*|neighbou?rs?|next (?:door|to)|friends|sponsor\w*|thanks|supplied|"
    r"opposite|above|beside|behind|between|near|formerly|sister|spa|hotel|leisure cent(?:er|re)|"
    r"community cent(?:er|re)|country club)\b|\bwith (?:the )?[@A-Z]| [xX×] "
    r"|(?<!\w)(?:יחד|בשיתוף|בחסות|ליד|מעל|מול|לשעבר|תודה|ספא|ב?מלון|ב?קאנטרי)(?!\w)|שכנ|שותפ|מתנ[״\"]ס"
)
"""Words of posts that two businesses share, or in which one mentions the other."""

_MIN_SPEAKERS = 2
_SMALL = frozenset(("the", "and", "of", "de", "la", "on", "team"))


def another_business(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of the name of a second business that speaks in a text, unrelated to the first.

    A post that tells of another business has words for that, and so has one of two who work together.
    """
    if len(text) > _MAX_LENGTH:
        return
    spans = [*_of_another_trade(text), *_of_another_name(text)]
    if spans and _OTHERS.search(text) is None:
        yield from spans


def _of_another_trade(text: str) -> Iterator[tuple[int, int]]:
    """The name that shows another trade than the first one does."""
    if len({match.group().lower() for match in _ANY_TRADE.finditer(text)}) < _MIN_SPEAKERS:
        return
    found = sorted(
        (match.span(), trade)
        for trade, pattern in _places_by_trade().items()
        if (match := pattern.search(text)) is not None
    )
    for span, trade in found[1:]:
        if found[0][1] not in _TRADES[trade].kin:
            yield span


def _of_another_name(text: str) -> Iterator[tuple[int, int]]:
    """The name that shares neither a word nor its letters with the first one."""
    names = [
        (match.span(number), match.group(number))
        for match in _SPEAKS.finditer(text)
        for number in range(1, _SPEAKS.groups + 1)
        if match.group(number)
    ]
    for span, name in names[1:]:
        first, other = _words(names[0][1]), _words(name)
        if set(first).isdisjoint(other) and _initials(first) not in other and _initials(other) not in first:
            yield span


def _words(name: str) -> list[str]:
    """The words of a name in lower case, without a genitive and the small ones."""
    words = (re.sub(r"['’]s?$", "", word) for word in name.lower().split())
    return [word for word in words if word not in _SMALL]


def _initials(words: list[str]) -> str:
    return "".join(word[0] for word in words)
