"""Bad days of the ledger: PostgreSQL is killed, the disk is full, nothing can be written.

The service (`run`) lives through each of them and nobody helps it. The relay looks into the database at
every dot, where that is a file: no message without its intent.
"""

import random
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

from tests.house import people
from tests.torture.days import Day, counted, until
from tests.torture.office import OVER, Office, Release
from tests.torture.places import Disk, Postgres, postgres, small_disk
from tests.torture.reckoning import reckon
from tests.torture.web import free_place, health

_KILLED, _FULL, _CLOSED = "PostgreSQL is killed", "the disk is full", "the ledger cannot be written"
_PACE = ("--delay", "0.05")
_CONNECTIONS = 4
_SAID = 30.0  # seconds within which it must be told that nothing can be written
_OVER = 180.0


def killed(folder: Path, chance: random.Random, *, kills: int, between: int = 40) -> Day:
    """Again and again after some `between` messages the server dies, and is back within two seconds."""
    folder.mkdir()
    with postgres(folder / "postgres") as server:
        office = Office(folder / "office", people(between * (kills + 2)), _CONNECTIONS, server.url)
        with closing(office), office.release(*_PACE) as release:
            service = release.start("run")
            for _ in range(kills):
                more = len(release.relay.accepted) + chance.randrange(between)
                release.relay.until(lambda sink, more=more: len(sink.accepted) >= more)
                server.kill()
                time.sleep(chance.random() * 1.5)
                server.start()
            seconds = until(partial(_finished, release), every=1.0, within=_OVER, what="the mailout is over")
            service.terminate()
            service.wait()
            listed = release.doubted("--all")
            count = reckon(
                release, case=f"killed {kills} times", listed=listed, first=None, died=True, deaths=kills
            )
    return counted(_KILLED, count, cases=kills, most_in_doubt=max(listed.values(), default=0),
                   over_after_s=round(seconds, 1))  # fmt: skip


def full(folder: Path, chance: random.Random, *, recipients: int, sending: bool) -> Day:
    """No byte is free from a random moment on, for some seconds; then there is room again."""
    with ExitStack() as stack:
        disk, office, database = stack.enter_context(_on_a_small_disk(folder, recipients))
        release = stack.enter_context(office.release(*_PACE, "--look", str(database)))
        service = release.start("run")
        name = _moment(release, chance, recipients if sending else 0)
        disk.fill()
        before = len(release.relay.accepted)
        time.sleep(2 + chance.random() * 2)
        taken = len(release.relay.accepted) - before
        disk.free()
        seconds = until(partial(_finished, release), every=1.0, within=_OVER, what="the mailout is over")
        service.terminate()
        service.wait()
        count = reckon(release, case=name, listed=release.doubted(), first=None, died=False, deaths=0)
        problems = _without_intent(release)
    return counted(_FULL, count, problems=problems, taken_while_full=taken, over_after_s=round(seconds, 1))


def _moment(release: Release, chance: random.Random, most: int) -> str:
    if not most:
        seconds = chance.random() * 2
        time.sleep(seconds)
        return f"full {seconds:.2f} s after the start"
    accepted = chance.randrange(most)
    release.relay.until(lambda sink: len(sink.accepted) >= accepted)
    return f"full after {accepted} were taken"


def narrow(office: Office, chance: random.Random) -> Day:
    """A sender's files may not grow any more (a quota), for some moments."""
    database = _file(office)
    with office.release(*_PACE, "--look", str(database)) as release:
        sender = release.start("send-due")
        accepted = chance.randrange(len(office.addresses) // 2)
        release.relay.until(lambda sink: len(sink.accepted) >= accepted)
        size = database.with_name(f"{database.name}-wal").stat().st_size
        resource.prlimit(sender.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        time.sleep(1 + chance.random())
        resource.prlimit(sender.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        code = sender.wait()
        name = f"no file grows after {accepted} were taken"
        count = reckon(release, case=name, listed=release.doubted(), first=None, died=False, deaths=0)
        problems = _without_intent(release)
    return counted(_FULL, count, problems=[*problems, *([f"exit code {code}"] if code else [])])


def locked(folder: Path, *, recipients: int) -> Day:
    """Another program keeps SQLite's only lock."""
    folder.mkdir()
    office = Office(folder / "office", people(recipients), _CONNECTIONS, listen=free_place())
    with closing(office), closing(sqlite3.connect(_file(office), isolation_level=None)) as other:
        return _closed(
            office,
            "another program has the lock",
            close=lambda: other.execute("BEGIN IMMEDIATE"),
            open=lambda: other.execute("ROLLBACK"),
            look=_file(office),
        )


def filled(folder: Path, *, recipients: int) -> Day:
    """The disk stays full."""
    with _on_a_small_disk(folder, recipients) as (disk, office, database):
        return _closed(office, "the disk stays full", close=disk.fill, open=disk.free, look=database)


def read_only(folder: Path, *, recipients: int) -> Day:
    """PostgreSQL becomes a standby that only reads."""
    folder.mkdir()
    with postgres(folder / "postgres") as server:
        office = Office(folder / "office", people(recipients), _CONNECTIONS, server.url, free_place())
        with closing(office):
            return _closed(
                office, "PostgreSQL only reads", close=partial(_writing, server, "off"),
                open=partial(_writing, server, "on"),
            )  # fmt: skip


def _writing(server: Postgres, how: str) -> None:
    only_reading = {"on": "off", "off": "on"}[how]
    server.say(f"ALTER SYSTEM SET default_transaction_read_only = {only_reading}", "SELECT pg_reload_conf()")


def _closed(
    office: Office, name: str, *, close: Callable[[], object], open: Callable[[], object],
    look: Path | None = None,
) -> Day:  # fmt: skip
    """Nothing is sent, it is told, and it goes on by itself."""
    watching = ("--look", str(look)) if look else ()
    with office.release(*_PACE, *watching) as release:
        service = release.start("run")
        release.relay.until(lambda sink: len(sink.accepted) >= 20)
        until(lambda: health(office.listen) == "ok", within=_SAID, what="/healthz is well")
        close()
        told = until(lambda: health(office.listen) != "ok", within=_SAID, what="/healthz says so")
        before = len(release.relay.accepted)
        asked = [one["what"] for one in office.house.json("todo")]
        sent = len(release.relay.accepted) - before
        open()
        seconds = until(partial(_finished, release), every=1.0, within=_OVER, what="the mailout is over")
        until(lambda: health(office.listen) == "ok", within=_SAID, what="/healthz is well again")
        service.terminate()
        service.wait()
        count = reckon(release, case=name, listed=release.doubted(), first=None, died=False, deaths=0)
        problems = _without_intent(release) if look else []
    problems += [f"{sent} sent"] if sent else []
    problems += [f"todo says {asked}"] if not any("cannot write" in one for one in asked) else []
    return counted(_CLOSED, count, problems=problems, healthz_says_so_after_s=round(told, 1),
                   over_after_s=round(seconds, 1))  # fmt: skip


def mounted_read_only(folder: Path, *, recipients: int) -> Day:
    """The file system is read-only when cron calls: one line, nothing sent; and then it goes."""
    with _on_a_small_disk(folder, recipients) as (disk, office, _), office.release() as release:
        office.store.engine.dispose()
        disk.protect()
        refused = {argv: office.house.run(*argv, expect=1).stderr for argv in (("send-due",), ("todo",))}
        sent = len(release.relay.accepted)
        disk.release()
        release.finish()
        count = reckon(release, case="mounted read-only", listed=release.doubted(), first=None, died=False,
                       deaths=0)  # fmt: skip
    problems = [f"{argv}: {said}" for argv, said in refused.items() if said.strip().count("\n")]
    return counted(_CLOSED, count, problems=problems + ([f"{sent} sent"] if sent else []))


@contextmanager
def _on_a_small_disk(folder: Path, recipients: int) -> Iterator[tuple[Disk, Office, Path]]:
    """The database is; what programs say and the relay's log are not."""
    folder.mkdir()
    with small_disk(folder / "disk") as disk:
        database = disk.folder / "distributor.db"
        office = Office(
            folder / "office", people(recipients), _CONNECTIONS, f"sqlite:///{database}", free_place()
        )
        with closing(office):
            yield disk, office, database


def _file(office: Office) -> Path:
    path = office.store.path
    assert path is not None
    return path


def _finished(release: Release) -> bool:
    """Whether it is over; an officer answers doubt that waits for her."""
    if release.mailout in OVER:
        return True
    if release.doubted():
        release.run("doubt", "resend", release.reference)
    return False


def _without_intent(release: Release) -> list[str]:
    """Whoever was handed over without an intent that the relay could see on the disk."""
    bare = [
        event["recipient"]
        for event in release.taken()
        if not event["intent"] or event["intent"]["state"] != "sending"
    ]
    return [f"handed over without an intent: {bare[:3]}"] if bare else []
