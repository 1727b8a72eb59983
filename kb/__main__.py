"""The command `kb`, also `python -m kb`. It passes the application factory to the command line."""

import gc

gc.disable()  # Imported objects live forever; scanning them would take a sixth of the startup time.

from kb.cli import main  # noqa: E402
from kb.factory import create_app  # noqa: E402

gc.freeze()
gc.enable()


def run() -> None:
    """Run the command line."""
    main(prog_name="kb", obj=create_app)


if __name__ == "__main__":
    run()
