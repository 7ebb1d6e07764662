"""The wheel: built from the tree, it holds everything and works outside the tree, as with pipx.

The build runs without network (the build backend is in the test extra). The fresh environment borrows the
libraries of this one, not distributor itself.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("wheel")

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


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
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


@pytest.mark.parametrize(
    ("folder", "inside"),
    [
        # tracked data beside the package, and where a wheel has it
        ("templates", "distributor/shipped/templates"),
        ("lists", "distributor/shipped/lists"),
        ("samples", "distributor/shipped/samples"),
        # data within the package
        ("distributor/locale", "distributor/locale"),
        ("distributor/store/migrations", "distributor/store/migrations"),
        ("distributor/cli", "distributor/cli"),
    ],
)
def test_wheel_holds_every_file(wheel: Path, folder: str, inside: str) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    files = [
        file for file in (ROOT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts
    ]
    expected = {f"{inside}/{file.relative_to(ROOT / folder)}" for file in files}
    assert expected
    assert expected - names == set()


def test_wheel_holds_the_example_and_nothing_foreign(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "distributor/shipped/config.example.toml" in names
    assert [name for name in names if not name.startswith(("distributor/", "distributor-"))] == []
    assert [name for name in names if name.endswith((".db", ".key", ".pyc"))] == []


def test_installed_outside_the_tree(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import distributor; print(distributor.__file__)", cwd=tmp_path)
    assert str(installed.parent) in where.stdout
    distributor = installed / "distributor"
    assert run(distributor, "--version", cwd=tmp_path).stdout.startswith("distributor 0.")
    run(distributor, "init", "office", "--yes", cwd=tmp_path)
    run(distributor, "check", cwd=tmp_path / "office")


def test_demo_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    run(installed / "distributor", "demo", cwd=tmp_path)
