"""Search on text as people write it: questions and queries with typos about 120 invented incidents."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_FOLDER = Path(__file__).parent


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark, which imports the service only when it runs, to the command line."""
    parser = commands.add_parser(
        "wild", help="how well questions and misspelled queries find incidents", description=__doc__
    )
    parser.add_argument(
        "--questions",
        type=Path,
        default=_FOLDER / "questions.yaml",
        metavar="FILE",
        help="a list of {ask, language, expect} (default bench/wild/questions.yaml)",
    )
    parser.add_argument(
        "--spelling",
        type=Path,
        default=_FOLDER / "spelling.yaml",
        metavar="FILE",
        help="a list of {ask, typo, expect} (default bench/wild/spelling.yaml)",
    )
    parser.add_argument(
        "--misses",
        action="store_true",
        help="list what is not found among the first five, and the correct queries that were respelled",
    )
    parser.set_defaults(run=lambda options: importlib.import_module("bench.wild.report").run(options))
