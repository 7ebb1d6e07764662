"""config.toml and the environment, as one frozen Config. Unknown keys are refused; every key is optional.

Paths are relative to the folder of the config file, SQLite's included. `DISTRIBUTOR_SECTION__KEY` in
the environment wins over the file. Secrets come from the environment or from files.
"""

from distributor.config.loading import load, parse
from distributor.config.sections import (
    Alerts,
    Config,
    Dkim,
    OtherPublisher,
    Pacing,
    Publisher,
    Relay,
    duration,
)

__all__ = [
    "Alerts",
    "Config",
    "Dkim",
    "OtherPublisher",
    "Pacing",
    "Publisher",
    "Relay",
    "duration",
    "load",
    "parse",
]
