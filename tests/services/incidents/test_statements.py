"""Filing an incident takes few statements while others wait for the write lock of SQLite."""

from __future__ import annotations

from flask import Flask

from kb.models import db
from kb.schemas.incident_input import IncidentInputSchema
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.core.system_actors import OPERATOR
from kb.services.core.unit_of_work import unit_of_work
from kb.services.incidents.filing.prepared import PreparedIncident
from kb.services.operations import bootstrap
from kb.services.taxonomy.lookup import TermLookup
from tests.support.incidents import FULL_INCIDENT


def test_filing_takes_one_statement_a_table_however_many_lessons_and_tags_there_are(app: Flask) -> None:
    with app.app_context():
        bootstrap.prepare_if_needed()
        few, many = _statements(2), _statements(20)
        db.session.remove()
    assert len(many) == len(few)
    tables = [statement.split()[2] for statement in many if statement.startswith("INSERT")]
    assert len(tables) == len({*tables})
    assert len(many) - len(tables) == 3


def _statements(count: int) -> list[str]:
    """What is executed to store an incident with so many lessons and tags, but for its number in the feed."""
    lessons = [{"text": f"Lesson {number}."} for number in range(count)]
    tags = [f"tag-{number}" for number in range(count)]
    data = IncidentInputSchema().load({**FULL_INCIDENT, "language": "en", "lessons": lessons, "tags": tags})
    new = PreparedIncident(OPERATOR, find_team(MAIN_TEAM), data, TermLookup(attached=False))
    executed: list[str] = []
    with unit_of_work() as work:
        driver = db.session.connection().connection.dbapi_connection
        assert driver is not None
        driver.set_trace_callback(executed.append)
        new.store(work)
        driver.set_trace_callback(None)
        work.discard()
    return executed
