"""`kb copy-to`: take the knowledge base to another database."""

from __future__ import annotations

import click

from kb.cli.common import format_option, print_rows, progress_bar, with_app
from kb.cli.language import say
from kb.messages import Message, counted


@click.command()
@click.argument("database_url")
@format_option
@with_app
def copy_to(database_url: str, output_format: str) -> None:
    """Copy the knowledge base into the empty database DATABASE_URL, such as postgresql://kb@db.example/kb.

    Everything is copied, including history, tokens and the audit log, in one transaction. Both sides are
    compared row by row, and the tables are printed. Stop the service first: the copy lacks everything that is
    written to the old database later. Put a password in PGPASSWORD or ~/.pgpass rather than
    in the URL.
    """
    from kb.services.infrastructure.runtime import settings
    from kb.services.operations.copies.copying import copy_database

    target = settings().with_database(database_url)
    with progress_bar(Message("Copying")) as copying, progress_bar(Message("Comparing")) as comparing:
        facts, location = copy_database(target, copying=copying, comparing=comparing)
    rows = [{"table": name, "rows": rows, "digest": digest} for name, (rows, digest) in facts.tables.items()]
    print_rows(rows, output_format)
    say(
        counted(
            "Copied to {place}: {num} incident, up to change {seq}. Both sides are equal.",
            "Copied to {place}: {num} incidents, up to change {seq}. Both sides are equal.",
            facts.tables["incident"].rows,
            place=location,
            seq=facts.seq,
        )
    )
    say(
        Message(
            "Set KB_DATABASE_URL to it before you start the service. Nobody may write to {old} any longer: "
            "readers could not tell the two apart.",
            old=settings().location,
        )
    )
