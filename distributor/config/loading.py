"""Reads config.toml and the environment into a Config. What is wrong is told by `mistakes`."""

import os
import tomllib
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError

from distributor.config import mistakes
from distributor.config.whole import Config
from distributor.errors import ConfigError


def load(path: Path | None = None) -> Config:
    """Config from `path`, else ./config.toml, else the defaults; the environment wins.

    Raises ConfigError with file, line (where it can be told), key and cure.
    """
    file = path or (Path("config.toml") if Path("config.toml").is_file() else None)
    return parse(_read(file) if file else "", file=file)


def parse(text: str, *, file: Path | None) -> Config:
    """Config from the TOML `text`, which is or will be `file`'s. Raises ConfigError."""
    source = mistakes.Source(file=file, text=text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {error}", where=str(file), cure="Mend that line.") from None
    source.refuse_unknown(list(data))
    source.refuse_unknown_environment(os.environ)
    resolved = file.resolve() if file else None
    base = resolved.parent if resolved else Path.cwd()
    try:
        return Config(**{**data, "base": base, "file": resolved})
    except ValidationError as error:
        raise source.explain(error.errors()[0], environment=os.environ) from None
    except SettingsError as error:
        raise source.explain_environment(str(error)) from None


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")  # Windows editors write a byte order mark
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot be read ({getattr(error, 'strerror', None) or error})",
            where=str(file),
            cure="Name a readable UTF-8 file with --config, or make one with “distributor init”.",
        ) from None
