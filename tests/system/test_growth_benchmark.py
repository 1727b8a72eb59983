"""The growth benchmark, which builds index documents from its corpus itself."""

from __future__ import annotations

import argparse

import pytest

from bench import growth

pytestmark = pytest.mark.no_cover  # calls what other tests call one by one


def test_growth_prints_a_row_for_each_number_of_documents(capsys: pytest.CaptureFixture[str]) -> None:
    assert growth.run(argparse.Namespace(documents=[20, 40])) == 0
    *_, smaller, larger = capsys.readouterr().out.splitlines()
    assert (smaller.split()[1], larger.split()[1]) == ("20", "40")
