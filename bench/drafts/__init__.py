"""What the pre-launch check says of drafts: risky ones that resemble incidents, and harmless ones.

An independent writer wrote `unfinished_second.jsonl`, `finished_second.jsonl`, `invitations.jsonl` and
`harmless_requests.jsonl`; whoever wrote the rules has not read the texts that are `held_out`, but for a few.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

RISKY = Path(__file__).with_name("risky.jsonl")


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark, which imports the service only when it runs, to the command line."""
    parser = commands.add_parser(
        "drafts", help="what the check finds in risky and in harmless drafts", description=__doc__
    )
    parser.add_argument(
        "--drafts",
        type=Path,
        default=RISKY,
        metavar="FILE",
        help="risky drafts, a line of JSON each: {text, language, kind, like: [IDs of incidents], ...} "
        "(default bench/drafts/risky.jsonl)",
    )
    parser.add_argument(
        "--collection",
        choices=("invented", "public-cases"),
        default="invented",
        help="the incidents of the knowledge base, beside the seeds: invented ones, each in one language, or "
        "the public cases that ship (default invented)",
    )
    parser.add_argument(
        "--harmless",
        type=Path,
        metavar="FILE",
        help="harmless drafts, a line of JSON each: {text, language, trap, ...} (default: those of the kind "
        "`harmless` among the drafts, or else the shipped ones)",
    )
    parser.add_argument(
        "--misses",
        action="store_true",
        help="list risky drafts without a finding or a right precedent, and false alarms",
    )
    parser.set_defaults(run=lambda options: importlib.import_module("bench.drafts.report").run(options))
