"""The form of a draft: its typed values, and the request built from them."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import get_timezone_location
from marshmallow import ValidationError

from kb.domain.countries import read_countries
from kb.domain.draft import MAX_DRAFT_LENGTH
from kb.domain.text import is_blank
from kb.errors import InvalidInput
from kb.pages.countries import country_name
from kb.pages.language import LANGUAGES, in_interface_language, interface_language
from kb.pages.messages import _, _l
from kb.pages.words.incident_words import language_name
from kb.schemas.check_input import CheckInputSchema
from kb.schemas.pointers import field_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from werkzeug.datastructures import MultiDict

    from kb.errors import FieldError
    from kb.pages.checks.check_suppressions import Suppression
    from kb.pages.messages import LazyText

ESSENTIALS = ("platform", "when", "zone", "countries")
"""The fields besides the text that are visible at once where there is space."""

DETAILS = (
    *("account", "organization", "industry", "audience", "language", "kind", "links", "approvers"),
    *("team", "weak"),
)

CONTEXT = (*ESSENTIALS, *DETAILS)
"""The fields besides the text that a URL may fill in. Keeping the text is not among them: a link from
somebody else must not decide that."""

FIELDS = ("text", *CONTEXT, "keep_text")

_NAMES = ("platform", "kind", "account", "organization", "industry", "audience", "language", "team")
"""The fields with one name or phrase as their value, which have the same names in the API."""

_ZONES = (
    "UTC Pacific/Auckland Australia/Sydney Asia/Tokyo Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Bangkok "
    "Asia/Kolkata Asia/Dubai Europe/Moscow Africa/Nairobi Europe/Istanbul Asia/Jerusalem Africa/Cairo "
    "Europe/Kyiv Europe/Athens Africa/Johannesburg Europe/Rome Europe/Berlin Europe/Paris Europe/Madrid "
    "Africa/Lagos Europe/London Europe/Lisbon America/Sao_Paulo America/Argentina/Buenos_Aires "
    "America/New_York America/Toronto America/Bogota America/Chicago America/Mexico_City America/Denver "
    "America/Los_Angeles Pacific/Honolulu"
).split()
"""The time zones offered besides the reader's own."""

_TEXT_LANGUAGES = ("en", "he", "ar", "ru", "fr", "es", "de", "it", "pt", "uk")
"""The languages offered for a text, which may be in any language."""

_OFFSET = re.compile(r"[+-][0-9]{2}:[0-9]{2}")
_FIELD_OF = {"scheduled_at": "when", "audience_countries": "countries"}

_ADVICE: Mapping[str, LazyText] = {
    "platform": _l("Choose a platform from the list."),
    "industry": _l("Choose an industry from the list."),
    "kind": _l("Choose one from the list."),
    "language": _l("Choose a language from the list."),
    "audience": _l("Shorten it to 500 characters."),
    "when": _l("Write a day and a time, and choose the time zone."),
    "account": _l("Shorten it to 200 characters."),
    "organization": _l("Shorten it to 200 characters."),
    "countries": _l("Write names or two-letter codes, separated by commas: Israel, US."),
    "approvers": _l("Write at most 20 names, separated by commas."),
    "links": _l("Write one address per line, 100 at most."),
    "team": _l("Choose one of your teams."),
    "suppress": _l("Write each reason for leaving a finding out in at most 500 characters."),
}


class Problem(NamedTuple):
    """A problem with a field, and how to fix it."""

    field: str
    advice: str


def form_values(source: MultiDict[str, str]) -> dict[str, str]:
    """Return the fields of a form that was sent, or that a URL fills in."""
    values = {name: source.get(name, "") for name in FIELDS}
    # Browsers send line ends as CR LF; offsets count the text as people see it.
    return {**values, "text": values["text"].replace("\r\n", "\n")}


def receipt_values(receipt: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a form, filled from the draft of a receipt."""
    when, zone = local_time(receipt["scheduled_at"])
    return {
        "text": receipt["text"] or "",
        **{name: receipt[name] or "" for name in _NAMES},
        "when": when,
        "zone": zone,
        "countries": ", ".join(map(country_name, receipt["audience_countries"])),
        "approvers": ", ".join(receipt["approvers"]),
        "links": "\n".join(receipt["links"]),
        "weak": "true" if receipt["weak"] else "",
        "keep_text": "" if receipt["text"] is None else "true",
    }


def draft_data(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a form as `CheckInputSchema` names them, not yet validated."""
    countries, unknown = read_countries(values["countries"])
    return {
        "text": values["text"],
        **{name: values[name].strip() for name in _NAMES},
        "scheduled_at": moment_of(values["when"], values["zone"]),
        "audience_countries": [*countries, *unknown],
        "approvers": _parts(values["approvers"]),
        "links": values["links"].split(),
    }


def is_located(values: Mapping[str, str], problems: Iterable[Problem] = ()) -> bool:
    """Whether the form says where or when the draft goes out, or has a problem there. The countries and the
    time zone alone do not count: they are often those of the reader."""
    said = values["platform"] or values["when"]
    return bool(said) or any(problem.field in ESSENTIALS for problem in problems)


def is_detailed(values: Mapping[str, str], problems: Iterable[Problem] = ()) -> bool:
    """Whether any of the collapsed fields of a form has a value or a problem."""
    # Every receipt names a team, whether somebody chose one or not.
    said = (values[name] for name in DETAILS if name != "team")
    return any(said) or any(problem.field in DETAILS for problem in problems)


def load_draft(values: Mapping[str, str], suppressions: Iterable[Suppression] = ()) -> dict[str, Any]:
    """Load the data of a check with `CheckInputSchema`. Raises InvalidInput."""
    data = {name: value for name, value in draft_data(values).items() if value or name == "text"}
    asked = {
        "keep_text": bool(values["keep_text"]),
        "weak": bool(values["weak"]),
        "suppress": [each._asdict() for each in suppressions],
    }
    try:
        loaded: dict[str, Any] = CheckInputSchema().load({**data, **asked})
    except ValidationError as error:
        raise InvalidInput(field_errors(error.messages)) from error
    return loaded


def problems_of(error: InvalidInput, text: str = "") -> list[Problem]:
    """Return the problems of a form, one per field."""
    problems: dict[str, Problem] = {}
    for each in error.errors:
        name = each.pointer.lstrip("/").partition("/")[0]
        field = _FIELD_OF.get(name, name)
        advice = _text_advice(text, each) if field == "text" else _advice(field, each)
        problems.setdefault(field, Problem(field, advice))
    return [*problems.values()]


def zone_choices(chosen: str) -> list[tuple[str, str]]:
    """Return the time zones to choose from, with their names, including the chosen one."""
    names = dict(_zone_names(interface_language()))
    if chosen and chosen not in names:
        names[chosen] = f"UTC{chosen}" if _OFFSET.fullmatch(chosen) else chosen.replace("_", " ")
    return sorted(names.items(), key=lambda item: (item[0] != "UTC", item[1]))


def language_choices(chosen: str) -> list[tuple[str, str]]:
    """Return the languages to choose from for a text, with their names, including the chosen one."""
    tags = dict.fromkeys([*_TEXT_LANGUAGES, *([chosen] if chosen else [])])
    return [(tag, language_name(tag)) for tag in tags]


def _advice(field: str, error: FieldError) -> str:
    return str(_ADVICE[field]) if field in _ADVICE else in_interface_language(error.detail)


def _text_advice(text: str, error: FieldError) -> str:
    if is_blank(text):
        return _("Paste the draft first: there is nothing to check yet.")
    if len(text) > MAX_DRAFT_LENGTH:
        return _("Split the text and check the parts: at most 50,000 characters are checked at once.")
    return in_interface_language(error.detail)


@lru_cache(maxsize=len(LANGUAGES))
def _zone_names(language: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, name if name == "UTC" else get_timezone_location(name, locale=language, return_city=True))
        for name in _ZONES
    )


def moment_of(when: str, zone: str) -> str | None:
    """Return a local time with the offset of its time zone, for the schema to parse."""
    if not when.strip():
        return None
    if _OFFSET.fullmatch(zone):
        return f"{when.strip()}{zone}"
    try:
        return datetime.fromisoformat(when.strip()).replace(tzinfo=ZoneInfo(zone)).isoformat()
    except (ValueError, OverflowError, ZoneInfoNotFoundError, OSError):
        return when


def local_time(moment: str | None) -> tuple[str, str]:
    """Split a moment into the local time and the offset that a form shows."""
    if moment is None:
        return "", ""
    at = datetime.fromisoformat(moment)
    offset = at.isoformat()[-6:]
    return at.strftime("%Y-%m-%dT%H:%M"), "UTC" if offset == "+00:00" else offset


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]
