"""The sections of config.toml: every key with its type, its default, and what is refused in it.

Reading files and explaining mistakes is `loading` and `mistakes`.
"""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
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
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from distributor.errors import AddressError, ConfigError
from distributor.model.address import Address
from distributor.model.headertext import trouble, trouble_of_name
from distributor.policy import languages

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
_RATE = re.compile(r"([1-9]\d{0,8})/([smh])")
_LINK = r"^(https?://[^\s/]+[^\s]*)?$"
_ID = r"[a-z0-9][a-z0-9-]{0,62}"
_SQLITE = "sqlite:///"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=36_500)  # further from now there may be no date


def duration(value: object) -> timedelta:
    """ "90s", "15m", "24h", "2d" or several ("1h 30m"); a number counts seconds. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _lasting(value)
    text = str(value).strip()
    if not re.fullmatch(rf"(?:{_DURATION.pattern}\s*)+", text):
        raise ValueError("write a duration as 90s, 15m, 24h or 2d")
    return _lasting(sum(float(n) * _UNITS[unit] for n, unit in _DURATION.findall(text)))


def _lasting(seconds: float) -> timedelta:
    if not 0 <= seconds <= _LONGEST.total_seconds():  # a NaN is not either
        raise ValueError(f"write a duration from 0s to {_LONGEST.days}d")
    return timedelta(seconds=seconds)


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


def _webhook(value: str) -> str:
    """An address that may be posted to, or "". It may hold a secret, so that no refusal repeats it."""
    if not value:
        return value
    wrong = ValueError("write it as https://hooks.example.org/…, without spaces, user or password")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise wrong
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or port == 0:
        raise wrong
    return value


def _line(value: str) -> str:
    wrong = trouble_of_name(value)
    if wrong:
        raise ValueError(f"it holds {wrong}; write it as plain text on one line")
    return value


def _lines(value: str) -> str:
    wrong = trouble(value, lines=True)
    if wrong:
        raise ValueError(f"it holds {wrong}")
    return value


def _filled(value: object) -> object:
    """Before a path is made of it: "" would be the folder itself."""
    if isinstance(value, str) and not value.strip():
        raise ValueError("it is empty; write a value, or leave the key out where it has a default")
    return value


def _path(value: Path) -> Path:
    _lines(str(value))
    return value


def _language(value: str) -> str:
    code = languages.code(value)
    if code is None:
        raise ValueError(f"“{value[:40]}” is no language. {languages.suggestion(value)}")
    return code


def _rate(value: str) -> str:
    return _pace(value) if value else value


def _pace(value: str) -> str:
    if not _RATE.fullmatch(value):
        raise ValueError("write a rate as 30/m, 14/s or 1000/h")
    return value


def _per_second(rate: str) -> float:
    number, _, unit = rate.partition("/")
    return int(number) / _UNITS[unit] if unit else 0.0


def _domain(value: str) -> str:
    name = value.strip().rstrip(".")
    try:
        return Address.parse(f"x@{name}").domain if name else ""
    except AddressError:
        raise ValueError(f"“{value[:80]}” is no domain such as example.org") from None


def _selector(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", value):
        raise ValueError("a selector is made of letters, digits and dashes")
    return value


def _publisher(value: str) -> str:
    if not re.fullmatch(_ID, value):
        raise ValueError("an id is made of small letters, digits and dashes, such as green-group")
    return value


Duration = Annotated[timedelta, BeforeValidator(duration)]
Zone = Annotated[str, AfterValidator(_zone)]
Mailbox = Annotated[str, AfterValidator(_address)]
Line = Annotated[str, AfterValidator(_line)]
Lines = Annotated[str, AfterValidator(_lines)]
File = Annotated[Path, BeforeValidator(_filled), AfterValidator(_path)]
Filled = BeforeValidator(_filled)  # for what is nothing without a value
RelayName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,62}$")]
Domain = Annotated[str, AfterValidator(_domain)]
Selector = Annotated[str, AfterValidator(_selector)]
PublisherId = Annotated[str, AfterValidator(_publisher)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Section):
    url: Annotated[Lines, Filled] = "sqlite:///distributor.db"


class Paths(Section):
    lists: File = Path("lists")
    templates: File = Path("templates")
    outbox: File = Path("outbox")
    state: File = Path("state")


class Publisher(Section):
    """Who the releases come from. `unsubscribe_mailbox` is a mailbox that somebody reads."""

    id: Annotated[str, Field(pattern=f"^{_ID}$")] = "press"
    name: Annotated[Line, Filled] = "Press Office"
    address: Annotated[Mailbox, Filled] = "press@example.org"
    reply_to: Mailbox = ""
    unsubscribe_mailbox: Mailbox = ""
    postal_address: Lines = ""
    privacy_url: Annotated[Line, Field(pattern=_LINK)] = ""
    copy_to: tuple[Annotated[Mailbox, Filled], ...] = ()
    test_addresses: tuple[Annotated[Mailbox, Filled], ...] = ()
    language: Annotated[str, AfterValidator(_language)] = "en"


class OtherPublisher(Section):
    """One more publisher; its id is the section's name. Lists, templates and alerts are its own."""

    name: Annotated[Line, Filled]
    address: Annotated[Mailbox, Filled]
    reply_to: Mailbox = ""
    unsubscribe_mailbox: Mailbox = ""
    postal_address: Lines = ""
    privacy_url: Annotated[Line, Field(pattern=_LINK)] = ""
    copy_to: tuple[Annotated[Mailbox, Filled], ...] = ()
    test_addresses: tuple[Annotated[Mailbox, Filled], ...] = ()
    language: Annotated[str, AfterValidator(_language)] = "en"
    lists: File | None = None
    templates: File | None = None
    alerts_to: tuple[Annotated[Mailbox, Filled], ...] = ()
    alerts_webhook: Annotated[str, AfterValidator(_webhook)] = Field(default="", repr=False)


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
    rate: Annotated[str, AfterValidator(_rate)] = ""
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
        return _per_second(self.rate)


class Pacing(Section):
    """How fast mail goes to one recipient domain, which the section's name is."""

    rate: Annotated[str, AfterValidator(_pace)]

    @property
    def per_second(self) -> float:
        """`rate` in messages a second."""
        return _per_second(self.rate)


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

    to: tuple[Annotated[Mailbox, Filled], ...] = ()
    webhook: Annotated[str, AfterValidator(_webhook)] = Field(default="", repr=False)


class Web(Section):
    listen: Annotated[Line, Field(pattern=r"^.+:\d{1,5}$")] = "127.0.0.1:8025"
    base_url: Annotated[Line, Field(pattern=_LINK)] = ""
    secret_file: File = Path("state/secret.key")


class LogSection(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


def _named(tables: dict[str, Any], *before: str) -> Iterator[tuple[str, Any]]:
    for name, value in tables.items():
        deeper = isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values())
        if deeper:
            yield from _named(value, *before, name)
        else:
            yield ".".join((*before, name)), value


def lists_beside(publisher: str) -> Path:
    """Where a publisher that names no folder has its lists."""
    return Path(f"lists-{publisher}")


def _folder(path: Path) -> str:
    return os.path.normpath(path)


def _own(taken: dict[str, str], value: str, *, id: str, what: str) -> None:
    section = f"[publishers.{id}]"
    before = taken.setdefault(value, section)
    if before != section:
        raise ValueError(f"{section} has {what}, which is that of {before}; give it its own")


class _Environment(EnvSettingsSource):
    def prepare_field_value(
        self, field_name: str, field: FieldInfo, value: Any, value_is_complex: bool
    ) -> Any:
        """DISTRIBUTOR_PUBLISHER=ID says for whom one works (`cli.terminal`); it sets nothing."""
        named = field_name == "publisher" and isinstance(value, str) and not value.lstrip().startswith("{")
        return super().prepare_field_value(
            field_name, field, None if named else value, value_is_complex=value_is_complex
        )

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
    publishers: dict[PublisherId, OtherPublisher] = Field(default_factory=dict)
    schedule: Schedule = Schedule()
    relays: dict[RelayName, Relay] = Field(default_factory=dict)
    dkim: dict[Selector, Dkim] = Field(default_factory=dict)
    pacing: dict[Domain, Pacing] = Field(default_factory=dict)
    sending: Sending = Sending()
    approval: Approval = Approval()
    alerts: Alerts = Alerts()
    web: Web = Web()
    log: LogSection = LogSection()

    base: Path = Field(default=Path(), exclude=True)
    file: Path | None = Field(default=None, exclude=True)

    @field_validator("publishers")
    @classmethod
    def _apart(cls, others: dict[str, OtherPublisher], info: ValidationInfo) -> dict[str, OtherPublisher]:
        """Each has an id, an address and lists of its own: their contacts are kept apart by them."""
        first, paths = info.data.get("publisher"), info.data.get("paths")
        if first is None or paths is None:
            return others  # what is wrong there is told
        if first.id in others:
            raise ValueError(f"[publishers.{first.id}] has the id of [publisher]; give it another one")
        addresses = {first.address.casefold(): "[publisher]"}
        folders = {_folder(paths.lists): "[paths] lists"}
        for id, one in others.items():
            _own(addresses, one.address.casefold(), id=id, what=f"the address {one.address}")
            lists = one.lists or lists_beside(id)
            _own(folders, _folder(lists), id=id, what=f"the folder of lists {lists}")
        return others

    @field_validator("pacing", mode="before")
    @classmethod
    def _whole_names(cls, pacing: object) -> object:
        """[pacing.example.org] without quotes is a table in a table to TOML."""
        return dict(_named(pacing)) if isinstance(pacing, dict) else pacing

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

    def lists_of(self, publisher: str) -> Path:
        """The folder of this publisher's list files."""
        own = self.publishers.get(publisher)
        return self.path((own.lists or lists_beside(publisher)) if own else self.paths.lists)

    def templates_of(self, publisher: str) -> Path:
        """The folder of templates that replace the shipped ones in its mails."""
        own = self.publishers.get(publisher)
        return self.path((own and own.templates) or self.paths.templates)

    def path(self, path: Path) -> Path:
        """`path` relative to the folder of the config file."""
        return path if path.is_absolute() else self.base / path

    def require(self) -> None:
        """Raises ConfigError where nobody has set up anything: no file, no environment, no database."""
        told = self.file or self.model_fields_set - {"base", "file"}
        if not (told or Path(self.database_url.removeprefix(_SQLITE)).exists()):
            raise ConfigError(
                "there is no installation here, neither a config.toml nor a database",
                where=str(self.base),
                cure="Make one with “distributor init”, or name its file with --config FILE.",
            )

    @property
    def database_url(self) -> str:
        """The URL with SQLite's path made absolute."""
        if not self.database.url.startswith(_SQLITE):
            return self.database.url
        return _SQLITE + str(self.path(Path(self.database.url.removeprefix(_SQLITE))).resolve())
