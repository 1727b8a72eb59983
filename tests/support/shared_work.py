"""Work that is the same for every application of a session, done once for all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from kb import factory
from kb.config import seeds_dir
from kb.models import base, write_log
from kb.services.accounts import passwords
from kb.services.review import blameless_rules


@contextmanager
def shared_work() -> Iterator[None]:
    """Share compiled templates, compiled SQL and shipped rules; hash passwords cheaply; sync no disk."""
    shipped = seeds_dir() / "blameless.yaml"
    parse = blameless_rules.load
    shipped_rules = cache(lambda: parse(shipped))
    statements = {"execution_options": {"compiled_cache": _Statements()}}
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    def load(path: Path) -> Any:
        return shipped_rules() if path == shipped else parse(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blameless_rules, "load", load)
        patch.setitem(Flask.jinja_options, "bytecode_cache", _Templates())
        patch.setattr(factory, "engine_options", lambda url: base.engine_options(url) | statements)
        patch.setattr(passwords, "_hasher", lambda: hasher)
        # Tests kill processes, but never the machine.
        patch.setattr(base, "SYNCHRONOUS", "OFF")
        patch.setattr(base, "SYNCHRONOUS_LATER", "OFF")
        patch.setattr(write_log, "fdatasync", lambda _: None)
        patch.setattr(os, "fsync", lambda _: None)
        yield


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
