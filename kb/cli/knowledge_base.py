"""The knowledge base that a command works on: whether there is one, and its errors in one line."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from filelock import Timeout
from sqlalchemy.exc import DBAPIError, OperationalError

from kb.cli.language import failure, failure_of, say
from kb.config import SettingsError
from kb.errors import KBError, StorageFull
from kb.messages import Message, message_of
from kb.search.engine import IndexBusyError, IndexUnusableError
from kb.services.infrastructure.runtime import settings
from kb.services.infrastructure.storage_errors import domain_error_for
from kb.services.operations import bootstrap
from kb.services.operations.bootstrap import InstallationState
from kb.services.operations.errors import InstallationError

if TYPE_CHECKING:
    import click


def announce() -> None:
    """Name the knowledge base on standard error, and say whether it is new."""
    missing = bootstrap.inspect_installation() is InstallationState.MISSING
    place = settings().location
    if missing:
        say(Message("Creating a knowledge base: {place}", place=place))
    else:
        say(Message("Knowledge base: {place}", place=place))


_ADVICE = {
    InstallationState.MISSING: Message(
        "There is no knowledge base in {location}. Create one with kb serve or kb seed, or {choose}."
    ),
    InstallationState.INCOMPLETE: Message(
        "The knowledge base in {location} is not prepared yet. Run: kb db upgrade"
    ),
    InstallationState.OUTDATED: Message(
        "An older version of kb made the knowledge base in {location}. Back it up (kb backup FILE), then "
        "run: kb db upgrade"
    ),
    InstallationState.NEWER: Message(
        "A newer version of kb made the knowledge base in {location}. Install that version."
    ),
}


def require_knowledge_base(*, outdated: bool = False) -> None:
    """Raise ClickException, with advice, unless there is a knowledge base of this version.

    `outdated` also allows an older version.
    """
    state = bootstrap.inspect_installation()
    if state in _ADVICE and not (outdated and state is InstallationState.OUTDATED):
        raise _unusable_error(state)


def require_database() -> None:
    """Raise ClickException unless there is a database, even a damaged one or one of another version."""
    with suppress(DBAPIError):
        if (state := bootstrap.inspect_installation()) is InstallationState.MISSING:
            raise _unusable_error(state)


def _unusable_error(state: InstallationState) -> click.ClickException:
    choose = (
        Message("correct KB_DATABASE_URL")
        if settings().database_url
        else Message("choose another folder with --data-dir or KB_DATA_DIR")
    )
    return failure(_ADVICE[state].format(location=settings().location, choose=choose))


def known_failure(error: Exception) -> click.ClickException | None:
    """An error of the installation as an exception with a message of one line; None for any other error."""
    if isinstance(error, (SettingsError, InstallationError, KBError, IndexBusyError, IndexUnusableError)):
        return failure_of(error)
    from alembic.util import CommandError  # takes a tenth of a second to import

    if isinstance(error, (OSError, Timeout, CommandError)):
        return failure(Message("The data folder or the database cannot be used: {error}", error=str(error)))
    return failure(_database_message(error)) if isinstance(error, DBAPIError) else None


def _database_message(error: DBAPIError) -> Message:
    """The error that a database reported, in one line, with its location and what to check."""
    # After DETAIL, PostgreSQL shows the row.
    reason = " ".join(str(error.orig).partition("DETAIL:")[0].split()).rstrip(".")
    if isinstance(known := domain_error_for(error), StorageFull):
        return Message(
            "{problem} ({place}: {reason})",
            problem=message_of(known),
            place=settings().location,
            reason=reason,
        )
    if isinstance(error, OperationalError) and settings().database_file is None:
        return Message(
            "The database {place} cannot be reached ({reason}). Check KB_DATABASE_URL.",
            place=settings().location,
            reason=reason,
        )
    return Message(
        "The database {place} cannot be used ({reason}).", place=settings().location, reason=reason
    )
