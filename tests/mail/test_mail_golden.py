"""Whole messages, byte for byte.

After a change that is wanted: `RENEW_GOLDEN=1 pytest tests/mail`, then read the diff.
"""

import os
from pathlib import Path

import harbour
import pytest

from distributor.mail import merge
from distributor.mail.render import Renderer
from distributor.model.letter import Letter

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("advance.en.eml", harbour.advance_en()),
        ("release.fr.eml", harbour.release_fr()),
        ("notice.en.eml", harbour.moved(harbour.advance_en())),
        ("notice.fr.eml", harbour.withdrawn(harbour.release_fr())),
        ("correction.en.eml", harbour.corrected(harbour.advance_en())),
    ],
)
def test_a_message_is_as_it_was(name: str, letter: Letter) -> None:
    content = merge.load(Renderer([]).render(letter).template).build(
        harbour.FIELDS if letter.notice is None else harbour.ANSWER
    )
    if os.environ.get("RENEW_GOLDEN") == "1":
        (GOLDEN / name).write_bytes(content)
    assert content.decode() == (GOLDEN / name).read_bytes().decode()
