"""What the tests of the index share."""

from __future__ import annotations

import pytest

from kb.search.engine import IndexDocument
from kb.services.search import prepared_documents
from kb.services.search.documents import load_documents


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The incidents that are loaded for the index, in order."""
    ids: list[int] = []

    def noted(missing: set[int]) -> list[IndexDocument]:
        ids.extend(missing)
        return load_documents(missing)

    monkeypatch.setattr(prepared_documents, "load_documents", noted)
    return ids
