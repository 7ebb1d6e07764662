"""SMTP faults end to end: each step × each fault ends in its class, loses nobody, and holds up nobody else.

python -m tests.torture.faults [--seed S] [--only WORDS] [--patience SECONDS]

An office with its database and a real sender (`Sender`), and a relay that breaks SMTP at one step in one
way: once, on one of three connections, or for everybody. Then a sound relay takes its place: everybody
must have the message, or an answer that says why not.
"""

import argparse
import asyncio
import random
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from distributor.errors import Refused
from distributor.model.relay import RelayAddress
from distributor.office import stop
from distributor.store import installation, runs
from distributor.system import System
from distributor.wire.pool import Pool
from distributor.wire.timeouts import Timeouts
from tests.bench.stats import note
from tests.house import REFERENCE, House, mailouts, people, states, tick
from tests.torture import told
from tests.torture.cells import Cell, cells
from tests.torture.faulty import TRUST, faulty
from tests.torture.processes import interrupts
from tests.wire.rigged import Rigged

UNKNOWN = "unknown@example.com"
PEOPLE = people(9)
_AT_ONCE = 6  # cells that wait for a silent relay
_CRON = 0.3


@dataclass(frozen=True)
class Result:
    """`problems`: each broken promise in words. `ended`: states after the fault; `meanwhile`: how many of the
    others had theirs when a silent step was given up, None when none was."""

    cell: Cell
    ended: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    doubtful: int = 0
    meanwhile: int | None = None
    problems: tuple[str, ...] = ()


def main(argv: Sequence[str] | None = None) -> int:
    options = _options(argv)
    chosen = [cell for cell in cells() if options.only in str(cell)]
    random.Random(options.seed).shuffle(chosen)
    with interrupts():
        results = asyncio.run(play_all(chosen, patience=options.patience))
    told.faults(results, seed=options.seed)
    return int(any(result.problems for result in results))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev torture faults", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="of the order")
    parser.add_argument("--only", default="", help="cells with these words, as in: dot hanging")
    parser.add_argument("--patience", type=float, default=3.0, help="seconds a silent relay gets")
    return parser.parse_args(argv)


async def play_all(chosen: Sequence[Cell], *, patience: float) -> list[Result]:
    """Each cell; those that wait for silence several at a time."""
    with TemporaryDirectory(prefix="distributor-torture-") as name:
        approved = _approved(Path(name))
        quick = [await _one(cell, approved, patience) for cell in chosen if not cell.slow]
        slow, free = [cell for cell in chosen if cell.slow], asyncio.Semaphore(_AT_ONCE)

        async def in_turn(cell: Cell) -> Result:
            async with free:
                return await _one(cell, approved, patience)

        return quick + list(await asyncio.gather(*map(in_turn, slow)))


def _approved(folder: Path) -> Path:
    """An office with a release whose instant has come, to be copied for each cell."""
    house = House(folder / "approved")
    house.folder.mkdir()
    house.configure()
    house.furnish(trade=[*PEOPLE, UNKNOWN])
    with house.system() as built:
        house.release(built)
    return house.folder


async def _one(cell: Cell, approved: Path, patience: float) -> Result:
    """A cell that breaks is a problem of its own; the others go on."""
    folder = Path(mkdtemp(dir=approved.parent))
    try:
        shutil.copytree(approved, folder, dirs_exist_ok=True)
        house = House(folder)
        with house.system() as built:
            installation.confirm(built.store, mark=built.tokens.mark)
            result = await _play(cell, house, built, patience)
    except Exception:  # whatever it is, it is told, and the next cell is played
        result = Result(cell, problems=(traceback.format_exc(),))
    shutil.rmtree(folder)
    note(f"{cell}: {'; '.join(result.problems) or 'kept'}")
    return result


async def _play(cell: Cell, house: House, built: System, patience: float) -> Result:
    limits = Timeouts()
    if cell.slow:
        limits = Timeouts(connect=patience, command=patience, dot=patience, polite=patience)
    async with faulty(cell.step, cell.fault, once=cell.once, pipelining=cell.pipelining) as relay:
        relay.refused = {UNKNOWN: "550 5.1.1 unknown"}
        await _send(built, relay, limits, again=cell.once and cell.slow)
        ended = states(built)
    async with Rigged(refused=relay.refused) as sound:
        await _mended(house, built, sound)
    return _judged(cell, ended, relay, sound, states(built), mailouts(built)["release"])


async def _send(built: System, relay: Rigged, limits: Timeouts, *, again: bool = False) -> None:
    """What `send-due` does, with these limits and a clock that stands still.

    `again`: cron starts the next one while this one still waits for a silent relay.
    """
    running = asyncio.create_task(_drain(built, relay, limits))
    while again and not running.done():
        await asyncio.wait({running}, timeout=_CRON)
        if not running.done() and built.gather():
            await _drain(built, relay, limits)
    await running


async def _drain(built: System, relay: Rigged, limits: Timeouts) -> None:
    address = replace(_address(relay), username="user", password="secret", connections=3)
    pool = Pool([address], timeouts=limits, trust=TRUST, clock=lambda: built.now().timestamp(), now=built.now)
    with runs.started(built.store, now=built.now()) as run:
        sender = built.sender(run=run, mailer=pool)
        before = -1
        while before != sender.tally.total():
            before = sender.tally.total()
            await sender.drain()
            built.gather()
        with built.store.write() as connection:
            runs.ended(connection, id=run.id, now=built.now())
    await pool.close()


def _address(relay: Rigged) -> RelayAddress:
    address: RelayAddress = relay.address()
    return address


async def _mended(house: House, built: System, sound: Rigged) -> None:
    """Time passes, a sound relay is there, an officer answers what was held or in doubt."""
    for _ in range(8):
        house.clock.move(minutes=40)
        if mailouts(built)["release"] == "finished":
            return
        _answer(built)
        tick(built)
        await _send(built, sound, Timeouts())
        tick(built)


def _answer(built: System) -> None:
    try:
        stop.resume(
            built.store,
            actor="officer",
            now=built.now(),
            publisher_id=built.publisher.id,
            reference=REFERENCE,
        )
    except Refused:  # nothing is held
        return


def _judged(
    cell: Cell, ended: dict[str, str], relay: Rigged, sound: Rigged, final: dict[str, str], mailout: str
) -> Result:
    known = {who: state for who, state in ended.items() if who != UNKNOWN}
    hit = Counter(state for state in known.values() if state != "sent")
    accepted = Counter(relay.accepted + sound.accepted)
    doubtful = {who for who, state in known.items() if state == "doubtful"}
    lost = [who for who in PEOPLE if not accepted[who] and final[who] != "rejected"]
    meanwhile = min(relay.meanwhile, default=None) if cell.slow and cell.once else None
    checks = {
        f"ended as {dict(Counter(known.values()))}, expected {cell.expected}": not _fits(cell, known, hit),
        f"lost: {lost}": lost,
        f"doubt where no dot was: {sorted(doubtful)[:3]}": doubtful and cell.step not in ("body", "dot"),
        f"two copies without doubt: {accepted}": any(
            number > 1 and who not in doubtful for who, number in accepted.items()
        ),
        f"called sent, and no relay took it: {final}": any(
            state == "sent" and not accepted[who] and cell.step != "body" for who, state in final.items()
        ),
        f"the mailout is {mailout}: {dict(Counter(final.values()))}": mailout != "finished",
        f"others waited: {meanwhile} of {len(PEOPLE)} had theirs": meanwhile is not None
        and cell.step != "quit"
        and meanwhile < len(PEOPLE) - 3,
    }
    return Result(
        cell,
        ended=dict(Counter(known.values())),
        lost=len(lost),
        doubtful=len(doubtful),
        meanwhile=meanwhile,
        problems=tuple(words for words, broken in checks.items() if broken),
    )


def _fits(cell: Cell, known: dict[str, str], hit: Counter[str]) -> bool:
    """The class is met: once, by one message (an envelope that rode with it is handed back); always, by all
    but those that a relay which was found useless was spared."""
    if cell.expected == "sent":
        return not hit
    if not cell.once:
        return hit[cell.expected] > 0 and set(hit) <= {cell.expected, "queued"} and hit.total() == len(known)
    if cell.expected == "queued":  # at MAIL another session takes it
        return set(hit) <= {"queued"} and hit["queued"] <= 2
    return hit[cell.expected] == 1 and set(hit) <= {cell.expected, "queued"} and hit["queued"] <= 1


if __name__ == "__main__":
    sys.exit(main())
