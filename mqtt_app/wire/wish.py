"""What people want of a connection, in the words of the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What people want of a connection, as far as the wire is concerned. cover: filter → QoS, without overlap."""

    connection_id: int
    epoch: int
    host: str
    port: int
    client_id: str
    protocol: str
    username: str = field(repr=False, default="")
    password: str = field(repr=False, default="")
    use_tls: bool = False
    tls_verify: bool = True
    ca_certificate: str = field(repr=False, default="")
    client_certificate: str = field(repr=False, default="")
    client_key: str = field(repr=False, default="")
    private_allowed: bool = True
    """Whether the host may lead into a private network."""
    beacon: tuple[bytes, bytes, bytes] | None = None
    """Topic, and the payloads that say we are here and we are gone."""
    cover: Mapping[str, int] = field(default_factory=dict)

    retry_wished_at: datetime | None = None
    """When somebody last asked that the next attempt be made at once."""

    @property
    def broker(self) -> str:
        """What a broker's session hangs on."""
        return f"{self.host}:{self.port} as {self.client_id}"
