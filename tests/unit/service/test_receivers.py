"""Whom webhooks may be sent to: no address that only this machine's networks can reach, however it is written."""

from __future__ import annotations

import ipaddress
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.receivers import Receivers, RefusedError, is_public

# From IANA's registries of special-purpose addresses, and what is no unicast at all.
SPECIAL_V4 = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4",
)  # fmt: skip
SPECIAL_V6 = (
    "::/127", "::/96", "100::/64", "64:ff9b:1::/48", "2001::/32", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7",
    "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip


def within(networks: tuple[str, ...]) -> st.SearchStrategy[IPv4Address | IPv6Address]:
    return st.sampled_from(networks).flatmap(lambda network: st.ip_addresses(network=network))


special_v4 = within(SPECIAL_V4)
carriers = st.sampled_from(["::ffff:0:0/96", "64:ff9b::/96", "2002::/16"])


def carried(address: IPv4Address, carrier: str) -> IPv6Address:
    """The IPv6 address that stands for an IPv4 address by mapping, NAT64 or 6to4."""
    network = IPv6Network(carrier)
    return IPv6Address(int(network.network_address) | int(address) << (128 - network.prefixlen - 32))


@given(address=special_v4 | within(SPECIAL_V6))
@example(address=IPv4Address("169.254.169.254"))
@example(address=IPv4Address("255.255.255.255"))
@example(address=IPv6Address("::1"))
def test_special_addresses_are_not_public(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(str(address))


@given(address=special_v4, carrier=carriers)
def test_special_addresses_are_not_public_in_other_clothes(address: IPv4Address, carrier: str) -> None:
    assert not is_public(str(carried(address, carrier)))


@given(address=st.ip_addresses(v=4), carrier=carriers)
def test_what_carries_an_address_is_as_that_one(address: IPv4Address, carrier: str) -> None:
    is_special = any(address in IPv4Network(network) for network in SPECIAL_V4)
    assert is_public(str(carried(address, carrier))) is is_public(str(address))
    assert not (is_special and is_public(str(address)))


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450::5"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@given(text=st.text(max_size=30))
@example(text="fe80::1%eth0")
@example(text="010.0.0.1")
def test_what_is_no_address_is_not_public(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        assert not is_public(text)


def resolving(*addresses: str) -> Receivers:
    return Receivers(resolve=lambda host, port: list(addresses))


def test_a_name_is_refused_when_one_of_its_addresses_is_not_public() -> None:
    assert resolving("1.1.1.1", "2606:4700:4700::1111").find("https://a.example/hook?x=1").addresses == (
        "1.1.1.1", "2606:4700:4700::1111",
    )  # fmt: skip
    with pytest.raises(RefusedError, match=r"a\.example is not a public one"):
        resolving("1.1.1.1", "10.0.0.1").find("https://a.example/hook")


@given(address=special_v4)
def test_an_address_in_the_url_is_judged_as_one(address: IPv4Address) -> None:
    """By the real look-up, which reads numbers as the sender's connection would: also 127.1 and 0x7f000001."""
    for host in (str(address), str(int(address)), hex(int(address))):
        with pytest.raises(RefusedError):
            Receivers().find(f"https://{host}/")


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://a.example/", "Must begin with https://"),
        ("ftp://a.example/", "Must begin with https://"),
        ("a.example", "Must begin with https://"),
        ("https:///path", "Must name a host"),
        ("https://ada:secret@a.example/", "user name or password"),
        ("https://a.example/#part", "fragment"),
        ("https://a.example/ x", "without blanks"),
        ("https://a.example/\r\nX-Header: 1", "without blanks"),
        ("https://a.example:99999/", "Is no address"),
        ("https://[::1/", "Is no address"),
        ("https://a.example/" + "x" * 2000, "up to 2,000 characters"),
        ("", "Must begin with https://"),
    ],
)
def test_what_is_no_address_for_a_webhook_is_refused_with_the_reason(url: str, complaint: str) -> None:
    with pytest.raises(RefusedError, match=complaint):
        resolving("1.1.1.1").find(url)


@given(url=st.text(max_size=60) | st.text(max_size=40).map(lambda rest: f"https://{rest}"))
def test_any_text_is_found_or_refused(url: str) -> None:
    try:
        target = resolving("1.1.1.1").find(url)
    except RefusedError:
        return
    assert target.is_secure
    assert target.host
    assert "@" not in target.host


def test_a_name_without_addresses_is_refused() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    for receivers in (Receivers(resolve=unknown), resolving()):
        with pytest.raises(RefusedError, match=r"a\.example"):
            receivers.find("https://a.example/")


def test_settings_let_more_through() -> None:
    receivers = Receivers(allow_http=True, allow_private=True)
    target = receivers.find("http://127.0.0.1:8080/hook")
    assert (target.host, target.port, target.addresses, target.is_secure) == ("127.0.0.1", 8080, ("127.0.0.1",), False)
    assert receivers.find("https://[::1]/").port == 443
