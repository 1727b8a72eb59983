"""Load the rules for blameless texts: the shipped ones, and a team's own in its data folder."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kb.config import seeds_dir
from kb.domain.blameless import WORD_LISTS, BlamelessRules
from kb.domain.phrases import tokenize
from kb.reloaded_files import ReloadedFiles
from kb.services.infrastructure import runtime
from kb.yaml_text import read_yaml_file

if TYPE_CHECKING:
    from pathlib import Path

    from kb.domain.blameless import StyleHint

log = logging.getLogger(__name__)

LANGUAGES = ("en", "he")
KINDS = ("person", "contact")

_MAX_ENTRIES = 5_000
_MAX_GROUPS = 200
_MAX_CHARACTERS = 100
_MAX_WORDS = 6
_KEYS = {"replace", "suggest", "blame", *WORD_LISTS}

Configuration = dict[str, Any]


class RulesError(ValueError):
    """A rules file is not valid. The message says what to change."""


def current_rules() -> BlamelessRules:
    """The rules of the running application, reloaded if the team's file has changed."""
    return _files(runtime.settings().data_dir).current()


@lru_cache(maxsize=200)
def hints_of(rules: BlamelessRules, text: str, organization: str) -> tuple[StyleHint, ...]:
    """All hints on a text of an incident, memoized, since a write checks style first and concerns later.

    Naming the organization is fine.
    """
    return tuple(rules.hints(text, allowed=[organization]))


@lru_cache(maxsize=8)
def _files(data_dir: Path) -> BlamelessFiles:
    return BlamelessFiles(seeds_dir() / "blameless.yaml", data_dir / "blameless.yaml")


class BlamelessFiles(ReloadedFiles[BlamelessRules]):
    """The shipped rules and a team's own, reloaded when the team's file changes."""

    error = RulesError

    def read(self, own: Path | None) -> BlamelessRules:
        """The rules of the shipped file and a team's own. Raises RulesError."""
        return BlamelessRules(_merge(_shipped(self._shipped), load(own) if own else {}))


@lru_cache(maxsize=8)
def _shipped(path: Path) -> Configuration:
    """The shipped rules, which do not change. Hints block nobody, so an invalid file counts as empty."""
    try:
        return load(path)
    except RulesError as error:
        log.warning("Rules for blameless texts that are not valid are ignored: %s", error)
        return {}


def _merge(shipped: Configuration, own: Configuration) -> Configuration:
    """Both configurations as one. With `replace: true`, only the suggestions of the shipped one remain."""
    suggest = {**shipped.get("suggest", {}), **own.get("suggest", {})}
    if own.get("replace"):
        return {**own, "suggest": suggest}
    result: Configuration = {
        "suggest": suggest,
        # A team's groups come last: if a phrase is in two groups, the last suggestion counts.
        "blame": [*shipped.get("blame", ()), *own.get("blame", ())],
    }
    for name in WORD_LISTS:
        lists = shipped.get(name, {}), own.get(name, {})
        result[name] = {
            tag: [entry for by_tag in lists for entry in by_tag.get(tag, ())] for tag in LANGUAGES
        }
    return result


def load(path: Path) -> Configuration:
    """The configuration in a file. Raises RulesError if it is not valid."""
    content = read_yaml_file(path, RulesError)
    if not isinstance(content, dict):
        raise RulesError(f"{path} must have keys such as `blame:` and `public_figures:`.")
    if unknown := content.keys() - _KEYS:
        raise RulesError(f"{path} has `{min(map(str, unknown))}:`, which is not a key of the rules.")
    if not isinstance(content.get("replace", False), bool):
        raise RulesError(f"`replace:` of {path} must be true or false.")
    suggest = content.get("suggest", {})
    if not isinstance(suggest, dict) or suggest.keys() - set(KINDS):
        raise RulesError(f"`suggest:` of {path} may have `person:` and `contact:`.")
    for kind, texts in suggest.items():
        _check_texts(f"`suggest: {kind}:` of {path}", texts)
    groups = content.get("blame", [])
    if not isinstance(groups, list) or len(groups) > _MAX_GROUPS:
        raise RulesError(f"`blame:` of {path} must be a list of at most {_MAX_GROUPS} groups.")
    for number, group in enumerate(groups, 1):
        _check_group(f"Group {number} of `blame:` of {path}", group)
    for name in WORD_LISTS:
        _check_lists(f"`{name}:` of {path}", content.get(name, {}))
    return content


def _check_group(name: str, group: Any) -> None:
    if not isinstance(group, dict) or group.keys() != {"phrases", "suggest"}:
        raise RulesError(f"{name} must have `phrases:` and `suggest:`, and nothing else.")
    _check_lists(f"`phrases:` in {name[0].lower()}{name[1:]}", group["phrases"])
    _check_texts(f"`suggest:` in {name[0].lower()}{name[1:]}", group["suggest"])


def _check_texts(name: str, texts: Any) -> None:
    has_both = isinstance(texts, dict) and texts.keys() == set(LANGUAGES)
    if not has_both or not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise RulesError(f"{name} must have a text under `en:` and one under `he:`.")


def _check_lists(name: str, lists: Any) -> None:
    if not isinstance(lists, dict) or lists.keys() - set(LANGUAGES):
        raise RulesError(f"{name} must have a list under `en:`, under `he:`, or under both.")
    for entries in lists.values():
        if not isinstance(entries, list) or len(entries) > _MAX_ENTRIES:
            raise RulesError(f"{name} must have lists of at most {_MAX_ENTRIES} words or phrases.")
        for number, entry in enumerate(entries, 1):
            if not isinstance(entry, str):
                raise RulesError(f"{name}: YAML reads entry {number} as {entry!r}. Write it in quotes.")
            if len(entry) > _MAX_CHARACTERS or not 1 <= len(list(tokenize(entry))) <= _MAX_WORDS:
                raise RulesError(f"{name}: {entry[:50]!r} must have one to {_MAX_WORDS} words.")
