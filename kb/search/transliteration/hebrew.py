"""The sounds of Hebrew letters, in names from other languages and names of Hebrew origin."""

from __future__ import annotations

from kb.domain.text import fold
from kb.search.transliteration.alphabet import Alphabet

_SPELLING = str.maketrans("ךםןףץ’‘`׳", "כמנפצ''''", '"״”')

# Foreign names use ט and ק, use ו and י for vowels, and rarely use ע, ח and צ.
_RULES = {
    "א": {
        "^אי(?!י)": "i e.1 E.1",
        "^א(?=[וי])": "a -0",
        "^א": "a e.05 o.1 i.2 u.2",
        "אי(?!י)": "E i.1 e.2",
        "א(?=[וי])": "a -.05",
        "א$": "a o.2 e.2",
        "א": "a e.05 o.2 u.3 i.3 -.2",
    },
    "ב": {"ב": "b v.05"},
    "ג": {"ג'": "d -.1,Z g.4", "ג": "g Z.3"},
    "ד": {"ד'?": "d"},
    "ה": {"^ה": "h -.4", "ה$": "a e.1 o.25", "ה": "h a.2 -.3"},
    "ו": {
        "וו$": "v w,o u -.05",
        "וו": "v w u.25",
        "^ו": "v w.05",
        "ו$": "o u v.3",
        "ו": "o u w.25 v.35 a.3",
    },
    "ז": {"ז'": "Z z.3", "ז": "z Z.25"},
    "ח": {"ח'?": "x h.05"},
    "ט": {"ט'?": "t"},
    "י": {
        "^יי": "y i",
        "^י": "y i.15",
        "יי$": "E i.05 e.1",
        "יי": "E y.1 i.1 e.15 a.3",
        "י$": "i y.1 E.1 e.15",
        "י": "i y e.15 E.1",
    },
    "כ": {"כ'?": "x k.05"},
    "ל": {"לל": "l,l -.2", "ל": "l"},
    "מ": {"מ": "m"},
    "נ": {"נ": "n"},
    "ס": {"ס": "s"},
    "ע": {
        "ע'": "r g",
        "ע(?=[וי])": "a -.05",
        "ע$": "a e.05 -.2",
        "^ע": "a.05 e.05 o.2 i.2 u.3",
        "ע": "a.05 e.1 o.25 i.25 u.3 -.15",
    },
    "פ": {"^פ": "p f.05", "פ'": "f", "פ$": "f p.05", "פ": "p f"},
    "צ": {"צ'": "t -.15,S s.3", "צ": "t -.2,s z.1 S.2"},
    "ק": {"ק": "k"},
    "ר": {"ר'?": "r"},
    "ש": {"ש'?": "S s.15"},
    "ת": {"ת'": "t", "ת": "t.05"},
}


def _spelling(text: str) -> str:
    return fold(text).translate(_SPELLING)


HEBREW = Alphabet(
    "\u05d0-\u05ea\ufb1d-\ufb4f",
    "\u05d0-\u05ea'",
    _RULES,
    spelling=_spelling,
    unwritten={"a": 0.05, "e": 0.05, "i": 0.2, "o": 0.25, "u": 0.3, "E": 0.3},
    particles="ובהכלמש",
)
