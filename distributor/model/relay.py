"""An SMTP server we hand over to."""

from dataclasses import dataclass, field
from typing import Literal

#: `required`: STARTTLS, name verified. `implicit`: TLS from the first byte, name verified. `opportunistic`:
#: STARTTLS when offered, name not verified. `none`: in clear.
Tls = Literal["required", "implicit", "opportunistic", "none"]


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """Where and how to connect. `priority`: the lowest number is tried first; equal ones share the load.

    `rate` is in messages a second, `daily` in messages a day; 0: no limit.
    """

    name: str
    host: str
    port: int
    tls: Tls = "required"
    username: str = ""
    password: str = field(default="", repr=False)
    connections: int = 4
    rate: float = 0.0
    daily: int = 0
    priority: int = 0

    @property
    def shown(self) -> str:
        """What people see of it."""
        return f"{self.name} ({self.host}:{self.port})"
