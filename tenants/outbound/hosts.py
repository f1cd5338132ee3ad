"""Host names and addresses as one spelling, and which addresses are connected to at all."""

import re
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.utils.translation import gettext_lazy as _

from tenants.refusals import declare, refusal

Address = IPv4Address | IPv6Address

MAX_NAME = 253  # characters of a host name
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
A_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # a last label that browsers and resolvers read as a number
NAT64 = IPv6Network("64:ff9b::/96")
OF_THE_WORLD, OF_ONE_SITE = (IPv6Network("2000::/3"), NAT64), IPv6Network("fc00::/7")  # of IPv6, nothing else is used
NEVER = (  # what is never connected to, whatever the trustlist says, besides what `ipaddress` knows
    ip_network("0.0.0.0/8"),
    ip_network("192.0.0.0/24"),  # protocol assignments, and Oracle's metadata
    ip_network("100.100.100.200/32"),  # Alibaba's metadata
    ip_network("168.63.129.16/32"),  # Azure's, a public address
    ip_network("fd00:ec2::254/128"),  # Amazon's
    ip_network("2001::/32"),  # Teredo: its addresses carry two others
)

declare(
    {
        "host_format": _(
            "“%(host)s” is neither a host name nor an IP address. Give a name such as sftp.example.com, or an "
            "address such as 192.0.2.10."
        ),
    }
)


class Reach(Enum):
    """How far an address of the network is trusted by itself."""

    PUBLIC = "public"
    PRIVATE = "private"  # only where the trustlist has the address, or its network
    LOOPBACK = "loopback"  # as private, and only at a port of LOOPBACK_PORTS
    NEVER = "never"


def clean_host(text: str) -> str:
    """Return a host as it is compared: "SFTP.Example.COM." -> "sftp.example.com", "[::1]" -> "::1".

    ValidationError (host_format): no name and no address, or a number that resolvers would read as an address.
    """
    host = text.strip().lower().rstrip(".")
    if (address := address_of(host.removeprefix("[").removesuffix("]"))) is not None:
        return str(address)
    try:
        name = host.encode("idna").decode()
    except UnicodeError:
        raise refusal("host_format", host=text[:MAX_NAME]) from None
    labels = name.split(".")
    is_name = len(name) <= MAX_NAME and all(LABEL.fullmatch(label) for label in labels)
    if not is_name or A_NUMBER.fullmatch(labels[-1]):
        raise refusal("host_format", host=text[:MAX_NAME])
    return name


def network_of(host: str) -> Any:
    """Return the network that a line of the trustlist names, a single address as one of its own; None for a name."""
    try:
        return ip_network(host.strip(), strict=False)
    except ValueError:
        return None


def address_of(host: str) -> Address | None:
    """Return the address that `host` is; None for a name. An IPv4 address in IPv6 dress is the IPv4 address."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id:
            return None
        return address.ipv4_mapped or address
    return address


def reach_of(address: Address) -> Reach:
    """Return how far `address` is trusted by itself; one that carries another as the less trusted of the two."""
    return max((_reach(one) for one in (address, *_carried(address))), key=list(Reach).index)


def _reach(address: Address) -> Reach:
    if address.is_loopback:
        return Reach.LOOPBACK
    is_odd = address.is_link_local or address.is_multicast or address.is_unspecified
    if is_odd or any(address in network for network in NEVER):
        return Reach.NEVER
    if isinstance(address, IPv4Address):
        return Reach.NEVER if address.is_reserved else Reach.PUBLIC if address.is_global else Reach.PRIVATE
    if any(address in network for network in OF_THE_WORLD):
        return Reach.PUBLIC if address.is_global else Reach.PRIVATE
    return Reach.PRIVATE if address in OF_ONE_SITE else Reach.NEVER


def _carried(address: Address) -> list[IPv4Address]:
    """Return the IPv4 address that an IPv6 one leads to: NAT64, 6to4."""
    if isinstance(address, IPv4Address):
        return []
    if address in NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address.sixtofour] if address.sixtofour else []
