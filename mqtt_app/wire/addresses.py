"""Where a broker's name leads, and whether that is out on the internet: looked up once, checked, and then connected to.

A name that is looked up again for connecting may lead elsewhere by then.
"""

import ipaddress
import socket
from collections.abc import Sequence
from typing import Any, NamedTuple

# One text for every address: the difference between refusals would be a map of our own network.
NOT_ALLOWED = "This broker cannot be reached from here: name a host on the public internet."
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # IPv6 that is really some IPv4 address, public or not (RFC 6052)


class NotAllowed(OSError):
    """Where the name leads is none of the business of who entered it."""


class Place(NamedTuple):
    """One address of a host, as `socket` wants it."""

    family: socket.AddressFamily
    at: tuple[Any, ...]


def public(address: str) -> bool:
    """Whether a numeric address is out on the internet, also when it is an IPv4 address in IPv6 clothes."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast and not (ip.version == 6 and ip in TRANSLATED)


def find(host: str, port: int, private_allowed: bool) -> Sequence[Place]:
    """All addresses of a host. Raises OSError; without private_allowed NotAllowed, whatever it is that cannot be."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        if not private_allowed:
            raise NotAllowed(NOT_ALLOWED) from error
        raise socket.gaierror(f"{host} is not known") from error
    if not private_allowed and not all(public(str(one[4][0])) for one in found):
        raise NotAllowed(NOT_ALLOWED)
    return [Place(one[0], tuple(one[4])) for one in found]


def connect(places: Sequence[Place], timeout_s: float) -> socket.socket:
    """A connection to the first of them that takes one. Raises the OSError of the last."""
    failure: OSError = OSError("It has no address")
    for place in places:
        connection = socket.socket(place.family, socket.SOCK_STREAM)
        connection.settimeout(timeout_s)
        try:
            connection.connect(place.at)
            return connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure
