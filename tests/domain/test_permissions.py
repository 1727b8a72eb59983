"""The permission table."""

from __future__ import annotations

from itertools import product

from kb.domain.permissions import PERMISSIONS, Action, Actor, Role, has_role_for, may_in


def test_a_role_may_do_exactly_what_the_permission_table_grants() -> None:
    for role, action in product(Role, Action):
        actor = Actor(name="somebody", role=role)
        assert has_role_for(actor, action) is (role >= PERMISSIONS[action].role), (role, action)


def test_every_action_has_a_row_in_the_permission_table() -> None:
    assert set(PERMISSIONS) == set(Action)


def test_a_role_in_one_team_gives_no_right_in_another() -> None:
    reviewer = Actor(name="somebody", role=Role.SIGNED_IN, roles={1: Role.REVIEWER})
    assert may_in(reviewer, Action.PUBLISH, 1)
    assert not may_in(reviewer, Action.EDIT, 2)
