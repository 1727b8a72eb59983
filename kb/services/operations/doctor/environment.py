"""Check the environment: versions, packages, the locale, variables that look like settings."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from dataclasses import fields
from importlib import metadata
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from kb import __version__
from kb.config import Settings
from kb.messages import Message
from kb.services.infrastructure.runtime import settings
from kb.services.operations.doctor.finding import error, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.services.operations.doctor.finding import Finding

MIN_SQLITE = (3, 35, 0)
"""The first version with RETURNING."""

_DISTRIBUTION = "brand-postmortems"

_OTHER_VARIABLES = frozenset({"KB_TOKEN", "KB_TEST_POSTGRES", "KB_TEST_NODE", "KB_TEST_BROWSER"})
"""Variables that commands or tests use, but that are not settings of an installation."""


def examine_versions() -> Iterator[Finding]:
    """The versions of this program, of Python, of SQLite, and of the packages that it needs."""
    message = Message(
        "kb {version}, Python {python}, SQLite {sqlite}.",
        version=__version__,
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
    )
    if sqlite3.sqlite_version_info < MIN_SQLITE:
        needed = ".".join(map(str, MIN_SQLITE))
        advice = Message("SQLite {version} is needed: install a newer Python.", version=needed)
        yield error("versions", message, advice)
    else:
        yield ok("versions", message)
    problems = [*_package_problems()]
    if problems:
        yield error(
            "packages",
            Message("Packages are missing or of another version: {names}.", names=", ".join(problems)),
            Message("Run: pip install --require-hashes -r requirements.txt"),
        )
    else:
        yield ok("packages", Message("All packages are there, in versions that fit."))


def _package_problems() -> Iterator[str]:
    """Yield the packages that are missing or of an incompatible version."""
    try:
        requirements = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:  # a checkout that is not installed
        return
    for requirement in map(Requirement, requirements):
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            installed = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            yield requirement.name
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            yield f"{requirement.name} {installed}"


def examine_locale() -> Iterator[Finding]:
    """Whether file names and the terminal support Unicode."""
    encodings = {sys.getfilesystemencoding().lower()}
    if sys.__stdout__ is not None and sys.__stdout__.encoding:
        encodings.add(sys.__stdout__.encoding.lower())
    others = sorted(encodings - {"utf-8", "utf8"})
    if others:
        yield warning(
            "locale",
            Message("Texts are written in {encoding}, which has no Hebrew letters.", encoding=others[0]),
            Message("Set LANG=C.UTF-8 or PYTHONUTF8=1."),
        )
    else:
        yield ok("locale", Message("Texts and names of files are in UTF-8."))


def examine_settings() -> Iterator[Finding]:
    """Settings that contradict each other, or that nothing reads."""
    found = [*_contradictions()]
    yield from found
    if not found:
        yield ok("settings", Message("The settings fit together."))


def _contradictions() -> Iterator[Finding]:
    current = settings()
    known = {f"KB_{field.name.upper()}" for field in fields(Settings)} | _OTHER_VARIABLES
    if unknown := sorted(name for name in os.environ if name.startswith("KB_") and name not in known):
        yield warning(
            "settings",
            Message("Nobody reads {names}.", names=", ".join(unknown)),
            Message("Remove it, or correct its name (docs/configuration.md lists the settings)."),
        )
    if current.max_collection_bytes < current.max_body_bytes:
        yield warning(
            "settings",
            Message("KB_MAX_COLLECTION_BYTES is less than KB_MAX_BODY_BYTES, which every body may have."),
            Message("Raise KB_MAX_COLLECTION_BYTES."),
        )
    unused = current.sqlite_path
    if current.database_file != unused and unused.is_file() and unused.stat().st_size:
        yield warning(
            "settings",
            Message("KB_DATABASE_URL is set, so that {file} is not used.", file=str(unused)),
            Message("Move the file away, or unset KB_DATABASE_URL."),
        )
    if current.anonymous == "none" and current.dashboard_origins:
        yield warning(
            "settings",
            Message("KB_ANONYMOUS=none hides from dashboards what KB_DASHBOARD_ORIGINS opens to them."),
            Message("Give each dashboard a token, or unset one of the two."),
        )
