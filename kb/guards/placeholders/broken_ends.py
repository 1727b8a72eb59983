"""Truncated ends of texts and paragraphs: at a word that cannot end a sentence, or within a word."""

from __future__ import annotations

import re
from itertools import product
from string import ascii_lowercase
from typing import TYPE_CHECKING

from kb.caches import text_cache
from kb.search.word_lists import spelling_key, word_list

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARAGRAPH_END = re.compile(r"\n\s*\n|\Z")
_LAST_WORD = re.compile(r"(?:^|(?<=\s))[^\W\d_]+(?:['’][^\W\d_]+)?$")
_SENTENCE_ENDS = ".!?…\n"
_MIN_LENGTH = 60
"""A shorter paragraph, in characters, may be a title or a slogan."""

_WINDOW = 400
"""How much of a paragraph to examine before its end, in characters."""

_LOOSE = frozenset(
    "or at to by for will would be has had these those which whose while if as until during between via "
    "per including featuring we're you're they're i'm we'll you'll they'll i'll it'll we've you've they've "
    "i've but very and the a an our your my their its of with from into within because than every "
    "either whether onto upon toward towards throughout alongside plus except despite unless "
    "since also we i he she they is was were are can could should must shall may might who where".split()
)
"""Words that cannot end a sentence, unless it is a question or refers back: `where we are at`."""

_HEBREW_LOOSE = frozenset(
    "את ואת ועם ועל אשר כאשר לבין בזכות עבור לקראת בעקבות באמצעות וכן אנו של עם על אל מן בין כדי כי או אבל "
    "וגם כולל ללא למרות בגלל אם כמו לפי למען בתור בתוך תחת לאורך במסגרת לצד מתוך שבו שבה שבהם "
    "שהוא שהיא שהם כשהוא כל אנחנו מאת אצל לאחר מבין בשעה ביום ברחוב מרחוב לרחוב "
    "ו ה ב ל מ ש כ".split()
)
_REFERS_BACK = re.compile(
    r"\b(?:what|who|whom|where|how|which|whatever|wherever|whoever|everything|something|nothing|all|that|"
    r"(?:waiting|asked|asking|looking|look|known|hoping|worth|here|there|paid|living|made|fighting|wished|"
    r"wish|forward|used|want|need|have|love|like|able|up|listen|talk|dance|stop|drop|swing|come|go|pass|"
    r"stand|best|say|as|yes|so|than) \S+)$|\b(?:what|who|where|how|whatever|wherever|why)\b"
    r"|\b(?:so|neither|nor) \S+ \S+$",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:told|tells?|remind(?:s|ed)?|show(?:s|ed)?|found|announced?|discovered|learn(?:ed|t)|reali[sz]ed|"
    r"proves?|proved|reports?|reported|said|says|explain(?:s|ed)|convinced)(?: [\w’']+){0,3} that$"
    r"|(?:,|\band) (?:[\w’']+ ){0,4}(?:said|says|asked|replied|answered|whispered|shouted|announced)$"
    r"|(?<!\w)(?:סיפרה?|אמרה?|הודיעה?|גילתה|גילה|הבטיחה?|הסבירה?)(?: ל?[א-ת]+){0,2} "
    r"ש(?:ה[וי]א|הם|הן|לא|זה|כל)$"
    r"|(?:,|(?<!\w)ו)[א-ת ]{0,20}(?:אמרה?|שאלה?|ענתה|ענה|לחשה?|צעקה?)$",
    re.IGNORECASE,
)
"""A sentence that introduces a quotation: `he looked out of the window and said`."""

_LINE_END = re.compile(r"[^\W\d_](?=\n[^\W\d_a-z])")
"""The last letter of a line without punctuation, before a line that begins with a capital or in Hebrew."""

_SERVES = frozenset("serving offering bringing adding introducing launching featuring hosting using".split())
"""Verbs that need an object: `and we'll be serving`."""

_QUOTES = re.compile('["“”״]')
_MIN_BROKEN = 2
_MIN_WORDS = 8
_SHORT_LAST = frozenset(
    "us it me go up on in so do no ok we he be am pm uk tv oh ya yo pr hr ai dj ny la if as at by to of or "
    "my is an hi ad id pc eu uv xl ha ah eh mo ma pa".split()
)
"""Two-letter words; any others are fragments of longer ones."""

_STOPPED = re.compile(r"[.!?…]\s")
_MIN_COMPLETED = 4
_MIN_STOPS = 3
"""How many sentences must end with punctuation before a last one without any stands out."""

_COMMON = 560
"""Maximum rarity, in centibels, of the word that completes a truncated one."""

_HEBREW_NOT_LAST = "כמנצ"
"""Letters that take a different form at the end of a word."""

_LETTERS = {"en": ascii_lowercase, "he": "אבגדהוזחטיכלמנסעפצקרשת"}
_ENDINGS = {
    language: (*letters, *map("".join, product(letters, repeat=2))) for language, letters in _LETTERS.items()
}
_ENDINGS["en"] += tuple(
    "day days ing ings ber ers ies ion ions ent ents ment tion able ness less ful ght".split()
)

_SIGNED_OFF = re.compile(
    r"\b(?:love|yours|cheers|warmly|best|thanks|regards|hugs|xoxo)(?: \w+)?,|\bx{1,3}$", re.IGNORECASE
)
"""The end of a letter, which has no end mark: `Love, the Sudsy Lane team xx`."""


def broken_ends(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of last words at which a text, or a paragraph of it, breaks off."""
    yield from _broken_lines(text)
    for match in _PARAGRAPH_END.finditer(text):
        window = text[max(0, match.start() - _WINDOW) : match.start()]
        end = match.start() - len(window) + len(window.rstrip())
        paragraph = window.rstrip().rpartition("\n\n")[2]
        if len(paragraph) < _MIN_LENGTH or not paragraph[-1].isalnum():  # it ends with punctuation
            continue
        word = _LAST_WORD.search(paragraph)
        if word is None:
            continue
        is_last = match.start() == len(text)
        if _is_loose(word.group(), paragraph) or (
            is_last and (_is_beginning(word.group().lower()) or _is_cut(word.group(), paragraph))
        ):
            yield end - len(word.group()), end


def _broken_lines(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of the last word of a long line that breaks off before a line that starts afresh.

    A text with several such lines was wrapped by a mail program.
    """
    lines = [
        text[max(text.rfind("\n", 0, match.start()) + 1, match.end() - _WINDOW) : match.end()]
        for match in _LINE_END.finditer(text)
    ]
    long_lines = [line for line in lines if len(line) >= _MIN_LENGTH]
    if len(long_lines) != 1:
        return
    word = _LAST_WORD.search(long_lines[0])
    if word is not None and _needs_more(word.group(), long_lines[0]):
        end = text.index(long_lines[0] + "\n") + len(long_lines[0])
        yield end - len(word.group()), end


def _needs_more(word: str, line: str) -> bool:
    key = word.lower()
    return key in _HEBREW_LOOSE or (
        word == key
        and (key in _LOOSE or key in _SERVES)
        and _REFERS_BACK.search(_last_sentence(line)) is None
    )


def _is_loose(word: str, paragraph: str) -> bool:
    """Whether a last word needs a continuation, or is a fragment."""
    key = word.lower().replace("’", "'")
    sentence = _last_sentence(paragraph)
    if key in _HEBREW_LOOSE or (len(key) >= _MIN_BROKEN and key[-1] in _HEBREW_NOT_LAST):
        return True
    if sentence.count(" ") >= _MIN_WORDS and not _QUOTES.search(sentence) and _REPORTED.search(sentence):
        return True
    if key in _LOOSE:
        return word == word.lower() and _REFERS_BACK.search(sentence) is None
    is_english = word.isascii() and word.islower() and len(word) >= _MIN_BROKEN
    return is_english and len(sentence) < len(paragraph) and _is_half(key, paragraph)


def _last_sentence(paragraph: str) -> str:
    """The text after the last sentence end."""
    return paragraph[max(map(paragraph.rfind, _SENTENCE_ENDS)) + 1 :]


def _is_cut(word: str, paragraph: str) -> bool:
    """Whether a long last sentence lacks the end mark of those before it, or ends with a fragment."""
    if word != word.lower() or not word.isascii():
        return False
    sentence = _last_sentence(paragraph)
    if sentence.count(" ") < _MIN_WORDS - 1 or _SIGNED_OFF.search(sentence):
        return False
    stops = len(_STOPPED.findall(paragraph))
    return stops >= _MIN_STOPS or (stops > 0 and len(word) == _MIN_BROKEN and word not in _SHORT_LAST)


def _is_half(word: str, paragraph: str) -> bool:
    """Whether a word is unknown, in a paragraph that is in English."""
    words = word_list("en")
    if words is None or words.centibels(spelling_key(word)) is not None:
        return False
    return paragraph.isascii() or sum(map(str.isascii, paragraph)) > len(paragraph) * 0.9


@text_cache(256)
def _is_beginning(word: str) -> bool:
    """Whether a word is unknown, but the beginning of a common one."""
    language, key = "en" if word.isascii() else "he", spelling_key(word)
    words = word_list(language)
    if words is None or len(key) < _MIN_COMPLETED or words.centibels(key) is not None:
        return False
    found = (words.centibels(key + ending) for ending in _ENDINGS[language])
    return any(centibels is not None and centibels <= _COMMON for centibels in found)
