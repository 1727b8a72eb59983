"""The channels of content calendars: a platform and a form, `Instagram Story`, `פייסבוק ממומן`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kb.domain.draft import DraftKind
from kb.domain.text import fold
from kb.errors import FieldError
from kb.messages import Message

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
"""Words of form beside the name of a platform, and the kind of draft that each means, if any."""

_SHORT_NAMES: Mapping[str, str] = {
    **dict.fromkeys("פיסבוק".split(), "facebook"),
    **dict.fromkeys("אינסטה".split(), "instagram"),
    **dict.fromkeys("li לינקדין".split(), "linkedin"),
    **dict.fromkeys("ווצאפ".split(), "whatsapp"),
    **dict.fromkeys("shorts שורטס".split(), "youtube"),
    **dict.fromkeys("mail אימייל דיוור".split(), "email"),
}
"""What stands for a platform in the column of channels only: anywhere else, these words mean other things."""


def with_known_platform(
    data: Mapping[str, Any], terms: TermLookup
) -> tuple[Mapping[str, Any], tuple[FieldError, ...]]:
    """The data of a row with the key of its platform, and its kind where the channel says it.

    A platform that is unknown, or one of several, is left out, with a note.
    """
    name = data.get("platform")
    if not isinstance(name, str) or not name.strip():
        return data, ()
    keys, kind = read_channel(name, terms)
    known = data if kind is None else {"kind": kind.value, **data}
    if len(keys) == 1:
        return {**known, "platform": keys.pop()}, ()
    if keys:
        detail = Message(
            "{name!r} names several platforms: the post was checked without one.", name=name.strip()[:100]
        )
    else:
        detail = Message(
            "{name!r} names no known platform: the post was checked without one.", name=name.strip()[:100]
        )
    rest = {field: value for field, value in known.items() if field != "platform"}
    return rest, (FieldError("/platform", detail),)


def read_channel(name: str, terms: TermLookup) -> tuple[set[str], DraftKind | None]:
    """The keys of the platforms that a channel names, and the kind of draft, if it says one.

    A form alone, such as "Story", names no platform: several have it.
    """
    keys = {key for part in _LIST_SEPARATOR.split(name) for key in _platforms(part, terms)}
    kinds = [_FORMS[word] for word in _WORD.findall(fold(name)) if word in _FORMS]
    return keys, next(filter(None, kinds), None)


def _platforms(part: str, terms: TermLookup) -> set[str]:
    """The platforms of a channel: by its whole name, without its words of form, or by single words."""
    words = _WORD.findall(fold(part))
    names = [word for word in words if word not in _FORMS]
    for candidates in ([part.strip()], [" ".join(names)], names, words):
        found = [terms.get("platform", _SHORT_NAMES.get(each, each)) for each in candidates if each]
        if keys := {term.key for term in found if term is not None}:
            return keys
    return set()
