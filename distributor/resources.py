"""Finds what is shipped beside the code: templates, example lists, the sample release.

In a wheel they lie in `distributor/shipped/`; in a source tree beside the package.
"""

import shutil
from pathlib import Path

from distributor.errors import DistributorError

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The shipped folder or file `name` ("templates", "lists", "samples", "config.example.toml")."""
    for base in (_PACKAGE / "shipped", _PACKAGE.parent):
        if (base / name).exists():
            return base / name
    raise DistributorError(f"“{name}” is not part of this installation", cure="Install distributor again.")


def copy_lists(to: Path) -> None:
    """Copy the shipped lists to the folder `to`, for its owner alone: people's addresses come in there."""
    shutil.copytree(shipped("lists"), to, dirs_exist_ok=True)
    to.chmod(0o700)
    for file in to.iterdir():
        file.chmod(0o600)
