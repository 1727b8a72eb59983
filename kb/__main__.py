"""The command `kb`, also `python -m kb`. It passes the application factory to the command line."""

from kb.cli import main
from kb.factory import create_app


def run() -> None:
    """Run the command line."""
    main(prog_name="kb", obj=create_app)


if __name__ == "__main__":
    run()
