"""The environment of `kb` in processes of their own."""

from __future__ import annotations

import os
from pathlib import Path

DERIVED_DATA = Path(__file__).parents[2] / ".pytest_cache" / "derived"
"""Where servers and sessions of tests, whose data folders are new, keep what they derive of shipped files."""


def clean_environment(**settings: str) -> dict[str, str]:
    """The environment of the tests without settings of `kb`, except the given ones."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    return {**others, **settings}


def own_environment(**settings: str) -> dict[str, str]:
    """A clean environment for programs that take what others have derived from shipped files.

    Deriving it takes longer than most commands do.
    """
    return clean_environment(KB_CACHE_DIR=str(DERIVED_DATA)) | settings
