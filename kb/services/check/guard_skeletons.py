"""Skeletons of new guards: one for each type, which passes its own examples."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from kb.domain.guard import GuardType

_FILE = Path(__file__).with_name("guard_skeletons.yaml")


def guard_skeleton(type_: GuardType) -> str:
    """A sample guard of a type in YAML: a list item, with comments on its other parameters."""
    return _skeletons()[type_.value]


@cache
def _skeletons() -> dict[str, str]:
    skeletons: dict[str, str] = read_yaml(_FILE.read_text("utf-8"))
    return skeletons
