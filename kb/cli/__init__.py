"""The command line, `kb`. Results go to standard output, everything else to standard error.

Each command is in the module of its name; `kb trends` is in trends.py, `kb import` in import_incidents.py.
"""

from __future__ import annotations

import click

from kb import __version__
from kb.cli import (
    audit,
    calendar,
    check,
    checks,
    db,
    guards,
    import_incidents,
    index,
    search,
    seed,
    serve,
    team,
    token,
    trends,
    user,
)
from kb.cli.language import translate_click


class _OrderedGroup(click.Group):
    """A group that lists its commands in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)


@click.group(
    cls=_OrderedGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="kb")
def main() -> None:
    """A knowledge base of brand and social-media failures, so that each happens only once.

    \b
    Start the server:   kb serve
    Find precedents:    kb search "placeholder published by mistake"
    Check a draft:      kb check draft.txt --platform instagram
    Import incidents:   kb import incidents.jsonl

    All data is in one folder, kb-data by default. Change it with --data-dir or KB_DATA_DIR.
    """


translate_click()

for command in (
    serve.serve,
    search.search,
    check.check,
    guards.guards,
    trends.trends,
    calendar.calendar,
    checks.checks,
    import_incidents.import_incidents,
    seed.seed,
    user.user,
    team.team,
    token.token,
    audit.audit,
    index.index,
    db.db,
):
    main.add_command(command)
