"""A transaction that the database refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.exc import DataError

from kb.config import Settings
from kb.models import Team, db
from kb.services.core.unit_of_work import unit_of_work
from kb.web.tracebacks import traceback_text
from tests.support.api import running


@pytest.fixture
def app(postgres_settings: Settings) -> Iterator[Flask]:
    yield from running(postgres_settings)


def test_what_is_nobodys_fault_is_raised_as_it_is_and_can_be_logged(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(DataError) as caught, unit_of_work():
            db.session.add(Team(key="x" * 5_000, name="North"))
        assert caught.value.__cause__ is not caught.value
        assert "DataError" in traceback_text(caught.value)
        assert "x" * 50 not in traceback_text(caught.value)
        db.session.remove()
