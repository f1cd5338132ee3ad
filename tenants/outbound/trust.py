"""Decides whether, and to which addresses, the console may connect: the Address Trustlist, asked before each call.

1. The host, as `hosts.clean_host` spells it, and the port must be on the list for this purpose: a name exactly, an
   address by itself or by its network. Without TLS only where that line allows it.
2. A name is resolved once, and every one of its addresses is judged; one bad address refuses the host.
3. A public address is trusted with its name. A private one only where the list has that address, or its network, as
   well: whoever controls a name must not choose where inside our network it leads.
4. Loopback, link-local, multicast, unspecified, reserved and metadata addresses never, also inside NAT64, 6to4, Teredo
   or mapped addresses. LOOPBACK_PORTS (empty but for `make run` and tests) lets single ports of this machine in.
5. No private address at a port of the console's own database, broker or cache.
6. `Destination.connect` connects to the addresses that were judged: nothing resolves the name again.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tenants.models import AddressType, TrustedAddress
from tenants.refusals import declare, refusal

from .hosts import Address, Reach, address_of, clean_host, network_of, reach_of

RESOLVE_SECONDS = 3
CONNECT_SECONDS = 3
MAX_ADDRESSES = 16  # of one name

declare(
    {
        "address_untrusted.file_server": _(
            "%(host)s, port %(port)s, is not on the Address Trustlist as a file server. Ask the system administrator "
            "to add it."
        ),
        "address_untrusted.smartcare": _(
            "%(host)s, port %(port)s, is not on the Address Trustlist as a SmartCare interconnection address. Ask the "
            "system administrator to add it."
        ),
        "address_untrusted.webhook": _(
            "%(host)s, port %(port)s, is not on the Address Trustlist as a webhook. Ask the system administrator to "
            "add it."
        ),
        "address_tls": _(
            "%(host)s, port %(port)s, is trusted with https only. Use https, or ask the system administrator to allow "
            "http for it."
        ),
        "address_unknown": _("The name %(host)s is not known to the domain name system. Check how it is written."),
        "address_private": _(
            "%(host)s leads to %(address)s, a private address. Ask the system administrator to put that address, or "
            "its network, on the Address Trustlist too."
        ),
        "address_forbidden": _("%(host)s leads to %(address)s, an address that the console never connects to."),
        "address_unreachable": _(
            "%(host)s, port %(port)s, did not answer within %(seconds)s seconds. Check that the server runs and that "
            "its firewall lets the console in."
        ),
        "address_closed": _("%(host)s refused the connection at port %(port)s. Check that the server runs there."),
    }
)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one call may go. `host`: for TLS, Host headers and host keys; `addresses`: judged, the only way there."""

    host: str
    port: int
    addresses: tuple[str, ...]

    def connect(self, seconds: float = CONNECT_SECONDS) -> socket.socket:
        """Return a TCP connection to the first address that answers; its timeout is `seconds` until it is changed.

        ValidationError: address_unreachable, address_closed.
        """
        until, code = monotonic() + seconds, "address_unreachable"
        for address in self.addresses:
            try:
                return socket.create_connection((address, self.port), timeout=max(0.1, until - monotonic()))
            except ConnectionRefusedError:
                code = "address_closed"
            except OSError:  # no route, or no answer: the next address may do
                continue
        raise refusal(code, host=self.host, port=self.port, seconds=round(seconds))


def trusted(address_type: AddressType, host: str, port: int, *, uses_tls: bool = True) -> Destination:
    """Return where to connect for `host`, or raise ValidationError. Ask again for every call; never keep the answer.

    `uses_tls` False: plain http; what is encrypted by itself, such as SFTP, counts as True.
    Codes: host_format, address_untrusted, address_tls, address_unknown, address_private, address_forbidden.
    """
    host = clean_host(host)
    entries = list(TrustedAddress.objects.filter(address_type=address_type, port=port))
    named = [entry for entry in entries if _names(entry, host)]
    if not named:
        raise refusal(f"address_untrusted.{AddressType(address_type).value}", host=host, port=port)
    if not uses_tls and not any(entry.allows_http for entry in named):
        raise refusal("address_tls", host=host, port=port)
    addresses = _resolve(host, port)
    networks = [network for entry in entries if (network := network_of(entry.host)) is not None]
    for address in addresses:
        _judge(host, port, address, networks)
    return Destination(host, port, tuple(map(str, addresses)))


def _names(entry: TrustedAddress, host: str) -> bool:
    network, address = network_of(entry.host), address_of(host)
    if network is None or address is None:
        return network is None and address is None and clean_host(entry.host) == host
    return address in network


def _judge(host: str, port: int, address: Address, networks: Sequence[Any]) -> None:
    reach = reach_of(address)
    is_listed = any(address in network for network in networks)
    if reach is Reach.NEVER or (reach is Reach.LOOPBACK and port not in settings.LOOPBACK_PORTS):
        raise refusal("address_forbidden", host=host, address=str(address))
    if reach is not Reach.PUBLIC and port in _own_ports():
        raise refusal("address_forbidden", host=host, address=str(address))
    if reach is not Reach.PUBLIC and not is_listed:
        raise refusal("address_private", host=host, address=str(address))


def _own_ports() -> set[int]:
    """Return the ports of the console's own database, broker and cache; those on unix sockets have none."""
    urls = (settings.CELERY_BROKER_URL, str(settings.CACHES["default"].get("LOCATION", "")))
    ports = {int(settings.DATABASES["default"].get("PORT") or 0), *(urlsplit(url).port or 0 for url in urls)}
    return ports - {0}


def _resolve(host: str, port: int) -> list[Address]:
    """Return all addresses of `host`, at most RESOLVE_SECONDS later, each once."""
    if (literal := address_of(host)) is not None:
        return [literal]
    answers: Queue[list[Any]] = Queue()
    Thread(target=_ask, args=(host, port, answers), daemon=True).start()  # getaddrinfo has no timeout of its own
    try:
        found = answers.get(timeout=RESOLVE_SECONDS)
    except Empty:
        found = []
    addresses = [address for text in dict.fromkeys(found) if (address := address_of(text)) is not None]
    if not addresses or len(addresses) < len(dict.fromkeys(found)):  # one that cannot be judged is a bad one
        raise refusal("address_unknown", host=host)
    return addresses[:MAX_ADDRESSES]


def _ask(host: str, port: int, answers: "Queue[list[Any]]") -> None:
    try:
        answers.put([found[4][0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
    except OSError:
        answers.put([])
