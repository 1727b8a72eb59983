"""Load the words of the index, in all orders, so that the first searches of a process need not wait."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from kb.errors import KBError
from kb.models import db
from kb.services.search.finding import SearchRequest
from kb.services.search.search import search

if TYPE_CHECKING:
    from kb.domain.permissions import Actor

log = logging.getLogger(__name__)

_INVENTED = ("brondelwick", "ברונדלוויק")
"""Invented words, so that the search goes on to match by parts, by spelling and by sound."""


def read_index_ahead(actor: Actor) -> None:
    """Search for words that no incident has, which loads the words of all that the actor may see."""
    try:
        for word in _INVENTED:
            search(actor, SearchRequest(text=word))
    except (KBError, SQLAlchemyError):
        log.info("The words of the index are not read ahead: it is not ready.")
    finally:
        db.session.rollback()
