"""An incident that is loaded before a transaction is used in it as it was, unless somebody has changed it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from kb.domain.permissions import Action
from kb.errors import StaleVersion
from kb.models import Incident, db
from kb.services.core.authorization import ANY_VERSION
from kb.services.core.incident_lookup import find_for_change, load_ahead
from kb.services.core.presenters import snapshot
from kb.services.core.system_actors import OPERATOR
from kb.services.core.unit_of_work import unit_of_work
from tests.support.api import Api
from tests.support.incidents import FULL_INCIDENT

_ANY = frozenset({ANY_VERSION})

_CHANGE = {
    "cause": "Changed meanwhile.",
    "tags": ["changed-meanwhile"],
    "lessons": [{"text": "Learned meanwhile."}],
    "sources": [{"title": "Published meanwhile", "url": "https://example.org/meanwhile"}],
    "impacts": [],
}


def test_a_transaction_sees_what_others_have_stored_since_an_incident_was_loaded(
    any_app: Flask, any_role: Callable[..., Api]
) -> None:
    api = any_role("site_admin")
    incident_id = api.file(**FULL_INCIDENT)["id"]
    with any_app.app_context():
        loaded = load_ahead(OPERATOR, incident_id)
        _elsewhere(lambda: api.patch(f"/incidents/{incident_id}", _CHANGE, If_Match="*"))
        with unit_of_work(loaded=loaded):
            seen = snapshot(find_for_change(OPERATOR, Action.EDIT, incident_id, _ANY))
        db.session.remove()
        stored = snapshot(db.session.get_one(Incident, incident_id))
        db.session.remove()
    assert seen == stored
    assert seen["cause"] == "Changed meanwhile."
    assert seen["tags"] == ["changed-meanwhile"]
    assert [lesson["text"] for lesson in seen["lessons"]] == ["Learned meanwhile."]
    assert seen["impacts"] == []


def test_a_version_that_somebody_has_changed_since_it_was_loaded_is_refused(
    any_app: Flask, any_role: Callable[..., Api]
) -> None:
    api = any_role("site_admin")
    incident_id = api.file()["id"]
    with any_app.app_context():
        loaded = load_ahead(OPERATOR, incident_id)
        _elsewhere(lambda: api.patch(f"/incidents/{incident_id}", _CHANGE, If_Match="*"))
        with pytest.raises(StaleVersion), unit_of_work(loaded=loaded):
            find_for_change(OPERATOR, Action.EDIT, incident_id, frozenset({1}))
        db.session.remove()


def test_what_nobody_has_changed_is_not_loaded_again_while_others_wait(
    app: Flask, as_role: Callable[..., Api]
) -> None:
    incident_id = as_role("site_admin").file(**FULL_INCIDENT)["id"]
    executed: list[str] = []
    with app.app_context():
        loaded = load_ahead(OPERATOR, incident_id)
        with unit_of_work(loaded=loaded):
            driver: Any = db.session.connection().connection.dbapi_connection
            driver.set_trace_callback(executed.append)
            found = find_for_change(OPERATOR, Action.EDIT, incident_id, _ANY)
            snapshot(found)
            driver.set_trace_callback(None)
        db.session.remove()
    assert found is loaded
    assert len(executed) == 1
    assert "version" in executed[0]


def test_an_incident_that_the_transaction_has_changed_itself_stays_as_it_made_it(
    app: Flask, as_role: Callable[..., Api]
) -> None:
    incident_id = as_role("site_admin").file()["id"]
    with app.app_context():
        loaded = load_ahead(OPERATOR, incident_id)
        with unit_of_work(loaded=loaded) as work:
            incident = find_for_change(OPERATOR, Action.EDIT, incident_id, _ANY)
            incident.severity = 5
            assert find_for_change(OPERATOR, Action.EDIT, incident_id, _ANY).severity == 5
            work.discard()
        db.session.remove()


def _elsewhere(call: Callable[[], Any]) -> None:
    """Make a request that has a session of its own."""
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(call).result().status_code == 200
