"""The wheel, built from the tree, and a fresh environment that it is installed in, as pipx does it.

The build runs without network (the build backend is in the test extra). The environment borrows the
libraries of this one, not distributor itself. Who asks for it says so: `pytestmark = ONE`.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

#: One worker makes it, once.
ONE = pytest.mark.xdist_group("wheel")
ROOT = Path(__file__).parent.parent
# What git tracks or may track; not environments, caches and databases of this machine.
IGNORED = shutil.ignore_patterns(".venv", ".git", ".*_cache", "__pycache__", "*.db*", "state", "outbox")


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "tree", ignore=IGNORED)
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        folder,
        ".",
        cwd=folder / "tree",
    )
    (built,) = folder.glob("distributor-*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    target = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).stdout
    install = ("install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "--python", python, *install, wheel, cwd=folder)
    # A path line, not addsitedir: the .pth file of the editable install there must not be read.
    (Path(target.strip()) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent
