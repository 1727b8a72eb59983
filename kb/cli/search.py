"""`kb search`: find incidents from the terminal."""

from __future__ import annotations

import html
import re
import time
from typing import TYPE_CHECKING, Any

import click

from kb.cli.common import format_option, print_json, with_app
from kb.cli.language import command_language, lang_option, localized, say, terminal_language
from kb.cli.text_display import displayable
from kb.domain.incident import Status
from kb.messages import Message, counted, joined, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.search.search import SearchHit


def _read_words(
    context: click.Context, _argument: click.Parameter, words: tuple[str, ...]
) -> tuple[str, ...]:
    """A click callback that returns the words. Raises NoSuchOption for a word that was meant as an option.

    click passes unknown options on as words, since a word after a hyphen is excluded: `-apology`.
    """
    options = [name for option in context.command.params for name in option.opts if name.startswith("--")]
    unknown = next((text for text in words if text.startswith("--")), None)
    if unknown is not None:
        raise click.NoSuchOption(unknown.partition("=")[0], possibilities=options, ctx=context)
    return words


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, required=True, callback=_read_words)
@click.option(
    "--limit", default=5, show_default=True, type=click.IntRange(1, 100), help="Maximum number of hits."
)
@lang_option(
    "Language of messages, and of incidents that exist in it.  [default: the terminal's, and the query's]"
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
    from kb.schemas.search import SearchPageSchema
    from kb.services.core.system_actors import OPERATOR
    from kb.services.search import sync
    from kb.services.search.finding import SearchRequest
    from kb.services.search.search import search as find
    from kb.services.taxonomy.listing import term_names

    sync.ensure_current(timeout=60)
    request = SearchRequest(text=" ".join(words), languages=_languages(lang), limit=limit, explain=explain)
    started = time.perf_counter()
    results = find(OPERATOR, request)
    milliseconds = round((time.perf_counter() - started) * 1_000, 2)
    if output_format == "json":
        page = SearchPageSchema().dump({**results.as_dict(), "took_ms": milliseconds})
        print_json(page)
        return
    for note in results.notes:
        say(note.detail)
        if note.suggestion is not None:
            say(Message("Did you mean: {query}", query=f"{note.name}:{note.suggestion}"))
    if not results.searchable:
        say(Message("There is nothing to search for in this text. Type a word, a name or a number."))
    elif results.corrected:
        message = Message("Some of these words are in no incident. Showing results for: {query}")
        say(message.format(query=results.did_you_mean))
    elif results.did_you_mean is not None:
        say(Message("Did you mean: {query}", query=results.did_you_mean))
    if any(sign in results.interpreted and sign not in request.text for sign in ("(", "source:")):
        say(Message("Searched for: {query}", query=results.interpreted))
    categories = term_names(OPERATOR, ("category",), (command_language(),))["category"]
    for number, hit in enumerate(results.hits, 1):
        _print_hit(number, hit, categories)
    found = Message("{count} found in {time:.0f} ms.", count=results.total, time=milliseconds)
    well = counted("{num} of them matches well.", "{num} of them match well.", num=results.relevant)
    say(joined([found, well]) if 0 < results.relevant < results.total else found)


def _languages(lang: str | None) -> tuple[str, ...]:
    """The reader's languages: from the option, or else the terminal's unless it is English.

    English is the default of a terminal, so in that case the language of the query decides.
    """
    chosen = lang or terminal_language()
    return (chosen,) if lang or chosen != "en" else ()


def _print_hit(place: int, hit: SearchHit, categories: Mapping[str, str]) -> None:
    incident = hit.incident
    click.secho(f"{place}. {displayable(incident['title'])}", bold=True)
    number = localized(Message("incident {incident}", incident=incident["id"]))
    # Names of retired categories are not loaded.
    category = categories.get(incident["category"], incident["category"])
    facts = [incident["organization"], _day(incident), category, number]
    if incident["severity"] is not None:
        facts.insert(3, localized(Message("severity {level} of 5", level=incident["severity"])))
    if incident["status"] != Status.PUBLISHED:
        facts.append(localized(word(incident["status"])).upper())
    click.echo(f"   {displayable(' · '.join(facts))}")
    passage = hit.highlights.get("summary") or next(iter(hit.highlights.values()), None)
    click.echo(f"   {_styled(passage) if passage else displayable(incident['summary'])}")
    if hit.explanation is not None:
        _print_explanation(hit.score, hit.explanation)
    click.echo()


def _print_explanation(score: float, explanation: Mapping[str, Any]) -> None:
    boosts = ", ".join(f"{boost['name']} x {boost['factor']:.2f}" for boost in explanation["boosts"])
    message = Message("score {score:.3f}: {count} words, relevance {relevance:.2f}{boosts}")
    values = {"count": len(explanation["words"]), "relevance": explanation["relevance"]}
    line = localized(message.format(score=score, boosts=f" ({boosts})" if boosts else "", **values))
    click.echo(f"   {line}")
    for row in sorted(explanation["terms"], key=lambda row: -row["share"])[:8]:
        term = localized(Message("{term} in {field}", term=row["term"], field=row["field"]))
        click.echo(f"     {row['share']:6.1%}  {term}")


def _day(incident: dict[str, Any]) -> str:
    """The date of an incident at its precision."""
    day: str | None = incident["occurred_on"]
    if day is None:
        return localized(Message("no date yet"))
    from kb.date_words import partial_date_text

    return partial_date_text(day, incident["occurred_precision"], command_language())


def _styled(passage: str) -> str:
    """Convert the HTML of a highlight to styled terminal text."""
    parts = [displayable(html.unescape(part)) for part in re.split(r"<mark>(.*?)</mark>", passage)]
    return "".join(
        click.style(part, bold=True, fg="yellow") if position % 2 else part
        for position, part in enumerate(parts)
    )
