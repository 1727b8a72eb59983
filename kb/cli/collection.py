"""`kb collection`: list, show, add, update and remove collections of incidents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.common import format_option, print_json, print_rows, progress_bar, with_app, with_app_for_writing
from kb.cli.language import command_language, failure, localized, say, say_first
from kb.cli.text_display import displayable
from kb.domain.collection import KeptReason
from kb.errors import NotFound
from kb.messages import Message, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.services.exchange.collections.checking import EntryError
    from kb.services.exchange.collections.report import CollectionReport, KeptIncident

_REASONS = {
    KeptReason.EDITED: Message("people have edited it"),
    KeptReason.WITHDRAWN: Message("people have withdrawn it"),
    KeptReason.FILED_HERE: Message("it was filed here, and is not from the collection"),
    KeptReason.COMMENTS: Message("it has comments"),
    KeptReason.ACTIONS: Message("it has follow-up actions"),
    KeptReason.PROPOSALS: Message("it has proposals"),
    KeptReason.DUPLICATES: Message("a duplicate was merged into it"),
}

_dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Change nothing, and say what would be changed."
)


@click.group()
def collection() -> None:
    """Add, update and remove collections of incidents, such as public-cases.

    NAME is a collection that comes with kb (kb collection list), or the path of a folder or a file of your
    own: docs/collections.md.
    """


@collection.command(name="list")
@format_option
@with_app
def list_all(output_format: str) -> None:
    """List the shipped collections, and those that were added."""
    from kb.services.core.system_actors import OPERATOR
    from kb.services.exchange.collections import listing

    found = listing.list_collections(OPERATOR, [command_language()])
    names = ("key", "version", "shipped_version", "incidents", "title")
    rows = found if output_format == "json" else [{name: each[name] for name in names} for each in found]
    print_rows(rows, output_format)


@collection.command()
@click.argument("name")
@format_option
@with_app
def show(name: str, output_format: str) -> None:
    """Show a collection: its description, its license, and where to ask for a correction.

    For a path, it also says whether the collection is valid. Exit code 1: it is not.
    """
    from kb.services.core.system_actors import OPERATOR
    from kb.services.exchange.collections import listing
    from kb.services.exchange.collections.shipped import shipped_incidents

    if _is_path(name):
        _show_file(Path(name), output_format)
        return
    shown = listing.get_collection(OPERATOR, name, [command_language()])
    if shown["shipped"]:
        shown = {**shown, "shipped_incidents": shipped_incidents(name)}
    _print_fields(shown, output_format)


@collection.command()
@click.argument("name")
@_dry_run_option
@format_option
@with_app_for_writing
def add(name: str, dry_run: bool, output_format: str) -> None:
    """Add a collection, or update it if it was added before.

    Its incidents are published. All of them are checked before the first is written: if any is invalid,
    nothing is changed. Edits by people are never overwritten. Exit code 1: nothing was changed.
    """
    _add(_folder_or_file(name), output_format, dry_run=dry_run)


@collection.command()
@click.argument("name")
@_dry_run_option
@format_option
@with_app_for_writing
def update(name: str, dry_run: bool, output_format: str) -> None:
    """Update an added collection, from the version that comes with kb or from a path.

    Incidents that it no longer has are withdrawn. Edits by people are never overwritten. Exit code 1: nothing
    was changed.
    """
    from kb.services.exchange.collections import listing
    from kb.services.exchange.collections.reading import read_collection

    path = _folder_or_file(name)
    head = read_collection(path).head.value
    listing.find_added(str(head["key"]) if isinstance(head, dict) and "key" in head else path.stem)
    _add(path, output_format, dry_run=dry_run)


@collection.command()
@click.argument("name")
@click.option("--edited", is_flag=True, help="Also withdraw incidents that people have edited or work with.")
@_dry_run_option
@format_option
@with_app_for_writing
def remove(name: str, edited: bool, dry_run: bool, output_format: str) -> None:
    """Remove a collection: its incidents are withdrawn, and nothing is deleted.

    NAME is its key. Incidents that people have edited or work with stay, and are listed. Adding the
    collection again restores the withdrawn ones.
    """
    from kb.services.core.system_actors import OPERATOR
    from kb.services.exchange.collections.removing import remove_collection

    with progress_bar(Message("Writing")) as progress:
        report = remove_collection(OPERATOR, name, edited=edited, dry_run=dry_run, pause=progress)
    _finish(report, output_format, Message("Withdrawn: {withdrawn}, kept: {kept}."))


def _add(path: Path, output_format: str, *, dry_run: bool) -> None:
    from kb.services.core.system_actors import OPERATOR
    from kb.services.exchange.collections.adding import add_collection
    from kb.services.exchange.collections.checking import check_file
    from kb.services.exchange.collections.reading import read_collection

    file = read_collection(path)
    with progress_bar(Message("Checking")) as progress:
        checked = check_file(OPERATOR, file, progress)
    if checked.errors:
        _refuse(checked.errors, output_format)
    with progress_bar(Message("Writing")) as progress:
        report = add_collection(OPERATOR, checked, dry_run=dry_run, pause=progress)
    numbers = Message(
        "Added: {added}, updated: {updated}, brought back: {restored}, unchanged: {unchanged}, "
        "withdrawn: {withdrawn}, kept: {kept}."
    )
    _finish(report, output_format, numbers)


def _finish(report: CollectionReport, output_format: str, numbers: Message) -> None:
    """Report the change, and bring the index up to date."""
    counts: dict[str, Any] = {**report.to_dict(), "kept": len(report.kept)}
    if report.dry_run:
        say(Message("This would be changed; nothing was:"))
    say(numbers.format(**counts))
    say_first([_describe(incident) for incident in report.kept])
    if not report.dry_run:
        from kb.services.search import sync

        with progress_bar(Message("Indexing")) as progress:
            sync.ensure_current(timeout=600, progress=progress)
    if output_format == "json":
        print_json(report.to_dict())


def _refuse(errors: Sequence[EntryError], output_format: str) -> None:
    if output_format == "json":
        named = [
            {"place": error.location, "pointer": error.pointer, "detail": localized(error.detail)}
            for error in errors
        ]
        print_json({"errors": named})
    else:
        say_first([_describe_error(error) for error in errors])
    say(Message("Nothing was changed: the collection is not valid."))
    raise SystemExit(1)


def _describe_error(error: EntryError) -> Message:
    return joined([error.location, error.pointer or "/", error.detail], ": ")


def _describe(incident: KeptIncident) -> Message:
    return Message(
        "Kept: incident {id}, {title}: {reasons}",
        id=incident.id,
        title=incident.title,
        reasons=joined((_REASONS[reason] for reason in incident.reasons), ", "),
    )


def _show_file(path: Path, output_format: str) -> None:
    from kb.services.core.system_actors import OPERATOR
    from kb.services.exchange.collections.checking import check_file
    from kb.services.exchange.collections.reading import read_collection

    file = read_collection(path)
    with progress_bar(Message("Checking")) as progress:
        checked = check_file(OPERATOR, file, progress)
    if checked.errors:
        _refuse(checked.errors, output_format)
    head, language = checked.head, command_language()
    texts = {
        name: head[name].get(language) or next(iter(head[name].values()), "")
        for name in ("title", "description")
    }
    _print_fields({**head, **texts, "incidents": len(checked.incidents)}, output_format)


def _print_fields(fields: dict[str, Any], output_format: str) -> None:
    if output_format == "json":
        print_json(fields)
        return
    width = max(map(len, fields))
    for name, value in fields.items():
        click.echo(f"{name.ljust(width)}  {'' if value is None else displayable(str(value))}".rstrip())


def _folder_or_file(name: str) -> Path:
    from kb.services.exchange.collections.shipped import shipped_folder

    if _is_path(name):
        return Path(name)
    try:
        return shipped_folder(name)
    except NotFound as error:
        advice = Message("Write the path of a folder or a file for one of your own.")
        raise failure(joined([*error.args, advice])) from error


def _is_path(name: str) -> bool:
    """Whether a name is an existing path. A shipped collection takes precedence."""
    from kb.services.exchange.collections.shipped import shipped_folders

    return name not in shipped_folders() and Path(name).exists()
