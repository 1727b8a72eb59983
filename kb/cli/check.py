"""`kb check`: check drafts before they are published."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from kb.cli.common import data_dir_option, print_json, reading_context
from kb.cli.drafts.options import read_columns, read_countries, read_server, read_suppressions, read_zone
from kb.cli.drafts.report import Report, Words, terminal_columns, wants_color
from kb.cli.drafts.sarif import found_guards, sarif_log
from kb.cli.drafts.sources import check_files
from kb.cli.drafts.workflow_commands import workflow_commands
from kb.cli.language import lang_option, read_language, say, terminal_language, wrong_value
from kb.domain.draft import DraftKind
from kb.domain.guard import Severity, Verdict
from kb.domain.time_zones import main_zone
from kb.domain.written_times import DateOrder, parse_schedule
from kb.messages import Message, message_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

    from kb.cli.drafts.checked_draft import CheckedDraft, SourceFile
    from kb.cli.drafts.client import Checks
    from kb.services.check.calendars.file import CalendarFormat

CAUTION, STOP, USAGE, UNCHECKED, UNAVAILABLE = 1, 2, 64, 65, 69
"""Exit codes. Those for drafts that were not checked are from sysexits.h."""


class _CheckCommand(click.Command):
    """A command whose errors have their own exit codes, since 1 and 2 are verdicts."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        with _own_exit_codes():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        with _own_exit_codes():
            return super().invoke(ctx)


@contextmanager
def _own_exit_codes() -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        error.show()
        raise SystemExit(USAGE if isinstance(error, click.UsageError) else UNAVAILABLE) from error


@click.command(cls=_CheckCommand)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True)
)
@click.option("--platform", help="Where it will be published, such as instagram.")
@click.option("--at", help="When: 2027-09-11T09:00, in --time-zone unless it has an offset.")
@click.option(
    "--time-zone",
    "--tz",
    "time_zone",
    callback=read_zone,
    help="IANA name of a time zone.  [default: the zone of the first --country, or UTC]",
)
@click.option(
    "--country",
    "audience_countries",
    multiple=True,
    callback=read_countries,
    help="A country of the audience, by name or two-letter code. May be repeated.",
)
@click.option("--account", help="The account that will publish it.")
@click.option("--organization", help="The organization that it speaks for.")
@click.option("--industry", help="Its industry, such as food.")
@click.option("--language", callback=read_language, help="Language of the draft.  [default: detected]")
@click.option("--kind", type=click.Choice([kind.value for kind in DraftKind]), help="What it is to become.")
@click.option("--approver", "approvers", multiple=True, help="Who has approved it. May be repeated.")
@click.option("--link", "links", multiple=True, help="A link that goes out with the text. May be repeated.")
@click.option(
    "--suppress",
    multiple=True,
    metavar="GUARD=REASON",
    callback=read_suppressions,
    help="A guard whose findings do not count, and why. May be repeated.",
)
@click.option("--weak", is_flag=True, help="Show weak precedents, too.")
@click.option("--strict", is_flag=True, help="Exit code 1 for caution.")
@click.option(
    "--columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    callback=read_columns,
    help="Columns of CSV calendars: text=Copy,scheduled_at=Date+Time.  [default: by their usual names]",
)
@click.option(
    "--date-order",
    type=click.Choice([order.value for order in DateOrder]),
    help="How to read 03/04/2027 in CSV calendars.  [default: as the file's other dates]",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="Text for people, JSON for programs, SARIF for code hosting, commands of GitHub Actions.",
)
@lang_option("Language of the messages.  [default: the terminal's]")
@click.option("--server", callback=read_server, help="URL of a running service, instead of the data folder.")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with a token for --server.  [default: the variable KB_TOKEN, or none]",
)
@data_dir_option
def check(
    *,
    files: tuple[str, ...],
    at: str | None,
    time_zone: ZoneInfo | None,
    audience_countries: tuple[str, ...],
    columns: dict[str, str],
    date_order: str | None,
    strict: bool,
    output_format: str,
    lang: str | None,
    server: str | None,
    token_file: Path | None,
    data_dir: Path | None,
    **fields: Any,
) -> None:
    """Check the drafts in FILES before they are published.

    A file is one draft, or a calendar (.csv) with one post per row; - is standard input. Stores nothing in
    the data folder.

    \b
    kb check draft.txt --platform twitter --at 2027-09-11T09:00 --country US
    kb check posts/*.txt --strict --format github
    kb check calendar.csv --columns text=Copy,scheduled_at=Date+Time --time-zone Asia/Jerusalem

    \b
    Exit code 0: clear, or caution without --strict
              1: caution, with --strict
              2: stop
             64: the command is wrong
             65: a draft could not be checked, such as an invalid row, and none is to be stopped
             69: the data folder or the service cannot be used; nothing was checked
             74: the output cannot be written
            130: interrupted
    """
    zone = time_zone or next(filter(None, map(main_zone, audience_countries)), ZoneInfo("UTC"))
    fields |= {"audience_countries": audience_countries, "scheduled_at": at and _moment(at, zone)}
    common = {name: value for name, value in fields.items() if value}

    def calendar_format() -> CalendarFormat:
        from kb.services.check.calendars.file import CalendarFormat

        return CalendarFormat(
            columns=columns,
            time_zone=time_zone,
            reader_zone=zone,
            order=DateOrder(date_order) if date_order else None,
            countries=audience_countries,
        )

    from kb.cli.drafts.client import Target, open_checks

    languages = (lang or terminal_language(),)
    target = Target(server, token_file, data_dir)
    with nullcontext() if server else reading_context(data_dir):
        checks = open_checks(target, languages)
        drafts = check_files(files, checks, common, calendar_format)
        checked = _print(drafts, output_format, Words(languages), checks)
    raise SystemExit(_exit_code(checked, strict=strict))


def _moment(text: str, zone: tzinfo) -> str:
    try:
        return parse_schedule(text, zone, None).at.isoformat()
    except ValueError as error:
        raise wrong_value(message_of(error), "'--at'") from error


def _print(
    drafts: Iterable[CheckedDraft], output_format: str, words: Words, checks: Checks
) -> list[CheckedDraft]:
    """Print the drafts in a format. Formats for people are printed line by line, as each draft is checked."""
    report = Report(words, color=wants_color(), columns=terminal_columns())
    checked = []
    for draft in drafts:
        checked.append(draft)
        if output_format == "text":
            _echo_lines(report.lines(draft))
        elif output_format == "github":
            _echo_lines(workflow_commands(draft))
    if output_format == "json":
        print_json([_as_json(draft) for draft in checked])
    elif output_format == "sarif":
        print_json(sarif_log(checked, words.language, checks.guard_titles(found_guards(checked))))
    say(report.summary(checked))
    for note in dict.fromkeys(chain.from_iterable(map(_notes_in_all_formats, checked))):
        say(note)
    if output_format in ("sarif", "github"):  # the others show them with each draft
        for note in dict.fromkeys(chain.from_iterable(map(_draft_notes, checked))):
            say(note)
    notices = (draft.result.get("notice") for draft in checked if draft.result is not None)
    if output_format == "text" and (notice := next(filter(None, notices), None)):
        say(notice)
    return checked


def _notes_in_all_formats(draft: CheckedDraft) -> Iterator[str]:
    """The notes on the zone of its calendar, and on `--suppress` if it has no effect."""
    suppressed = (draft.result or {}).get("suppressed", ())
    return filter(None, [_zone_note(draft.file), *(item.get("notice") for item in suppressed)])


def _zone_note(file: SourceFile) -> Message | None:
    """A note on the zone in which the times of a calendar were read, unless the command names one."""
    if file.zone is None or file.zone.origin == "request":
        return None
    return Message(
        "{file}: times without a zone were read in {zone}. Another one: --time-zone NAME.",
        file=file.name,
        zone=file.zone.name,
    )


def _draft_notes(draft: CheckedDraft) -> Iterator[str]:
    """The notes on a draft. Those on the rows of a calendar are left out, since there are too many for
    standard error.
    """
    notes = (draft.result or {}).get("notes", ()) if draft.row is None else ()
    return (note["detail"] for note in notes)


def _as_json(draft: CheckedDraft) -> dict[str, Any]:
    result = dict(draft.result or {})
    return {"file": draft.file.name, "row": draft.row, **result, "error": draft.error}


def _echo_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _exit_code(drafts: Sequence[CheckedDraft], *, strict: bool) -> int:
    """The exit code for the worst of the drafts. A clash of caution counts as caution."""
    verdicts = {draft.verdict for draft in drafts}
    if Verdict.STOP in verdicts:
        return STOP
    if None in verdicts:
        return UNCHECKED
    clashes = [clash for draft in drafts for clash in (draft.result or {}).get("clashes", ())]
    grave = Verdict.CAUTION in verdicts or any(clash["severity"] == Severity.CAUTION for clash in clashes)
    return CAUTION if strict and grave else 0
