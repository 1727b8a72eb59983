"""The concepts and guards that come with the product, without those of a data folder, made once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.config import seeds_dir
from kb.guards.ruleset import CompiledGuard, compile_guard
from kb.search.concept_files import ConceptFiles
from kb.search.concepts import ConceptTable
from kb.services.check.guard_files import read_guards


@pytest.fixture(scope="session")
def concepts() -> ConceptTable:
    return ConceptFiles(seeds_dir() / "lexicon.yaml", Path("none")).current()


@pytest.fixture(scope="session")
def shipped(concepts: ConceptTable) -> list[CompiledGuard]:
    return [compile_guard(guard, concepts) for guard in read_guards(seeds_dir() / "guards.yaml")]
