"""The network address of the client, for services, which do not know HTTP."""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar

_address: ContextVar[str | None] = ContextVar("address", default=None)

UNREADABLE = "unreadable"
"""Replaces an address from a proxy that cannot be parsed: all such clients count as one."""


def set_address(address: str | None) -> None:
    """Set the network address, perhaps with a port, that the current request comes from."""
    _address.set(None if address is None else _canonical(address))


def address() -> str | None:
    """The client's address in canonical form; None for a command on the server itself."""
    return _address.get()


def network() -> str:
    """The client's network (`network_of`); the empty string for a command on the server itself."""
    return network_of(address() or "")


def network_of(address: str) -> str:
    """The network of a household or company: the first 48 bits of an IPv6 address, all of an IPv4 address."""
    return str(ipaddress.ip_network(f"{address}/48", strict=False)) if ":" in address else address


def _canonical(text: str) -> str:
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return UNREADABLE
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)
