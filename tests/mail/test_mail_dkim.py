"""DKIM: what we sign, dkimpy believes; what was changed after, it does not.

Planted bugs, each caught here: white space of a field kept in the body, trailing empty lines hashed, a folded
header hashed with its fold (any message); a header signed once only (added headers); List-Unsubscribe-Post
left out of h= (one-click); a time in the signature (twice the same).
"""

import asyncio
import re
from pathlib import Path

import harbour
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distributor.errors import ConfigError
from distributor.mail import merge, signingkey
from distributor.mail.dkim import Signer
from distributor.mail.merge import MergeTemplate
from distributor.mail.render import Renderer
from distributor.mail.signingkey import Key
from distributor.wire.catcher import Catcher
from distributor.worker import send_due
from tests.house import DOCUMENT, House, people, states
from tests.signing import judged, new_key


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> list[Key]:
    """An RSA key and an Ed25519 one, for the sender's domain and the one above."""
    folder = tmp_path_factory.mktemp("keys")
    places = (("rsa2048", "harbour.example.org"), ("ed25519", "example.org"))
    return [
        signingkey.read(new_key(folder / f"{kind}.pem", kind=kind), selector=kind, domain=domain)
        for kind, domain in places
    ]


@pytest.fixture(scope="session")
def quick(keys: list[Key]) -> Signer:
    """Ed25519 alone."""
    return Signer(keys[1:])


@pytest.fixture(scope="session")
def template() -> MergeTemplate:
    return merge.load(Renderer([]).render(harbour.letter()).template)


@pytest.fixture(scope="session")
def mail(template: MergeTemplate) -> bytes:
    return template.build(harbour.FIELDS)


def whole(signer: Signer, *pieces: bytes) -> bytes:
    """The message as it goes over the wire."""
    return b"".join(signer.signed(pieces))


def test_every_key_signs_and_every_signature_holds(keys: list[Key], mail: bytes) -> None:
    signed = whole(Signer(keys), mail)
    assert judged(signed, keys) == [True, True]
    assert signed.endswith(b"\r\n" + mail)
    head = signed.removesuffix(mail)
    assert re.findall(rb"a=([\w-]+); c=relaxed/relaxed;\r\n d=([\w.]+); s=(\w+);", head) == [
        (b"rsa-sha256", b"harbour.example.org", b"rsa2048"),
        (b"ed25519-sha256", b"example.org", b"ed25519"),
    ]
    assert max(map(len, head.split(b"\r\n"))) <= 78


def test_one_signature_holds_without_the_other(keys: list[Key], mail: bytes) -> None:
    """Who cannot read Ed25519 believes the RSA signature alone."""
    assert judged(whole(Signer(keys), mail), keys[:1]) == [True, False]


def test_without_a_key_the_mail_is_as_it_was(template: MergeTemplate, mail: bytes) -> None:
    assert whole(Signer(), *template.pieces(harbour.FIELDS)) == mail


def test_the_same_mail_and_keys_give_the_same_bytes(tmp_path: Path, keys: list[Key], mail: bytes) -> None:
    assert whole(Signer(keys), mail) == whole(Signer(keys), mail)
    assert not re.search(rb"[; ][tx]=", whole(Signer(keys), mail).removesuffix(mail))


RSA_512 = b"""-----BEGIN PRIVATE KEY-----
MIIBVwIBADANBgkqhkiG9w0BAQEFAASCAUEwggE9AgEAAkEAvz4Gjhw9WX6QfKLe
7Zs00PBnoInGOtYIYquJKfrX6f1RejsOHF57WCjAr7dsP6W8ximVqE2ZozkmajKm
aDqcgwIDAQABAkEAmk+hGHAe7KScT4VYHh9bSbCB3V7uLbFgSMWiwtXd/LX7Z/cE
g/9e7+og7VoQfna7O/r4lxxUZO7EbwM7OkqOIQIhAPsMWektR+zZqr+uCiL9YugI
JmQY2iUrBLgUqKTnFauRAiEAwwOwVZsZ5HXSUQqb00FnMZSijH1TkvtBncNXO1BY
9NMCIQCs6jDznrCvvq0RIXrx5r09PH/U6hk3CI5TjEcsbc5LQQIhAI5cSQOVQCeZ
IzlqBysG2bBGEwuACdyIcvQaP7nbA7VlAiEAvrOf1J2ax3cp6MsbXvzgEYUugNxX
aIJ4Kv5mf9leX0o=
-----END PRIVATE KEY-----
"""

LINES = st.text(st.characters(exclude_categories=["Cc", "Zl", "Zp", "Cs"]), max_size=160)
SPACED = st.text("ab  .=é", max_size=90)


@settings(max_examples=100)
@given(st.builds(harbour.FIELDS._replace, name=LINES | SPACED, reason=LINES | SPACED))
def test_any_fields_in_pieces_are_signed_as_the_whole(quick, template, fields) -> None:
    if "=?" in fields.name + fields.reason:
        return  # refused by merge
    signed = whole(quick, *template.pieces(fields))
    assert signed == whole(quick, template.build(fields))
    assert judged(signed, quick.keys) == [True]


NAMES = st.sampled_from(
    ["To", "subject", "DATE", "Message-ID", "Reply-To", "References", "X-Other", "List-Id"]
)
WORDS = st.text("abcXYZ019 \t.:;=é", max_size=30)
FOLDED = st.lists(WORDS.map(lambda words: f"w{words}"), min_size=1, max_size=3)
COLONS, FOLDS = st.sampled_from([":", ": ", ":\t  "]), st.sampled_from(["\r\n ", "\r\n\t "])
HEADER = st.tuples(NAMES, COLONS, FOLDED, FOLDS)
HEADERS = st.lists(HEADER, max_size=6).map(
    lambda found: [f"{name}{colon}{fold.join(words)}" for name, colon, words, fold in found]
)
LINE = st.text(" \t.=ab", max_size=12) | st.just("long line " * 400) | st.just("")
BODY = st.lists(LINE, max_size=9).map(lambda lines: "".join(f"{line}\r\n" for line in lines))


@settings(max_examples=300)
@given(headers=HEADERS, body=BODY)
def test_any_message_is_signed_so_that_it_is_believed(quick: Signer, headers: list[str], body: str) -> None:
    head = "\r\n".join(["From: Press  <press@harbour.example.org> ", *headers])
    content = f"{head}\r\n\r\n{body}".encode()
    assert judged(whole(quick, content), quick.keys) == [True]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # the text, in one letter
        (b"Ferries in 140", b"Ferries in 240"),
        # who says it
        (b"press@harbour.example.org>", b"press@harbor.example.org>"),
        # to whom
        (b"<zoe@paper.example.com>", b"<bob@paper.example.com>"),
        (b"Subject: EMBARGOED", b"Subject: PUBLISHED"),
        (b"Date: Wed, 17", b"Date: Wed, 24"),
        (b"Message-ID: <abc", b"Message-ID: <abd"),
        # where answers go
        (b"Reply-To: carla", b"Reply-To: mallory"),
        # until when
        (b"X-Embargo-Until: 2018-01-17T10", b"X-Embargo-Until: 2018-01-17T09"),
        # whom one click leaves, and that one click is enough (RFC 8058)
        (b"/u/42.abcdefgh>", b"/u/43.abcdefgh>"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        # how the body is read
        (b"multipart/alternative", b"text/html"),
        # a second one above the first, which mail programs show instead
        (b"Subject: ", b"Subject: Something else\r\nSubject: "),
        (b"From: ", b"From: Somebody <else@example.com>\r\nFrom: "),
        (b"Reply-To: ", b"Reply-To: else@example.com\r\nReply-To: "),
        (b"Content-Type: ", b"Content-Type: text/html\r\nContent-Type: "),
        # one more line at the end
        (b"--\r\n", b"--\r\nMore\r\n"),
    ],
)
def test_a_change_is_noticed(keys: list[Key], mail: bytes, old: bytes, new: bytes) -> None:
    signed = whole(Signer(keys), mail)
    at = signed.rindex(old)
    changed = signed[:at] + new + signed[at + len(old) :]
    assert judged(changed, keys) == [False, False]


@settings(max_examples=60)
@given(st.data())
def test_any_changed_byte_of_the_body_is_noticed(quick: Signer, mail: bytes, data: st.DataObject) -> None:
    signed = whole(quick, mail)
    start = signed.index(b"\r\n\r\n") + 4
    place = data.draw(st.integers(start, len(signed) - 1).filter(lambda n: signed[n] not in b" \r\n"))
    changed = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
    assert judged(changed, quick.keys) == [False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # every relay adds this
        (b"DKIM-Signature", b"Received: from a by b\r\nDKIM-Signature"),
        # some fold anew, or put white space at the end of a line
        (b"Subject: EMBARGOED until", b"Subject:  EMBARGOED\r\n\tuntil"),
        (
            b"Content-Transfer-Encoding: quoted-printable\r\n",
            b"Content-Transfer-Encoding: quoted-printable \r\n",
        ),
        # some end the message with empty lines
        (b"--\r\n", b"--\r\n\r\n\r\n"),
    ],
)
def test_what_relays_do_on_the_way_is_borne(quick: Signer, mail: bytes, old: bytes, new: bytes) -> None:
    signed = whole(quick, mail)
    changed = new.join(signed.rsplit(old, 1)) if old == b"--\r\n" else signed.replace(old, new, 1)
    assert changed != signed
    assert judged(changed, quick.keys) == [True]


@pytest.mark.parametrize(
    ("domain", "sender", "signs"),
    [
        ("example.org", "example.org", True),
        ("example.org", "press.example.org", True),  # one above the sender's
        ("Example.ORG", "press.example.org", True),
        ("press.example.org", "example.org", False),  # one below
        ("example.org", "badexample.org", False),  # ends alike
        ("example.org", "example.com", False),
    ],
)
def test_a_key_signs_for_its_domain_and_those_below(domain: str, sender: str, signs: bool) -> None:
    key = Key("s", domain, "ed25519-sha256", "", (), lambda data: data)
    assert key.signs_for(sender) is signs


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("ed25519", {"passphrase": "hush"}, "is protected by a passphrase"),
        ("ec", {}, "holds neither an Ed25519 nor an RSA key"),
        (b"-----BEGIN PUBLIC KEY-----", {}, "holds no private key"),
        (b"\xff\x00", {}, "holds no private key"),
        (b"", {}, "holds no private key"),
        (None, {}, r"cannot be read \(No such file or directory\)"),
        (RSA_512, {}, "holds an RSA key of 512 bits"),
    ],
)
def test_a_file_that_will_not_do_is_refused(tmp_path: Path, kind, options, said: str) -> None:
    path = tmp_path / "key.pem"
    if isinstance(kind, str):
        new_key(path, kind=kind, **options)
    elif kind is not None:
        path.write_bytes(kind)
    with pytest.raises(ConfigError, match=rf"^\[dkim.s\] key_file .*key.pem: {said}.*openssl genpkey"):
        signingkey.read(path, selector="s", domain="example.org")


@pytest.mark.parametrize(
    ("kind", "mode", "remarks"),
    [
        ("ed25519", 0o600, []),
        ("ed25519", 0o400, []),
        ("ed25519", 0o640, ["others on this machine can read it: chmod 600 "]),
        ("rsa1024", 0o604, ["the RSA key has 1024 bits, 2048 are expected", "others on this machine"]),
    ],
)
def test_a_key_that_could_be_better_is_remarked_on(tmp_path: Path, kind: str, mode: int, remarks) -> None:
    path = new_key(tmp_path / "key.pem", kind=kind, mode=mode)
    found = signingkey.read(path, selector="s", domain="example.org").remarks
    assert [remark[: len(start)] for remark, start in zip(found, remarks, strict=True)] == remarks


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_arrives_is_believed(tmp_path, database_url, smtp_catcher: Catcher, keys: list[Key]) -> None:
    """Through approval, the sender, SMTP and a server that knows nothing of us; lines begin with dots."""
    house = House(tmp_path, database_url)
    new_key(tmp_path / "ed.pem", kind="ed25519")
    new_key(tmp_path / "rsa.pem", kind="rsa2048")
    house.configure(
        port=smtp_catcher.port,
        extra='[dkim.one]\nkey_file = "rsa.pem"\n[dkim.two]\nkey_file = "ed.pem"\n'
        '[dkim.other]\ndomain = "example.eu"\nkey_file = "ed.pem"\n',
    )
    house.furnish(trade=people(3))
    house.document(DOCUMENT + "\n.\n\n..two dots  and two blanks\n\n" + "word " * 60 + "\n\n. \n")
    with house.system() as built:
        house.release(built)
        asyncio.run(send_due(built))
        assert set(states(built).values()) == {"sent"}
        ours = built.signer.keys
    assert [key.selector for key in ours] == ["one", "two"]
    assert len(smtp_catcher.messages) == 3
    for caught in smtp_catcher.messages:
        assert judged(caught.content, ours) == [True, True]
