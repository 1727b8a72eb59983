"""Statements of the driver are part of the transaction, and fail as those of SQLAlchemy."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from kb.errors import Conflict
from kb.models import ChangeCounter, db
from kb.models.driver import execute_by_driver
from kb.services.core.unit_of_work import unit_of_work

pytestmark = pytest.mark.usefixtures("inside_any_app")

_ADD = "INSERT INTO change_counter (id, seq, database) VALUES (7, 1, 'x')"


def test_a_statement_ends_with_the_transaction() -> None:
    with unit_of_work() as work:
        assert execute_by_driver(db.session.connection(), _ADD) == []
        assert db.session.get(ChangeCounter, 7) is not None
        work.discard()
    assert db.session.get(ChangeCounter, 7) is None


def test_an_error_is_that_of_sqlalchemy_and_undoes_the_transaction() -> None:
    with pytest.raises(Conflict) as raised, unit_of_work():
        _add_twice()
    assert isinstance(raised.value.__cause__, IntegrityError)
    assert db.session.get(ChangeCounter, 7) is None


def _add_twice() -> None:
    for _ in range(2):
        execute_by_driver(db.session.connection(), _ADD)
