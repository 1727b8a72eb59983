"""The version of a resource that the sender of a form has read."""

from __future__ import annotations

from flask import request

_MAX_DIGITS = 18
"""More digits are no version, and Python refuses to read thousands of them."""


def sent_version() -> frozenset[int]:
    """The version in the form, as services take it; empty, which is no current one, if it has none."""
    version = request.form.get("version", "")
    is_number = version.isascii() and version.isdigit() and len(version) <= _MAX_DIGITS
    return frozenset({int(version)}) if is_number else frozenset()
