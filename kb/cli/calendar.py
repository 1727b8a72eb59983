"""`kb calendar`: the days to watch, as a table, as JSON, or as iCalendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kb.cli.common import with_app
from kb.cli.drafts.options import read_countries
from kb.cli.language import lang_option, localized, say, terminal_language
from kb.cli.parameters import reporting_parameters
from kb.cli.text_display import displayable
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.services.check.days.calendar import Calendar

_COLORS = {"no-promotion": "red", "careful": "yellow", "fine": "green"}
_NOTHING = Message("No day to watch in this period.")
_COUNT = Message("{number} days from {first} to {last}.")


@click.command()
@click.option(
    "--from", "from_", help="First day: YYYY, YYYY-MM or YYYY-MM-DD.  [default: the first of this month]"
)
@click.option("--to", help="Last day, at most three years later.  [default: a year later]")
@click.option(
    "--country",
    "countries",
    multiple=True,
    metavar="COUNTRY",
    callback=read_countries,
    help="A country by name or two-letter code, in addition to the days of the whole world. May be repeated.",
)
@click.option(
    "--risky", is_flag=True, help="Only days that ask for care, or on which something went wrong before."
)
@lang_option("Language of names and messages: en or he.  [default: the terminal's]")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "ics"]),
    default="text",
    show_default=True,
    help="Text for people, JSON for programs, or iCalendar for calendars.",
)
@with_app
def calendar(
    *,
    from_: str | None,
    to: str | None,
    countries: Sequence[str],
    risky: bool,
    lang: str | None,
    output_format: str,
) -> None:
    """List the days to watch, with what happened to brands on them before.

    \b
    kb calendar --country Israel --from 2027-04 --to 2027-05
    kb calendar --country US --country GB --format ics > days.ics
    """
    parameters = {"from": from_, "to": to, "country": list(countries), "risky": "true" if risky else None}
    days = _calendar(parameters, lang or terminal_language())
    if output_format == "json":
        import orjson

        from kb.schemas.calendar import CalendarSchema

        content = orjson.dumps(CalendarSchema().dump(days.as_dict()), option=orjson.OPT_INDENT_2)
        click.echo(content.decode())
    elif output_format == "ics":
        from kb.services.check.days.icalendar import icalendar_text
        from kb.services.core.installation import installation

        click.echo(icalendar_text(days, installation()).encode(), nl=False)
    else:
        _print_table(days)


def _calendar(parameters: Mapping[str, Any], language: str) -> Calendar:
    """Build the calendar for parameters of GET /calendar. Raises ClickException for invalid ones."""
    from kb.models.base import utc_now
    from kb.schemas.calendar import CalendarQuerySchema
    from kb.services.check.days.calendar import build_calendar, calendar_period
    from kb.services.core.system_actors import OPERATOR

    with reporting_parameters():
        query = CalendarQuerySchema().load({name: value for name, value in parameters.items() if value})
        first, last = calendar_period(query["from_"], query["to"], utc_now().date())
    return build_calendar(OPERATOR, first, last, query["country"], [language], risky=query["risky"])


def _print_table(days: Calendar) -> None:
    from kb.date_words import day_text
    from kb.services.check.days.words import description, tone_name

    language = days.language
    width = max((len(tone_name(entry, language)) for entry in days.entries), default=0)
    for entry in days.entries:
        tone = click.style(tone_name(entry, language).ljust(width), fg=_COLORS[entry["tone"]])
        click.echo(f"{_period(entry):23}  {tone}  {click.style(displayable(entry['name']), bold=True)}")
        for line in description(entry, language)[1:]:
            click.echo(f"{'':23}  {'':{width}}  {displayable(line)}")
    if not days.entries:
        say(_NOTHING)
    else:
        first, last = day_text(days.first, language), day_text(days.last, language)
        say(localized(_COUNT).format(number=len(days.entries), first=first, last=last))


def _period(entry: Mapping[str, Any]) -> str:
    first, last = entry["first"], entry["last"]
    return f"{first}" if first == last else f"{first} – {last}"
