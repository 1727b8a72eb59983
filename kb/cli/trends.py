"""`kb trends`: a table with sparklines, rows for programs, or a chart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.common import with_app
from kb.cli.figures.table import print_table
from kb.cli.language import failure, failure_of, lang_option, say, terminal_language, wrong_usage, wrong_value
from kb.cli.parameters import read_filters, reporting_parameters
from kb.domain.filters import DIMENSIONS
from kb.domain.language import interface_language
from kb.domain.metrics import METRICS
from kb.domain.periods import Interval
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.services.trends.query import TrendsQuery

_OPTIONS = frozenset({"format", "lang", "columns", "raw"})
"""The options that are not parameters of the API."""

_FILE_KINDS = ("svg", "csv", "json")


@click.command()
@click.option("--metric", default="count", show_default=True, type=click.Choice(list(METRICS)))
@click.option("--group-by", help=f"One or two of {', '.join(DIMENSIONS)}; separated by a comma.")
@click.option(
    "--interval", default="none", show_default=True, type=click.Choice([each.value for each in Interval])
)
@click.option("--from", "from_", help="First day: YYYY, YYYY-MM, YYYY-MM-DD, or a date and time.")
@click.option("--to", help="Last day: YYYY, YYYY-MM, YYYY-MM-DD, or a date and time.")
@click.option("--time-zone", "--tz", "tz", help="IANA name of a time zone.  [default: UTC]")
@click.option(
    "--top",
    type=click.IntRange(1, 100),
    help="Number of groups shown individually; the rest become 'other'.  [default: 10]",
)
@click.option("--compare", is_flag=True, help="With the period before.")
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A filter of GET /trends. May be repeated.",
)
@lang_option("Language of labels and messages.  [default: the terminal's]")
@click.option("--format", "output_format", type=click.Choice(["text", "json", "csv"]), help="[default: text]")
@click.option("--columns", help="Columns of the CSV, separated by commas.  [default: all]")
@click.option(
    "--raw", is_flag=True, help="CSV for programs, not for spreadsheets: formulas are left as they are."
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write into this file, which is replaced: .svg (a chart), .csv or .json.",
)
@with_app
def trends(
    filters: Sequence[str],
    lang: str | None,
    output_format: str | None,
    output: Path | None,
    *,
    compare: bool,
    raw: bool,
    **options: Any,
) -> None:
    """Count incidents, or measure them, by time and by group. Works without a running server.

    \b
    kb trends --group-by category --interval year
    kb trends --metric severity_mean --group-by platform --filter category=tone-deaf
    kb trends --group-by category --interval year --output chart.svg
    """
    if output is not None and output_format is not None:
        raise wrong_usage(
            Message("Choose one of --output and --format: the ending of the file says its format.")
        )
    kind = output_format or "text" if output is None else _file_kind(output)
    if kind == "svg" and compare:
        raise wrong_usage(
            Message("A chart does not show the period before. Leave out --compare, or write .csv.")
        )
    parameters: dict[str, Any] = {
        name.rstrip("_"): str(value) for name, value in options.items() if value is not None
    }
    parameters |= {"compare": "previous_period"} if compare else {}
    typed = read_filters(filters, parameters.keys() | _OPTIONS)
    language = lang or terminal_language()
    query, columns, report = _report(parameters | typed, language)
    if kind == "text":
        print_table(report, interface_language([language]))
        return
    if kind == "svg":
        content = _chart(report, query.dimensions, typed, language)
    else:
        content = _json(report) if kind == "json" else _csv(report, columns, raw=raw)
    if output is None:
        click.echo(content, nl=False)
    else:
        _write(content, output)


def _file_kind(path: Path) -> str:
    """The kind of a file by its suffix. Raises BadParameter for an unknown suffix."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _FILE_KINDS:
        raise wrong_value(
            Message("{name!r} must end in .svg for a chart, or in .csv or .json.", name=path.name),
            "'--output'",
        )
    return kind


def _report(parameters: dict[str, Any], language: str) -> tuple[TrendsQuery, Sequence[str], dict[str, Any]]:
    """The query, the columns of its CSV, and the report of GET /trends, with the operator's permissions.

    Raises ClickException for invalid parameters.
    """
    from kb.models.base import utc_now
    from kb.schemas.trends import TrendsQuerySchema
    from kb.services.core.system_actors import OPERATOR
    from kb.services.trends.query import parse_query
    from kb.services.trends.report import build_report
    from kb.services.trends.snapshot import open_snapshot
    from kb.web.trends import encode_report

    with reporting_parameters():
        loaded = TrendsQuerySchema().load(parameters)
        query = parse_query(loaded)
        with open_snapshot(query.dimensions) as snapshot:
            report = build_report(OPERATOR, query, [language], snapshot, as_of=utc_now())
            return query, loaded["columns"], encode_report(report)


def _json(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def _csv(report: dict[str, Any], columns: Sequence[str], *, raw: bool) -> str:
    from kb.services.infrastructure.csv_text import csv_text

    return csv_text(report["rows"], columns, raw=raw)


def _chart(
    report: dict[str, Any], dimensions: Sequence[str], filters: Mapping[str, Any], language: str
) -> str:
    from kb.cli.figures.charts import Chart, TooManySeriesError, draw_chart

    typed = tuple(
        (name, ",".join(value) if isinstance(value, list) else value) for name, value in filters.items()
    )
    words = interface_language([language])
    try:
        return draw_chart(Chart(report=report, dimensions=dimensions, filters=typed, language=words))
    except TooManySeriesError as error:
        raise failure_of(error) from error


def _write(content: str, path: Path) -> None:
    try:
        path.write_text(content, "utf-8", newline="")
    except OSError as error:
        raise failure(
            Message("Cannot write {path!r}: {reason}", path=str(path), reason=error.strerror)
        ) from error
    say(Message("Written to {path}.", path=str(path)))
