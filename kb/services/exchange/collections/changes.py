"""Add and remove collections on request over HTTP, and update the search index.

Other requests are served between their incidents (docs/decisions/0097).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.permissions import Action, Actor
from kb.errors import FieldError, InvalidInput, NotFound
from kb.messages import message_of
from kb.pauses import Pauses
from kb.services.core.authorization import require
from kb.services.core.reading import reading
from kb.services.exchange.collections.adding import add_collection
from kb.services.exchange.collections.checking import check_file, check_input
from kb.services.exchange.collections.reading import read_collection, read_file
from kb.services.exchange.collections.removing import remove_collection
from kb.services.exchange.collections.shipped import shipped_folder
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.pauses import Pause
    from kb.services.exchange.collections.checking import CheckedCollection
    from kb.services.exchange.collections.report import CollectionReport


def add_shipped(actor: Actor, key: str, *, dry_run: bool = False) -> CollectionReport:
    """Add or update a shipped collection. Raises InvalidInput for an unknown key."""
    require(actor, Action.MANAGE_SITE)
    try:
        folder = shipped_folder(key)
    except NotFound as error:
        raise InvalidInput([FieldError("/key", message_of(error))]) from error
    pause = Pauses()
    checked = check_file(actor, read_collection(folder, reading(pause)), pause=pause)
    return add_checked(actor, checked, dry_run=dry_run, pause=pause)


def add_input(actor: Actor, key: str, data: Mapping[str, Any], *, dry_run: bool) -> CollectionReport:
    """Add or update a collection that `CollectionInputSchema` has loaded. Raises InvalidInput."""
    pause = Pauses()
    return add_checked(actor, check_input(actor, key, data, pause), dry_run=dry_run, pause=pause)


def check_sent(actor: Actor, name: str, content: bytes) -> CheckedCollection:
    """Check a collection in a file that somebody has sent. Raises MalformedInput."""
    require(actor, Action.MANAGE_SITE)
    pause = Pauses()
    return check_file(actor, read_file(name, content, reading(pause)), pause=pause)


def remove(actor: Actor, key: str, *, edited: bool, dry_run: bool = False) -> CollectionReport:
    """Remove a collection, from the index as well. Raises NotFound."""
    pause = Pauses()
    report = remove_collection(actor, key, edited=edited, dry_run=dry_run, pause=pause)
    reading(pause)()
    sync.catch_up(report.seq, pause)
    return report


def add_checked(
    actor: Actor, checked: CheckedCollection, *, dry_run: bool = False, pause: Pause | None = None
) -> CollectionReport:
    """Add or update a checked collection, in the index as well. Raises InvalidInput if it has errors."""
    pause = pause or Pauses()
    report = add_collection(actor, checked, dry_run=dry_run, pause=pause)
    reading(pause)()
    sync.catch_up(report.seq, pause)
    return report
