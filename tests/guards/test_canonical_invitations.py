"""Canonical open invitations, by what they ask for. The texts are in canonical_invitations.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb.yaml_text import read_yaml
from tests.support.guard_matches import found, matcher

KINDS: list[dict[str, Any]] = read_yaml(
    Path(__file__).with_name("canonical_invitations.yaml").read_text("utf-8")
)
INVITATION = matcher("open-invitation")


@pytest.mark.parametrize("kind", KINDS, ids=[kind["kind"] for kind in KINDS])
def test_an_invitation_of_this_kind_is_found(kind: dict[str, Any]) -> None:
    assert [text for text in kind.get("invitations", ()) if not found(INVITATION, text)] == []


@pytest.mark.parametrize("kind", KINDS, ids=[kind["kind"] for kind in KINDS])
def test_a_post_that_looks_alike_is_left_alone(kind: dict[str, Any]) -> None:
    others = kind.get("others", ())
    assert {text: parts for text in others if (parts := found(INVITATION, text))} == {}
