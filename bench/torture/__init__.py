"""Trials of a running `kb serve`: what it promises is broken on purpose, and counted.

Each trial is bounded and seeded, says on standard error what it does, and adds its rows to one table. The
exit code is 1 if a promise was not kept.
"""

from __future__ import annotations

import random
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from bench.report import environment, log, subset_of, table, write
from bench.torture import damage, kills, locks, machines, malformed, orphans, slow_clients
from bench.torture.service import Service

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from bench.torture.service import Finding, Trial

TRIALS: dict[str, Callable[[Trial], list[Finding]]] = {
    "kills": kills.run,
    "orphans": orphans.run,
    "damage": damage.run,
    "locks": locks.run,
    "slow-clients": slow_clients.run,
    "malformed": malformed.run,
}

_MACHINES = "machines"
"""The trial that makes installations of its own, on a PostgreSQL of its own."""

_NAMES = [*TRIALS, _MACHINES]

_MIN_MACHINES = 2
"""How many machines there are with an even seed; with an odd one there is one more."""

_WRITES_A_KILL = 200


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the torture to the command line."""
    parser = commands.add_parser("torture", help="whether it keeps its promises", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of what is chosen at random (default 1)")
    parser.add_argument(
        "--repeat", type=int, default=1, help="how often, each time with the next seed (default once)"
    )
    parser.add_argument("--documents", type=int, default=1_000, help="how many incidents (default 1000)")
    parser.add_argument("--seconds", type=float, default=30, help="how long each trial goes on (default 30)")
    parser.add_argument("--requests", type=int, default=5_000, help="malformed requests (default 5000)")
    parser.add_argument(
        "--writes", type=int, default=2_000, help="least number of writes to all machines (default 2000)"
    )
    parser.add_argument(
        "--database", default="", help="URL of an empty PostgreSQL database, instead of SQLite"
    )
    parser.add_argument("--only", type=subset_of(_NAMES), default=_NAMES, help=f"trials: {','.join(_NAMES)}")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the trials one after another, as often as asked, and print the table."""
    findings = [
        (seed, finding)
        for seed in range(options.seed, options.seed + options.repeat)
        for finding in _run_once(options, seed)
    ]
    database = "PostgreSQL" if options.database else "SQLite"
    write(f"{options.documents:,} incidents, {database} ({_MACHINES}: PostgreSQL).")
    write(f"{environment()}\n")
    rows = [[f"{seed}", f.promise, f.done, f.seen, "yes" if f.kept else "NO"] for seed, f in findings]
    write(table(["seed", "promise", "what was done", "what was seen", "kept"], rows))
    return 0 if all(finding.kept for _, finding in findings) else 1


def _run_once(options: argparse.Namespace, seed: int) -> list[Finding]:
    """Run the trials with one seed: those of one installation, and that of several machines."""
    findings = []
    if trials := [name for name in options.only if name in TRIALS]:
        findings += _torture_one(options, seed, trials)
    if _MACHINES in options.only:
        count, kills = _MIN_MACHINES + seed % 2, options.writes // _WRITES_A_KILL
        plan = machines.Plan(seed, count, options.writes, options.documents, kills)
        findings += machines.run(plan)
    return findings


def _torture_one(options: argparse.Namespace, seed: int, trials: Sequence[str]) -> list[Finding]:
    """Run some trials one after another on one installation."""
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        service = Service(Path(folder), options.database)
        service.prepare(options.documents)
        for name in trials:
            log(f"{name}, seed {seed}")
            with closing(service):
                service.start()
                rng = random.Random(f"{name} {seed}")  # noqa: S311 (nothing secret)
                findings += TRIALS[name](service.trial(rng, options))
    return findings
