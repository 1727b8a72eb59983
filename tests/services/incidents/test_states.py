"""Copies of an incident, and states written into it."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from kb.models import Incident, db
from kb.services.core.presenters import snapshot
from kb.services.incidents.content.states import detached_copy


def test_a_detached_copy_says_what_the_incident_says(app: Flask) -> None:
    with app.app_context():
        incidents = db.session.scalars(select(Incident)).all()
        assert incidents
        for incident in incidents:
            copy = detached_copy(incident)
            assert copy not in db.session
            expected, actual = snapshot(incident), snapshot(copy)
            # Versions of texts count from the copy's next version on.
            for state in (expected, actual):
                state.pop("text_version")
                for text in state["translations"].values():
                    text.pop("version")
            assert actual == expected


def test_nothing_written_to_a_copy_is_stored(app: Flask) -> None:
    with app.app_context():
        incident = db.session.get_one(Incident, 1)
        detached_copy(incident).original.title = "Something else"
        assert not db.session.dirty
        assert not db.session.new
        assert incident.original.title != "Something else"
