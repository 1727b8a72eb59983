"""What all schemas have in common."""

from __future__ import annotations

from copy import deepcopy

from kb.schemas.checks import CheckResultSchema
from kb.schemas.incident_input import TranslationSchema


def test_the_documentation_of_views_shares_their_schemas() -> None:
    schemas = [CheckResultSchema(), TranslationSchema()]
    assert all(copy is schema for copy, schema in zip(deepcopy(schemas), schemas, strict=True))
