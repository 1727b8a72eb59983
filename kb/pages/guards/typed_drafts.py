"""A draft as typed into the fields of a form, converted for the API's schema."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kb.domain.countries import read_countries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def typed_draft(form: Mapping[str, str], names: Iterable[str], time_zone: str) -> dict[str, Any]:
    """Return the named fields that have a value.

    Lists are separated by commas, countries are codes or names, and times are in `time_zone`.
    """
    draft: dict[str, Any] = {}
    for name in names:
        # Browsers send line breaks of text fields as CR LF.
        value = form.get(name, "").replace("\r\n", "\n")
        if name == "text":
            draft[name] = value
        elif value.strip() and name == "audience_countries":
            known, unknown = read_countries(value)
            draft[name] = [*known, *unknown]
        elif value.strip() and name == "approvers":
            draft[name] = [item.strip() for item in re.split("[,;]", value) if item.strip()]
        elif value.strip():
            draft[name] = _with_zone(value.strip(), time_zone) if name == "scheduled_at" else value
    return draft


def _with_zone(text: str, time_zone: str) -> str:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(time_zone)).isoformat()
    except (ValueError, OverflowError):
        return text
