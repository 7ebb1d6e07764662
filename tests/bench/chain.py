"""The log's chains: what a row costs with more and more writers, and what it takes to prove them all.

python -m tests.bench.chain [--writers N …] [--transactions N] [--rows SMALL LARGE]

Writers are processes, each with transactions of 20 rows of its own chain, on PostgreSQL; beside it the same
with all of them on the one office chain, as it would be without a chain for each run. Then `distributor log
verify` as a program of its own: seconds, and its memory at most.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select, update

from distributor.mail.tokens import Tokens
from distributor.parts import secret
from distributor.store import log, rows, seals
from distributor.store.database import Store, open_store
from tests.bench import crowd, stats
from tests.bench.house import POSTGRES, SQLITE, postgres
from tests.program import CONTEXT
from tests.world import NOW, World

_GROUP = 20  # rows of a ledger transaction at ten connections
_RUNS = 4
_PAGE = 2000
OWN, ONE = "a chain each", "one chain for all"


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    written = _writers(options.writers, transactions=options.transactions)
    base = str(options.writers[0])
    growth = {
        number: round(cost["us_a_row"] / written[OWN][base]["us_a_row"], 2)
        for number, cost in written[OWN].items()
    }
    proofs = {
        database: {str(count): _proof(database, count) for count in options.rows}
        for database in options.databases
    }
    stats.show(
        f"writers, {options.transactions} transactions of {_GROUP} rows each",
        ["", *(f"{number} writers" for number in options.writers)],
        [
            [f"{chains}: {name}", *(written[chains][str(number)][figure] for number in options.writers)]
            for chains in written
            for figure, name in (("us_a_row", "µs a row"), ("commit_ms", "ms a transaction"))
        ],
    )
    stats.show(
        "log verify",
        ["", "seconds", "memory at most, MB"],
        [
            [f"{database}, {int(count):,} rows", found["seconds"], found["mb"]]
            for database, by_count in proofs.items()
            for count, found in by_count.items()
        ],
    )
    stats.end("chain", transactions=options.transactions, rows_a_transaction=_GROUP,
              writers=written, growth=growth, verify=proofs)  # fmt: skip


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench chain", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--transactions", type=int, default=400, help="of each writer")
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000], help="to prove")
    parser.add_argument("--databases", nargs="+", default=[SQLITE, POSTGRES], choices=[SQLITE, POSTGRES])
    return parser.parse_args(argv)


def _writers(numbers: Sequence[int], *, transactions: int) -> dict[str, dict[str, dict[str, float]]]:
    with TemporaryDirectory(prefix="distributor-bench-") as folder, postgres(Path(folder)) as server:
        open_store(server.url).close()
        _together(server.url, numbers[0], chains=OWN, transactions=transactions // 4)  # warm
        return {
            chains: {
                str(number): _together(server.url, number, chains=chains, transactions=transactions)
                for number in numbers
            }
            for chains in (OWN, ONE)
        }


def _together(url: str, number: int, *, chains: str, transactions: int) -> dict[str, float]:
    """`us_a_row`: time from the first write to the last, by rows; `commit_ms`: median of a transaction."""
    stats.note(f"{number} writers, {chains}")
    start, results = CONTEXT.Barrier(number), CONTEXT.SimpleQueue()
    arguments = [
        (url, f"{os.getpid()}:{time.monotonic_ns()}:{n}", chains, transactions) for n in range(number)
    ]
    writers = [CONTEXT.Process(target=_write, args=(*one, start, results)) for one in arguments]
    for writer in writers:
        writer.start()
    found = [results.get() for _ in writers]
    for writer in writers:
        writer.join()
    elapsed = max(end for _, end, _ in found) - min(begin for begin, _, _ in found)
    return {
        "us_a_row": round(elapsed * 1e6 / (number * transactions * _GROUP), 1),
        "commit_ms": round(statistics.median(ms for _, _, times in found for ms in times), 2),
    }


def _write(url: str, name: str, chains: str, transactions: int, start: Any, results: Any) -> None:
    chain = log.Chain(f"run:{name}")
    with closing(open_store(url)) as store:
        write = _own(store, chain) if chains == OWN else _shared(store)
        write(0)
        start.wait()
        begin, times = time.monotonic(), []
        for number in range(transactions):
            before = time.monotonic()
            write(number)
            times.append((time.monotonic() - before) * 1000)
        results.put((begin, time.monotonic(), times))


def _own(store: Store, chain: log.Chain) -> Callable[[int], None]:
    def write(number: int) -> None:
        with store.write() as connection:
            log.append(connection, chain=chain, events=_events(number))

    return write


def _shared(store: Store) -> Callable[[int], None]:
    def write(number: int) -> None:
        with store.write() as connection:
            log.record(connection, *_events(number))

    return write


def _events(number: int) -> list[log.Event]:
    return [_event("answer" if n % 2 else "intent", number, "r@example.org", "s" * 64) for n in range(_GROUP)]


def _event(kind: str, id: int, address: str, subject: str) -> log.Event:
    answered = kind == "answer"
    return log.Event(
        kind,
        NOW,
        "run:1",
        mailout_id=1,
        delivery_id=id,
        subject=subject,
        attempt=1,
        relay="relay.example.org" if answered else None,
        code=250 if answered else None,
        enhanced="2.0.0" if answered else None,
        bytes_sha256="b" * 64,
        detail="accept" if answered else "",
        address=address,
        text="2.0.0 Ok: queued as 4XyZ1234AB" if answered else None,
    )


def _proof(database: str, count: int) -> dict[str, float]:
    """Seconds and megabytes of `distributor log verify --json` over so many rows."""
    stats.note(f"{database}: {count:,} rows to prove")
    with TemporaryDirectory(prefix="distributor-bench-") as name, _database(database, Path(name)) as url:
        folder = Path(name)
        (folder / "config.toml").write_text(f'[database]\nurl = "{url}"\n')
        with closing(open_store(url)) as store:
            _fill(store, count, tokens=Tokens(secret(folder / "state" / "secret.key")))
        return _verified(folder, count)


@contextmanager
def _database(database: str, folder: Path) -> Iterator[str]:
    if database == SQLITE:
        yield f"sqlite:///{folder / 'distributor.db'}"
        return
    with postgres(folder) as server:
        yield server.url


def _fill(store: Store, count: int, *, tokens: Tokens) -> None:
    """Half as many deliveries, all sent, each with its two rows, by a few runs in turn."""
    world = World(store)
    crowd.contacts(store, count // 2, now=NOW)
    mailout = world.mailout(world.release())
    crowd.deliveries(store, mailout_id=mailout, now=NOW)
    chains = [log.Chain(f"run:{world.run().id}") for _ in range(_RUNS)]
    d = rows.delivery.c
    with store.read() as connection:
        everybody = connection.execute(select(d.id, d.address, d.address_key).order_by(d.id)).all()
    for start in range(0, len(everybody), _PAGE):
        page = everybody[start : start + _PAGE]
        with store.write() as connection:
            events = [
                _event(kind, row.id, row.address, tokens.pseudonym(row.address_key))
                for row in page
                for kind in ("intent", "answer")
            ]
            log.append(connection, chain=chains[start // _PAGE % _RUNS], events=events)
            ids = [row.id for row in page]
            connection.execute(update(rows.delivery).where(d.id.in_(ids)).values(state="sent"))
    with store.write() as connection:
        log.record(connection, *seals.seal(connection, ends=seals.unsealed(connection), now=NOW))


#: The command, and the most memory it had, as the kernel tells of this program alone.
_COMMAND = """
import re, sys
from distributor.cli.app import main
code = main(["--json", "log", "verify"])
print(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1], file=sys.stderr)
sys.exit(code)
"""


def _verified(folder: Path, count: int) -> dict[str, float]:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND], cwd=folder, capture_output=True, text=True, check=True
    )
    document = json.loads(done.stdout)
    assert document["valid"], document["findings"][:3]
    assert document["rows"] >= count // 2 * 2
    kilobytes = int(done.stderr.split()[-1])
    return {"seconds": round(time.monotonic() - began, 1), "mb": round(kilobytes / 1024, 1)}


if __name__ == "__main__":
    main()
