"""Which addresses webhooks are sent to: never one of a network that only this machine can reach, whatever name is given
to it, so that nobody makes the service call what is behind its firewall.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from service.settings import Settings

if TYPE_CHECKING:
    from urllib3.util import Url

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]
PORTS = {"https": 443, "http": 80}
LONGEST_URL = 2000

# All that IANA has given out of IPv6 to be reached from anywhere. What is special is outside of it, or known to Python.
GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
# Registered after the oldest Python that we run on was made: documentation, and one-way tunnels (Teredo) in any case.
NOT_GLOBAL = (IPv6Network("3fff::/20"), IPv6Network("2001::/32"))


class RefusedError(Exception):
    """Webhooks are not sent there; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send, with the addresses that the host's name had when it was looked up."""

    url: Url
    host: str
    port: int
    addresses: tuple[str, ...]

    @property
    def is_secure(self) -> bool:
        return self.url.scheme == "https"


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, in the order in which to try them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Receivers:
    """The guard. `resolve` looks names up."""

    allow_http: bool = False
    allow_private: bool = False
    resolve: Resolve = look_up

    @classmethod
    def of(cls, settings: Settings) -> Receivers:
        return cls(settings.webhook_http, settings.webhook_private)

    def find(self, url: str) -> Target:
        """Looks the host up, once: whoever sends has to connect to one of these very addresses, since the next look-up
        may tell others. Raises RefusedError.
        """
        parsed = self._parse(url)
        host = (parsed.host or "").strip("[]")
        port = parsed.port or PORTS[str(parsed.scheme)]
        try:
            addresses = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise RefusedError(f"The name {host} cannot be looked up.") from error
        if not addresses:
            raise RefusedError(f"The name {host} has no address.")
        for address in addresses:
            if not self.allow_private and not is_public(address):
                raise RefusedError(f"The address of {host} is not a public one.")
        return Target(parsed, host, port, tuple(addresses))

    def _parse(self, url: str) -> Url:
        """The address by the parser that the sender uses, so that both see the same host in it."""
        from urllib3.exceptions import LocationParseError  # here, as few web processes need its 11 MB
        from urllib3.util import parse_url

        if len(url) > LONGEST_URL or any(ord(character) <= ord(" ") for character in url):
            raise RefusedError(f"Must be an address of up to {LONGEST_URL:,} characters, without blanks.")
        try:
            parsed = parse_url(url)
        except LocationParseError as error:
            raise RefusedError("Is no address.") from error
        if parsed.scheme not in (("https", "http") if self.allow_http else ("https",)):
            raise RefusedError(f"Must begin with https://{' or http://' if self.allow_http else ''}.")
        if not parsed.host:
            raise RefusedError("Must name a host.")
        if parsed.auth is not None:
            raise RefusedError("Must not have a user name or password: they would be shown to every administrator.")
        if parsed.fragment is not None:
            raise RefusedError("Must not have a fragment (#…), which is never sent.")
        return parsed


def is_public(address: str) -> bool:
    """Whether anybody on the internet can reach this address. One that carries an IPv4 address (mapped, NAT64, 6to4) is
    as that one.
    """
    try:
        return _is_public(ip_address(address))
    except ValueError:  # as with a zone: fe80::1%eth0
        return False


def _is_public(address: Address) -> bool:
    carried = _carried(address)
    if carried is not None:
        return _is_public(carried)
    is_special = address.is_multicast or address.is_reserved or not address.is_global
    if isinstance(address, IPv6Address):
        is_special |= address not in GLOBAL_UNICAST or any(address in network for network in NOT_GLOBAL)
    return not is_special


def _carried(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
