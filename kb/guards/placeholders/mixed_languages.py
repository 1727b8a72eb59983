"""A paragraph that was not translated: one in English among Hebrew ones, or the other way round."""

from __future__ import annotations

import re

from kb.guards.placeholders.site import Rule, Site

_MIN_WORDS = 9
_MIN_OF_A_LINE = 5
"""Minimum number of words in a paragraph, and in a line that counts beside it."""

_MIN_LINES = 3
_MIN_FUNCTION_WORDS = 3
_FUNCTION_WORD = re.compile(
    r"\b(?:the|a|an|and|or|of|to|for|with|in|on|at|is|are|it|its|it’s|your|our|you|we|from|by|that|this|than|"
    r"there|even)\b|(?<!\w)(?:של|את|על|עם|לא|גם|כל|או|הוא|היא|זה|זו|כדי|יש|אין|לכם|שלכם|אתם|אנחנו|מה|כי|אם|רק|עד|לפני|אחרי)(?!\w)",
    re.IGNORECASE,
)
"""Sentences have them; lists of names, of dishes or of models in another script have not."""

_QUOTED = re.compile(r"\s*(?:[\"“”„״'‘«♪♫🎵🎶>–—-]|\(|.*(?:[\"”״'’»]|[♪♫🎵🎶])\s*$)")
_WORD = re.compile(r"[^\W\d_]+(?:[’'\"״׳-][^\W\d_]+)*")
_HEBREW = re.compile(r"[א-ת]")
_LATIN = re.compile(r"[A-Za-z]")


def _is_untranslated(site: Site) -> bool:
    """Whether the paragraph is a sentence, the only one in its language, and much less than the rest.

    A text in two languages says all in both, so neither has but one paragraph between those of the other.
    """
    lines = [
        line for line in site.surroundings.text.split("\n") if len(_WORD.findall(line)) > _MIN_WORDS // 2
    ]
    own = _HEBREW if _HEBREW.search(site.found) else _LATIN
    other = _LATIN if own is _HEBREW else _HEBREW
    same = [line for line in lines if not other.search(line)]
    if len(same) != 1 or len(lines) < _MIN_LINES or _QUOTED.match(site.found):
        return False
    words = _words(site.found)
    is_sentence = words >= _MIN_WORDS and len(_FUNCTION_WORD.findall(site.found)) >= _MIN_FUNCTION_WORDS
    return is_sentence and words < sum(map(_words, lines)) - words


def _words(text: str) -> int:
    """The number of words in a text."""
    return len(_WORD.findall(text))


SLIPS = (
    Rule(r"[א-ת][^\nא-ת]{0,6}\n+(?P<site>[^א-ת\n]{40,})\n+[^\n]*[א-ת]{2}", _is_untranslated),
    Rule(
        r"[A-Za-z][^\nA-Za-z]{0,6}\n+(?P<site>[^A-Za-z\n]{5,}[א-ת][^A-Za-z\n]{30,})\n+[^\n]*[A-Za-z]{2}",
        _is_untranslated,
    ),
)
"""Rules for slips: the paragraph may be left of the post that was translated."""
