"""The command line, `kb`. Results go to standard output, everything else to standard error.

Each command is in the module of its name; `kb import` is in import_incidents.py. `drafts/` holds the parts of
`kb check`, `importing/` those of `kb import`, `figures/` those of `kb trends`.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections import UserDict
from pkgutil import resolve_name
from typing import Any

import click

from kb import __version__
from kb.cli.common import discard_output, is_output_error
from kb.cli.language import localized_click, say, translate_click
from kb.messages import Message

OUTPUT_FAILED, INTERRUPTED, PIPE_CLOSED = 74, 130, 141
"""Exit codes that are not verdicts: from sysexits.h, and the shells' codes for SIGINT and SIGPIPE."""

_SOON = 0.05
"""Seconds until a callback has ended."""

_COMMANDS = {
    "serve": "kb.cli.serve:serve",
    "search": "kb.cli.search:search",
    "check": "kb.cli.check:check",
    "guards": "kb.cli.guards:guards",
    "trends": "kb.cli.trends:trends",
    "calendar": "kb.cli.calendar:calendar",
    "checks": "kb.cli.checks:checks",
    "import": "kb.cli.import_incidents:import_incidents",
    "export": "kb.cli.export:export",
    "collection": "kb.cli.collection:collection",
    "seed": "kb.cli.seed:seed",
    "user": "kb.cli.user:user",
    "team": "kb.cli.team:team",
    "token": "kb.cli.token:token",
    "audit": "kb.cli.audit:audit",
    "index": "kb.cli.index:index",
    "db": "kb.cli.db:db",
    "backup": "kb.cli.backup:backup",
    "restore": "kb.cli.backup:restore",
    "copy-to": "kb.cli.copy_to:copy_to",
    "doctor": "kb.cli.doctor:doctor",
}
"""The commands, in the order of the help."""


class _Commands(UserDict[str, Any]):
    """Commands by name, each imported when it is first asked for: all of them take longer than the rest."""

    def __getitem__(self, name: str) -> Any:
        command = self.data[name]
        if isinstance(command, str):
            command = self.data[name] = resolve_name(command)
        return command


class _CommandLine(click.Group):
    """A group that lists its commands in the order of its table, and exits as shells expect after
    an interrupt or a closed pipe.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)

    def main(self, *args: Any, **options: Any) -> Any:
        with localized_click():
            return super().main(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        reported, sys.unraisablehook = sys.unraisablehook, _interrupt_again
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            click.echo(err=True)  # after the ^C of the terminal
            raise SystemExit(INTERRUPTED) from error
        except OSError as error:
            if not is_output_error(error):
                raise
            discard_output()
            if isinstance(error, BrokenPipeError):
                raise SystemExit(PIPE_CLOSED) from error
            say(Message("The output cannot be written: {reason}.", reason=error.strerror))
            raise SystemExit(OUTPUT_FAILED) from error
        finally:
            sys.unraisablehook = reported


def _interrupt_again(ignored: sys.UnraisableHookArgs) -> None:
    """Interrupt the command soon if Ctrl-C came during a callback, such as one around a fork, where Python
    prints and drops exceptions."""
    if ignored.exc_type is KeyboardInterrupt:
        # A signal to the thread itself also ends what it waits for.
        main = threading.main_thread().ident
        assert main is not None
        threading.Timer(_SOON, signal.pthread_kill, (main, signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(ignored)


@click.group(
    cls=_CommandLine,
    commands=_Commands(_COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="kb")
def main() -> None:
    """A knowledge base of brand and social-media failures, so that each happens only once.

    \b
    Start the server:   kb serve
    Find precedents:    kb search "placeholder published by mistake"
    Check a draft:      kb check draft.txt --platform instagram
    Import incidents:   kb import incidents.jsonl
    Export them:        kb export incidents.jsonl

    All data is in one folder, kb-data by default. Change it with --data-dir or KB_DATA_DIR.
    """


translate_click()
