"""Forms that take effect once, however often they are sent: by a reload, a second click, or a lost answer."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from flask import request

from kb.services.core import idempotency
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "key"
"""The hidden field that tells a form from another one with the same content."""


def form_key() -> str:
    """Return the key of the form that was sent, or a new one for a form that is opened."""
    return request.form.get(KEY) or secrets.token_urlsafe(12)


def perform_once(perform: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Perform what the form asks for, unless it was sent before, and return the answer of the first time.

    Raises RequestInFlight while the first is being performed, and what `perform` raises.
    """
    form = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    digest = hashlib.sha256(repr(form).encode("utf-8", "surrogatepass")).hexdigest()
    claim = idempotency.claim(current_actor(), f"page:{digest}", digest)
    if isinstance(claim, dict):
        return claim
    with idempotency.performing(claim):
        return perform()
