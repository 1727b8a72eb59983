"""`kb backup` and `kb restore`: save the knowledge base to one file, and restore it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.common import application_context, data_dir_option, progress_bar
from kb.cli.language import say, wrong_usage
from kb.messages import Message, counted

if TYPE_CHECKING:
    from kb.services.operations.backups.archive import Manifest

_existing_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@click.option("--check", is_flag=True, help="Prove that FILE restores, without touching anything.")
@data_dir_option
def backup(file: Path, overwrite: bool, check: bool, data_dir: Path | None) -> None:
    """Save the database and the team's own files in one file, while the service runs.

    FILE is readable by its owner only, since it contains drafts, and digests of passwords and tokens. The
    index is not in it: kb restore builds it anew. With PostgreSQL, the program pg_dump has to be installed,
    and --check needs a role that may create databases.
    """
    if check:
        _existing_file.convert(str(file), None, click.get_current_context())
    if check and overwrite:
        raise wrong_usage(Message("--check reads FILE: it does not go with --overwrite."))
    with application_context(data_dir):
        from kb.cli.knowledge_base import require_knowledge_base
        from kb.services.operations.backups.taking import take_backup

        if check:
            _check(file)
            return
        require_knowledge_base(outdated=True)
        with progress_bar(Message("Copying")) as copying, progress_bar(Message("Packing")) as packing:
            manifest = take_backup(file, overwrite=overwrite, copying=copying, packing=packing)
        say(Message("Saved in {file}: {what}", file=str(file), what=_contents(manifest)))


@click.command()
@click.argument("file", type=_existing_file)
@click.option("--replace", is_flag=True, help="Replace existing data, which is kept next to it.")
@data_dir_option
def restore(file: Path, replace: bool, data_dir: Path | None) -> None:
    """Restore a backup into an empty place, migrate it, and build the index. Stop the service first.

    The backup is first restored to a temporary place, compared with its manifest and migrated; then it is
    moved into place in one step. All users have to sign in again.
    """
    from kb.services.infrastructure.runtime import settings
    from kb.services.operations.backups.restoring import restore_backup

    create_app = click.get_current_context().find_root().obj
    with application_context(data_dir):
        with progress_bar(Message("Verifying")) as verifying, progress_bar(Message("Indexing")) as indexing:
            manifest, kept = restore_backup(
                file, create_app, replace=replace, progress=verifying, indexing=indexing
            )
        say(Message("Restored to {place}: {what}", place=settings().location, what=_contents(manifest)))
        if kept:
            say(Message("What was there before is kept in {place}.", place=", ".join(kept)))
        say(
            Message(
                "Tokens and accounts are those of {moment}: revoke again what was revoked later.",
                moment=manifest.made_at,
            )
        )


def _check(file: Path) -> None:
    from kb.services.operations.backups.restoring import check_backup

    create_app = click.get_current_context().find_root().obj
    with tempfile.TemporaryDirectory() as folder, progress_bar(Message("Verifying")) as verifying:
        manifest = check_backup(file, Path(folder), create_app, verifying)
    say(Message("{file} restores: {what}", file=str(file), what=_contents(manifest)))


def _contents(manifest: Manifest) -> Message:
    """The contents of a backup in a sentence."""
    incidents = manifest.database.tables["incident"].rows
    return counted(
        "{num} incident as of {moment}.",
        "{num} incidents as of {moment}.",
        incidents,
        moment=manifest.made_at,
    )
