"""The benchmarks: `python -m bench search --documents 10000`, `relevance`, `growth`, `trends`, `wild` ..."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from bench import (
    bulk,
    check,
    drafts,
    growth,
    names,
    pages,
    public_cases,
    relevance,
    search,
    soak,
    torture,
    trends,
    views,
    wild,
    worst,
    writes,
)
from bench.report import log

if TYPE_CHECKING:
    from collections.abc import Sequence

_BENCHMARKS = (
    search, relevance, trends, views, names, wild, public_cases, check, drafts,
    pages, soak, torture, worst, writes, bulk, growth,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark that the command line names, and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="benchmark")
    for benchmark in _BENCHMARKS:
        benchmark.add_command(commands)
    options = parser.parse_args(arguments)
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, _interrupt)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        log("Stopped.")
        return 130
    except RuntimeError as error:  # with the output of the process that failed
        log(str(error))
        return 1


def _interrupt(*_: object) -> NoReturn:
    """Stop the benchmark, and ignore further signals while it stops its servers."""
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
