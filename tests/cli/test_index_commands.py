"""`kb index`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from flask import Flask

from kb.cli import main
from kb.config import Settings
from kb.factory import create_app
from kb.services.infrastructure.runtime import engine
from kb.services.search import sync
from tests.support.api import Api


def run(settings: Settings, *arguments: str) -> Any:
    command = [*arguments, "--data-dir", str(settings.data_dir)]
    return CliRunner().invoke(main, command, obj=create_app)


def test_the_index_is_compared_with_the_database(app: Flask, admin: Api, settings: Settings) -> None:
    good = run(settings, "index", "verify", "--format", "json")
    assert (good.exit_code, json.loads(good.stdout)["equal"]) == (0, True)
    with app.app_context():
        (one, two, *_), seq = next(iter(sync._all_documents(None)))
        with engine().writing(timeout=5):
            stale = type(one)(**{**{name: getattr(one, name) for name in one.__slots__}, "kind": "near_miss"})
            extra = type(one)(**{**{name: getattr(one, name) for name in one.__slots__}, "id": 99})
            engine().apply([stale, extra], [two.id], seq)
    bad = run(settings, "index", "verify", "--format", "json")
    report = json.loads(bad.stdout)
    assert bad.exit_code == 1
    assert (report["missing"], report["different"], report["extra"]) == ([two.id], [one.id], [99])
    assert run(settings, "index", "rebuild").exit_code == 0
    assert run(settings, "index", "verify").exit_code == 0
    assert "6 incidents" in run(settings, "index", "status").stdout


def test_a_damaged_index_fails_its_verification(settings: Settings) -> None:
    (path,) = list(Path(settings.index_dir).glob("build-*/*.inv"))[:1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    result = run(settings, "index", "verify")
    assert result.exit_code == 1
    assert "rebuild" in result.output


def test_the_terminal_shows_the_same(settings: Settings) -> None:
    result = run(settings, "search", "--explain", "placholder", "-senator")
    assert result.exit_code == 0
    assert "placeholder" in result.output
    assert "relevance" in result.output
