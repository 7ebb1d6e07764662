"""Finds what is shipped beside the code: templates, example lists, the sample release.

In a wheel they lie in `distributor/shipped/`; in a source tree beside the package.
"""

from pathlib import Path

from distributor.errors import DistributorError

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The shipped folder or file `name` ("templates", "lists", "samples", "config.example.toml")."""
    for base in (_PACKAGE / "shipped", _PACKAGE.parent):
        if (base / name).exists():
            return base / name
    raise DistributorError(f"“{name}” is not part of this installation", cure="Install distributor again.")
