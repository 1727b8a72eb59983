"""The benchmark of the worst requests leaves no endpoint out."""

from __future__ import annotations

from bench.worst.report import GENERATORS
from kb.web.endpoints import ENDPOINTS


def test_every_endpoint_has_nasty_requests() -> None:
    assert set(GENERATORS) == set(ENDPOINTS)
