"""`kb index`: check and rebuild the search index."""

from __future__ import annotations

import click

from kb.cli.common import format_option, print_json, progress_bar, with_app, with_app_for_writing
from kb.cli.language import failure, localized, say
from kb.messages import Message, joined, message_of

CONCEPTS_CHANGED = Message("The concepts have changed since the incidents were indexed")
_REBUILD = Message("Run: kb index rebuild")

_DIFFERENCES = {
    "missing": Message("{count} missing: {ids}"),
    "different": Message("{count} different: {ids}"),
    "extra": Message("{count} extra: {ids}"),
    "pending": Message("{count} not indexed yet: {ids}"),
}

_MAX_IDS_SHOWN = 20
"""How many ids are listed for each kind of difference."""


@click.group()
def index() -> None:
    """Check and rebuild the search index, which is derived from the database."""


@index.command()
@format_option
@with_app
def status(output_format: str) -> None:
    """Show whether the index is readable, its size and its lag. Exit code 1: it is not readable."""
    from kb.services.infrastructure.runtime import engine
    from kb.services.operations.health import readiness
    from kb.services.search import sync

    state = readiness()
    if state["index"]["ok"]:
        state["index"] |= {**engine().status(), "concepts_changed": not sync.has_current_concepts()}
    if output_format == "json":
        print_json(state)
    elif state["index"]["ok"]:
        facts = state["index"]
        _echo(Message("The index is {lag} changes behind the database.", lag=facts["lag"]))
        languages = ", ".join(facts["languages"]) or Message("no language")
        parts = [Message("{count} incidents in {languages}", count=facts["documents"], languages=languages)]
        if "segments" in facts:
            parts.append(Message("{count} segments", count=facts["segments"]))
        if "bytes" in facts:
            parts.append(Message("{megabytes:.1f} MB", megabytes=facts["bytes"] / 1e6))
        _echo(Message("{parts}.", parts=joined(parts, ", ")))
        if facts["concepts_changed"]:
            _echo(Message("{problem}. {advice}", problem=CONCEPTS_CHANGED, advice=_REBUILD))
    else:
        _echo(Message("The index cannot be used. Run: kb index rebuild"))
    if not state["index"]["ok"]:
        raise SystemExit(1)


@index.command()
@with_app_for_writing
def rebuild() -> None:
    """Build a new index beside the old one, then replace it."""
    from kb.services.search import sync

    with progress_bar(Message("Indexing")) as progress:
        sync.rebuild(timeout=60, progress=progress)
    say(Message("The index has been rebuilt."))


@index.command()
@format_option
@with_app
def verify(output_format: str) -> None:
    """Compare the index with the database. Exit code 1: they differ, or the index is damaged.

    Changes that are not indexed yet are reported, but are no difference: the next search indexes them.
    """
    from kb.search.engine import IndexUnusableError
    from kb.services.search.verification import verify as compare

    try:
        with progress_bar(Message("Comparing")) as progress:
            result = compare(timeout=60, progress=progress)
    except IndexUnusableError as error:
        raise failure(joined([message_of(error), _REBUILD])) from error
    if output_format == "json":
        print_json({"equal": result.equal, **result._asdict()})
    else:
        _echo(Message("{count} incidents compared.", count=result.documents))
        for name, message in _DIFFERENCES.items():
            ids = getattr(result, name)
            if ids:
                more = " ..." if len(ids) > _MAX_IDS_SHOWN else ""
                listed = f"{', '.join(map(str, ids[:_MAX_IDS_SHOWN]))}{more}"
                _echo(message.format(count=len(ids), ids=listed))
        _echo(Message("The index matches the database.") if result.correct else _REBUILD)
    if not result.correct:
        raise SystemExit(1)


def _echo(message: Message) -> None:
    click.echo(localized(message))
