"""The whole configuration: all sections, what they must be to each other, and the paths that follow.

Reading files and explaining mistakes is `loading` and `mistakes`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from distributor.config.kinds import Domain, PublisherId, RelayName, Selector
from distributor.config.publishers import OtherPublisher, Publisher, lists_beside, refuse_shared
from distributor.config.sections import (
    Alerts,
    Approval,
    Database,
    Dkim,
    LogSection,
    Pacing,
    Paths,
    Relay,
    Schedule,
    Sending,
    Web,
)
from distributor.errors import ConfigError

_SQLITE = "sqlite:///"


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
        """Their contacts are kept apart by what each has alone."""
        first, paths = info.data.get("publisher"), info.data.get("paths")
        if first is not None and paths is not None:  # what is wrong there is told
            refuse_shared(first, paths, others)
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


def _named(tables: dict[str, Any], *before: str) -> Iterator[tuple[str, Any]]:
    for name, value in tables.items():
        deeper = isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values())
        if deeper:
            yield from _named(value, *before, name)
        else:
            yield ".".join((*before, name)), value
