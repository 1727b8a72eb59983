"""Texts of the interface in the reader's language. `scripts/translations` collects them for the catalogs."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext

LazyText = Any
"""A text that is translated when it is shown: `str()` makes it one."""


def _(message: str, **values: Any) -> str:
    """A message, filled with values: `%(name)s`."""
    return str(gettext(message, **values))


def _n(singular: str, plural: str, num: int, **values: Any) -> str:
    """A message about a number, `%(num)s`, in the form that the language has for it."""
    return str(ngettext(singular, plural, num, **values))


def _l(message: str) -> LazyText:
    """A message that is translated when it is shown, for tables that are made at import."""
    return lazy_gettext(message)
