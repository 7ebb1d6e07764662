"""Fills docs/performance.md and docs/scaling.md from the figures in docs/bench; draws docs/bench/send.svg.

python -m tests.bench.paper

A figure file is the last line of a benchmark: ./dev bench send | tail -n 1 > docs/bench/send.json
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

_DOCS = Path(__file__).parents[2] / "docs"
PAPERS, FIGURES = (_DOCS / "performance.md", _DOCS / "scaling.md"), _DOCS / "bench"
Figures = Mapping[str, Any]


def main() -> None:
    for paper in PAPERS:
        paper.write_text(filled(paper.read_text("utf-8")), encoding="utf-8")
    for name, text in drawings().items():
        (FIGURES / name).write_text(text, encoding="utf-8")


def filled(text: str) -> str:
    """The paper with every table between its marks made from the figures."""
    return re.sub(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", _table, text, flags=re.S)


def drawings() -> dict[str, str]:
    """{file name: SVG}."""
    return {"send.svg": _bars(_read("send"))}


def _read(name: str) -> Figures:
    found: Figures = json.loads((FIGURES / f"{name}.json").read_text("utf-8"))
    return found


def _table(mark: re.Match[str]) -> str:
    if mark[2] == "reckoning":
        return f"{mark[1]}{_rows(reckoning())}\n{mark[3]}"
    if not (FIGURES / f"{mark[2]}.json").exists():
        return f"{mark[1]}Not measured yet.\n{mark[3]}"
    figures = _read(mark[2])
    rows = _rows(_TABLES[mark[2]](figures))
    machine = figures["machine"]
    facts = f"{machine['cpus']} processors, Python {machine['python']}"
    return f"{mark[1]}{rows}\n\n{_said(figures)}; {facts}.\n{mark[3]}"


def _rows(found: Iterator[list[object]]) -> str:
    lines = [[str(cell) for cell in line] for line in found]
    rule = ["---", *("---:" for _ in lines[0][1:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], rule, *lines[1:]])


def _said(figures: Figures) -> str:
    """The conditions, of those that the benchmark knows."""
    words = {
        "recipients": "{:,} recipients",
        "size": "messages of {:,} bytes",
        "connections": "{} connections",
    }
    words |= {
        "requests": "{:.0f} requests a second",
        "runs": "medians of {}",
        "turns": "medians of {}",
        "attempts": "medians of {:,}",
        "passes": "{} batches",
        "rows_a_transaction": "transactions of {} rows",
        "line": "delay by {}",
    }
    return ", ".join(form.format(figures[name]) for name, form in words.items() if name in figures)


def _send(figures: Figures) -> Iterator[list[object]]:
    yield ["sink", "sender", "messages/s", "lowest to highest", "× smtp-source", "whole program, s"]
    for sink, found in figures["sinks"].items():
        for name, rate in found["rate"].items():
            low, high = found["spread"][name]
            ratio = found["to_smtp_source"].get(name, "–")
            yield [sink, name, f"{rate:,.0f}", f"{low:,.0f} to {high:,.0f}", ratio,
                   found["program_seconds"].get(name, "–")]  # fmt: skip


def _rtt(figures: Figures) -> Iterator[list[object]]:
    yield ["sender", "messages/s", "× smtp-source"]
    for name, rate in figures["rate"].items():
        yield [name, f"{rate:,.0f}", figures["to_smtp_source"].get(name, "–")]


def _lift(figures: Figures) -> Iterator[list[object]]:
    yield ["sink", "first, ms", "last, ms", "smtp-source, ms", "last × smtp-source"]
    for sink, found in figures["sinks"].items():
        yield [sink, *found.values()]


def _million(figures: Figures) -> Iterator[list[object]]:
    databases = figures["databases"]
    yield ["figure", *databases]
    for name, words in MILLION.items():
        yield [words, *(f"{found[name]:,}" if name in found else "–" for found in databases.values())]


MILLION = {
    "prepare_s": "prepare all, s",
    "prepare_tenth_s": "prepare a tenth of them, s",
    "insert_select_s": "plain INSERT … SELECT of the same rows, s",
    "prepare_to_insert": "prepare × plain insert",
    "growth_per_recipient": "prepare per recipient, all × a tenth of them",
    "prepare_mb": "memory of `send-due` at most while it prepares all, MB",
    "writer_longest_ms": "longest wait for SQLite's writer while preparing, ms",
    "rate": "messages/s",
    "sender_mb": "sender's memory at most, MB",
    "sender_growth_mb": "its growth from the second fifth of the time to the last, MB",
}


def _claims(figures: Figures) -> Iterator[list[object]]:
    counts = [str(count) for count in figures["deliveries"]]
    yield ["statement", *(f"p99 at {int(count):,}, ms" for count in counts), "growth"]
    for database, found in figures["milliseconds"].items():
        for name in found[counts[0]]:
            times = [found[count][name]["p99"] for count in counts]
            yield [f"{database}: {name}", *times, figures["growth"][database][name]]


def _dkim(figures: Figures) -> Iterator[list[object]]:
    yield ["signatures", "messages/s", "× unsigned", "µs of processor a message"]
    for name, rate in figures["rate"].items():
        yield [name, f"{rate:,.0f}", figures["kept"][name], figures["microseconds"].get(name, "–")]


def _workers(figures: Figures) -> Iterator[list[object]]:
    yield ["database, sink", "senders", "messages/s", "senders busy", "sink busy", "database busy"]
    for database, by_sink in figures["databases"].items():
        for sink, by_number in by_sink.items():
            for number, found in by_number.items():
                busy = (found.get(f"{name}_busy", "–") for name in ("senders", "sink", "database"))
                yield [f"{database}, {sink}", number, f"{found['rate']:,.0f}", *busy]


def _hosts(figures: Figures) -> Iterator[list[object]]:
    yield ["senders on other hosts", "messages/s", "senders busy", "sink busy", "database busy"]
    for number, found in figures["hosts"].items():
        busy = (found[f"{name}_busy"] for name in ("senders", "sink", "database"))
        yield [number, f"{found['rate']:,.0f}", *busy]


def _chain(figures: Figures) -> Iterator[list[object]]:
    yield ["figure", ""]
    for chains, by_number in figures["writers"].items():
        for number, found in by_number.items():
            yield [f"{chains}, {number} writers: µs a row", f"{found['us_a_row']:,.0f}"]
    for database, by_count in figures["verify"].items():
        for count, found in by_count.items():
            told = f"{found['seconds']:,.0f} s, {found['mb']:,.0f} MB"
            yield [f"`log verify`, {database}, {int(count):,} rows", told]


def _console_pages(figures: Figures) -> Iterator[list[object]]:
    few, many = (f"{count:,}" for count in figures["releases"])
    databases = figures["databases"]
    heads = [f"{name}, {count} releases, ms" for name in databases for count in (few, many)]
    yield ["page", *heads, *(f"× ({name})" for name in databases)]
    found = [[pages.get(name, {}) for pages in databases.values()] for name in next(iter(databases.values()))]
    for name, mine in zip(next(iter(databases.values())), found, strict=True):
        times = [one.get(key, "–") for one in mine for key in ("few_ms", "many_ms")]
        yield [f"`{name}`", *times, *(one.get("ratio", "–") for one in mine)]


def _console_mailout(figures: Figures) -> Iterator[list[object]]:
    yield [
        "database, sink",
        "alone, messages/s",
        "with officers",
        "lost",
        "answers/s",
        "median, ms",
        "p95, ms",
    ]
    for name, one in figures["cases"].items():
        told = [f"{one['quiet']:,.0f}", f"{one['busy']:,.0f}", f"{one['lost']:.1%}"]
        yield [name, *told, one["a_second"], one["median_ms"], one["p95_ms"]]


def _console_sign_in(figures: Figures) -> Iterator[list[object]]:
    told = [
        (f"{case}{words}, ms", one, kind)
        for case, one in figures["cases"].items()
        for kind, words in (("", ""), ("tenth_", ", lowest tenth"))
        if f"{kind}same_ms" in one
    ]
    yield ["who is named", *(column for column, _, _ in told)]
    for name in told[0][1]["median_ms"]:
        yield [name, *(one[f"{kind or 'median_'}ms"][name] for _, one, kind in told)]
    yield ["the same officer differs by", *(one[f"{kind}same_ms"] for _, one, kind in told)]
    yield ["the others differ from her by at most", *(one[f"{kind}others_ms"] for _, one, kind in told)]


_TABLES: Mapping[str, Callable[[Figures], Iterator[list[object]]]] = {
    "send": _send,
    "rtt": _rtt,
    "lift": _lift,
    "million": _million,
    "claims": _claims,
    "dkim": _dkim,
    "workers": _workers,
    "hosts": _hosts,
    "chain": _chain,
    "console_pages": _console_pages,
    "console_mailout": _console_mailout,
    "console_sign_in": _console_sign_in,
}

_AN_HOUR = 10_000_000
_BUSY = 2 / 3  # of what was measured, that something is left for bad minutes
_ROWS = 2  # of the log for each message: its intent and its answer


def reckoning() -> Iterator[list[object]]:
    """What ten million an hour need, by the figures of `send` and `chain`."""
    send, chain = _read("send"), _read("chain")
    need, size = _AN_HOUR / 3600, send["size"]
    sender = send["sinks"]["fastsink"]["rate"]["distributor, postgresql"]
    row = min(found["us_a_row"] for found in chain["writers"]["a chain each"].values())
    rows = need * _ROWS
    yield ["what", "figure", "from"]
    yield ["messages a second", f"{need:,.0f}", f"{_AN_HOUR:,} in 3,600 s"]
    yield ["one sender on PostgreSQL, messages a second", f"{sender:,.0f}", "`send`, fastsink"]
    yield ["senders", math.ceil(need / (sender * _BUSY)), "each at two thirds of that"]
    yield ["log rows a second", f"{rows:,.0f}", "an intent and an answer a message"]
    yield ["log rows a second, written here", f"{1e6 / row:,.0f}", "`chain`, the best number of writers"]
    yield ["as much as here, times", f"{rows * row / 1e6 / _BUSY:.1f}", "at two thirds of that"]
    yield ["to the relays, Gbit/s", f"{need * size * 8 / 1e9:.2f}", f"{size:,} bytes a message"]


_WIDTH, _LINE, _LEFT, _LONGEST = 720, 22, 210, 420


def _bars(figures: Figures) -> str:
    """A horizontal bar for each sender and sink: messages a second, to one scale for each sink."""
    parts, top = [], 0
    for sink, found in figures["sinks"].items():
        parts.append(f'<text x="0" y="{top + 16}" font-weight="bold">{escape(sink)}, messages/s</text>')
        top += _LINE + 4
        most = max(found["rate"].values())
        for name, rate in found["rate"].items():
            parts += _bar(name, rate, most, top)
            top += _LINE
        top += _LINE // 2
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" '
        f'width="{_WIDTH}" height="{top}" '
        f'font-family="sans-serif" font-size="13" role="img" aria-label="Messages a second by sender">\n'
        f'<rect width="{_WIDTH}" height="{top}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _bar(name: str, rate: float, most: float, top: int) -> list[str]:
    length = max(1, round(rate / most * _LONGEST))
    colour = "#0b5cad" if name.startswith("distributor") else "#9aa5b1"
    return [
        f'<text x="{_LEFT - 8}" y="{top + 14}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{_LEFT}" y="{top + 3}" width="{length}" height="{_LINE - 7}" fill="{colour}"/>',
        f'<text x="{_LEFT + length + 6}" y="{top + 14}">{rate:,.0f}</text>',
    ]


if __name__ == "__main__":
    main()
