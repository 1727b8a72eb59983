"""`kb audit`: print the audit log."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from kb.cli.common import format_option, print_rows, with_app
from kb.domain.audit import AuditEvent
from kb.services.core.audit import list_audit
from kb.services.core.system_actors import OPERATOR

_DATETIME_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ"]
"""The last two are the formats of the log itself."""


@click.command()
@click.option(
    "--event",
    multiple=True,
    type=click.Choice([event.value for event in AuditEvent]),
    help="Only entries of this event. May be repeated.",
)
@click.option(
    "--since", type=click.DateTime(_DATETIME_FORMATS), help="Only entries at or after this time (UTC)."
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
    page = list_audit(
        OPERATOR,
        events=[AuditEvent(name) for name in event],
        since=since.replace(tzinfo=UTC) if since else None,
        limit=limit,
    )
    if output_format == "text":
        for row in page.items:
            row["detail"] = json.dumps(row["detail"], ensure_ascii=False)
    print_rows(page.items, output_format)
