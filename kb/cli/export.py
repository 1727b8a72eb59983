"""`kb export`: write incidents to a file, a folder or standard output."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.common import progress_bar, with_app
from kb.cli.language import failure, lang_option, say, wrong_usage
from kb.cli.output_file import new_archive, new_folder, write_documents, write_whole
from kb.cli.parameters import read_filters, reporting_parameters
from kb.domain.export import Delimiter, ExportFormat, ExportTable
from kb.messages import Message, counted, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kb.services.exchange.exports.exporting import ExportRequest

_STANDARD_OUTPUT = "-"
_FORMATS = {
    ".jsonl": ExportFormat.JSONL,
    ".ndjson": ExportFormat.JSONL,
    ".csv": ExportFormat.CSV,
    ".tsv": ExportFormat.CSV,
    ".zip": ExportFormat.MARKDOWN,
}
_ZIP = ".zip"
_OPTIONS = frozenset(
    {"format", "since", "history", "table", "columns", "raw", "labels", "bom", "delimiter", "lang"}
)
"""The parameters of GET /export that are options of the command."""


@click.command()
@click.argument("file", default=_STANDARD_OUTPUT)
@click.option(
    "--format",
    "output_format",
    type=click.Choice([each.value for each in ExportFormat]),
    help="[default: by the ending of FILE, else jsonl]",
)
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A filter of GET /export. May be repeated.  [default: all incidents, withdrawn ones too]",
)
@click.option("--since", type=click.IntRange(0), help="Only what was written after this seq of the changes.")
@click.option("--history", is_flag=True, help="jsonl: with all revisions, their authors and times.")
@click.option(
    "--table", type=click.Choice([each.value for each in ExportTable]), help="csv: what its rows are."
)
@click.option("--columns", help="csv: its columns, separated by commas.  [default: all]")
@click.option("--labels", is_flag=True, help="csv: the labels of terms instead of their keys.")
@click.option("--raw", is_flag=True, help="csv for programs: formulas are left as they are.")
@click.option("--bom", is_flag=True, help="csv: begin with a byte order mark, as Excel likes it.")
@click.option("--delimiter", type=click.Choice([each.value for each in Delimiter]), help="[default: comma]")
@lang_option("Language of texts, except in jsonl, and of messages.  [default: each incident's own]")
@with_app
def export(
    file: str, output_format: str | None, filters: Sequence[str], lang: str | None, **options: Any
) -> None:
    """Export incidents to FILE, by default all of them to standard output.

    \b
    kb export incidents.jsonl.gz                  # complete, for kb import
    kb export incidents.csv --labels --lang he    # a table, for a spreadsheet
    kb export postmortems/ --format markdown      # one file per incident, for a repository
    kb export views/ --format parquet             # the views for reports, for a data team

    FILE appears only when it is complete. It is compressed if its name ends in .gz. Markdown and Parquet go
    into a folder, or into a file that ends in .zip.
    """
    given = {name: value for name, value in options.items() if value not in (None, False)}
    if output_format == ExportFormat.PARQUET:
        with _reporting(file):
            _export_views(file, [*(["--filter"] if filters else []), *(f"--{name}" for name in given)])
        return
    chosen = ExportFormat(output_format) if output_format else _format_of(file)
    parameters = _parameters(file, chosen, lang, given) | read_filters(filters, _OPTIONS)
    _export_incidents(file, _request(parameters, [lang] if lang else []))


def _export_views(file: str, options: list[str]) -> None:
    """Write the views to a folder, or to a file whose name ends in .zip. `options` are the given options that
    do not apply to Parquet, since a view is exported as it is. Raises OSError.
    """
    from kb.services.core.system_actors import OPERATOR
    from kb.services.exchange.exports.parquet import begin_view_export, write_views

    if options:
        raise wrong_usage(
            Message("Parquet has whole views. Leave out {options}.", options=", ".join(options))
        )
    if file == _STANDARD_OUTPUT:
        raise wrong_usage(Message("Name a folder, or a file that ends in .zip, for Parquet."))
    begin_view_export(OPERATOR, f"kb export {file}")
    path = Path(file)
    into = new_archive if path.suffix.lower() == _ZIP else new_folder
    with progress_bar(Message("Exporting")) as progress, into(path) as folder:
        write_views(folder, progress)
        for each in folder.iterdir():
            each.chmod(0o600)  # drafts are among them


def _format_of(file: str) -> ExportFormat:
    """The format by the suffix of a file name."""
    return _FORMATS.get(Path(file.removesuffix(".gz")).suffix.lower(), ExportFormat.JSONL)


def _parameters(
    file: str, chosen: ExportFormat, lang: str | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The parameters of GET /export for the options."""
    parameters = {name: str(value).lower() if value is True else str(value) for name, value in given.items()}
    if Path(file.removesuffix(".gz")).suffix == ".tsv":
        parameters.setdefault("delimiter", Delimiter.TAB)
    if lang:
        parameters["lang"] = lang
    return {**parameters, "format": chosen.value}


def _request(parameters: dict[str, Any], languages: list[str]) -> ExportRequest:
    from kb.schemas.export import ExportQuerySchema
    from kb.services.exchange.exports.exporting import export_request

    with reporting_parameters():
        return export_request(ExportQuerySchema().load(parameters), languages)


def _export_incidents(file: str, request: ExportRequest) -> None:
    """Write incidents, and say how many."""
    from kb.services.core.system_actors import OPERATOR
    from kb.services.exchange.exports.exporting import begin_export

    if file == _STANDARD_OUTPUT and request.format is ExportFormat.MARKDOWN:
        raise wrong_usage(Message("Name a folder, or a file that ends in .zip, for Markdown."))
    count, seq, left_out = begin_export(OPERATOR, request, f"kb export {file}")
    with progress_bar(Message("Exporting")) as progress, _reporting(file):
        _write(file, request, progress)
    exported = counted("Exported: {num} incident", "Exported: {num} incidents", count)
    place = Message("the changes up to {seq} are in it.", seq=seq)
    say(joined([exported, place], "; "))
    if left_out:
        say(
            counted(
                "Left out: {num} incident, which has no year, or one before 1950. VERIS requires it.",
                "Left out: {num} incidents, which have no year, or one before 1950. VERIS requires it.",
                left_out,
            )
        )


@contextmanager
def _reporting(file: str) -> Iterator[None]:
    """Convert an OSError to an error message of the command."""
    try:
        yield
    except OSError as error:
        if file == _STANDARD_OUTPUT:
            raise
        raise failure(Message("Cannot write {path!r}: {reason}", path=file, reason=error.strerror)) from error


def _write(file: str, request: ExportRequest, progress: Any) -> None:
    from kb.schemas.links import incident_url
    from kb.services.core.system_actors import OPERATOR
    from kb.services.exchange.exports.exporting import documents, export_chunks

    if request.format is ExportFormat.MARKDOWN and Path(file).suffix.lower() != _ZIP:
        write_documents(Path(file), documents(OPERATOR, request, progress))
        return
    chunks = export_chunks(OPERATOR, request, incident_url, progress)
    if file == _STANDARD_OUTPUT:
        for chunk in chunks:
            click.echo(chunk, nl=False)
    else:
        write_whole(Path(file), chunks)
