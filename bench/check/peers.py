"""Other checkers of text on the same drafts, where they are installed: Vale and proselint.

Vale (https://vale.sh) is given the guards on words and patterns as rules of its own. It finds words as they
are written, not their other forms, and knows no concepts, days, calendars or precedents; it starts anew for
each run. proselint has rules of its own about style, in English.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from bench.report import log

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class PeerCosts(NamedTuple):
    """A checker, how many rules it has, and milliseconds of CPU time: of a draft, and of its start."""

    name: str
    rules: int
    draft: float
    start: float


def measure_peers(drafts: Sequence[str], guards: Sequence[Mapping[str, Any]]) -> Iterator[PeerCosts]:
    """The costs of each checker that is installed; a line on standard error for each that is not."""
    if shutil.which("vale"):
        yield _vale(drafts, guards)
    else:
        log("Skipped: Vale (there is no command vale)")
    if importlib.util.find_spec("proselint"):
        yield _proselint(drafts)
    else:
        log("Skipped: proselint (not installed)")


def _vale(drafts: Sequence[str], guards: Sequence[Mapping[str, Any]]) -> PeerCosts:
    with tempfile.TemporaryDirectory(prefix="bench-vale-") as name:
        folder = Path(name)
        rules = _write_vale_rules(folder, guards)
        _write_texts(folder / "one", drafts[:1])
        _write_texts(folder / "all", drafts)
        start = min(_vale_cpu_ms(folder, "one") for _ in range(3))
        total = min(_vale_cpu_ms(folder, "all") for _ in range(3))
    return PeerCosts("Vale, all drafts in one run", rules, (total - start) / max(1, len(drafts) - 1), start)


def _write_vale_rules(folder: Path, guards: Sequence[Mapping[str, Any]]) -> int:
    """Write a style with a rule for each guard on words or a pattern; returns how many there are."""
    style = folder / "styles" / "Bench"
    style.mkdir(parents=True)
    listed = [guard for guard in guards if guard["type"] in ("phrase", "pattern")]
    for guard in listed:
        parameters = guard["parameters"]
        tokens = parameters.get("phrases") or [parameters["pattern"].strip()]
        rule = {
            "extends": "existence",
            "message": "'%s' is on the list.",
            "level": "warning",
            "ignorecase": True,
            "tokens": tokens,
        }
        (style / f"{guard['key']}.yml").write_text(yaml.safe_dump(rule, allow_unicode=True), encoding="utf-8")
    settings = "StylesPath = styles\nMinAlertLevel = suggestion\n[*.txt]\nBasedOnStyles = Bench\n"
    (folder / ".vale.ini").write_text(settings)
    return len(listed)


def _write_texts(folder: Path, drafts: Sequence[str]) -> None:
    folder.mkdir()
    for number, draft in enumerate(drafts):
        (folder / f"{number}.txt").write_text(draft, encoding="utf-8")


def _vale_cpu_ms(folder: Path, texts: str) -> float:
    """The CPU time of a run over a folder of texts, in all its threads. Raises RuntimeError if it fails."""
    with subprocess.Popen(  # noqa: S603 (our own command)
        ["vale", "--no-exit", "--output=JSON", texts],  # noqa: S607 (the one on the path)
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("Vale failed.")
    return (usage.ru_utime + usage.ru_stime) * 1000


def _proselint(drafts: Sequence[str]) -> PeerCosts:
    started = time.process_time()
    checks = importlib.import_module("proselint.checks").__register__
    registry = importlib.import_module("proselint.registry").CheckRegistry()
    lint_file = importlib.import_module("proselint.tools").LintFile
    registry.register_many(checks)
    lint_file("draft", content=drafts[0]).lint()
    start = (time.process_time() - started) * 1000
    times = []
    for draft in drafts:
        started = time.process_time()
        lint_file("draft", content=draft).lint()
        times.append((time.process_time() - started) * 1000)
    return PeerCosts("proselint, in process", len(registry.checks), statistics.median(times), start)
