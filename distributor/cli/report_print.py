"""A release's report, and who had it at an instant, for the terminal and for spreadsheets."""

import csv
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console

from distributor.cli.moments import clean, count, lasting, moment
from distributor.cli.report_page import KINDS, TITLES, hidden, number, shortened, stands, status, title
from distributor.cli.tables import heading, hint, table
from distributor.documents.csvcell import guarded
from distributor.policy.outcomes import GROUPS

_LINES = 8  # of a table
_SHOWN = 50  # people
_COPY = ("address", "name", "outlet", "language", "kind", "wave", "since")
_PROOF = ("event", "detail", "relay", "code", "enhanced", "chain", "seq", "hash", "bytes_sha256")
_TIMES = ("first_ms", "median_ms", "p90_ms", "last_ms")
_TOLD = {
    "accepted": "accepted",
    "may_have_it": "may have it",
    "trying": "still trying",
    "returned": "came back",
    "to_phone": "to phone",
    "phoned": "told by phone",
    "overtaken": "overtaken by a later one",
}


def summary(out: Console, document: Mapping[str, Any], *, zone: str) -> None:
    """The page in short."""
    heading(out, f"{document['reference']} · {document['headline'] or f'its headline is {hidden(document)}'}")
    hint(out, " · ".join(status(document, zone=zone)))
    _groups(out, document)
    _not_sent(out, document["not_sent"])
    _waves(out, document["waves"], zone=zone)
    for name, lines in document["by"].items():
        _by(out, TITLES[name], lines)
    _notices(out, document["notices"], zone=zone)


def _groups(out: Console, document: Mapping[str, Any]) -> None:
    if not document["people"]:
        planned = f" It is planned for {number(document['planned'])}." if document["planned"] else ""
        out.print(f"Nothing has gone to anybody yet.{planned}")
        return
    out.print()
    told = [(number(n), GROUPS[name]) for name, n in document["groups"].items() if n]
    table(out, [">people", f"of {number(document['people'])}"], told)


def _not_sent(out: Console, whys: Sequence[Mapping[str, Any]]) -> None:
    if whys:
        out.print()
        lines = [(number(one["people"]), one["why"], ", ".join(one["codes"])) for one in whys]
        table(out, [">people", "not sent, because", "codes"], lines)


def _waves(out: Console, waves: Sequence[Mapping[str, Any]], *, zone: str) -> None:
    if waves:
        out.print()
        columns = ["wave", "instant", "state", ">accepted", ">first", ">half", ">90 %", ">last"]
        table(out, columns, [_wave(one, zone=zone) for one in waves])


def _wave(wave: Mapping[str, Any], *, zone: str) -> tuple[str, ...]:
    spread = wave["spread"]
    times = [lasting(spread[name]) if spread else "" for name in _TIMES]
    accepted = f"{number(wave['groups']['accepted'])} of {number(wave['people'])}"
    return title(wave), moment(wave["due"], zone), stands(wave), accepted, *times


def _by(out: Console, name: str, lines: Sequence[Mapping[str, Any]]) -> None:
    if not lines:
        return
    kept, others = shortened(lines, most=_LINES)
    cells = [(one["name"] or "not known", number(one["reached"]), number(one["people"])) for one in kept]
    if others:
        more = f"{others['number']} others"
        cells.append((more, number(others["reached"]), number(others["people"])))
    out.print()
    table(out, [name.lower(), ">reached", ">of"], cells)


def _notices(out: Console, notices: Sequence[Mapping[str, Any]], *, zone: str) -> None:
    if notices:
        out.print()
        columns = ["notice", "at", "holders", ">the last one after"]
        table(out, columns, [_notice(one, zone=zone) for one in notices])


def _notice(one: Mapping[str, Any], *, zone: str) -> tuple[str, ...]:
    groups, spread = one["groups"], one["spread"]
    told = ", ".join(f"{number(groups[name])} {words}" for name, words in _TOLD.items() if groups[name])
    last = lasting(spread["last_ms"]) if spread else ""
    return KINDS[one["kind"]], moment(one["due"], zone), told or "nobody had the text", last


def evidence(out: Console, document: Mapping[str, Any], *, zone: str) -> None:
    """Who had it, who may have had it, who was told by phone."""
    had, may = document["had"], document["may_have_it"]
    heading(out, f"{document['reference']} at {moment(document['at'], zone)}")
    handed = f"{count(len(had), 'copy', 'copies')} had been handed over"
    out.print(f"{handed}, {len(may)} more may have been.")
    for words, found in (("had it", had), ("may have had it", may)):
        if found:
            out.print()
            columns = [words, "outlet", "copy", "since", "log row", "hash"]
            table(out, columns, [_copy(one, zone=zone) for one in found[:_SHOWN]])
        if len(found) > _SHOWN:
            hint(out, f"{_SHOWN} of {len(found)}: --out FILE and --json have all")
    if document["phoned"]:
        out.print()
        columns = ["told by phone", "of", "at", "by", "log row", "hash"]
        table(out, columns, [_call(one, zone=zone) for one in document["phoned"]])
    hint(out, f"\nProve these rows: distributor log verify --head {document['head'] or 'HASH'}")


def _copy(one: Mapping[str, Any], *, zone: str) -> tuple[str, ...]:
    copy = f"{one['kind']} {one['wave']}".strip()
    return _who(one), one["outlet"], copy, moment(one["since"], zone), *_place(one["proof"])


def _call(one: Mapping[str, Any], *, zone: str) -> tuple[str, ...]:
    return _who(one), one["of"], moment(one["at"], zone), one["by"], *_place(one["proof"])


def _who(one: Mapping[str, Any]) -> str:
    return one["address"] or f"erased, {(one['subject'] or '')[:12]}"


def _place(proof: Mapping[str, Any]) -> tuple[str, str]:
    return f"{proof['chain']} row {proof['seq']}", proof["hash"][:16]


def to_csv(file: TextIO, document: Mapping[str, Any]) -> int:
    """Every copy as a row; returns how many."""
    writer = csv.writer(file)
    writer.writerow(["had", *_COPY, *_PROOF])
    for word, found in (("yes", document["had"]), ("maybe", document["may_have_it"])):
        for one in found:
            values = [*(one[name] for name in _COPY), *(one["proof"][name] for name in _PROOF)]
            writer.writerow([word, *(_cell(value) for value in values)])
    return len(document["had"]) + len(document["may_have_it"])


def _cell(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return "" if value is None else guarded(clean(value))
