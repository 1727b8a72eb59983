"""`kb checks`: the number of checked drafts, and their outcomes."""

from __future__ import annotations

import click

from kb.cli.common import format_option, print_rows, with_app
from kb.cli.parameters import reporting_parameters
from kb.domain.periods import Interval


@click.command()
@click.option(
    "--interval", default="month", show_default=True, type=click.Choice([each.value for each in Interval])
)
@click.option("--from", "from_", help="First day: YYYY, YYYY-MM, YYYY-MM-DD, or a date and time.")
@click.option("--to", help="Last day: YYYY, YYYY-MM, YYYY-MM-DD, or a date and time.")
@click.option("--time-zone", "--tz", "tz", help="IANA name of a time zone.  [default: UTC]")
@click.option("--team", help="Only checks of this team.")
@click.option("--platform", help="Only drafts for this platform.")
@format_option
@with_app
def checks(output_format: str, **options: str | None) -> None:
    """Count the checks of signed-in callers by period: their verdicts, overrides and near misses."""
    from kb.schemas.check_counts import CheckCountQuerySchema
    from kb.services.check.receipts.counts import CountQuery, count_checks
    from kb.services.core.system_actors import OPERATOR

    parameters = {name.rstrip("_"): value for name, value in options.items() if value is not None}
    with reporting_parameters():
        report = count_checks(OPERATOR, CountQuery.of(CheckCountQuerySchema().load(parameters)))
    print_rows(report["rows"], output_format)
