"""Canonical open invitations, by what they ask for. The texts are in canonical_invitations.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kb.yaml_text import read_yaml
from tests.support.guard_matches import found, matcher

KINDS: list[dict[str, Any]] = read_yaml(
    Path(__file__).with_name("canonical_invitations.yaml").read_text("utf-8")
)
INVITATION = matcher("open-invitation")


def test_an_invitation_of_each_kind_is_found() -> None:
    texts = [(kind["kind"], text) for kind in KINDS for text in kind.get("invitations", ())]
    assert [(kind, text) for kind, text in texts if not found(INVITATION, text)] == []


def test_a_post_that_looks_alike_is_left_alone() -> None:
    texts = [(kind["kind"], text) for kind in KINDS for text in kind.get("others", ())]
    assert {(kind, text): parts for kind, text in texts if (parts := found(INVITATION, text))} == {}
