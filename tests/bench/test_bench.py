"""The benchmarks run, and their last line has its figures. How fast anything is, is not tested.

Planted once by hand and caught: a line that puts a piece before the one it heard earlier, and one that delays
each piece after the one before; a figure taken out of the JSON line; a table in
docs/performance.md or docs/scaling.md that is not the figures'.
"""

import asyncio
import json
import os
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from tests.bench import (
    chain,
    claims,
    delay,
    forked,
    hosts,
    lift,
    million,
    paper,
    rtt,
    send,
    sinks,
    tools,
    workers,
)
from tests.bench.house import SQLITE, House
from tests.conftest import missing

FEW = ("--recipients", "12", "--connections", "2")
FAST = ("--sinks", sinks.FAST)
ONCE = ("--runs", "1")
SOON = ("--ahead", "3")


MANY_PROGRAMS = pytest.mark.skipif(
    os.environ.get("DISTRIBUTOR_NO_SKIP") != "1", reason="starts many programs: .ci/run runs it"
)


@pytest.fixture
def measured(capfd, monkeypatch):
    """The figures of a benchmark that ran with these options. `real`: its programs start as a user's do."""
    try:
        sinks.compiled()
    except tools.Missing as error:
        missing(str(error))

    def run(bench, *options, real=False):
        if not real:
            monkeypatch.setattr(House, "start", forked.start)
        bench.main(options)
        return json.loads(capfd.readouterr().out.splitlines()[-1])

    return run


def test_send(measured):
    found = measured(send, *FEW, *ONCE, *FAST, "--databases", SQLITE, "--alone")
    ours = found["sinks"][sinks.FAST]
    assert ours["rate"]["distributor, sqlite"] > 0
    assert ours["program_seconds"]["distributor, sqlite"] > 0
    assert found["size"] > 20_000


def test_round_trip(measured):
    found = measured(rtt, *FEW, *ONCE, "--ms", "2", real=True)
    assert found["rate"]["distributor"] > 0
    assert found["round_trip_ms"] > 0


def test_lift(measured):
    found = measured(lift, *FEW, *ONCE, *FAST, *SOON)["sinks"][sinks.FAST]
    assert 0 < found["first_ms"] < found["last_ms"]


@MANY_PROGRAMS
def test_workers(measured):
    found = measured(workers, *FEW, *ONCE, *FAST, *SOON, "--workers", "1", "--databases", SQLITE)
    ours = found["databases"][SQLITE][sinks.FAST]["1"]
    assert ours["rate"] > 0
    assert ours.keys() >= {"senders_busy", "sink_busy"}


@MANY_PROGRAMS
def test_hosts(measured):
    found = measured(hosts, *FEW, *ONCE, *SOON, "--hosts", "1")
    assert found["missing"] or found["hosts"]["1"]["rate"] > 0


@MANY_PROGRAMS
def test_million(measured):
    found = measured(million, "--recipients", "20", "--connections", "2", "--databases", SQLITE)
    assert found["databases"][SQLITE].keys() == set(paper.MILLION)
    assert found["databases"][SQLITE]["sender_mb"] > 0


def test_claims(measured):
    found = measured(claims, "--deliveries", "400", "600", "--passes", "1", "--databases", SQLITE)
    assert found["milliseconds"][SQLITE]["600"]["intents"]["p99"] > 0
    assert found["growth"][SQLITE].keys() == found["milliseconds"][SQLITE]["400"].keys()


@MANY_PROGRAMS
def test_chain(measured, postgres_url, monkeypatch):
    monkeypatch.setattr(chain, "postgres", lambda _: nullcontext(SimpleNamespace(url=postgres_url)))
    found = measured(
        chain, "--writers", "1", "2", "--transactions", "4", "--rows", "40", "--databases", SQLITE
    )
    assert found["growth"].keys() == {"1", "2"}
    assert found["verify"][SQLITE]["40"]["mb"] > 0


# the delaying line


async def _through_a_line(pieces, *, milliseconds):
    """An echo beyond a line with a delay: (what came back, what the far end had by the first of it)."""
    heard, over = [], asyncio.Event()

    async def echo(reader, writer):
        while data := await reader.read(65536):
            heard.append(data)
            writer.write(data)
        writer.close()
        await writer.wait_closed()
        over.set()

    far = await asyncio.start_server(echo, "127.0.0.1", 0)
    near = await delay.line(far.sockets[0].getsockname()[1], milliseconds)
    async with far, near:
        reader, writer = await asyncio.open_connection(*near.sockets[0].getsockname())
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0)
        first = await reader.read(1)
        by_then = b"".join(heard)
        back = first + await reader.readexactly(sum(map(len, pieces)) - 1)
        writer.close()
        await over.wait()
        return back, by_then


def test_a_line_with_a_delay_keeps_the_order_and_loses_nothing():
    pieces = [number.to_bytes(4, "big") * 500 for number in range(2000)]
    back, _ = asyncio.run(_through_a_line(pieces, milliseconds=3))
    assert back == b"".join(pieces)


def test_many_pieces_are_on_the_line_at_once():
    pieces = [number.to_bytes(4, "big") * 50 for number in range(200)]
    _, by_then = asyncio.run(_through_a_line(pieces, milliseconds=600))  # a busy machine may pause meanwhile
    assert by_then == b"".join(pieces)


# the paper


def test_the_tables_are_those_of_the_figures():
    for written in paper.PAPERS:
        text = written.read_text("utf-8")
        assert paper.filled(text) == text, written


def test_the_drawings_are_those_of_the_figures():
    for name, drawing in paper.drawings().items():
        assert (paper.FIGURES / name).read_text("utf-8") == drawing
