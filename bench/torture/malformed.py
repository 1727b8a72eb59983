"""Requests as no client should send them, made from the OpenAPI document by schemathesis, in each role."""

from __future__ import annotations

import math
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
"""About how many operations the document has: schemathesis takes a number of examples for each, and of some
it finds fewer. What is missing is sent in another round, of other seeds."""

_AT_ONCE = 2
"""How many roles send at a time."""

_ENDING_ACCESS = ("delete_session", "delete_other_sessions", "revoke_token")
"""Operations after which the token is worth nothing, so that all others would only be refused."""


def run(trial: Trial) -> list[Finding]:
    """None is answered with a server error, whoever asks."""
    callers = {"anonymous": "", **trial.service.tokens}
    share = math.ceil(trial.requests / len(callers))
    seeds = [trial.rng.randrange(10**6) for _ in callers]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [*pool.map(lambda role, seed: _send(trial, role, callers[role], share, seed), callers, seeds)]


def _send(trial: Trial, role: str, token: str, share: int, seed: int) -> Finding:
    """Send requests in a role, as many as its share or somewhat more, until one fails."""
    started, sent, code = time.monotonic(), 0, 0
    while sent < share and not code:
        generated, code = _send_round(trial, token, math.ceil((share - sent) / _OPERATIONS), seed)
        if not generated:
            break
        sent, seed = sent + generated, seed + 1
    seen = f"{sent:,} requests, exit code {code}"
    log(f"  {role}: {seen}, {time.monotonic() - started:.0f} s")
    return Finding("13, 14", f"schemathesis, as {role}", seen, sent >= share and code == 0)


def _send_round(trial: Trial, token: str, each: int, seed: int) -> tuple[int, int]:
    """Send some requests for each operation: how many they were, and the exit code of schemathesis."""
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
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=trial.service.folder)  # noqa: S603
    if result.returncode:
        log(result.stdout)
    generated = re.search(r"([\d,]+) generated", result.stdout)
    return int(generated[1].replace(",", "")) if generated else 0, result.returncode
