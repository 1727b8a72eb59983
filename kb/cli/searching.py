"""`kb search`: precedents on a terminal."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import click

from kb.cli.common import format_option, say, with_app
from kb.domain.filters import IncidentFilter
from kb.domain.permissions import Actor, Role
from kb.services import index_sync
from kb.services import search as service
from kb.services.tokens import OPERATOR

_OPERATOR = Actor(OPERATOR, Role.ADMIN)


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 100), help="How many to show.")
@click.option("--lang", help="Show them in this language, where they exist in it.")
@format_option
@with_app
def search(words: tuple[str, ...], limit: int, lang: str | None, output_format: str) -> None:
    """Find incidents by WORDS, in any language. Works without a running server."""
    index_sync.ensure(timeout=60)
    page = service.search(_OPERATOR, " ".join(words), IncidentFilter(), [lang] if lang else [], limit=limit)
    if output_format == "json":
        click.echo(json.dumps(page, ensure_ascii=False, indent=2))
        return
    for number, item in enumerate(page["items"], 1):
        _print_hit(number, item)
    say(f"{page['total']} found in {page['took_ms']:.0f} ms.")


def _print_hit(number: int, item: dict[str, Any]) -> None:
    incident = item["incident"]
    click.secho(f"{number}. {incident['title']}", bold=True)
    severity = incident["severity"] or "?"
    click.echo(
        f"   {incident['organization']} · {incident['occurred_on']} · {incident['category']} · "
        f"severity {severity} · incident {incident['id']}"
    )
    passage = item["highlights"].get("summary") or next(iter(item["highlights"].values()), None)
    click.echo(f"   {_styled(passage) if passage else incident['summary']}\n")


def _styled(passage: str) -> str:
    """HTML of a highlight as text for a terminal."""
    parts = re.split(r"<mark>(.*?)</mark>", passage)
    return "".join(
        click.style(html.unescape(part), bold=True, fg="yellow") if position % 2 else html.unescape(part)
        for position, part in enumerate(parts)
    )
