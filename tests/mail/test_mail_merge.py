"""One message from a merge template: whatever the fields are, it parses to exactly them."""

import email
import email.policy
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from html import escape
from typing import cast

import harbour
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distributor.errors import HeaderError, TemplateError
from distributor.mail import merge
from distributor.mail.merge import MergeTemplate
from distributor.mail.render import Renderer
from distributor.model.letter import Fields

pytestmark = pytest.mark.xdist_group("merge")

LINES = st.text(st.characters(exclude_categories=["Cc", "Zl", "Zp", "Cs"]), max_size=160)
AWKWARD = st.sampled_from(
    [
        ".",  # SMTP's end of data
        ".hidden",
        "From the desk",  # mailbox files escape it
        "--",
        "-- ",
        "=",
        "=0D=0A",
        "a\u00a0b ",
        " ",
        "",
        "<b>&amp;</b>",
        "é" * 80,
        "x" * 200,
        "{{ 7 * 7 }} %s %(a)s {x}",
    ]
)
TOKENS = st.from_regex(r"[0-9]{1,12}\.[0-9a-f]{32}", fullmatch=True)
FIELDS = st.builds(
    Fields,
    name=(LINES | AWKWARD).filter(lambda text: "=?" not in text),
    address=st.from_regex(
        r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,30}@[a-z0-9-]{1,20}\.example\.org", fullmatch=True
    ).filter(lambda text: "=?" not in text),
    message_id=st.from_regex(r"<[a-z0-9.]{1,40}@example\.org>", fullmatch=True),
    date=st.datetimes(
        datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        datetime(2090, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]),
    ).map(lambda instant: instant.replace(microsecond=0)),
    token=TOKENS,
    reason=(LINES | AWKWARD).filter(lambda text: "=?" not in text),
    references=st.lists(st.from_regex(r"<[a-z0-9]{1,40}@example\.org>", fullmatch=True), max_size=3).map(
        " ".join
    ),
)

OWN_TEXT = (
    "{{ fields.name }}|{{ fields.address }}|{{ fields.reason }}|{{ fields.token }}\n.dot\nFrom here\nend "
)
OWN_HTML = (
    '<!DOCTYPE html>\n<html lang="en"><head><title>t</title></head><body>'
    '<p id="n">{{ fields.name }}</p>.<p id="a">{{ fields.address }}</p><p id="r">{{ fields.reason }}</p>'
    '<a href="{{ page.unsubscribe }}{{ fields.token }}">x</a></body></html>\n'
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> MergeTemplate:
    """A template that prints every field, some side by side."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "email").mkdir()
    (folder / "email" / "release.txt.j2").write_text(OWN_TEXT, encoding="utf-8")
    (folder / "email" / "release.html.j2").write_text(OWN_HTML, encoding="utf-8")
    return merge.load(Renderer([folder]).render(harbour.letter()).template)


@pytest.fixture(scope="module")
def shipped() -> MergeTemplate:
    return merge.load(Renderer([]).render(harbour.letter()).template)


def parsed(content: bytes) -> EmailMessage:
    return cast(EmailMessage, email.message_from_bytes(content, policy=email.policy.default))


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return cast(str, body.get_content()).replace("\r\n", "\n")


@settings(max_examples=100)
@given(FIELDS)
def test_any_fields_read_back_exactly(own: MergeTemplate, fields: Fields) -> None:
    """Planted bug: no soft break after a hole lets a value's last line grow over 76; splicing the raw
    value lets "." begin a line. Both are caught here."""
    content = own.build(fields)
    assert_fit_for_the_wire(content)
    message = parsed(content)
    assert not message.defects
    assert part(message, "plain") == (
        f"{fields.name}|{fields.address}|{fields.reason}|{fields.token}\n.dot\nFrom here\nend\n"
    )
    html = part(message, "html")
    for mark, value in (("n", fields.name), ("a", fields.address), ("r", fields.reason)):
        assert f'<p id="{mark}">{escape(value)}</p>' in html
    assert f'href="https://news.example.org/u/{fields.token}"' in html


@settings(max_examples=60)
@given(FIELDS)
def test_any_fields_leave_the_headers_alone(shipped: MergeTemplate, fields: Fields) -> None:
    content = shipped.build(fields)
    assert_fit_for_the_wire(content)
    message = parsed(content)
    threading = ["In-Reply-To", "References"] if fields.references else []
    assert message.keys() == [
        *("From", "To", "Subject", "Date", "Message-ID", *threading, "Reply-To", "List-Id"),
        *("List-Unsubscribe", "List-Unsubscribe-Post", "X-Release-Reference", "X-Release-Type"),
        *("X-Release-Topics", "X-Embargo-Until", "Content-Language", "MIME-Version", "Content-Type"),
    ]
    assert message["date"].datetime == fields.date
    assert message["message-id"] == fields.message_id
    (to,) = message["to"].addresses
    assert to.addr_spec == fields.address
    # blanks: see the display names in test_mail_headers.py
    assert "".join(to.display_name.split()) == "".join(fields.name.split())
    assert str(message["references"] or "").split() == fields.references.split()
    assert str(message["in-reply-to"] or "") == (fields.references.split() or [""])[-1]
    assert f"<https://news.example.org/u/{fields.token}>" in message["list-unsubscribe"]


def assert_fit_for_the_wire(content: bytes) -> None:
    assert content.isascii()
    assert content.endswith(b"\r\n")
    lines = content.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines)
    assert not any(line.startswith(b".") for line in lines)
    head, _, body = content.partition(b"\r\n\r\n")
    assert max(len(line) for line in body.split(b"\r\n")) <= 76
    assert max(len(line) for line in head.split(b"\r\n")) <= 998
    assert not any(line.startswith(b"From ") for line in body.split(b"\r\n"))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Ann\nBcc: all@example.org"},  # a new header by the name
        {"name": "=?utf-8?q?Ann=0ABcc:_all@example.org?="},  # the same, encoded
        {"address": "ann@example.org\r\nBcc: all@example.org"},
        {"address": "ann@example.org, all@example.org"},  # a second recipient
        {"message_id": "<a@example.org>\r\nX: y"},
        {"message_id": "a@example.org"},  # without brackets
        {"references": "<a@example.org> b"},
        {"token": "1.abc> , <http://evil.example.com"},  # out of the List-Unsubscribe brackets
        {"token": ""},
        {"reason": "line\nline"},  # a sentence is one line
    ],
)
def test_a_field_that_would_break_the_message_is_refused(
    shipped: MergeTemplate, change: dict[str, str]
) -> None:
    with pytest.raises(HeaderError):
        shipped.build(harbour.FIELDS._replace(**change))


def test_an_internationalised_address_is_the_only_8_bit(shipped: MergeTemplate) -> None:
    content = shipped.build(harbour.FIELDS._replace(address="δοκιμή@example.org"))
    assert [line for line in content.split(b"\r\n") if not line.isascii()] == [
        "To: =?utf-8?q?Zo=C3=AB_Lindqvist?= <δοκιμή@example.org>".encode()
    ]


def test_the_date_is_the_instant_whatever_zone_it_comes_in(shipped: MergeTemplate) -> None:
    elsewhere = harbour.FIELDS._replace(date=harbour.INSTANT.astimezone(timezone(timedelta(hours=5))))
    assert shipped.build(elsewhere) == shipped.build(harbour.FIELDS)


@pytest.mark.parametrize(
    "change",
    [
        lambda template: template[1:],  # another beginning
        lambda template: template + b"\0",  # a hole without an end
        lambda template: template.replace(b"reason:html", b"salary:html"),  # a field we do not have
        lambda template: b"",
    ],
)
def test_other_bytes_are_no_template(change) -> None:  # type: ignore[no-untyped-def]
    template = Renderer([]).render(harbour.letter()).template
    with pytest.raises(TemplateError, match="Approve the release again"):
        merge.load(change(template))
