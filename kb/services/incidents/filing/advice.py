"""Advice on a filed incident: the source of its language, style hints, likely duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.services.incidents.duplicates.likely import likely_duplicates
from kb.services.review.style_hints import style_hints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.language import LanguageSource
    from kb.domain.permissions import Actor
    from kb.services.incidents.duplicates.likely import DuplicateQuery


def filing_advice(
    actor: Actor, data: Mapping[str, Any], language_source: LanguageSource, query: DuplicateQuery
) -> dict[str, Any]:
    """The advice on an input, whose duplicates `query` finds, as fields of the answer.

    May take a while, so call it outside a transaction.
    """
    return {
        "language_source": language_source,
        "notes": style_hints(data, data["organization"], data["language"]),
        "likely_duplicates": likely_duplicates(actor, query),
    }
