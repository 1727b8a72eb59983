"""From where a request comes, for those who must know and know no HTTP."""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar

_address: ContextVar[str | None] = ContextVar("address", default=None)

UNREADABLE = "unreadable"
"""Stands for what a proxy sent instead of an address: all such clients count as one."""


def set_address(address: str | None) -> None:
    """Say from which network address, perhaps with a port, the request comes that is answered now."""
    _address.set(None if address is None else _plain(address))


def address() -> str | None:
    """That address, in its usual form; None at the machine itself."""
    return _address.get()


def network() -> str:
    """That address as far as one household, or one company, may share it (`network_of`)."""
    return network_of(address() or "")


def network_of(address: str) -> str:
    """Of an address of IPv6 the first 48 bits, of another all of it."""
    return str(ipaddress.ip_network(f"{address}/48", strict=False)) if ":" in address else address


def _plain(text: str) -> str:
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return UNREADABLE
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
