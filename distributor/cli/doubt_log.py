"""`doubt settle --log`: opens the relays' logs, has them read, and says what each proved.

A log is a file as Postfix or syslog wrote it, the same with gzip, or “-” for stdin.
"""

import gzip
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console

from distributor.cli import tables
from distributor.cli.moments import count, moment
from distributor.cli.terminal import Terminal
from distributor.errors import Refused
from distributor.model.evidence import Names, RelayLog
from distributor.model.message import Envelope
from distributor.office import evidence
from distributor.office.evidence import Question, Settled
from distributor.reports import postfixlog

if TYPE_CHECKING:
    from distributor.system import System

_GZIP = b"\x1f\x8b"
_WORDS = {"sent": "taken", "resend": "sent again", "cancelled": "not taken, cancelled", "open": "open"}


def settle(
    terminal: Terminal, *, files: Sequence[Path], zone: str | None, reference: str | None, address: str | None
) -> None:
    """Settle what the logs prove, and tell for each what it was."""
    system, place = terminal.system, _zone(zone)
    system.find_doubt()
    question = evidence.ask(
        system.store,
        publisher_id=system.publisher.id,
        reference=reference,
        address=address,
        relays=frozenset(system.config.relays),
    )
    names = list(_names(system, question))
    logs = [_read(file, names=names, system=system, zone=place) for file in files]
    settled = evidence.settle(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        rules=system.rules,
        question=question,
        logs=logs,
        pseudonym=system.tokens.pseudonym,
    )
    document = _document(system, reference, logs, settled)
    terminal.show(document, lambda out: _tell(out, document, zone=system.rules.timezone))


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        raise Refused(
            f"“{(name or '')[:40]}” is no time zone", where="--zone", cure="Write it as Europe/Brussels."
        ) from None


def _names(system: "System", question: Question) -> Iterator[Names]:
    """By what a relay knows each delivery. Who shares an envelope sender is known by the Message-ID alone."""
    publisher, tokens = system.publisher, system.tokens
    mode: Envelope = next((relay.envelope for relay in system.config.relays.values()), "verp")
    for id, (mailout_id, key) in question.known.items():
        message_id = tokens.message_id(mailout_id=mailout_id, address_key=key, domain=publisher.domain)
        sender = tokens.envelope_sender(
            delivery_id=id,
            address=publisher.address,
            domain=publisher.bounce_domain or publisher.domain,
            mode=mode,
        )
        yield Names(id, message_id, "" if mode == "fixed" else sender)


def _read(file: Path, *, names: Sequence[Names], system: "System", zone: ZoneInfo | None) -> RelayLog:
    try:
        with _opened(file) as stream:
            lines = postfixlog.bounded(stream)
            log = postfixlog.read(lines, name=str(file), wanted=names, now=system.now(), zone=zone)
    except (OSError, EOFError, zlib.error) as error:
        raise Refused(
            f"cannot be read ({getattr(error, 'strerror', None) or 'damaged gzip'})",
            where=str(file),
            cure="Name a log of the relay that this user may read, or - for stdin.",
        ) from None
    if not log.lines:
        raise Refused(
            "holds no line of Postfix",
            where=str(file),
            cure="Name the relay's mail log, as plain text or gzip; lines begin with a time and a host.",
        )
    return log


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The bytes of a log; whether it is packed is seen by its first ones, whatever its name."""
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    with file.open("rb") as plain:
        if plain.peek(2)[:2] != _GZIP:
            yield plain
            return
        with gzip.open(plain) as unpacked:
            yield cast(BinaryIO, unpacked)


def _document(
    system: "System", reference: str | None, logs: Sequence[RelayLog], settled: Sequence[Settled]
) -> dict[str, Any]:
    return {
        "reference": reference,
        "settled": sum(one.outcome != "open" for one in settled),
        "outcome": "log",
        "logs": [
            {"file": log.name, "lines": log.lines, "first": log.first, "last": log.last, "lossy": log.lossy}
            for log in logs
        ],
        "deliveries": [_delivery(system, one) for one in settled],
    }


def _delivery(system: "System", one: Settled) -> dict[str, Any]:
    row, mark = one.row, one.verdict.mark
    message_id = system.tokens.message_id(
        mailout_id=row.mailout_id, address_key=row.address_key, domain=system.publisher.domain
    )
    return {
        "address": row.address,
        "reference": row.reference,
        "mailout": row.mailout_id,
        "message_id": message_id,
        "outcome": one.outcome,
        "by": one.by,
        "proof": one.verdict.proof.value,
        "why": one.verdict.why,
        "line": {"file": one.verdict.log, "at": mark.at, "queue_id": mark.queue_id} if mark else None,
    }


def _tell(out: Console, document: dict[str, Any], *, zone: str) -> None:
    for log in document["logs"]:
        span = f"{moment(log['first'], zone)} to {moment(log['last'], zone)}"
        out.print(f"{log['file']}: {count(log['lines'], 'line')} of Postfix, {span}", soft_wrap=True)
        if log["lossy"]:
            out.print(
                "Its writer says that lines were lost: only what is in it proves anything.", soft_wrap=True
            )
    lines = [
        (one["address"], one["reference"], _WORDS[one["outcome"]], one["by"], one["why"])
        for one in document["deliveries"]
    ]
    tables.table(out, ["address", "reference", "outcome", "by", "what the log says"], lines)
    if any(one["outcome"] == "open" for one in document["deliveries"]):
        tables.hint(out, "Answer: distributor doubt resend REF, or doubt settle REF --sent|--cancelled")
