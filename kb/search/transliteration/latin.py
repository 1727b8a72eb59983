"""The sounds of Latin letters, in English, German, French, Italian and Spanish spellings of names."""

from __future__ import annotations

import re

from kb.domain.text import fold, normalize
from kb.search.transliteration.alphabet import Alphabet

_FRONT = "[eéiy]"

_RULES = {
    "a": {
        "ault$|aud$": "o",
        "aux?$": "o a.3",
        "augh": "o a.2",
        "au|aw": "o a.1,u -.1",
        "ai(?=ll)": "E a.1",
        "aye$|ai|ay": "E a.1 e.1 i.2",
        "aa": "a",
        "ae": "e a.1 E.2",
        "ah$": "a,h -.05",
        "a(?=l[^aeiouy])": "a o.05 e.2",
        "a$": "a",
        "a(?=[^aeiouy]e)": "E a.05 e.1",
        "a": "a e.1 o.15 E.1",
    },
    "b": {"bb?": "b"},
    "c": {
        "ch(?=[lr])": "k x.1",
        "ch": "t -.1,S k.1 x.05",
        "ck": "k",
        f"cc(?={_FRONT})": "t -.1,S.05 s.1",
        "cc": "k",
        "ci(?=[aou])": "t -.1,S s.1,i -.1",
        "cz": "t -.1,S s.1",
        f"c(?={_FRONT})": "s S.15 k.3",
        "cqu": "k",
        "c": "k",
    },
    "d": {"dt": "t", "dge?": "d -.1,Z", "dz": "d -.1,z Z", "dd?": "d"},
    "e": {
        "eaux?$|eot$": "o",
        "eau": "o u.1",
        "eu": "o u.05 e.1 E.05 i.2,i -.05",
        "ew": "u",
        "ee|ée": "i e.2",
        "ey(?=[aeiou])": "e i.1 -.1,y",
        "ea": "i e.05 a.2 E.1",
        "eigh": "E",
        "ei|ey": "E i.05 e.1",
        "et$": "e E,t -.2",
        "er$": "e -.1,r",
        "^e": "e i.05 E.2 a.2",
        "e$": "e.05 i.05 E.1 -.05",
        "es$": "e i.1 -.1,s z.05 -.3",
        "e": "e i.1 E.2 a.2",
    },
    "f": {"ff?": "f"},
    "g": {
        "gg(?=[ei])": "d -.1,Z g",
        "gg": "g",
        "ghi|ghe": "g,i e",
        "gh": "g x.3 -.1",
        "gn$": "n",
        "gn": "g -.1,n,y -.1",
        "gu(?=[eiy])": "g,u -.05",
        "gi(?=[aou])": "d -.1,Z,i -.05",
        f"g(?={_FRONT})": "Z g h.2 x.2",
        "g": "g",
    },
    "h": {"h$": "h -.05", "^hy(?=u)": "h -.05,y", "^hua": "h -.05,w,a", "^h": "h -.2", "h": "h -.2"},
    "i": {
        "igh": "E",
        "ie$": "i",
        "ier$": "y i,e,r -.1",
        "ie": "i e.05 E.1",
        "ij": "E",
        "^i": "i E",
        "i$": "i E.15",
        "i": "i E.1 e.2 a.35",
    },
    "j": {"j$": "y E", "j": "d -.1,Z y.05 h.2 x.15"},
    "k": {"^kn": "k -.2,n", "kh": "x k.05", "kk?": "k"},
    "l": {"ll": "l y.15", "l": "l"},
    "m": {"^mck?": "m,a,k", "mm?": "m"},
    "n": {"ng(?=h)": "n,g -.2", "nn?": "n"},
    "o": {
        "oeu": "e.1 o.2",
        "oe": "o e u.2",
        "ough": "o.05 u.1 a.1",
        "ou$": "u",
        "ous$": "u o,s",
        "ou": "u o.05 a.15",
        "ow$": "o a.1,u -0",
        "ow": "o a,u -.05",
        "oo": "u o.1",
        "oi|oy": "o a.15 w.1,i a.1",
        "oh": "o",
        "o": "o u.15 a.15",
    },
    "p": {"ph": "f", "^pf": "p -0,f", "pp?": "p"},
    "q": {"que$": "k", "qu": "k,w u -.15", "q": "k"},
    "r": {"rrh?": "r", "rh": "r", "r": "r"},
    "s": {
        "sch(?=[aeiou])": "S s.2,k -.2",
        "sch": "S",
        "sh": "S",
        "sz": "s S.05",
        "ss": "s",
        "s(?=[tp])": "s S.05",
        "sc(?=[ei])": "s S",
        "s$": "s z.05 -.3",
        "s": "s z.05 S.2",
    },
    "t": {
        "tsch|tch": "t -.1,S",
        "tz|ts": "t -.15,s",
        "tion": "t -.1,S,o e,n",
        "th$": "t s.2",
        "th": "t d.2 s.25",
        "tt?e$": "t",
        "tt": "t",
        "t$": "t -.4",
        "t": "t",
    },
    "u": {
        "^u(?=[^r])": "y -0,u a.1 o.1",
        "^u": "u o.1 y.3",
        "ue$": "",
        "u(?=[^aeiouy]e)": "y -0,u o.1 a.1",
        "u": "u o.1 a.1 i.3",
    },
    "v": {"v": "v f.15"},
    "w": {"wh": "w v", "^wr": "r", "w$": "w v -.1", "w": "w v"},
    "x": {"^x": "z s.1 S k.3", "x": "k x.3,s"},
    "y": {"yi": "i E y", "^y": "y i.1", "y$": "i E.05", "y": "i E.05 y"},
    "z": {"zz": "t -.1,s z", "zh": "Z", "z": "z s.05"},
    "é": {"ée?": "e E.05"},
    "š": {"š": "S s.05"},
}

_LETTERS = str.maketrans(
    {"ç": "ss", "ñ": "ny", "ö": "oe", "ü": "ue", "å": "o", "ş": "sh", "č": "ch", "ć": "ch", "ž": "zh",
     "ğ": "gh", "ø": "oe", "ř": "rzh", "ń": "ny", "'": None, "’": None}
)  # fmt: skip
"""Letters whose diacritic changes their sound."""

_MARKED = re.compile("([éš])")
"""Letters that the rules distinguish from those without the diacritic."""


def _spelling(text: str) -> str:
    if text.isascii():
        return text.lower().replace("'", "")
    parts = _MARKED.split(normalize("NFKC", text.lower()).translate(_LETTERS))
    return "".join(part if _MARKED.match(part) else fold(part) for part in parts)


LATIN = Alphabet(
    "a-zA-Z\u00c0-\u024f\u1e00-\u1eff\ufb00-\ufb06\uff21-\uff3a\uff41-\uff5a",
    "a-zéš",
    _RULES,
    spelling=_spelling,
)
