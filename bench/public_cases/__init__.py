"""The public cases: whether questions find them, drafts recall them, and second reports are noticed.

The questions and the drafts are by people who had seen the titles only, and the second reports by two
who knew the cases, but not how duplicates are found.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark, which imports the service only when it runs, to the command line."""
    parser = commands.add_parser(
        "public-cases",
        help="how well the public cases are found, recalled by drafts, and noticed when filed again",
        description=__doc__,
    )
    parser.add_argument("--misses", action="store_true", help="list what is not found among the first five")
    parser.set_defaults(run=lambda options: importlib.import_module("bench.public_cases.report").run(options))
