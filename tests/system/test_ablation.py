"""The ablation: each optimization can be disabled, and the responses stay the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from bench.ablation import make_app, require_same_responses
from bench.optimizations import NEW, OPTIMIZATIONS, WRITE, Optimization
from bench.workloads import Workload, make_workloads
from kb.models import db

pytestmark = pytest.mark.no_cover  # calls what other tests call one by one

DOCUMENTS, RESPONSES, DRAFTS = 30, 10, 1


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = make_app(tmp_path_factory.mktemp("ablation"), DOCUMENTS)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def workloads(app: Flask) -> dict[str, Workload]:
    return make_workloads(app)


@pytest.mark.parametrize("optimization", OPTIMIZATIONS, ids=lambda optimization: optimization.name)
def test_responses_are_the_same_without_an_optimization(
    app: Flask, workloads: dict[str, Workload], optimization: Optimization
) -> None:
    for name in optimization.workloads:
        count = DRAFTS if name == WRITE else RESPONSES
        require_same_responses(app, optimization, workloads[name], count)
        assert workloads[name].time(0).cpu > 0


def test_the_sample_searches_have_hits(workloads: dict[str, Workload]) -> None:
    responses = [workloads[NEW].response(number) for number in range(RESPONSES)]
    assert sum(b'"incident"' in response for response in responses) > RESPONSES / 2
