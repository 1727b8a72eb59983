"""What an incident still lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.completeness import PUBLISHED_NEEDS, missing
from kb.errors import FieldError, InvalidInput
from kb.services.views import flat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.models import Incident


def require_complete(incident: Incident) -> None:
    """Raise InvalidInput, naming each field, unless the incident says all that a published one must."""
    require_all_of(flat(incident))


def require_all_of(state: Mapping[str, object]) -> None:
    """The same of an incident's fields."""
    if lacking := missing(state, PUBLISHED_NEEDS):
        detail = "A published incident needs this; a draft may do without."
        message = f"It cannot be published yet: {', '.join(lacking)} must be filled in."
        raise InvalidInput([FieldError(f"/{name}", detail) for name in lacking], message)
