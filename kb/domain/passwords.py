"""Passwords that are easy to guess: those that repeat themselves, and those made of what many people type."""

from __future__ import annotations

import re
from itertools import pairwise

MIN_UNFORESEEN = 8
"""How many characters must be left where each obvious word and each run counts as one."""

_SHORTEST_RUN = 3

_OBVIOUS = (
    "password",
    "passwort",
    "passw",
    "letmein",
    "welcome",
    "iloveyou",
    "changeme",
    "admin",
    "login",
    "secret",
    "test",
    "brand",
    "postmortem",
    "qwerty",
    "asdfgh",
    "zxcvbn",
    "1q2w3e",
    "סיסמה",
    "סיסמא",
    "שלום",
)
"""What many people begin a password with, or name after this site."""

_LOOKALIKES = str.maketrans("@0$!3", "aosie")
_OBVIOUS_WORDS = re.compile("|".join(map(re.escape, _OBVIOUS)))


def is_easy_to_guess(password: str) -> bool:
    """Whether a password repeats a short part, or has little besides obvious words and runs such as 12345."""
    text = _repeated_part(password.casefold())
    pieces = [*_words(text), *_runs(text)]
    covered = {place for start, end in pieces for place in range(start, end)}
    return len(text) - len(covered) + len(pieces) < MIN_UNFORESEEN


def _repeated_part(text: str) -> str:
    """Return the part whose repetition a text is, even if the last one breaks off; else the text."""
    for length in range(1, len(text) // 2 + 1):
        if text[length:] == text[:-length]:
            return text[:length]
    return text


def _words(text: str) -> list[tuple[int, int]]:
    """Return where the obvious words of a text begin and end, also with signs in place of letters."""
    return [found.span() for found in _OBVIOUS_WORDS.finditer(text.translate(_LOOKALIKES))]


def _runs(text: str) -> list[tuple[int, int]]:
    """Return where the characters of a text are equal, or follow each other as in 123 and cba."""
    runs, start = [], 0
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    for end in range(1, len(text) + 1):
        if end < len(text) and steps[end - 1] == steps[start] and abs(steps[start]) <= 1:
            continue
        if end - start >= _SHORTEST_RUN:
            runs.append((start, end))
        start = end
    return runs
