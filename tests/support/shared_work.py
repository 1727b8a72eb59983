"""Work that is the same for every application of a session, done once for all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.orm import Mapper
from werkzeug.routing import Rule

from kb import factory
from kb.config import seeds_dir
from kb.domain.blameless import BlamelessRules
from kb.models import base, write_log
from kb.search import hebrew
from kb.search.whoosh_engine.format.arrays import Array
from kb.search.whoosh_engine.format.segment import Segment
from kb.search.whoosh_engine.querying import vocabulary as vocabularies
from kb.search.whoosh_engine.querying.segment_vocabulary import SegmentVocabulary
from kb.services.accounts import passwords
from kb.services.operations import bootstrap
from kb.services.review import blameless_rules
from tests.support.shared_migrations import migrating_once

_MAX_VOCABULARIES = 30
"""A session of tests holds as many words of indexes: those of the prepared one, and of whoever reads it."""


@contextmanager
def shared_work() -> Iterator[None]:
    """Share what is compiled of templates, SQL and URL rules, shipped rules, the words of indexes, and what
    migrations do to an empty database; hash passwords cheaply; sync no disk."""
    shipped = seeds_dir() / "blameless.yaml"
    parse, merge = blameless_rules.load, blameless_rules._merge
    shipped_rules = cache(lambda: parse(shipped))
    only_shipped = cache(lambda: merge(shipped_rules(), {}))
    built_of_shipped = cache(lambda: BlamelessRules(only_shipped()))
    statements = _Statements()
    options = {"execution_options": {"compiled_cache": statements}}
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    def load(path: Path) -> Any:
        return shipped_rules() if path == shipped else parse(path)

    def merge_rules(first: Any, custom: Any) -> Any:
        return only_shipped() if first is shipped_rules() and not custom else merge(first, custom)

    def build_rules(configuration: Any) -> BlamelessRules:
        """Thousands of phrases, which an application without rules of its own shares with all others."""
        return built_of_shipped() if configuration is only_shipped() else BlamelessRules(configuration)

    vocabulary_of = lru_cache(maxsize=100)(hebrew.Vocabulary)

    def vocabulary(words: Iterable[str]) -> hebrew.Vocabulary:
        """Each test has a copy of the same index, whose words need to be taken apart once."""
        return vocabulary_of(tuple(words))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blameless_rules, "load", load)
        patch.setattr(blameless_rules, "_merge", merge_rules)
        patch.setattr(blameless_rules, "BlamelessRules", build_rules)
        patch.setitem(Flask.jinja_options, "bytecode_cache", _Templates())
        patch.setattr(factory, "engine_options", lambda url: base.engine_options(url) | options)
        patch.setattr(Mapper, "_compiled_cache", statements)  # of what the session inserts and changes
        patch.setattr(passwords, "_hasher", lambda: hasher)
        patch.setattr(hebrew, "Vocabulary", vocabulary)
        patch.setattr(vocabularies, "SegmentVocabulary", _vocabularies_by_content())
        patch.setattr(Rule, "compile", _compiling_once(Rule.compile))
        patch.setattr(bootstrap, "upgrade_database", migrating_once(bootstrap.upgrade_database))
        # Tests kill processes, but never the machine.
        patch.setattr(base, "SYNCHRONOUS", "OFF")
        patch.setattr(base, "SYNCHRONOUS_LATER", "OFF")
        patch.setattr(write_log, "fdatasync", lambda _: None)
        patch.setattr(os, "fsync", lambda _: None)
        yield


def _compiling_once(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """`Rule.compile`, which takes over what the first rule of the same form has compiled."""
    compiled: dict[Any, Rule] = {}

    def compile_once(rule: Rule) -> None:
        form = (type(rule), rule.rule, rule.subdomain, rule.merge_slashes, repr(rule.defaults))
        if (first := compiled.get(form)) is None:
            compile_rule(rule)
            compiled[form] = rule
            return
        rule._parts, rule._trace, rule._converters = first._parts, first._trace, first._converters
        rule.arguments |= first.arguments
        for name in ("_build", "_build_unknown"):
            setattr(rule, name, getattr(first, name).__func__.__get__(rule))

    return compile_once


def _vocabularies_by_content() -> Callable[..., SegmentVocabulary]:
    """`SegmentVocabulary`, made once for segments with the same words, as copies of an index have them.

    It is made of terms and surface forms only, and all that changes in it is what it has computed.
    """
    known: dict[tuple[bytes, bytes | None, bytes | None], SegmentVocabulary] = {}

    def vocabulary(
        segment: Segment, visible: Array | None, larger: SegmentVocabulary | None, ordinals: Array | None
    ) -> SegmentVocabulary:
        content = blake2b()
        for name in ("term", "surface_forms"):
            content.update(segment._inverted.read(f"{name}_offsets").tobytes())
            content.update(segment._inverted.read(name).tobytes())
        chosen = [None if each is None else each.tobytes() for each in (visible, ordinals)]
        key = (content.digest(), chosen[0], chosen[1])
        if (found := known.pop(key, None)) is None:
            found = SegmentVocabulary(segment, visible, larger, ordinals)
        known[key] = found
        if len(known) > _MAX_VOCABULARIES:
            del known[next(iter(known))]
        return found

    return vocabulary


class _Templates(BytecodeCache):
    """The compiled templates of all applications, by name and content."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


class _Statements(dict[Any, Any]):
    """The compiled SQL of all engines, by database. SQLAlchemy's own keys hold the engine's dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)
