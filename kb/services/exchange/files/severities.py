"""Convert other systems' names of severities to numbers from 1 to 5."""

from __future__ import annotations

import re

from kb.domain.text import fold

_WORDS = {
    **dict.fromkeys(
        "critical blocker highest extreme severe emergency קריטי קריטית קיצוני קיצונית".split(), "5"
    ),
    **dict.fromkeys("high major urgent serious גבוה גבוהה חמור חמורה דחוף דחופה".split(), "4"),
    **dict.fromkeys("medium moderate normal average mid בינוני בינונית רגיל רגילה".split(), "3"),
    **dict.fromkeys("low minor נמוך נמוכה קל קלה".split(), "2"),
    **dict.fromkeys("trivial lowest negligible info זניח זניחה".split(), "1"),
}
_RANK = re.compile(r"(?:p|sev|s|priority|severity)\W*([0-5])")
_WORD = re.compile(r"[^\W\d_]+")


def severity_of(text: str) -> str | None:
    """The number that a word for a severity means; None for any other word.

    In `P1` and `Sev 1`, 1 is the most severe, as engineers count.
    """
    plain = fold(text).strip()
    if (rank := _RANK.fullmatch(plain)) is not None:
        return str(min(5, 6 - int(rank[1])))
    return next((_WORDS[word] for word in _WORD.findall(plain) if word in _WORDS), None)
