"""Load the rules for blameless texts from the shipped file and a custom one in the data folder."""

from __future__ import annotations

import logging
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kb.config import seeds_dir
from kb.domain.blameless import WORD_LISTS, BlamelessRules
from kb.domain.phrases import tokenize
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
_UNREADABLE = (-1, -1)  # the stamp of a file that cannot be inspected

Configuration = dict[str, Any]
_Stamp = tuple[int, int] | None


class RulesError(ValueError):
    """A rules file is not valid. The message says what to change."""


def current_rules() -> BlamelessRules:
    """The rules of the running application, reloaded if a file has changed."""
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


class BlamelessFiles:
    """The shipped and the custom rules combined, reloaded when either file changes."""

    def __init__(self, shipped: Path, custom: Path) -> None:
        self._shipped = _File(shipped)
        self._custom = _File(custom)
        self._lock = threading.Lock()
        self._state: tuple[tuple[_Stamp, _Stamp], BlamelessRules] | None = None

    def current(self) -> BlamelessRules:
        """The current rules; if a file is no longer valid, with its last valid content."""
        stamps = self._shipped.stamp(), self._custom.stamp()
        state = self._state
        if state is None or state[0] != stamps:
            with self._lock:
                state = self._state
                if state is None or state[0] != stamps:
                    configuration = _merge(self._shipped.read(stamps[0]), self._custom.read(stamps[1]))
                    state = self._state = stamps, BlamelessRules(configuration)
        return state[1]


class _File:
    """One rules file and its last valid content."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last: Configuration = {}
        self._last_stamp: tuple[_Stamp] | None = None

    def stamp(self) -> _Stamp:
        """A value that changes whenever the file does; None if there is no file."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError:
            return _UNREADABLE
        return stat.st_mtime_ns, stat.st_size

    def read(self, stamp: _Stamp) -> Configuration:
        """The file's content, read once per stamp. An error is logged, and the last valid content stays."""
        if self._last_stamp != (stamp,):
            self._last_stamp = (stamp,)
            try:
                self._last = {} if stamp is None else load(self._path)
            except RulesError as error:
                log.warning("Rules for blameless texts that are not valid are ignored: %s", error)
        return self._last


def _merge(shipped: Configuration, custom: Configuration) -> Configuration:
    """Both configurations as one. With `replace: true`, only the suggestions of the shipped one remain."""
    suggest = {**shipped.get("suggest", {}), **custom.get("suggest", {})}
    if custom.get("replace"):
        return {**custom, "suggest": suggest}
    result: Configuration = {
        "suggest": suggest,
        # Custom groups come last: if a phrase is in two groups, the last suggestion counts.
        "blame": [*shipped.get("blame", ()), *custom.get("blame", ())],
    }
    for name in WORD_LISTS:
        lists = shipped.get(name, {}), custom.get(name, {})
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
