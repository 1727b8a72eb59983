"""The channels of content calendars: a platform and a form, `Instagram Story`, `פייסבוק ממומן`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kb.domain.draft import DraftKind
from kb.domain.text import fold
from kb.errors import FieldError
from kb.messages import Message, joined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.taxonomy.lookup import TermLookup

_WORD = re.compile(r"[^\W_]+")
_LIST_SEPARATOR = re.compile(r"[+&,;/|\n]")

_FORMS: Mapping[str, DraftKind | None] = {
    **dict.fromkeys("story stories סטורי סטוריז".split(), DraftKind.STORY),
    **dict.fromkeys(
        "post posts tweet feed reel reels short shorts video carousel live "
        "פוסט פוסטים ציוץ פיד ריל רילס רילז שורטס סרטון וידאו קרוסלה לייב".split(),
        DraftKind.POST,
    ),
    **dict.fromkeys(
        "ad ads paid sponsored promoted boosted campaign ממומן ממומנת מודעה מודעות פרסומת קמפיין".split(),
        DraftKind.AD,
    ),
    **dict.fromkeys("newsletter mailing ניוזלטר דיוור".split(), DraftKind.EMAIL),
    **dict.fromkeys(
        "group groups page company organic channel status broadcast "
        "קבוצה קבוצת קבוצות עמוד דף אורגני ערוץ סטטוס".split()
    ),
}
"""Words that name a format beside a platform, and the kind of draft that each means, if any."""

_SHORT_NAMES: Mapping[str, str] = {
    **dict.fromkeys("פיסבוק".split(), "facebook"),
    **dict.fromkeys("אינסטה".split(), "instagram"),
    **dict.fromkeys("li לינקדין".split(), "linkedin"),
    **dict.fromkeys("ווצאפ".split(), "whatsapp"),
    **dict.fromkeys("shorts שורטס".split(), "youtube"),
    **dict.fromkeys("mail אימייל דיוור".split(), "email"),
}
"""Short names of platforms, used in the channel column only: elsewhere, these words mean other things."""


_SEVERAL = Message("{name!r} names several platforms: the post was checked without one.")
_UNKNOWN = Message("{name!r} names no known platform: the post was checked without one.")
_NEAREST = Message("Did you mean {name!r}?")
_UNKNOWN_INDUSTRY = Message("{name!r} names no known industry: the post was checked without one.")


def with_known_terms(
    data: Mapping[str, Any], terms: TermLookup
) -> tuple[Mapping[str, Any], tuple[FieldError, ...]]:
    """Return the data of a row with the key of its platform, and its kind if the channel says it.

    An unknown platform, several platforms, or an unknown industry are left out with a note, which names the
    nearest known platform.
    """
    data, notes = dict(data), []
    channel, industry = data.get("platform"), data.get("industry")
    if isinstance(channel, str) and channel.strip():
        keys, kind = read_channel(channel, terms)
        if kind is not None:
            data.setdefault("kind", kind.value)
        if len(keys) == 1:
            data["platform"] = keys.pop()
        else:
            del data["platform"]
            detail = _SEVERAL.format(name=channel.strip()[:100]) if keys else _unknown(channel, terms)
            notes.append(FieldError("/platform", detail))
    if isinstance(industry, str) and industry.strip() and terms.get("industry", industry) is None:
        del data["industry"]
        notes.append(FieldError("/industry", _UNKNOWN_INDUSTRY.format(name=industry.strip()[:100])))
    return data, tuple(notes)


def read_channel(name: str, terms: TermLookup) -> tuple[set[str], DraftKind | None]:
    """Return the keys of the platforms that a channel names, and the kind of draft, if any.

    A format alone, such as "Story", names no platform, since several platforms have it.
    """
    keys = {key for part in _LIST_SEPARATOR.split(name) for key in _platforms(part, terms)}
    kinds = [_FORMS[word] for word in _WORD.findall(fold(name)) if word in _FORMS]
    return keys, next(filter(None, kinds), None)


def _unknown(channel: str, terms: TermLookup) -> Message:
    """That a channel names no known platform, with the nearest one, if any."""
    unknown = _UNKNOWN.format(name=channel.strip()[:100])
    names = " ".join(word for word in _WORD.findall(fold(channel)) if word not in _FORMS)
    near = terms.closest_key("platform", names) if names else None
    return unknown if near is None else joined([unknown, _NEAREST.format(name=near)])


def _platforms(part: str, terms: TermLookup) -> set[str]:
    """The platforms of a channel: by its whole name, by its name without format words, or by single words."""
    words = _WORD.findall(fold(part))
    names = [word for word in words if word not in _FORMS]
    for candidates in ([part.strip()], [" ".join(names)], names, words):
        found = [terms.get("platform", _SHORT_NAMES.get(each, each)) for each in candidates if each]
        if keys := {term.key for term in found if term is not None}:
            return keys
    return set()
