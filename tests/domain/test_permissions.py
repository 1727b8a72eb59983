"""The permission table."""

from __future__ import annotations

import pytest

from kb.domain.permissions import PERMISSIONS, Action, Actor, Role, has_role_for, may_in

ROLES = [None, "reader", "contributor", "reviewer", "admin", "site_admin"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", list(Action))
def test_a_role_may_do_exactly_what_the_permission_table_grants(action: Action, role: str | None) -> None:
    actor = Actor(name="somebody", role=Role[(role or "anonymous").upper()])
    assert has_role_for(actor, action) is (actor.role >= PERMISSIONS[action].role)


def test_every_action_has_a_row_in_the_permission_table() -> None:
    assert set(PERMISSIONS) == set(Action)


def test_a_role_in_one_team_gives_no_right_in_another() -> None:
    reviewer = Actor(name="somebody", role=Role.SIGNED_IN, roles={1: Role.REVIEWER})
    assert may_in(reviewer, Action.PUBLISH, 1)
    assert not may_in(reviewer, Action.EDIT, 2)
