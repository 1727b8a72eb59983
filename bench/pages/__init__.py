"""Time and size of each page for people, beside the requests to the API that show the same."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark, which imports the service only when it runs, to the command line."""
    parser = commands.add_parser("pages", help="time and size of pages, beside the API", description=__doc__)
    parser.add_argument("--documents", type=int, default=1000, help="how many incidents (default 1000)")
    parser.add_argument("--requests", type=int, default=60, help="requests of each kind (default 60)")
    parser.add_argument("--language", choices=["en", "he"], default="en", help="of the pages (default en)")
    parser.add_argument("--folder", type=Path, help="where to keep the incidents for the next time")
    parser.add_argument("--only", default="", help="only pages whose name has this text")
    parser.set_defaults(run=lambda options: importlib.import_module("bench.pages.report").run(options))
