"""What the service writes about itself: lines for people or for programs, and nobody's address (law 9).

Planted bug: the formatter without its mask at level info, in either format, fails here.
"""

import json
import logging

import pytest

from distributor.cli import logs
from distributor.config import Config

RELAY_SAYS = "550 5.1.1 <ada@example.org>: Recipient address rejected, see ticket of bo@example.com"


def _told(capsys, *, form, level="info"):
    logs.set_up(Config.model_validate({"log": {"format": form, "level": level}}))
    logging.getLogger("distributor.pipeline.relaywatch").warning("mailout 3 is held: %s", RELAY_SAYS)
    try:
        raise ValueError(RELAY_SAYS)
    except ValueError:
        logging.getLogger("distributor.worker").exception("it ended")
    return capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_address_at_level_info(capsys, form):
    said = _told(capsys, form=form)
    assert "mailout 3 is held: 550 5.1.1 <(address)>: Recipient address rejected" in said
    assert "@" not in said


def test_json_lines_are_for_programs(capsys):
    first, second = (json.loads(line) for line in _told(capsys, form="json").splitlines())
    assert first.keys() == {"at", "level", "where", "message"}
    assert (first["level"], first["where"]) == ("warning", "distributor.pipeline.relaywatch")
    assert "ValueError" in second["error"]
