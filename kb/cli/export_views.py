"""`kb export --format parquet`: the views for reports, a file for each, in a folder or a ZIP file."""

from __future__ import annotations

from pathlib import Path

from kb.cli.common import progress_bar
from kb.cli.language import wrong_usage
from kb.cli.output_file import new_archive, new_folder
from kb.messages import Message


def export_views(file: str, options: list[str]) -> None:
    """Write the views to a folder, or to a file whose name ends in .zip. `options` are the given options that
    do not apply to Parquet, since a view is exported as it is. Raises OSError.
    """
    from kb.services.core.system_actors import OPERATOR
    from kb.services.exchange.export_parquet import begin_view_export, write_views

    if options:
        raise wrong_usage(
            Message("Parquet has whole views. Leave out {options}.", options=", ".join(options))
        )
    if file == "-":
        raise wrong_usage(Message("Name a folder, or a file that ends in .zip, for Parquet."))
    begin_view_export(OPERATOR, f"kb export {file}")
    path = Path(file)
    into = new_archive if path.suffix.lower() == ".zip" else new_folder
    with progress_bar(Message("Exporting")) as progress, into(path) as folder:
        write_views(folder, progress)
        for each in folder.iterdir():
            each.chmod(0o600)  # drafts are among them
