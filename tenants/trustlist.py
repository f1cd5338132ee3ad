"""Address Trustlist: the lines that a system administrator writes. `outbound.trust` reads them before every call.

A line that could never be used is refused when it is written: the same `outbound.hosts` judges here and there.
"""

from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from .models import TrustedAddress
from .operation_log import declare_actions, record
from .outbound.hosts import Address, Reach, address_of, clean_host, network_of, reach_of
from .refusals import declare, refusal

declare(
    {
        "trust_never": _(
            "%(host)s is this machine, or a link-local, multicast, reserved or metadata address. The console never "
            "connects there."
        ),
        "trust_broad": _("A network of the trustlist is not broader than /16 (IPv4) or /48 (IPv6)."),
        "trust_begin": _("%(host)s is an address inside of a network. The network is written %(network)s."),
        "trust_taken": _("This address is on the list already, for the same type and port."),
    }
)
declare_actions(
    {
        "trustlist.add": _("Add trusted address"),
        "trustlist.edit": _("Edit trusted address"),
        "trustlist.delete": _("Delete trusted address"),
    }
)

BROADEST = {4: 16, 6: 48}  # bits of the prefix, by IP version
OF_THIS_MACHINE = ("localhost", "localdomain", "ip6-localhost", "ip6-loopback", "metadata.google.internal")


def save_trusted(entry: TrustedAddress, **changes: Any) -> TrustedAddress:
    """Write the new or changed `entry`; ValidationError keyed by field."""
    action = "trustlist.add" if entry._state.adding else "trustlist.edit"
    for name, value in changes.items():
        setattr(entry, name, value)
    entry.full_clean(validate_unique=False, validate_constraints=False)
    try:
        entry.host = clean_trusted_host(entry.host, entry.port)
    except ValidationError as refused:
        raise ValidationError({"host": refused}) from None
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:
        raise ValidationError({"host": refusal("trust_taken")}) from None
    record(action, entry, address_type=entry.address_type, allows_http=entry.allows_http)
    return entry


def delete_trusted(entry: TrustedAddress) -> None:
    """Take `entry` off the list: from the next call on nothing goes there."""
    record("trustlist.delete", entry, address_type=entry.address_type)
    entry.delete()


def clean_trusted_host(text: str, port: int) -> str:
    """Return a name, address or network as it is kept, or raise: host_format, trust_never, trust_broad, trust_begin."""
    if "/" in text:
        return _clean_network(text.strip(), port)
    host = clean_host(text)
    address = address_of(host)
    is_ours = host.rpartition(".")[2] in OF_THIS_MACHINE or host in OF_THIS_MACHINE
    if (is_ours and not _is_let_in(Reach.LOOPBACK, port)) or (address and not _is_usable(address, port)):
        raise refusal("trust_never", host=host)
    return host


def _clean_network(text: str, port: int) -> str:
    network = network_of(text)
    if network is None:
        raise refusal("host_format", host=text)
    if str(ip_network(text.partition("/")[0])[0]) != str(network[0]):
        raise refusal("trust_begin", host=text, network=str(network))
    if network.prefixlen < BROADEST[network.version]:
        raise refusal("trust_broad")
    if not all(_is_usable(address, port) for address in (network[0], network[-1])):
        raise refusal("trust_never", host=str(network))
    return str(network) if network.num_addresses > 1 else str(network[0])


def _is_usable(address: Address, port: int) -> bool:
    return _is_let_in(reach_of(address), port)


def _is_let_in(reach: Reach, port: int) -> bool:
    """Return whether a line for such an address can be of use; loopback only at a port of our own demo servers."""
    return reach is not Reach.NEVER and (reach is not Reach.LOOPBACK or port in settings.LOOPBACK_PORTS)
