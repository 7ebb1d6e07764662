"""config.toml and the environment, as one frozen Config. Unknown keys are refused; every key is optional.

Paths are relative to the folder of the config file, SQLite's included. `DISTRIBUTOR_SECTION__KEY` in
the environment wins over the file. Secrets come from the environment or from files.
"""

from distributor.config.kinds import duration
from distributor.config.loading import load, parse
from distributor.config.publishers import OtherPublisher, Publisher
from distributor.config.sections import Alerts, Dkim, Pacing, Relay
from distributor.config.whole import Config

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
