"""An SMTP server we hand over to."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """Where and how to connect. `priority`: the lowest number is tried first."""

    name: str
    host: str
    port: int
    tls: Literal["required", "implicit", "opportunistic", "none"] = "required"
    username: str = ""
    password: str = field(default="", repr=False)
    connections: int = 4
    priority: int = 0
