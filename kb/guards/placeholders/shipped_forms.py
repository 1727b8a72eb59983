"""Rules for unfinished text kept as data; `seeds/unfinished.yaml` documents them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from kb.config import seeds_dir
from kb.guards.patterns.pattern_set import compile_shipped
from kb.guards.placeholders.site import Rule, Site
from kb.yaml_text import read_shipped_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import re2

_TABLE = re.compile(r"<(\w+)>")


@cache
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = read_shipped_yaml(seeds_dir() / "unfinished.yaml")
    return content


def table(name: str) -> list[str]:
    """The words of a table in the file."""
    words: list[str] = _content()["tables"][name]
    return words


@cache
def shipped_forms() -> tuple[Rule, ...]:
    """The rules for certain cases, compiled once."""
    return tuple(_rules(_content(), slip=False))


@cache
def slip_forms() -> tuple[Rule, ...]:
    """The rules for less certain cases (`slip`), compiled once."""
    return tuple(_rules(_content(), slip=True))


def assistant_forms() -> tuple[Rule, ...]:
    """The rules for what a writing assistant says around its text (`assistant`)."""
    rows = [row for row in _content()["rules"] if row.get("assistant")]
    return tuple(_rules({**_content(), "rules": rows}, slip=False))


def _rules(content: Mapping[str, Any], *, slip: bool) -> Iterator[Rule]:
    tables: Mapping[str, list[str]] = content["tables"]
    for row in content["rules"]:
        if bool(row.get("slip")) is not slip:
            continue
        check = _check(row, tables)
        yield from (Rule(_with_tables(pattern, tables), check) for pattern in row["find"])


def _with_tables(pattern: str, tables: Mapping[str, list[str]]) -> str:
    """Expand the tables that a pattern names; other words in angle brackets are left alone."""

    def words(name: re.Match[str]) -> str:
        table = tables.get(name.group(1))
        return (
            f"(?:{'|'.join(table)})"
            if table and pattern[name.start() - 1 : name.start()] != "P"
            else name.group()
        )

    return _TABLE.sub(words, pattern)


def _check(row: Mapping[str, Any], tables: Mapping[str, list[str]]) -> Callable[[Site], bool]:
    """Build a rule's check of whether a site counts, given its surroundings."""
    whole = _compiled(row.get("site"), "^(?:{})$", ignore_case=False, tables=tables)
    before = _compiled(row.get("before"), "(?:{})$", ignore_case=True, tables=tables)
    not_before = _compiled(row.get("not_before"), "(?:{})$", ignore_case=True, tables=tables)
    not_after = _compiled(row.get("not_after"), "^(?:{})", ignore_case=True, tables=tables)
    unless = _compiled(row.get("unless"), "{}", ignore_case=False, tables=tables)
    everywhere = bool(row.get("everywhere"))

    def is_unfinished(site: Site) -> bool:
        if (whole and not whole.search(site.found)) or (before and not before.search(site.before)):
            return False
        return not (
            site.is_in_code
            or (not_before and not_before.search(site.before))
            or (not_after and not_after.search(site.after))
            or (not everywhere and site.surroundings.is_documentation)
            or (unless and site.surroundings.mentions(unless))
        )

    return is_unfinished


def _compiled(
    pattern: str | None, frame: str, *, ignore_case: bool, tables: Mapping[str, list[str]]
) -> re2._Regexp | None:
    if pattern is None:
        return None
    return compile_shipped(frame.format(_with_tables(pattern, tables)), ignore_case=ignore_case)
