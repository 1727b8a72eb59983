"""The command `kb`, also as `python -m kb`: hands the application's factory to the command line."""

from kb.cli import main
from kb.factory import create_app


def run() -> None:
    """Run the command line."""
    main(prog_name="kb", obj=create_app)


if __name__ == "__main__":
    run()
