"""The receipt of a check, or the answer without one while nothing can be stored."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from kb.errors import KBError
from kb.services.check.receipts.store import record_check
from kb.services.core import idempotency
from kb.web.current_actor import current_actor
from kb.web.error_map import problem_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.check import CheckRequest

_UNSTORED = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE)
"""The statuses of errors that leave a check without a receipt: a database that is busy, or a full disk."""


def recorded(
    request: CheckRequest, result: Mapping[str, Any], team: str | None
) -> tuple[dict[str, Any], bool]:
    """Store the receipt of a check by the current actor, and return the result with its `id`, and whether
    storing it has failed.

    While nothing can be stored, the id is None: the findings are complete, and whoever is about to publish
    needs them now. Raises the error for a request with an Idempotency-Key, which asks to be stored.
    """
    try:
        return record_check(current_actor(), request, result, team), False
    except (KBError, SQLAlchemyError) as error:
        if idempotency.is_performing() or problem_of(error).status not in _UNSTORED:
            raise
        return {**result, "id": None}, True
