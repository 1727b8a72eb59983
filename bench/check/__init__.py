"""Speed and memory of the pre-launch check over HTTP, beside searches, and beside other checkers of text."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark, which imports the service only when it runs, to the command line."""
    parser = commands.add_parser("check", help="speed and memory of checks of drafts", description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000, help="how many incidents (default 10000)")
    parser.add_argument("--guards", type=int, default=500, help="how many guards in all (default 500)")
    parser.add_argument("--drafts", type=int, default=400, help="how many timed drafts (default 400)")
    parser.add_argument("--folder", type=Path, help="where to keep the incidents for the next time")
    parser.set_defaults(run=lambda options: importlib.import_module("bench.check.report").run(options))
