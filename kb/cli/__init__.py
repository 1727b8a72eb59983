"""The command line: `kb ...`. Results go to standard output, everything else to standard error."""

from __future__ import annotations

import click

from kb import __version__
from kb.cli.auditing import audit
from kb.cli.database import db
from kb.cli.importing import import_command
from kb.cli.indexing import index
from kb.cli.searching import search
from kb.cli.seeding import seed
from kb.cli.serving import serve
from kb.cli.teams import team
from kb.cli.tokens import token
from kb.cli.trending import trends
from kb.cli.users import user


class _InOrder(click.Group):
    """Lists commands in the order in which a newcomer needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kb")
def main() -> None:
    """A knowledge base of brand and social-media failures, so that a failure happens once.

    \b
    Start it:        kb serve
    Ask it:          kb search "placeholder published by mistake"
    Fill it:         kb import incidents.jsonl

    Everything lives in one data folder: kb-data/, or --data-dir, or the setting KB_DATA_DIR.
    """


for command in (serve, search, trends, import_command, seed, user, team, token, audit, index, db):
    main.add_command(command)
