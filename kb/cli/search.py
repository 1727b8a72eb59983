"""`kb search`: find incidents from the terminal."""

from __future__ import annotations

import html
import json
import re
import time
from typing import TYPE_CHECKING, Any

import click

from kb.cli.common import format_option, read_language, say, with_app
from kb.date_words import partial_date_text
from kb.domain.incident import Status
from kb.schemas.search import SearchPageSchema
from kb.services.core.system_actors import OPERATOR
from kb.services.search import sync
from kb.services.search.search import SearchHit, SearchRequest
from kb.services.search.search import search as find

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit", default=5, show_default=True, type=click.IntRange(1, 100), help="Maximum number of hits."
)
@click.option(
    "--lang", callback=read_language, help="Show incidents in this language if they are available in it."
)
@click.option("--explain", is_flag=True, help="Explain each score.")
@format_option
@with_app
def search(words: tuple[str, ...], limit: int, lang: str | None, explain: bool, output_format: str) -> None:
    """Find incidents by WORDS, in any language. No server needs to run.

    \b
    kb search placeholder published by mistake
    kb search '"black friday" -apology category:internal-communication after:2016'
    """
    sync.ensure_current(timeout=60)
    request = SearchRequest(
        text=" ".join(words), languages=(lang,) if lang else (), limit=limit, explain=explain
    )
    started = time.perf_counter()
    results = find(OPERATOR, request)
    milliseconds = round((time.perf_counter() - started) * 1_000, 2)
    if output_format == "json":
        page = SearchPageSchema().dump({**results.as_dict(), "took_ms": milliseconds})
        click.echo(json.dumps(page, ensure_ascii=False, indent=2))
        return
    if not results.searchable:
        say("There is nothing to search for in this text. Type a word, a name or a number.")
    elif results.corrected:
        say(f"Some of these words are in no incident. Showing results for: {results.did_you_mean}")
    elif results.did_you_mean is not None:
        say(f"Did you mean: {results.did_you_mean}")
    if "(" in results.interpreted and "(" not in request.text:
        say(f"Searched for: {results.interpreted}")
    for number, hit in enumerate(results.hits, 1):
        _print_hit(number, hit)
    well = "" if results.relevant == results.total else f" {results.relevant} of them match well."
    say(f"{results.total} found in {milliseconds:.0f} ms.{well}")


def _print_hit(number: int, hit: SearchHit) -> None:
    incident = hit.incident
    click.secho(f"{number}. {incident['title']}", bold=True)
    facts = [incident["organization"], _day(incident), incident["category"], f"incident {incident['id']}"]
    if incident["severity"] is not None:
        facts.insert(3, f"severity {incident['severity']} of 5")
    if incident["status"] != Status.PUBLISHED:
        facts.append(incident["status"].upper())
    click.echo(f"   {' · '.join(facts)}")
    passage = hit.highlights.get("summary") or next(iter(hit.highlights.values()), None)
    click.echo(f"   {_styled(passage) if passage else incident['summary']}")
    if hit.explanation is not None:
        _print_explanation(hit.score, hit.explanation)
    click.echo()


def _print_explanation(score: float, explanation: Mapping[str, Any]) -> None:
    boosts = ", ".join(f"{boost['name']} x {boost['factor']:.2f}" for boost in explanation["boosts"])
    relevance = f"relevance {explanation['relevance']:.2f}{f' ({boosts})' if boosts else ''}"
    click.echo(f"   score {score:.3f}: {len(explanation['words'])} words, {relevance}")
    for row in sorted(explanation["terms"], key=lambda row: -row["share"])[:8]:
        click.echo(f"     {row['share']:6.1%}  {row['term']} in {row['field']}")


def _day(incident: dict[str, Any]) -> str:
    """The date of an incident at its precision."""
    day: str | None = incident["occurred_on"]
    return "no date yet" if day is None else partial_date_text(day, incident["occurred_precision"], "en")


def _styled(passage: str) -> str:
    """Convert the HTML of a highlight to styled terminal text."""
    parts = re.split(r"<mark>(.*?)</mark>", passage)
    return "".join(
        click.style(html.unescape(part), bold=True, fg="yellow") if position % 2 else html.unescape(part)
        for position, part in enumerate(parts)
    )
