"""Headers that the server cannot read."""

from __future__ import annotations

UNREADABLE = "\x01"
"""The value of a header that is not ASCII: no field accepts it, so that it is refused and not ignored."""
