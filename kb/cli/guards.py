"""`kb guards`: list guards, backtest them, and create new ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.common import format_option, print_json, print_rows, with_app
from kb.cli.language import (
    command_language,
    failure,
    failure_of,
    lang_option,
    localized,
    say,
    terminal_language,
    wrong_usage,
)
from kb.cli.text_display import displayable
from kb.domain.guard import LESSON_PREFIX, GuardType
from kb.errors import InvalidInput
from kb.messages import Message, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb.domain.guard import Guard

_TYPES = [each.value for each in GuardType]
_MAX_SHOWN = 5
"""How many texts and incidents are shown per guard; JSON has more."""

_QUOTE = 90


@click.group()
def guards() -> None:
    """List guards, test them, and create new ones.

    \b
    A guard looks at each draft that is checked, and carries its own examples.
    kb guards new phrase > my-guards.yaml
    kb guards test my-guards.yaml
    """


@guards.command(name="list")
@lang_option("Language of the titles.  [default: the terminal's]")
@format_option
@with_app
def list_guards(lang: str | None, output_format: str) -> None:
    """List all guards: included, in the data folder, and on published lessons."""
    from kb.services.check.guard_texts import title_of

    languages = [lang or terminal_language()]
    rows = [
        {
            "key": guard.key,
            "type": guard.type.value,
            "severity": guard.severity.value,
            "active": guard.active,
            "source": source if output_format == "json" else localized(source),
            "title": title_of(guard, languages).text,
        }
        for guard, source in _guards_with_sources()
    ]
    print_rows(rows, output_format)


@guards.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@format_option
@with_app
def test(file: Path | None, output_format: str) -> None:
    """Test the guards in FILE, or all guards: on their examples, on the published incidents, on harmless
    posts, and on the kept drafts of checks.

    FILE is YAML, as kb guards new prints it, or a team's guards.yaml, which may contain only the changed
    fields of an included guard. Nothing is stored. Exit code 1: a guard is invalid, one of its examples
    fails, or its pattern matches too many harmless posts.
    """
    from kb.services.check.guard_files import GuardFileError, read_own_guards
    from kb.services.check.guard_writing.backtest import backtest
    from kb.services.core.system_actors import OPERATOR

    try:
        known = (guard for guard, _ in _guards_with_sources())
        tested = list(known if file is None else read_own_guards(file))
        results = backtest(OPERATOR, tested, [terminal_language()])
    except GuardFileError as error:
        raise failure_of(error) from error
    except InvalidInput as error:
        raise failure(joined((item.detail for item in error.errors), "\n")) from error
    if output_format == "json":
        print_json(results)
    else:
        for result in results:
            for line in _result_lines(result):
                click.echo(line)
    failed = sum(bool(result["examples"]["failed"]) for result in results)
    broad = [guard.key for guard, result in zip(tested, results, strict=True) if _is_too_broad(guard, result)]
    _say_outcome(len(results), failed, broad)
    if failed or broad:
        raise SystemExit(1)


def _say_outcome(count: int, failed: int, broad: Sequence[str]) -> None:
    """Report how many guards were tested, how many of them failed, and which are too broad."""
    from kb.guards.breadth import MAX_BREADTH

    if failed:
        say(Message("{count} tested. Examples of {failed} do not hold.", count=count, failed=failed))
    else:
        say(Message("{count} tested.", count=count))
    if broad:
        say(
            Message(
                "A pattern may match {limit:.0%} of the harmless posts. Make it narrower: {guards}.",
                limit=MAX_BREADTH,
                guards=", ".join(broad),
            )
        )


@guards.command()
@click.argument("type_", metavar="[TYPE]", required=False, type=click.Choice(_TYPES))
@click.option(
    "--from-incident",
    "incident_id",
    type=click.IntRange(1),
    help="Draft the guard that would have found the post of this incident.",
)
@with_app
def new(type_: str | None, incident_id: int | None) -> None:
    """Print a guard of a TYPE as YAML, with passing examples, to be edited and tested.

    \b
    kb guards new phrase > my-guards.yaml
    kb guards new --from-incident 3
    """
    if incident_id is not None:
        click.echo(_drafted(incident_id, type_), nl=False)
        return
    if type_ is None:
        raise wrong_usage(Message("Name a type: {types}. Or use --from-incident.", types=", ".join(_TYPES)))
    from kb.services.check.guard_files import FILE_NAME
    from kb.services.check.guard_writing.skeletons import guard_skeleton

    skeleton = guard_skeleton(GuardType(type_), command_language())
    body = "".join(f"  {line}\n" for line in skeleton.splitlines())
    hint = Message("Add it to {file} in the data folder once `kb guards test` passes.", file=FILE_NAME)
    click.echo(f"# {localized(hint)}")
    click.echo(f"guards:\n{body}", nl=False)


def _is_too_broad(guard: Guard, result: dict[str, Any]) -> bool:
    """Whether the pattern of a guard matches too many harmless posts, so that it would be refused on a
    lesson.
    """
    from kb.guards.breadth import MAX_BREADTH

    return guard.type is GuardType.PATTERN and result["harmless"]["share"] > MAX_BREADTH


def _drafted(incident_id: int, type_: str | None) -> str:
    """The first guard suggested for an incident, optionally of a type, as YAML."""
    import yaml

    from kb.services.check.guard_writing.suggestions import suggest_guards
    from kb.services.core.system_actors import OPERATOR

    suggestions = suggest_guards(OPERATOR, incident_id, [terminal_language()])["suggestions"]
    fitting = [each for each in suggestions if type_ in (None, each["guard"]["type"])]
    if not fitting:
        raise failure(
            Message(
                "No guard is suggested for incident {incident_id}. Begin with: kb guards new TYPE",
                incident_id=incident_id,
            )
        )
    guard, tried = fitting[0]["guard"], fitting[0]["tried"]
    fields = {name: value for name, value in guard.items() if value or name == "active"}
    content = {"guards": [{"key": f"incident-{incident_id}", **fields}]}
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)
    return f"# {localized(_TRIED if tried else _UNTRIED)}\n{text}"


_TRIED = Message("It finds the post whose check the incident names.")
_UNTRIED = Message(
    "Not tried: the incident names no check with its post. Write the post under examples: bad."
)


_OWN, _INCLUDED, _CHANGED = Message("data folder"), Message("included"), Message("included, changed")


def _guards_with_sources() -> Iterator[tuple[Guard, Message]]:
    """All guards, including inactive ones in files, with the source of each."""
    from kb.guards.definition import to_guard
    from kb.services.check.guard_files import file_guards, shipped_guards
    from kb.services.core.active_guards import active_lesson_guards

    shipped = {guard.key: guard for guard in shipped_guards()}
    for guard in file_guards():
        known = shipped.get(guard.key)
        source = _OWN if known is None else _INCLUDED if known == guard else _CHANGED
        yield guard, source
    for row in active_lesson_guards():
        guard = to_guard(f"{LESSON_PREFIX}{row.lesson_id}", row.guard)
        yield guard, Message("incident {incident}", incident=row.incident_id)


_HARMLESS = Message("harmless:  {count} of {total} ({share:.1%})")
_DRAFTS = Message("drafts:    {count} of {total} ({share:.1%})")


def _result_lines(result: dict[str, Any]) -> Iterator[str]:
    examples, incidents = result["examples"], result["incidents"]
    yield click.style(result["guard"], bold=True)
    held = examples["count"] - len(examples["failed"])
    yield "  " + localized(Message("examples:  {held} of {count} hold", held=held, count=examples["count"]))
    for failed in examples["failed"]:
        yield f"    {failed['pointer']}: {localized(failed['detail'])} {_quoted(failed['text'])}"
    yield "  " + localized(
        Message("incidents: {count} of {total}", count=incidents["count"], total=incidents["total"])
    )
    for found in incidents["found"][:_MAX_SHOWN]:
        yield f"    {found['id']}: {_shortened(found['title'])}"
    yield from _more(incidents["count"])
    for name, line in (("harmless", _HARMLESS), ("drafts", _DRAFTS)):
        counts = result[name]
        yield "  " + localized(line.format(**{key: counts[key] for key in ("count", "total", "share")}))
        for text in counts["texts"][:_MAX_SHOWN]:
            yield f"    {_quoted(text)}"
        yield from _more(counts["count"])


def _more(count: int) -> Sequence[str]:
    more = Message("... and {count} more", count=count - _MAX_SHOWN)
    return [f"    {localized(more)}"] if count > _MAX_SHOWN else []


def _quoted(text: str) -> str:
    return f"“{_shortened(text)}”"


def _shortened(text: str) -> str:
    plain = displayable(" ".join(text.split()))
    return plain if len(plain) <= _QUOTE else f"{plain[:_QUOTE]}…"
