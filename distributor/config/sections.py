"""The sections of config.toml: every key with its type, its default, and what is refused in it.

Those of publishers are in `publishers`; `whole` puts all together.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from distributor.config.kinds import (
    Domain,
    Duration,
    File,
    Filled,
    Line,
    Lines,
    Link,
    Mailboxes,
    Pace,
    Rate,
    Webhook,
    Zone,
    per_second,
)


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Section):
    url: Annotated[Lines, Filled] = "sqlite:///distributor.db"


class Paths(Section):
    lists: File = Path("lists")
    templates: File = Path("templates")
    outbox: File = Path("outbox")
    state: File = Path("state")


class Schedule(Section):
    timezone: Zone = "Europe/Brussels"
    show_zones: tuple[Zone, ...] = ("Europe/Brussels", "Europe/London", "America/New_York", "UTC")
    late_limit_embargoed: Duration = timedelta(minutes=15)
    late_limit: Duration = timedelta(minutes=60)
    prepare_ahead: Duration = timedelta(minutes=10)
    min_advance_lead: Duration = timedelta(minutes=30)
    undo: Duration = timedelta(seconds=60)
    cet_is_brussels: bool = False


class Relay(Section):
    """An SMTP server we hand over to. `tls` "required" means STARTTLS with a verified name.

    "opportunistic" verifies nobody, so no password goes over it; over "none" one does, as it is written.
    """

    host: Annotated[Line, Filled]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["required", "implicit", "opportunistic", "none"] = "required"
    username: Line = ""
    password: str = Field(default="", repr=False)
    password_file: File | None = None
    connections: Annotated[int, Field(ge=1, le=100)] = 4
    rate: Rate = ""
    daily: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    priority: int = 0
    envelope: Literal["verp", "plus", "fixed"] = "verp"

    @field_validator("username")
    @classmethod
    def _to_the_right_one(cls, value: str, info: ValidationInfo) -> str:
        if value and info.data.get("tls") == "opportunistic":
            raise ValueError(
                'over tls = "opportunistic" anybody could take the password; write tls = "required"'
            )
        return value

    @property
    def per_second(self) -> float:
        """`rate` in messages a second; 0: no limit."""
        return per_second(self.rate)


class Pacing(Section):
    """How fast mail goes to one recipient domain, which the section's name is."""

    rate: Pace

    @property
    def per_second(self) -> float:
        """`rate` in messages a second."""
        return per_second(self.rate)


class Dkim(Section):
    """A key that signs mails; the section's name is its selector (RFC 6376 §3.1)."""

    domain: Domain = ""
    key_file: File


class Sending(Section):
    allow_recipients: tuple[Annotated[Line, Filled], ...] = ()
    after_crash: Literal["resend", "ask"] = "resend"
    expire_release: Duration = timedelta(hours=24)
    expire_notice: Duration = timedelta(hours=72)
    bounce_domain: Line = ""


class Approval(Section):
    required: bool = True
    four_eyes: bool = False
    audience_tolerance: Annotated[str, Field(pattern=r"^\s*(\d+%|\d+|\d+% or \d+)\s*$")] = "5% or 20"

    @field_validator("four_eyes")
    @classmethod
    def _of_an_approval(cls, value: bool, info: ValidationInfo) -> bool:
        if value and not info.data.get("required", True):
            raise ValueError("four eyes look at an approval; write required = true")
        return value


class Alerts(Section):
    """Who is told what needs a person, beside officers who have an address."""

    to: Mailboxes = ()
    webhook: Webhook = Field(default="", repr=False)


class Web(Section):
    listen: Annotated[Line, Field(pattern=r"^.+:\d{1,5}$")] = "127.0.0.1:8025"
    base_url: Link = ""
    secret_file: File = Path("state/secret.key")


class LogSection(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"
