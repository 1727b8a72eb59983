"""The query parameters of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.messages import Message

if TYPE_CHECKING:
    from flask import Request

SEND_ONCE = Message("Send this parameter once.")
"""The error of a parameter that is sent twice and is not a list."""


def named_parameters(request: Request) -> list[tuple[str, str]]:
    """Return the parameters in order, with repeated ones, but without names that begin with an underscore.

    Dashboards add those, such as `_=1700000000000`, to bypass caches.
    """
    return [pair for pair in request.args.items(multi=True) if not pair[0].startswith("_")]
