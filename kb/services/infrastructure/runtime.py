"""The settings, the search engine and the concepts of the running application."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from flask import current_app

from kb.search.engine import EmbeddedSearchEngine

if TYPE_CHECKING:
    from flask import Flask

    from kb.config import Settings
    from kb.search.concept_files import ConceptFiles
    from kb.search.concepts import ConceptTable
    from kb.search.engine import SearchEngine

_EXTENSION = "kb"


class Runtime(NamedTuple):
    """What services use besides the database: the settings, the search engine and the concepts."""

    settings: Settings
    engine: SearchEngine
    concept_files: ConceptFiles


def install(app: Flask, runtime: Runtime) -> None:
    """Register the runtime as an extension of the application."""
    app.extensions[_EXTENSION] = runtime


def application() -> Flask:
    """The running application itself, for threads that outlive the current context."""
    return cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001


def settings() -> Settings:
    """The settings of the running application."""
    return _runtime().settings


def engine() -> SearchEngine:
    """The search engine of the running application."""
    return _runtime().engine


def concepts() -> ConceptTable:
    """The concepts of the running application: the same object until a file changes."""
    return _runtime().concept_files.current()


def check_own_concepts() -> None:
    """Raise LexiconError if the team's file of concepts is invalid; checks ignore such a file, and warn."""
    own = settings().data_dir / "lexicon.yaml"
    if own.exists():
        _runtime().concept_files.read(own)


def embedded_engine() -> EmbeddedSearchEngine | None:
    """The search engine of the running application if it is embedded; None if it is remote."""
    current = engine()
    return current if isinstance(current, EmbeddedSearchEngine) else None


def _runtime() -> Runtime:
    return cast("Runtime", current_app.extensions[_EXTENSION])
