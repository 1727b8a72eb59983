"""Map the columns of a content calendar to the fields of a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.domain.spelling import closest_match
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.services.check.calendars.heading_remarks import without_remark
from kb.services.check.calendars.variants import text_variants, usual_texts
from kb.services.infrastructure.column_names import column_key, column_letter, list_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIELDS = (
    "text", "language", "platform", "audience", "audience_countries", "account", "organization", "industry",
    "scheduled_at", "links", "kind",
)  # fmt: skip
"""The fields of `DraftSchema` that a row can have."""

PARAMETER = "columns"

WHICH_COLUMN = Message("Which column has the text? Write {parameter}=text=NAME. {listed}")
"""The question when no column is known to have the text."""

_NAMES: Mapping[str, str] = {
    "text": (
        "text, copy, post, post text, post copy, post caption, copy text, ad copy, caption, content, "
        "message, body, draft, tweet, "
        "טקסט, קופי, תוכן, פוסט, כיתוב, הודעה, מלל, טיוטה, תוכן הפוסט, טקסט הפוסט, טקסט לפוסט"
    ),
    "scheduled_at": (
        "scheduled at, scheduled for, schedule, publish at, published at, date time, datetime, "
        "date and time, date & time, date/time, timestamp, posting time, go live, "
        "תאריך ושעה, מועד, מועד פרסום, זמן פרסום, מתוזמן ל"
    ),
    "platform": (
        "platform, platforms, channel, channels, network, networks, social network, social channel, service, "
        "פלטפורמה, פלטפורמות, ערוץ, ערוצים, רשת, רשתות, רשת חברתית, ערוץ פרסום, מדיה"
    ),
    "account": (
        "account, profile, social profile, handle, page, username, account name, "
        "חשבון, פרופיל, עמוד, דף, שם משתמש"
    ),
    "organization": "organization, organisation, brand, client, company, ארגון, מותג, לקוח, חברה",
    "industry": "industry, sector, ענף, תעשייה, מגזר",
    "audience": "audience, target audience, קהל, קהל יעד",
    "audience_countries": (
        "audience countries, country, countries, market, markets, מדינה, מדינות, מדינות היעד, שוק"
    ),
    "links": "links, link, url, urls, link url, קישור, קישורים, לינק, לינקים",
    "language": "language, lang, locale, שפה",
    "kind": "kind, type, post type, content type, format, סוג, סוג פוסט, סוג הפוסט, פורמט",
}
"""The usual headings of each field."""

_DAY = (
    "date, publish date, publishing date, publication date, post date, posting date, scheduled date, "
    "go live date, launch date, date utc, publish day, publishing day, publication day, post day, "
    "posting day, publish on, post on, when, day, "
    "תאריך, תאריך פרסום, תאריך לפרסום, תאריך העלאה, תאריך עלייה, מתי, יום, יום פרסום, יום העלאה"
)
_TIME = (
    "time, hour, publish time, publishing time, publication time, post time, scheduled time, sent time, "
    "time utc, שעה, שעת פרסום, שעת העלאה"
)


class Column(NamedTuple):
    """The cells of a field: their columns, whose contents are joined by a space, and their name in the
    header.

    `guessed` is true unless the request names the column. If each cell is a text in its own right, for one
    platform or in one language, `platforms` has the platforms as the headings name them, empty for none.
    """

    indexes: tuple[int, ...]
    name: str
    guessed: bool
    platforms: tuple[str, ...] = ()


def find_columns(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, Column]:
    """Find the column of each field: the one that a mapping names, or else one with a usual name.

    A field may span two columns, `Date+Time`. Raises InvalidInput, which lists the columns.
    """
    named = _mapped(header, mapping)
    taken = {index for column in named.values() for index in column.indexes}
    guessed = guess_columns(["" if index in taken else name for index, name in enumerate(header)])
    columns = {**guessed, **named}
    if "text" not in named and (text := _texts(header, columns.get("text"))):
        columns["text"] = text
    if "text" not in columns:
        raise _error(WHICH_COLUMN.format(parameter=PARAMETER, listed=list_columns(header)))
    return columns


def read_mapping(pairs: Sequence[str]) -> dict[str, str]:
    """Read a mapping of fields to columns from texts such as `text=Copy`. Raises InvalidInput."""
    mapping = {}
    for pair in pairs:
        field, equals, name = (part.strip() for part in pair.partition("="))
        if not equals or not name:
            raise _error(
                Message("{pair!r} names no column. Write a field and its column: text=Copy", pair=pair[:100])
            )
        if field not in FIELDS:
            near = closest_match(field, FIELDS)
            if near:
                hint = Message("Did you mean {name}?", name=near)
            else:
                hint = Message("There are: {names}.", names=", ".join(FIELDS))
            raise _error(Message("There is no field {field!r}. {hint}", field=field[:100], hint=hint))
        if field in mapping:
            detail = Message(
                "{field!r} is there twice. Name its column once; a plus sign joins two: "
                "{field}=Copy+Caption.",
                field=field,
            )
            raise _error(detail)
        mapping[field] = name
    return mapping


def _mapped(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, Column]:
    return {field: Column(_indexes(header, name), name, guessed=False) for field, name in mapping.items()}


def _texts(header: Sequence[str], text: Column | None) -> Column | None:
    """The columns with a text for each platform or language, and others that hold a text by their names."""
    variants = dict(text_variants(header, bare=text is None))
    if text is not None:
        key = column_key(text.name)
        variants |= {index: "" for index, name in enumerate(header) if column_key(name) == key}
        variants |= dict.fromkeys(usual_texts(header), "")
    if len(variants) < 2 and not (text is None and any(text_variants(header, bare=False))):
        return None
    indexes, platforms = zip(*sorted(variants.items()), strict=True)
    return Column(indexes, "", guessed=True, platforms=platforms)


def _indexes(header: Sequence[str], name: str) -> tuple[int, ...]:
    """Find columns by heading, else by letter. A plus sign joins several, unless a heading contains it.

    A space joins them, too, since a plus sign in a query string decodes to one.
    """
    keys = [column_key(each) for each in header]
    letters = [column_letter(index).lower() for index in range(len(header))]
    for names in (keys, letters):
        for parts in ([name], name.split("+"), name.split()):
            if all(column_key(part) and column_key(part) in names for part in parts):
                return tuple(names.index(column_key(part)) for part in parts)
    raise _error(
        Message("There is no column {name!r}. {listed}", name=name[:100], listed=list_columns(header))
    )


def guess_columns(header: Sequence[str]) -> dict[str, Column]:
    """The columns with usual names, by field; remarks in parentheses or after a dash may follow all names but
    that of the text, whose parentheses name a platform or a language.
    """
    indexes: dict[str, int] = {}
    for index, name in enumerate(header):
        indexes.setdefault(column_key(name), index)
    with_remark = dict(indexes)
    for index, name in enumerate(header):
        with_remark.setdefault(column_key(without_remark(name)), index)
    columns = {}
    for field, names in (*_NAMES.items(), ("day", _DAY), ("time", _TIME)):
        known = indexes if field == "text" else with_remark
        position = next(
            (known[key] for each in names.split(", ") if (key := column_key(each)) in known), None
        )
        if position is not None:
            columns[field] = Column((position,), header[position], guessed=True)
    day, clock = columns.pop("day", None), columns.pop("time", None)
    if (day or clock) and "scheduled_at" not in columns:
        columns["scheduled_at"] = _joined(day, clock)
    return columns


def _joined(*columns: Column | None) -> Column:
    found = [column for column in columns if column is not None]
    indexes = tuple(index for column in found for index in column.indexes)
    return Column(indexes, "+".join(column.name for column in found), guessed=True)


def _error(detail: Message) -> InvalidInput:
    return InvalidInput([FieldError(PARAMETER, detail)])
