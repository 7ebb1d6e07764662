"""The wheel holds everything and works outside the tree. Its demo is looked at in `journeys/test_demo.py`."""

import zipfile
from pathlib import Path

import pytest

from tests.installed import ONE, ROOT, run

pytestmark = ONE


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
