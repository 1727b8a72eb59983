"""Check whether an incident has everything that publication requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.completeness import RECOMMENDED, REQUIRED_TO_PUBLISH, empty_fields
from kb.domain.dates import DatePrecision
from kb.domain.incident import TEXT_FIELDS
from kb.errors import FieldError, InvalidInput
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.models import Incident


_EMPTY = dict.fromkeys((*REQUIRED_TO_PUBLISH, *RECOMMENDED))


def require_complete(incident: Incident) -> None:
    """Raise InvalidInput, with an error for each missing field, unless the incident can be published."""
    require_published_fields(field_values(incident))


def require_published_fields(values: Mapping[str, object]) -> None:
    """Raise InvalidInput, with an error for each missing field, unless the values suffice for publication."""
    if names := empty_fields({**_EMPTY, **values}, REQUIRED_TO_PUBLISH):
        detail = Message("A published incident needs this; a draft does not.")
        message = Message("It cannot be published yet: fill in {fields}.", fields=", ".join(names))
        raise InvalidInput([FieldError(f"/{name}", detail) for name in names], message)


def field_values(incident: Incident) -> dict[str, object]:
    """The required and the recommended fields of an incident, which need not be stored yet."""
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
