"""Files of the index are damaged while it is asked."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING

from bench.folders import files_below
from bench.report import log
from bench.torture.service import Finding

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from bench.torture.service import Service, Trial

_HEALING_SECONDS = 120.0
_QUERY = "/search?q="


def run(trial: Trial) -> list[Finding]:
    """Reading by id goes on, a search is right or answers 503, and the index heals itself."""
    service, rng = trial.service, trial.rng
    expected = json.loads(service.get(_QUERY).body)["total"]
    answers, damaged, unreadable, slowest = Counter[str](), Counter[str](), 0, 0.0
    deadline = time.monotonic() + trial.seconds
    while time.monotonic() < deadline:
        files = sorted(path for path, status in files_below(service.data / "index") if status.st_size)
        how = rng.choice(["truncated", "flipped", "removed"])
        path = rng.choice(files)
        log(f"  {how}: {path.name}")
        _damage(path, how, rng)
        damaged[how] += 1
        started = time.monotonic()
        while (
            answer := _answer(service, expected)
        ) != "right" and time.monotonic() - started < _HEALING_SECONDS:
            answers[answer] += 1
            unreadable += service.get("/incidents/1").status != 200
            time.sleep(0.05)
        answers[answer] += 1
        slowest = max(slowest, time.monotonic() - started)
    done = ", ".join(f"{number} {how}" for how, number in sorted(damaged.items()))
    seen = ", ".join(f"{number} {answer}" for answer, number in sorted(answers.items()))
    return [
        Finding("3", f"files of the index: {done}", f"searches: {seen}", not set(answers) - {"right", "503"}),
        Finding("3", "reading by id meanwhile", f"{unreadable} failed", not unreadable),
        Finding("3", "until searches are right", f"{slowest:.1f} s at most", slowest < _HEALING_SECONDS),
    ]


def _damage(path: Path, how: str, rng: random.Random) -> None:
    if how == "removed":
        path.unlink()
        return
    size = path.stat().st_size
    with path.open("r+b") as file:
        if how == "truncated":
            file.truncate(rng.randrange(size))
        else:
            position = rng.randrange(size)
            file.seek(position)
            (byte,) = file.read(1)
            file.seek(position)
            file.write(bytes([byte ^ 1 << rng.randrange(8)]))


def _answer(service: Service, expected: int) -> str:
    """`right`, `wrong` or the status of the answer to a search that no cache can answer."""
    response = service.get(f"{_QUERY}&limit={1 + time.monotonic_ns() % 100}")
    if response.status != 200:
        return str(response.status)
    return "right" if json.loads(response.body)["total"] == expected else "wrong"
