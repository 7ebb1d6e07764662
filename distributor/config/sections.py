"""The sections of config.toml: every key with its type, its default, and what is refused in it.

Reading files and explaining mistakes is `loading` and `mistakes`.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from distributor.errors import AddressError
from distributor.model.address import Address

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(value: object) -> timedelta:
    """ "90s", "15m", "24h", "2d" or several ("1h 30m"); a number counts seconds. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=value)
    text = str(value).strip()
    if not re.fullmatch(rf"(?:{_DURATION.pattern}\s*)+", text):
        raise ValueError("write a duration as 90s, 15m, 24h or 2d")
    return timedelta(seconds=sum(float(n) * _UNITS[unit] for n, unit in _DURATION.findall(text)))


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        raise ValueError(f"“{value}” is not an IANA time zone such as Europe/Brussels") from None
    return value


def _address(value: str) -> str:
    if not value:
        return value
    try:
        return Address.parse(value).text
    except AddressError as error:
        raise ValueError(error.what) from None


def _plain(value: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("must not hold control characters or line breaks")
    return value


Duration = Annotated[timedelta, BeforeValidator(duration)]
Zone = Annotated[str, AfterValidator(_zone)]
Mailbox = Annotated[str, AfterValidator(_address)]
Line = Annotated[str, AfterValidator(_plain)]
RelayName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,62}$")]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Section):
    url: str = "sqlite:///distributor.db"


class Paths(Section):
    lists: Path = Path("lists")
    templates: Path = Path("templates")
    outbox: Path = Path("outbox")
    state: Path = Path("state")


class Publisher(Section):
    """Who the releases come from. `unsubscribe_mailbox` is a mailbox that somebody reads."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")] = "press"
    name: Line = "Press Office"
    address: Mailbox = "press@example.org"
    reply_to: Mailbox = ""
    unsubscribe_mailbox: Mailbox = ""
    postal_address: str = ""
    privacy_url: Line = ""
    copy_to: tuple[Mailbox, ...] = ()
    test_addresses: tuple[Mailbox, ...] = ()
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "en"


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

    host: Line
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["required", "implicit", "opportunistic", "none"] = "required"
    username: Line = ""
    password: str = Field(default="", repr=False)
    password_file: Path | None = None
    connections: Annotated[int, Field(ge=1, le=100)] = 4
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


class Sending(Section):
    allow_recipients: tuple[Line, ...] = ()
    after_crash: Literal["resend", "ask"] = "resend"
    expire_release: Duration = timedelta(hours=24)
    expire_notice: Duration = timedelta(hours=72)
    bounce_domain: Line = ""


class Approval(Section):
    required: bool = True
    audience_tolerance: Annotated[str, Field(pattern=r"^\s*(\d+%|\d+|\d+% or \d+)\s*$")] = "5% or 20"


class Web(Section):
    listen: Annotated[str, Field(pattern=r"^.+:\d{1,5}$")] = "127.0.0.1:8025"
    base_url: Annotated[str, Field(pattern=r"^(https?://[^\s/]+[^\s]*)?$")] = ""
    secret_file: Path = Path("state/secret.key")


class LogSection(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class _Environment(EnvSettingsSource):
    def __call__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__call__().items() if name not in ("base", "file")}


class Config(BaseSettings):
    """Everything that can be set. `base` is the folder of the config file; `file` that file, if any."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="DISTRIBUTOR_", env_nested_delimiter="__"
    )

    database: Database = Database()
    paths: Paths = Paths()
    publisher: Publisher = Publisher()
    schedule: Schedule = Schedule()
    relays: dict[RelayName, Relay] = Field(default_factory=dict)
    sending: Sending = Sending()
    approval: Approval = Approval()
    web: Web = Web()
    log: LogSection = LogSection()

    base: Path = Field(default=Path(), exclude=True)
    file: Path | None = Field(default=None, exclude=True)

    @field_validator("relays")
    @classmethod
    def _one_envelope(cls, relays: dict[str, Relay]) -> dict[str, Relay]:
        """The return path is written before it is known which relay takes the mail."""
        first = next(iter(relays), "")
        for name, relay in relays.items():
            if relay.envelope != relays[first].envelope:
                raise ValueError(
                    f"[relays.{first}] has envelope = “{relays[first].envelope}”, [relays.{name}] "
                    f"“{relay.envelope}”; give all relays the same"
                )
        return relays

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's)
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; `base` and `file` are no settings."""
        return _Environment(settings_cls), init_settings

    def path(self, path: Path) -> Path:
        """`path` relative to the folder of the config file."""
        return path if path.is_absolute() else self.base / path

    @property
    def database_url(self) -> str:
        """The URL with SQLite's path made absolute."""
        prefix = "sqlite:///"
        if not self.database.url.startswith(prefix):
            return self.database.url
        return prefix + str(self.path(Path(self.database.url.removeprefix(prefix))).resolve())
