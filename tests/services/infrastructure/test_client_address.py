"""The address of the client in canonical form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.services.infrastructure.client_address import (
    UNREADABLE,
    address,
    network,
    network_of,
    set_address,
)


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    set_address(None)


@pytest.mark.parametrize(
    ("sent", "canonical"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1:8080 ", "192.0.2.1"),
        ("2001:DB8::0001", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("x" * 5_000, UNREADABLE),
        ("", UNREADABLE),
    ],
)
def test_an_address_is_stored_in_canonical_form(sent: str, canonical: str) -> None:
    set_address(sent)
    assert address() == canonical


def test_a_command_on_the_server_has_no_address() -> None:
    set_address(None)
    assert (address(), network()) == (None, "")


def test_neighbors_share_a_network_only_in_ipv6() -> None:
    assert network_of("2001:db8:1:2::3") == network_of("2001:db8:1:ffff::") == "2001:db8:1::/48"
    assert network_of("192.0.2.1") == "192.0.2.1"
