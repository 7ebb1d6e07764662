"""Headers: which there are, where they come from, and that nothing breaks into them."""

from dataclasses import replace

import harbour
import pytest
from reading import headers

from distributor.errors import HeaderError
from distributor.mail.render import Rendered, Renderer
from distributor.model.draft import PressContact


def test_the_headers(advance: Rendered) -> None:
    message = headers(advance)
    assert message["from"] == "Harbour Alliance in the European Parliament <press@harbour.example.org>"
    assert message["subject"] == advance.subject
    assert message["reply-to"] == "carla.novak@harbour.example.org"
    assert message["list-id"] == "<harbour.harbour.example.org>"
    assert message["list-unsubscribe"] == (
        "<https://news.example.org/u/42.abcdefgh>,"
        " <mailto:leave@harbour.example.org?subject=unsubscribe%2042.abcdefgh>"
    )
    assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert message["x-release-topics"] == "trade/ports, transport"
    assert (message["x-release-type"], message["x-release-reference"]) == ("release", "2018-0042")
    assert message["content-language"] == "en"
    assert "precedence" not in message
    assert "auto-submitted" not in message
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_reply_to_falls_back_to_the_publisher_and_then_to_none(renderer: Renderer) -> None:
    nobody = replace(harbour.ENGLISH, contacts=(PressContact(phone="+32 2 555 01 17"),))
    assert headers(renderer.render(harbour.letter(version=nobody)))["reply-to"] == "desk@harbour.example.org"
    silent = replace(harbour.PUBLISHER, reply_to="")
    assert "reply-to" not in headers(renderer.render(harbour.letter(version=nobody, publisher=silent)))


def test_without_a_web_address_one_leaves_by_mail(renderer: Renderer) -> None:
    rendered = renderer.render(harbour.letter(publisher=replace(harbour.PUBLISHER, base_url="")))
    message = headers(rendered)
    assert (
        message["list-unsubscribe"] == "<mailto:leave@harbour.example.org?subject=unsubscribe%2042.abcdefgh>"
    )
    assert "list-unsubscribe-post" not in message
    assert 'href="mailto:leave@harbour.example.org?subject=unsubscribe%200.preview"' in rendered.html


def test_without_any_way_to_leave_there_is_a_warning(renderer: Renderer) -> None:
    stuck = replace(harbour.PUBLISHER, base_url="", unsubscribe_mailbox="")
    rendered = renderer.render(harbour.letter(publisher=stuck))
    assert "list-unsubscribe" not in headers(rendered)
    assert any("unsubscribe" in warning for warning in rendered.warnings)


@pytest.mark.parametrize(
    "change",
    [
        {"version": replace(harbour.ENGLISH, headline="Vote\nBcc: all@example.org")},  # the headline
        {"version": replace(harbour.ENGLISH, headline="=?utf-8?q?a=0ABcc:x?=")},  # encoded
        {"version": replace(harbour.ENGLISH, contacts=(PressContact(email="a@example.org\nX: y"),))},
        {"version": replace(harbour.ENGLISH, language="en\nX: y")},
        {"reference": "1\r\nX: y"},
        {"type": "release\u2028X: y"},
        {"topics": (("trade\nX: y", "Trade"),)},
        {"publisher": replace(harbour.PUBLISHER, name="Alliance\nX: y")},
        {"publisher": replace(harbour.PUBLISHER, base_url="https://example.org/>\nX: y")},
    ],
)
def test_no_value_of_a_release_breaks_into_the_headers(renderer: Renderer, change: dict[str, object]) -> None:
    with pytest.raises(HeaderError):
        renderer.render(harbour.letter(**change))
