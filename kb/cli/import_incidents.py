"""`kb import`: import incidents from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kb.cli.common import format_option, with_app_for_writing
from kb.cli.language import wrong_usage
from kb.messages import Message


@click.command(name="import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True, path_type=Path)
)
@click.option(
    "--team",
    help="Key of the team that will own the incidents.  "
    "[default: main, or those of an export, where there are no others yet]",
)
@click.option("--skip-invalid", is_flag=True, help="Import the valid lines and skip the others.")
@click.option(
    "--mirror",
    is_flag=True,
    help="FILE comes from kb export, also with --since, and replaces the incidents that it contains.",
)
@click.option("--dry-run", is_flag=True, help="Import nothing, and say what an import would do.")
@click.option("--again", is_flag=True, help="Import files that were imported before, also if that doubles.")
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file that says what columns and words of foreign files mean.",
)
@click.option("--encoding", help="Encoding of the files, such as windows-1255.  [default: detected]")
@click.option(
    "--guess-mapping",
    "guess",
    is_flag=True,
    help="Import nothing, and print a mapping for FILE to start from.",
)
@format_option
@with_app_for_writing
def import_incidents(*, mirror: bool, team: str | None, **options: Any) -> None:
    """Import incidents from FILES: JSON, tables (CSV or XLSX), Markdown with front matter.

    A file may be - for standard input. In a folder or a ZIP file, the Markdown documents are read. JSON has
    one object per line or an array of objects; each is a body of POST /incidents, and may also have
    `external_id` (importing the same id again updates the incident) and `translations` ({"he": {"title": ...,
    ...}}). A table that is not an export needs a --mapping; --guess-mapping prints one. Everything is checked
    before the first incident is written. If any is invalid, nothing is imported, unless --skip-invalid is
    set. Likely duplicates are imported and reported. With --dry-run, all of this is done, undone and
    reported, with hints on the texts. Exit code 1: nothing was imported, or would be.

    A file may also come from kb export or GET /incidents/{id}. If nobody has worked in this knowledge base
    yet, an export in JSON is imported as it is, with ids, authors, times and reviews; otherwise, its
    incidents become new ones. With --mirror, later exports of the same knowledge base update it.
    """
    if mirror and team is not None:
        raise wrong_usage(Message("A mirror has the teams of the export: leave out --team or --mirror."))
    from kb.cli.importing.run import run_import

    run_import(mirror=mirror, team=team, **options)
