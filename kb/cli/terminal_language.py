"""The language of the terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from marshmallow import ValidationError

from kb.schemas.fields import canonical_language

if TYPE_CHECKING:
    from collections.abc import Mapping


def terminal_languages(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The language of the terminal, by LC_ALL, LC_MESSAGES or LANG; empty where it is not set, or C."""
    locale = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    tag = locale.partition(".")[0].partition("@")[0].replace("_", "-")
    if tag in ("", "C", "POSIX"):
        return ()
    try:
        return (canonical_language(tag),)
    except ValidationError:
        return ()
