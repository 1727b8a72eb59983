"""Skeletons of new guards: one for each type, which passes its own examples."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from kb.domain.guard import GuardType

_FOLDER = Path(__file__).parent


def guard_skeleton(type_: GuardType, language: str = "en") -> str:
    """A sample guard of a type in YAML: a list item, with comments on its other parameters.

    Its examples are in the language, `en` or `he`.
    """
    skeleton = _texts("skeletons.yaml")[type_.value]
    if language != "he":
        return skeleton
    ending = _texts("skeletons.he.yaml")[type_.value]
    first_key = ending.partition("\n")[0]
    return skeleton[: skeleton.index(f"{first_key}\n")] + ending


@lru_cache(maxsize=16)
def sample_texts(type_: GuardType) -> dict[str, dict[str, str]]:
    """The `title` and the `suggestion` of the sample guard of a type, by language."""
    (row,) = read_yaml(guard_skeleton(type_))
    return {name: row[name] for name in ("title", "suggestion")}


@lru_cache(maxsize=2)
def _texts(file: str) -> dict[str, str]:
    texts: dict[str, str] = read_yaml((_FOLDER / file).read_text("utf-8"))
    return texts
