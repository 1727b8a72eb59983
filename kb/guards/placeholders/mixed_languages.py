"""What was not translated: a paragraph or a sentence in English among Hebrew ones, or the other way round."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_LENGTH = 3_000
"""Longer texts, in characters, are articles, which quote in other languages."""

_MIN_LINES = 3
_MIN_LETTERS = 30
_MIN_WORDS = 9
_MIN_OF_A_LINE = 2
"""Minimum number of words in a paragraph, and in a line that counts beside it, such as a greeting."""

_MIN_FUNCTION_WORDS = 3
_MIN_WORDS_WITHIN = 12
_MIN_FUNCTION_WORDS_WITHIN = 4
"""Minima for a sentence within a paragraph, where names and titles in another script are common."""

_FUNCTION_WORD = re.compile(
    r"\b(?:the|a|an|and|or|of|to|for|with|in|on|at|is|are|it|its|it’s|your|our|you|we|from|by|that|this|than|"
    r"there|even)\b|(?<!\w)(?:של|את|על|עם|לא|גם|כל|או|הוא|היא|זה|זו|כדי|יש|אין|לכם|שלכם|אתם|אנחנו|מה|כי|אם|"
    r"רק|עד|לפני|אחרי)(?!\w)",
    re.IGNORECASE,
)
"""Sentences have these words; lists of names, dishes or models in another script do not."""

_QUOTED = re.compile(r"\s*(?:[\"“”„״'‘«♪♫🎵🎶>–—-]|\(|.*(?:[\"”״'’»]|[♪♫🎵🎶])\s*$)")
_ANNOUNCED = re.compile(
    r"מכתב|ביקורת|(?<!\w)[הב]?שיר(?!\w)|מוטו|משפט|ציטוט|סיפור|אומר|אמר|כתב|תייר|אנגלית|דרוש|"
    r"קורא|ספר(?!\w)|דבריו|דבריה|לשונ[וה](?!\w)|:\s*$"
)
"""Words before a sentence in English that is quoted, taught or meant for guests from abroad."""

_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]+")
_WORD = re.compile(r"[^\W\d_]+(?:[’'\"״׳-][^\W\d_]+)*")
_HEBREW = re.compile(r"[א-ת]")
_LATIN = re.compile(r"[A-Za-z]")


def untranslated_paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of a sentence that is the only paragraph in its language, between paragraphs in another.

    A bilingual text says everything twice, so it has several paragraphs in each language.
    """
    if len(text) > _MAX_LENGTH or _HEBREW.search(text) is None or _LATIN.search(text) is None:
        return
    lines = [line for line in text.split("\n") if _words(line) >= _MIN_OF_A_LINE]
    for own, other in ((_LATIN, _HEBREW), (_HEBREW, _LATIN)):
        alone = [index for index, line in enumerate(lines) if other.search(line) is None]
        if len(lines) < _MIN_LINES or len(alone) != 1 or not 0 < alone[0] < len(lines) - 1:
            continue
        line = lines[alone[0]]
        if _is_sentence(line, own) and 2 * _words(line) < sum(map(_words, lines)):
            start = text.index(line)
            yield start, start + len(line.rstrip())


def untranslated_sentences(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of a long English sentence in the middle of a Hebrew paragraph, if there is only one."""
    if len(text) > _MAX_LENGTH or _HEBREW.search(text) is None or _LATIN.search(text) is None:
        return
    sentences = list(_SENTENCE.finditer(text))
    alone = [index for index, match in enumerate(sentences) if _HEBREW.search(match.group()) is None]
    found = [index for index in alone if _words(sentences[index].group()) >= _MIN_WORDS]
    if len(found) != 1 or not 0 < found[0] < len(sentences) - 1:
        return
    before, within, after = sentences[found[0] - 1 : found[0] + 2]
    is_amid = all(_HEBREW.search(match.group()) for match in (before, after))
    is_in_line = "\n" not in text[before.end() : after.start() + 1]
    is_announced = _ANNOUNCED.search(before.group()) is not None
    is_minor = 2 * _words(within.group()) < _words(text)  # else the text says all of it twice
    if is_amid and is_in_line and is_minor and not is_announced and _is_long_sentence(within.group()):
        yield within.end() - len(within.group().lstrip()), within.end()


def _is_long_sentence(sentence: str) -> bool:
    return (
        _QUOTED.match(sentence) is None
        and _words(sentence) >= _MIN_WORDS_WITHIN
        and len(_FUNCTION_WORD.findall(sentence)) >= _MIN_FUNCTION_WORDS_WITHIN
    )


def _is_sentence(line: str, script: re.Pattern[str]) -> bool:
    """Whether a line is a sentence that is not quoted."""
    return (
        _QUOTED.match(line) is None
        and _words(line) >= _MIN_WORDS
        and len(script.findall(line)) >= _MIN_LETTERS
        and len(_FUNCTION_WORD.findall(line)) >= _MIN_FUNCTION_WORDS
    )


def _words(text: str) -> int:
    """The number of words in a text."""
    return len(_WORD.findall(text))
