"""`kb audit`: print the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from kb.cli.audit_words import in_words
from kb.cli.common import format_option, print_rows, with_app
from kb.cli.language import wrong_value
from kb.domain.audit import AuditEvent

if TYPE_CHECKING:
    from datetime import datetime


def read_moment(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    """A click callback that parses a moment like the API, and returns it in UTC."""
    if text is None:
        return None
    from marshmallow import ValidationError

    from kb.schemas.query_fields import UtcDateTime

    try:
        return cast("datetime", UtcDateTime("").deserialize(text))
    except ValidationError as error:
        raise wrong_value(error.messages[0]) from error


@click.command()
@click.option(
    "--event",
    multiple=True,
    type=click.Choice([event.value for event in AuditEvent]),
    help="Only entries of this event. May be repeated.",
)
@click.option(
    "--since",
    callback=read_moment,
    help="Only entries at or after this date and time; UTC without an offset.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="Maximum number of entries.",
)
@format_option
@with_app
def audit(event: tuple[str, ...], since: datetime | None, limit: int, output_format: str) -> None:
    """Print the audit log, newest entry first."""
    from kb.services.core.audit import list_audit
    from kb.services.core.system_actors import OPERATOR

    page = list_audit(OPERATOR, events=[AuditEvent(name) for name in event], since=since, limit=limit)
    rows = [*map(in_words, page.items)] if output_format == "text" else page.items
    print_rows(rows, output_format)
