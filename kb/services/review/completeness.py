"""What an incident still lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.completeness import RECOMMENDED, REQUIRED_TO_PUBLISH, empty_fields
from kb.domain.dates import DatePrecision
from kb.domain.incident import TEXT_FIELDS
from kb.errors import FieldError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.models import Incident


_UNSAID = dict.fromkeys((*REQUIRED_TO_PUBLISH, *RECOMMENDED))


def require_complete(incident: Incident) -> None:
    """Raise InvalidInput, naming each field, unless the incident says all that a published one must."""
    require_all_of(said(incident))


def said(incident: Incident) -> dict[str, object]:
    """What an incident says, of what is asked for; also of one that is not stored yet."""
    text = incident.original
    return {
        **{field: getattr(text, field) for field in TEXT_FIELDS},
        "organization": incident.organization,
        "category": incident.term_links,
        "occurred_on": None if incident.occurred_precision is DatePrecision.UNKNOWN else incident.occurred_on,
        "lessons": incident.lessons,
        "severity": incident.severity,
        "failure_modes": incident.terms("failure_mode"),
        "platforms": incident.terms("platform"),
        "sources": incident.sources,
    }


def require_all_of(state: Mapping[str, object]) -> None:
    """The same of an incident's fields."""
    if lacking := empty_fields({**_UNSAID, **state}, REQUIRED_TO_PUBLISH):
        detail = "A published incident needs this; a draft may do without."
        message = f"It cannot be published yet: {', '.join(lacking)} must be filled in."
        raise InvalidInput([FieldError(f"/{name}", detail) for name in lacking], message)
