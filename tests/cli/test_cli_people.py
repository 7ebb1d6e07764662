"""`release audience --add --exclude`: an officer's word on one person, on the command line."""

from contextlib import closing
from pathlib import Path

from tests.house import REFERENCE, House


def test_one_more_and_one_less(tmp_path: Path) -> None:
    """A new draft says so, by name; what is no address, or said twice, is one line."""
    house = House(tmp_path)
    house.configure()
    house.furnish(trade=["ada@example.org", "bea@example.com"])
    with closing(house):
        with house.system() as built:
            house.sync(built)
            house.add(built)
        audience = ("release", "audience", REFERENCE)
        choice = ("--add", "new@example.org", "--exclude", "bea@example.com")
        found = house.json(*audience, *choice)
        assert [one["address"] for one in found["recipients"]] == ["ada@example.org", "new@example.org"]
        [reason] = found["recipients"][1]["reasons"]
        assert reason["by"].startswith("cli:")
        assert found["excluded"][0]["reason"].startswith("left out of this release by cli:")
        assert house.json("release", "show", REFERENCE)["revision"] == 2
        assert "said of all of them already" in house.run(*audience, *choice, expect=1).stderr
        assert "is not an e-mail address" in house.run(*audience, "--add", "nobody", expect=1).stderr
        assert "added by cli:" in house.run(*audience).stdout
