"""Click callbacks that read the options of `kb check`, with errors that say what to write instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kb.cli.language import wrong_value
from kb.domain.time_zones import find_time_zone, unknown_zone
from kb.errors import InvalidInput
from kb.messages import Message
from kb.services.check.calendars.columns import read_mapping

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    import click

_SPACE = re.compile(r"\s")


def read_suppressions(
    _context: click.Context, _option: click.Parameter, texts: Sequence[str]
) -> list[dict[str, str]]:
    """Read the guards of `--suppress`, each with its reason."""
    suppressions = []
    for text in texts:
        guard, equals, reason = text.partition("=")
        if not equals or not guard.strip() or not reason.strip():
            raise wrong_value(Message("{text!r} gives no reason. Write GUARD=REASON.", text=text))
        suppressions.append({"guard": guard.strip(), "reason": reason.strip()})
    return suppressions


def read_columns(_context: click.Context, _option: click.Parameter, texts: Sequence[str]) -> dict[str, str]:
    """Read the columns of `--columns`, by field."""
    try:
        return read_mapping([pair for text in texts for pair in text.split(",")])
    except InvalidInput as error:
        raise wrong_value(error.errors[0].detail) from error


def read_countries(
    _context: click.Context, _option: click.Parameter, texts: Sequence[str]
) -> tuple[str, ...]:
    """Read the countries of `--country`, given by code or by name in English or Hebrew, as codes."""
    from kb.domain import countries

    codes: dict[str, None] = {}
    for text in texts:
        known, unknown = countries.read_countries(text)
        if unknown or not known:
            raise wrong_value(
                Message(
                    "There is no country {name!r}. Write a name or a two-letter code, such as Israel or IL.",
                    name=", ".join(unknown) if known else text,
                )
            )
        codes.update(dict.fromkeys(known))
    return tuple(codes)


def read_zone(_context: click.Context, _option: click.Parameter, name: str | None) -> ZoneInfo | None:
    """Read the zone of `--time-zone`."""
    if name is None:
        return None
    zone = find_time_zone(name)
    if zone is None:
        raise wrong_value(unknown_zone(name))
    return zone


def read_server(_context: click.Context, _option: click.Parameter, url: str | None) -> str | None:
    """Read the URL of `--server`."""
    if url is not None and not _is_address(url):
        raise wrong_value(Message("{url!r} is no address. Write one such as https://kb.example.com", url=url))
    return url


def _is_address(url: str) -> bool:
    """Whether a text is the URL of a host, with a valid port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and not _SPACE.search(url)
