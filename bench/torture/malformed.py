"""Requests as no client should send them, made from the OpenAPI document by schemathesis, in each role."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from bench.report import log
from bench.torture.service import Finding

if TYPE_CHECKING:
    from bench.torture.service import Trial

_OPERATIONS = 110
"""About how many operations the document has: schemathesis takes a number of examples for each."""

_AT_ONCE = 2
"""How many roles send at a time."""

_ENDING_ACCESS = ("delete_session", "delete_other_sessions", "revoke_token")
"""Operations after which the token is worth nothing, so that all others would only be refused."""


def run(trial: Trial) -> list[Finding]:
    """None is answered with a server error, whoever asks."""
    callers = {"anonymous": "", **trial.service.tokens}
    each = max(1, trial.requests // len(callers) // _OPERATIONS)
    seeds = [trial.rng.randrange(10**6) for _ in callers]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [*pool.map(lambda role, seed: _send(trial, role, callers[role], each, seed), callers, seeds)]


def _send(trial: Trial, role: str, token: str, each: int, seed: int) -> Finding:
    origin = f"http://127.0.0.1:{trial.service.port}"
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{origin}/openapi.json", "--origin", origin]
    command += ["--checks", "not_a_server_error", "--max-examples", f"{each}", "--mode", "all"]
    command += ["--seed", f"{seed}", "--phases", "fuzzing", "--suppress-health-check", "all"]
    command += ["--request-timeout", "60", "--continue-on-failure", "--generation-database", "none"]
    command += ["--no-color"]
    for operation in _ENDING_ACCESS:
        command += ["--exclude-operation-id", operation]
    if token:
        command += ["-H", f"Authorization: Bearer {token}"]
    started = time.monotonic()
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=trial.service.folder)  # noqa: S603
    if result.returncode:
        log(result.stdout)
    generated = re.search(r"([\d,]+) generated", result.stdout)
    seen = f"{generated[1] if generated else 'unknown'} requests, exit code {result.returncode}"
    log(f"  {role}: {seen}, {time.monotonic() - started:.0f} s")
    return Finding("13, 14", f"schemathesis, as {role}", seen, result.returncode == 0)
