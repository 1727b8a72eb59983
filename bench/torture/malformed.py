"""Requests as no client should send them, made from the OpenAPI document by schemathesis."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from bench.report import log
from bench.torture.service import Finding

if TYPE_CHECKING:
    from bench.torture.service import Trial

_OPERATIONS = 80
"""About how many operations the document has: schemathesis takes a number of examples for each."""


_ENDING_ACCESS = ("delete_session", "delete_other_sessions", "revoke_token")
"""Operations after which the token is worth nothing, so that all others would only be refused."""


def run(trial: Trial) -> list[Finding]:
    """None is answered with a server error."""
    each = max(1, trial.requests // _OPERATIONS)
    origin = f"http://127.0.0.1:{trial.service.port}"
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{origin}/openapi.json", "--origin", origin]
    command += ["--checks", "not_a_server_error", "--max-examples", str(each), "--mode", "all", "--no-color"]
    command += [
        "--seed",
        str(trial.rng.randrange(10**6)),
        "--phases",
        "fuzzing",
        "--suppress-health-check",
        "all",
    ]
    command += ["--request-timeout", "60"]
    for operation in _ENDING_ACCESS:
        command += ["--exclude-operation-id", operation]
    command += ["-H", f"Authorization: Bearer {trial.service.token}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode:
        log(result.stdout)
    generated = re.search(r"([\d,]+) generated", result.stdout)
    seen = f"{generated[1] if generated else 'unknown'} requests, exit code {result.returncode}"
    return [Finding("13, 14", "schemathesis, as an administrator", seen, result.returncode == 0)]
