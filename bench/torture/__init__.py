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

from bench.report import log, machine, subset_of, table, versions, write
from bench.torture import damage, kills, locks, malformed, orphans, slow_clients
from bench.torture.service import Service

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from bench.torture.service import Finding, Trial

TRIALS: dict[str, Callable[[Trial], list[Finding]]] = {
    "kills": kills.run,
    "orphans": orphans.run,
    "damage": damage.run,
    "locks": locks.run,
    "slow-clients": slow_clients.run,
    "malformed": malformed.run,
}


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the torture to the command line."""
    parser = commands.add_parser("torture", help="whether it keeps its promises", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of what is chosen at random (default 1)")
    parser.add_argument("--documents", type=int, default=1_000, help="how many incidents (default 1000)")
    parser.add_argument("--seconds", type=float, default=30, help="how long each trial goes on (default 30)")
    parser.add_argument("--requests", type=int, default=5_000, help="malformed requests (default 5000)")
    parser.add_argument(
        "--database", default="", help="URL of an empty PostgreSQL database, instead of SQLite"
    )
    parser.add_argument(
        "--only", type=subset_of([*TRIALS]), default=[*TRIALS], help=f"trials: {','.join(TRIALS)}"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the trials one after another on one installation, and print the table."""
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        service = Service(Path(folder), options.database)
        service.prepare(options.documents)
        for name in options.only:
            log(f"{name}, seed {options.seed}")
            with closing(service):
                service.start()
                rng = random.Random(f"{name} {options.seed}")  # noqa: S311 (nothing secret)
                findings += TRIALS[name](service.trial(rng, options))
    database = "PostgreSQL" if options.database else "SQLite"
    write(f"{options.documents:,} incidents, seed {options.seed}, {database}.")
    write(f"{machine()}; {', '.join(f'{name} {version}' for name, version in versions().items())}\n")
    rows = [[f.promise, f.done, f.seen, "yes" if f.kept else "NO"] for f in findings]
    write(table(["promise", "what was done", "what was seen", "kept"], rows))
    return 0 if all(finding.kept for finding in findings) else 1
