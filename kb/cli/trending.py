"""`kb trends`: a table with sparklines, rows for programs, or a chart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from marshmallow import ValidationError

from kb.cli.common import read_language, say, series_name, with_app
from kb.domain.filters import DIMENSIONS
from kb.domain.metrics import METRICS
from kb.domain.periods import Interval
from kb.errors import InvalidInput
from kb.schemas.trends import TrendRowSchema, TrendsQuerySchema
from kb.services.core.system_actors import OPERATOR
from kb.services.infrastructure.csv_text import csv_text
from kb.services.trends import report as service
from kb.services.trends.snapshot import open_snapshot
from kb.web.trends import add_urls

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_OPTIONS = frozenset({"format", "lang"})
_BARS = "▁▂▃▄▅▆▇█"


@click.command()
@click.option("--metric", default="count", show_default=True, type=click.Choice(list(METRICS)))
@click.option("--group-by", help=f"One or two of {', '.join(DIMENSIONS)}; separated by a comma.")
@click.option(
    "--interval", default="none", show_default=True, type=click.Choice([each.value for each in Interval])
)
@click.option("--from", "from_", help="YYYY, YYYY-MM or YYYY-MM-DD: where the period begins.")
@click.option("--to", help="Likewise: where it ends.")
@click.option("--tz", help="IANA name of a time zone.  [default: UTC]")
@click.option(
    "--top", type=click.IntRange(1, 100), help="How many groups stand for themselves.  [default: 10]"
)
@click.option("--compare", is_flag=True, help="With the period before.")
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help="As GET /trends takes it.")
@click.option(
    "--lang", default="en", show_default=True, callback=read_language, help="Language of the labels."
)
@click.option("--format", "output_format", type=click.Choice(["text", "json", "csv"]), help="[default: text]")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Draw into this SVG file.")
@with_app
def trends(
    filters: Sequence[str],
    lang: str,
    output_format: str | None,
    output: Path | None,
    compare: bool,
    **given: Any,
) -> None:
    """Count incidents, or measure them, by time and by group. Works without a running server.

    \b
    kb trends --group-by category --interval year
    kb trends --metric severity_mean --group-by platform --filter category=tone-deaf
    kb trends --group-by category --interval year --output chart.svg
    """
    if output is not None and output_format is not None:
        raise click.UsageError("Choose one of --output and --format.")
    asked: dict[str, Any] = {
        name.rstrip("_"): str(value) for name, value in given.items() if value is not None
    }
    asked |= {"compare": "previous_period"} if compare else {}
    asked |= _read_filters(filters, asked.keys())
    try:
        question = service.question(TrendsQuerySchema().load(asked))
        with open_snapshot(question.group_by) as snapshot:
            answer = service.trends(OPERATOR, question, [lang], snapshot)
    except ValidationError as error:
        problems = (
            f"{name}: {' '.join(map(str, _flat(found)))}" for name, found in error.messages_dict.items()
        )
        raise click.ClickException("\n".join(problems)) from error
    except InvalidInput as error:
        raise click.ClickException(" ".join(item.detail for item in error.errors) or str(error)) from error
    add_urls(answer["rows"])
    if output is not None:
        from kb.cli.charts import draw  # noqa: PLC0415 (what draws takes long to import)

        try:
            output.write_text(draw(answer), "utf-8")
        except OSError as error:
            raise click.ClickException(f"Cannot write {str(output)!r}: {error.strerror}") from error
        say(f"Drawn into {output}.")
    elif output_format == "json":
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    elif output_format == "csv":
        click.echo(csv_text(answer["rows"], list(TrendRowSchema().fields)), nl=False)
    else:
        _print_table(answer)


def _read_filters(filters: Sequence[str], given: Collection[str]) -> dict[str, Any]:
    """The values of each filter; several of one are any of them, as over HTTP."""
    found: dict[str, list[str]] = {}
    for text in filters:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.BadParameter(f"{text!r} has no '='. Write --filter category=tone-deaf")
        if name in given or name in _OPTIONS:
            raise click.BadParameter(f"{name!r} is an option of its own: --{name.replace('_', '-')}")
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _flat(messages: Any) -> list[Any]:
    if isinstance(messages, dict):
        return [found for value in messages.values() for found in _flat(value)]
    return list(messages)


def _print_table(answer: dict[str, Any]) -> None:
    """A line for each group: its values bucket by bucket, and their course."""
    rows = answer["rows"]
    buckets = list(dict.fromkeys(row["bucket"] for row in rows))
    series: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:  # two groups may be called the same
        key = (row["group"], row["group_2"], row["unit"], row["alleged"])
        series.setdefault(key, []).append(row)
    lines = []
    for found in series.values():
        lines.append((series_name(found[0]), [row["value"] for row in found]))
        if any(row["previous_value"] is not None for row in found):
            lines.append(("  the period before", [row["previous_value"] for row in found]))
    width = max([len(name) for name, _ in lines] + [0])
    cells = [[_number(value) for value in values] for _, values in lines]
    widths = [max(len(bucket), *(len(line[place]) for line in cells)) for place, bucket in enumerate(buckets)]
    click.echo(f"{'':{width}}  {'  '.join(b.rjust(w) for b, w in zip(buckets, widths, strict=True))}")
    for (name, values), line in zip(lines, cells, strict=True):
        numbers = "  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True))
        course = f"  {sparkline(values)}" if len(buckets) > 1 else ""
        click.echo(f"{name:{width}}  {numbers}{course}")
    if answer["undated"]:
        say(f"{answer['undated']} more are not dated precisely enough for one {answer['interval']}.")
    if partial := dict.fromkeys(row["bucket"] for row in rows if row["partial"]):
        say(f"Not over, or cut off by the period: {', '.join(partial)}.")


def sparkline(values: Sequence[float | None]) -> str:
    """The course of some values in one line; a space where nothing is known."""
    most = max([value for value in values if value is not None] + [0])
    steps = len(_BARS) - 1
    return "".join(
        " " if value is None else _BARS[round(value / most * steps) if most > 0 else 0] for value in values
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")
