"""`kb doctor`: diagnose problems of the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kb.cli.common import application_context, data_dir_option, format_option, print_json
from kb.cli.language import localized
from kb.messages import Message, joined
from kb.services.operations.doctor.finding import Level

if TYPE_CHECKING:
    from pathlib import Path

    from kb.services.operations.doctor.finding import Finding

EXIT_CODES = {Level.OK: 0, Level.WARNING: 1, Level.ERROR: 2}

_LEVELS = {Level.OK: Message("ok"), Level.WARNING: Message("warning"), Level.ERROR: Message("error")}


@click.command()
@format_option
@data_dir_option
def doctor(output_format: str, data_dir: Path | None) -> None:
    """Diagnose problems of the installation, each in one line with how to fix it.

    Nothing is changed. Exit code 0: all is well. 1: something should be fixed. 2: something does not work,
    or there is no knowledge base.
    """
    from kb.cli.knowledge_base import require_database
    from kb.services.operations.doctor.examination import examine, worst_level

    try:
        with application_context(data_dir):
            require_database()
            findings = [*examine()]
    except click.ClickException as error:
        error.show()
        raise SystemExit(EXIT_CODES[Level.ERROR]) from error
    level = worst_level(findings)
    if output_format == "json":
        checks = [_as_json(finding) for finding in findings]
        print_json({"status": level, "checks": checks})
    else:
        for finding in findings:
            click.echo(_line(finding))
    raise SystemExit(EXIT_CODES[level])


def _as_json(finding: Finding) -> dict[str, str | None]:
    advice = None if finding.advice is None else localized(finding.advice)
    return {
        "check": finding.check,
        "level": finding.level,
        "message": localized(finding.message),
        "advice": advice,
    }


def _line(finding: Finding) -> str:
    texts = [finding.message] if finding.advice is None else [finding.message, finding.advice]
    return f"{localized(_LEVELS[finding.level])}: {localized(joined(texts))}"
