"""Programs and libraries that a benchmark needs beside ours, and the folder where it keeps them.

Nothing is installed into the tree: what npm, pip or the compiler makes goes to a cache folder of the user.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


class Missing(Exception):
    """This machine lacks something; the message says what, and how to get it."""


def cache() -> Path:
    """~/.cache/distributor-bench, or under XDG_CACHE_HOME."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "distributor-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def program(name: str, *, package: str) -> str:
    """The path of a program. Raises Missing."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if found is None:
        raise Missing(f"no {name} on this machine: apt-get install {package}")
    return found


def nodemailer() -> dict[str, str]:
    """The environment in which node finds nodemailer, installed at first use. Raises Missing."""
    program("node", package="nodejs")
    folder = cache() / "node"
    if not (folder / "node_modules" / "nodemailer").exists():
        npm = program("npm", package="npm")
        _install([npm, "install", "--silent", "--prefix", str(folder), "nodemailer"])
    return {"NODE_PATH": str(folder / "node_modules")}


def uvloop() -> dict[str, str]:
    """The environment in which Python finds uvloop, installed at first use. Raises Missing."""
    folder = cache() / f"python{sys.version_info.major}.{sys.version_info.minor}"
    if not (folder / "uvloop").exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _install([*pip, "--target", str(folder), "uvloop"])
    return {"PYTHONPATH": str(folder)}


def _install(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(f"{command[-1]} cannot be installed: {lines[-1] if lines else done.returncode}")
