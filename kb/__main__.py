"""The command `kb`, also `python -m kb`. It passes the application factory to the command line."""

from __future__ import annotations

import gc
import signal
from typing import TYPE_CHECKING, Any

# Imported objects live forever; scanning them would take a sixth of the startup time. Garbage is collected
# from the application on: a command that needs none is short.
gc.disable()

# Until the command line can handle Ctrl-C, it ends the process at once, without a traceback.
_interrupt = signal.getsignal(signal.SIGINT)
if _interrupt is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from kb.cli import main  # noqa: E402

if _interrupt is signal.default_int_handler:
    signal.signal(signal.SIGINT, _interrupt)

if TYPE_CHECKING:
    from flask import Flask


def create_app(*arguments: Any, **options: Any) -> Flask:
    """Create the application, which is imported when a command needs it: help and usage errors do not."""
    from kb.factory import create_app as create

    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    return create(*arguments, **options)


def run() -> None:
    """Run the command line."""
    main(prog_name="kb", obj=create_app)


if __name__ == "__main__":
    run()
