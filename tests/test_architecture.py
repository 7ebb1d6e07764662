"""The rooms of the house: the drawing of the design, checked by import-linter (pyproject.toml).

Each test with a planted import shows that its contract can fail: in a copy of the package one line is
added to one room, and the linter must name the contract.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("architecture")

ROOT = Path(__file__).parent.parent


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(
        ROOT / "distributor", folder / "distributor", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_rooms_are_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("room", "line", "contract"),
    [
        # a library that one room alone may know
        ("policy", "import aiosmtplib", "Only wire speaks SMTP"),
        ("mail", "import smtplib", "Only wire speaks SMTP"),
        ("office", "import sqlalchemy", "Only store speaks SQL"),
        ("documents", "import sqlite3", "Only store speaks SQL"),
        ("pipeline", "import apscheduler", "Only clockwork knows the scheduler"),
        # upwards, also when it is only an annotation's import or within a function
        ("policy", "import distributor.store.database", "Rooms import downward only"),
        ("store", "def late():\n    import distributor.office.silence", "Rooms import downward only"),
        # sideways
        ("mail", "import distributor.documents", "Rooms import downward only"),
        ("office", "import distributor.pipeline.plan", "Rooms import downward only"),
        # the lowest room knows nobody
        ("model", "import distributor.policy", "Rooms import downward only"),
    ],
)
def test_planted_import_is_caught(copied: Path, room: str, line: str, contract: str) -> None:
    planted = copied / "distributor" / room / "planted.py"
    planted.write_text(f'"""Planted."""\n\n{line}\n')
    try:
        done = lint(copied)
    finally:
        planted.unlink()
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert done.returncode == 1, done.stdout
    assert [text.startswith(contract) for text in broken] == [True], broken


def test_room_outside_the_drawing_is_caught(copied: Path) -> None:
    (copied / "distributor" / "shed.py").write_text('"""Planted."""\n')
    try:
        done = lint(copied)
    finally:
        (copied / "distributor" / "shed.py").unlink()
    assert done.returncode == 1
    assert "shed" in done.stdout


def test_policy_asks_no_clock_and_no_dice() -> None:
    """Pure: what a decision needs is an argument; a shuffle has its seed."""
    forbidden = re.compile(r"\.now\(|\.today\(|import (time|os|secrets)\b|random\.(?!Random\(\w)|\bopen\(")
    for module in sorted((ROOT / "distributor" / "policy").glob("**/*.py")):
        assert forbidden.search(module.read_text("utf-8")) is None, module.name


def test_every_module_opens_with_its_manual_page() -> None:
    for module in sorted((ROOT / "distributor").glob("**/*.py")):
        text = module.read_text("utf-8").strip()
        assert not text or text.startswith('"""'), module.relative_to(ROOT)
