"""Texts of the interface in the reader's language. `scripts/translations` collects them for the catalogs."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext

LazyText = Any
"""A text that is translated when it is shown, by `str()`."""


def _(message: str, **values: Any) -> str:
    """Translate a message and fill in its values: `%(name)s`."""
    return str(gettext(message, **values))


def _n(singular: str, plural: str, num: int, **values: Any) -> str:
    """Translate a message about a number, `%(num)s`, in the plural form of the language."""
    return str(ngettext(singular, plural, num, **values))


def _l(message: str) -> LazyText:
    """Return a message that is translated when it is shown, for tables built at import time."""
    return lazy_gettext(message)
