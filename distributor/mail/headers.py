"""Header values: checked, encoded, folded. Our own, because Python 3.11's email package lets an encoded
word carry a line break into a header.

Values are RFC 2047 encoded where they must be, lines are at most 76 characters, and a character is never
split between two words. It does not know which headers a message has (`letterhead` does).
"""

import base64
import re
from collections.abc import Callable, Sequence

from distributor.errors import HeaderError
from distributor.model.headertext import trouble

_LINE = 76  # RFC 2047 §2: a line with an encoded word; RFC 5322 wants 78 at most
_WORD = 75  # RFC 2047 §2
_LONGEST_PLAIN = 60

_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9&'-]+(?: [A-Za-z0-9&'-]+)*")
_QUOTABLE = re.compile(r"[!#-\[\]-~]+(?: [!#-\[\]-~]+)*")
_PLAIN_TEXT = re.compile(r"[!-~]+(?: [!-~]+)*")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")  # nothing in it needs a look
_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@]+@[A-Za-z0-9.-]+")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def checked(value: str, *, name: str) -> str:
    """`value` as it is, if it may stand in a header (see `model.headertext`). Raises HeaderError."""
    wrong = trouble(value)
    if wrong:
        raise _refusal(value, name=name, what=f"holds {wrong}")
    return value


def line(name: str, value: str) -> bytes:
    """ "Name: value" folded, with its CRLF. Raises HeaderError."""
    tokens = _text_tokens(checked(value, name=name), room=_LINE - len(name) - 2)
    return f"{name}: {_folded(tokens, used=len(name) + 2)}\r\n".encode("ascii")


def mailbox(display: str, address: str, *, name: str) -> bytes:
    """The value of an address header, folded, without its name and CRLF (RFC 5322 §3.4).

    White space in the display name is made single spaces. An internationalised local part stays as
    UTF-8 (RFC 6532): such a message needs SMTPUTF8, which is the wire's to judge.
    """
    checked_address(address, name=name)
    phrase = " ".join(checked(display, name=name).split())
    if not phrase:
        return address.encode()
    used = len(name) + 2
    if _PLAIN_PHRASE.fullmatch(phrase) and len(phrase) + len(address) + used + 3 <= _LINE:
        return f"{phrase} <{address}>".encode()
    return _folded([*_phrase_tokens(phrase, room=_LINE - used), f"<{address}>"], used=used).encode()


def checked_address(address: str, *, name: str) -> str:
    """`address` if it can stand in a header without quoting. Raises HeaderError."""
    if _PLAIN_ADDRESS.fullmatch(address):
        return address
    if not _ADDRESS.fullmatch(checked(address, name=name)):
        raise _refusal(address, name=name, what="is not an e-mail address")
    return address


def checked_message_id(value: str, *, name: str) -> str:
    """`value` if it is one Message-ID with its angle brackets (RFC 5322 §3.6.4). Raises HeaderError."""
    if not _MESSAGE_ID.fullmatch(value):
        raise _refusal(value, name=name, what="is not a Message-ID")
    return value


def checked_url(value: str, *, name: str) -> str:
    """`value` if it can stand between angle brackets in a header (RFC 2369 §2). Raises HeaderError."""
    if not re.fullmatch(r"[!-;=?-~]+", checked(value, name=name)):
        raise _refusal(value, name=name, what="is not a web or mail address in ASCII without spaces")
    return value


def _refusal(value: str, *, name: str, what: str) -> HeaderError:
    shown = ascii(value[:80])[1:-1]
    return HeaderError(
        f"“{shown}” {what}", where=f"header {name}", cure="Correct it where it was written, on one line."
    )


def _text_tokens(value: str, *, room: int) -> list[str]:
    """Words to be joined by single spaces: plain ones, or encoded ones that keep every space."""
    words = value.split(" ")
    if not value:
        return [""]
    plain = _PLAIN_TEXT.fullmatch(value) and "=?" not in value
    if plain and all(len(word) <= _LONGEST_PLAIN for word in words) and len(words[0]) <= room:
        return words
    return _encoded_words(value, room=room)


def _phrase_tokens(phrase: str, *, room: int) -> list[str]:
    short = all(len(word) < _LONGEST_PLAIN for word in phrase.split(" ")) and len(phrase) <= 200
    if short and "=?" not in phrase and _PLAIN_PHRASE.fullmatch(phrase):
        return phrase.split(" ")
    if short and "=?" not in phrase and _QUOTABLE.fullmatch(phrase):
        return f'"{phrase}"'.split(" ")
    return _encoded_words(phrase, room=room)


def _folded(tokens: Sequence[str], *, used: int) -> str:
    """Tokens joined by a space, or by a line break and a space where the line would be too long."""
    text, column = "", used
    for position, token in enumerate(tokens):
        if position and column + 1 + len(token) > _LINE:
            text, column = f"{text}\r\n {token}", 1 + len(token)
        else:
            joint = " " if position else ""
            text, column = f"{text}{joint}{token}", column + len(joint) + len(token)
    return text


def _encoded_words(text: str, *, room: int) -> list[str]:
    """`text` as encoded words; the first is at most `room` long, the others at most 75."""
    encode = _encoder(text)
    words, chunk, limit = [], "", min(_WORD, room)
    for character in text:
        if chunk and len(encode(chunk + character)) > limit:
            words.append(encode(chunk))
            chunk, limit = "", _WORD
        chunk += character
    return [*words, encode(chunk)]


def _encoder(text: str) -> Callable[[str], str]:
    """Q where most of it stays readable, else B."""
    raw = text.encode()
    plain = sum(byte in _Q_SAFE or byte == 32 for byte in raw)
    return _q_word if plain * 3 >= len(raw) * 2 else _b_word


def _q_word(text: str) -> str:
    coded = "".join(
        chr(byte) if byte in _Q_SAFE else "_" if byte == 32 else f"={byte:02X}" for byte in text.encode()
    )
    return f"=?utf-8?q?{coded}?="


def _b_word(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode('ascii')}?="
