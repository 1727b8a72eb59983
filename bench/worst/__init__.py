"""The CPU time of the worst request that each endpoint accepts, and of bombs that it must refuse cheaply."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark, which imports the service only when it runs, to the command line."""
    parser = commands.add_parser("worst", help="the dearest request of each endpoint", description=__doc__)
    parser.add_argument("--incidents", type=int, default=10_000, help="how many incidents (default 10000)")
    parser.add_argument("--seeds", type=int, default=2, help="times that each request is made (default 2)")
    parser.add_argument("--folder", type=Path, help="where to keep the incidents for the next time")
    parser.add_argument(
        "--languages", type=int, default=1, help="how many languages the index has (default 1)"
    )
    parser.add_argument("--only", default="*", help="only these endpoints: patterns such as search,get_*")
    parser.add_argument("--all", action="store_true", help="list every request, not just the worst of each")
    parser.add_argument("--brief", action="store_true", help="without what differs in headers of reads only")
    parser.set_defaults(run=lambda options: importlib.import_module("bench.worst.report").run(options))
