"""From where a request comes, for those who must know and know no HTTP."""

from __future__ import annotations

from contextvars import ContextVar

_address: ContextVar[str | None] = ContextVar("address", default=None)


def come_from(address: str | None) -> None:
    """Say from which network address the request comes that is answered now."""
    _address.set(address)


def address() -> str | None:
    """That address; None at the machine itself."""
    return _address.get()
