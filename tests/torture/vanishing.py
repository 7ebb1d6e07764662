"""A worker's host vanishes without a word, in the middle of its batch: another finishes it.

The other host is a network namespace (root), and the server of the database only hears nothing more.
"""

import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import select

from distributor.store import rows
from distributor.store.engines import VANISHED
from tests.house import people
from tests.torture.crowding import BEFORE_THE_RUN
from tests.torture.days import Day, counted, until
from tests.torture.office import OVER, Office
from tests.torture.places import Host, host, postgres
from tests.torture.reckoning import reckon
from tests.torture.web import free_place

_KIND = "a worker’s host vanishes"
_SLOWLY = ("--delay", "0.2")
_TICKS = 15.0  # seconds beyond the keepalives: starts, and a tick of the clockwork
_WITHIN = 180.0


def vanishes(folder: Path, *, recipients: int) -> Day:
    """It has its batch and sends; then the cable is cut. Here another sender takes over."""
    folder.mkdir()
    port = int(free_place().rpartition(":")[2])
    with ExitStack() as stack:
        far = stack.enter_context(host())
        server = stack.enter_context(postgres(folder / "postgres", host=far.here, port=port))
        office = Office(folder / "office", people(recipients), 4, server.url, relay=far.here)
        stack.enter_context(closing(office))
        release = stack.enter_context(office.release("--host", far.here, *_SLOWLY))
        release.start("send-due", edge=BEFORE_THE_RUN).wait()  # prepared and open, nothing sent
        worker = stack.enter_context(_there(office, far))
        release.relay.until(lambda sink: len(sink.accepted) >= recipients // 4)
        far.vanish()
        service = release.start("run")
        known = until(lambda: _named(office), within=_WITHIN, what="its doubt is named")
        over = known + until(lambda: release.mailout in OVER, within=_WITHIN, what="the mailout is over")
        service.terminate()
        service.wait()
        worker.kill()
        count = reckon(release, case="its cable is cut", listed=release.doubted("--all"), first=None,
                       died=True)  # fmt: skip
    problems = [f"only after {known:.0f} s was it known"] if known > VANISHED + _TICKS else []
    return counted(
        _KIND, count, problems=problems, known_after_s=round(known, 1), over_after_s=round(over, 1)
    )


def _there(office: Office, far: Host) -> "subprocess.Popen[bytes]":
    command = far.command([sys.executable, "-m", "distributor", "worker"])
    return subprocess.Popen(command, cwd=office.folder, stderr=(office.folder / "there.txt").open("w"))


def _named(office: Office) -> bool:
    with office.store.read() as connection:
        return bool(connection.scalar(select(rows.log.c.id).where(rows.log.c.kind == "doubted").limit(1)))
