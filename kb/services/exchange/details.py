"""The details of incidents, for export formats with one document per incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.services.core.presenters import detail
from kb.services.exchange.selection import visible_originals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.domain.permissions import Actor
    from kb.models import Incident


def visible_details(
    actor: Actor, pages: Iterable[Sequence[Incident]], languages: Sequence[str]
) -> Iterator[tuple[Incident, dict[str, Any]]]:
    """Yield each incident that the actor may see, with its detail.

    It is in the first available of `languages`, else in the original language. A duplicate names its original
    only if the actor may see that, too.
    """
    for page in pages:
        originals = visible_originals(actor, page)
        for incident in page:
            fields = detail(incident, languages)
            if fields["duplicate_of"] not in originals:
                fields["duplicate_of"] = None
            yield incident, fields


def with_float_amounts(impacts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Impacts with amounts as floats, whatever number type the database returns."""
    return [
        {**impact, "amount": None if impact["amount"] is None else float(impact["amount"])}
        for impact in impacts
    ]
