"""`run` (the service), `worker` (a sender alone), `send-due` (for cron)."""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from distributor.cli.terminal import Terminal
from distributor.errors import Busy, Refused

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from distributor.cli.terminal import Bar
    from distributor.store.database import Connection
    from distributor.system import System

_LIMIT = 30.0  # seconds from a stop until `run` ends although something hangs
_NICER = 5  # than the senders are the web pages, as nice(1) counts
_VISITORS = 5  # seconds that visitors of the web pages get at a stop
_LOOK = "See: distributor todo, distributor check"
_SHOWN = {"accept": "sent", "defer": "deferred", "reject": "rejected", "doubt": "doubtful"}


def run(
    context: typer.Context,
    workers: Annotated[int, typer.Option(min=1, max=32, help="How many senders.")] = 1,
) -> None:
    """The service: clockwork, senders and web, until Ctrl-C or SIGTERM.

    Example: distributor run --workers 2
    """
    from distributor import clockwork
    from distributor.cli import logs

    terminal: Terminal = context.obj
    logs.set_up(terminal.config)
    terminal.system.require_secret()
    terminal.system.mailer()  # refused here, and not by each sender anew
    with clockwork.ticking(terminal.system):
        asyncio.run(_serve(terminal, workers=workers))


def worker(context: typer.Context) -> None:
    """A sender alone; `distributor run` elsewhere keeps the clock.

    Example: distributor worker --config /etc/distributor/config.toml
    """
    from distributor import worker as workers
    from distributor.cli import logs
    from distributor.cli.keep import PARENT

    terminal: Terminal = context.obj
    logs.set_up(terminal.config)
    terminal.system.require_secret()
    parent = os.environ.get(PARENT)
    _unburden()
    asyncio.run(workers.serve(terminal.system, parent=int(parent) if parent else None))


def send_due(context: typer.Context) -> None:
    """Do all that is due now, then exit; waits for nothing. For cron.

    Example: distributor send-due --json
    """
    from distributor import worker as workers
    from distributor.store import agenda, runs

    terminal: Terminal = context.obj
    system = terminal.system
    logging.getLogger("distributor").addHandler(logging.NullHandler())  # it is all told below
    _unburden()
    with terminal.progress("sending") as bar:
        tally = asyncio.run(workers.send_due(system, watch=_onlooker(bar)))
    with system.store.read() as connection:
        left = agenda.open_or_due(connection, now=system.now())
        waiting = _waiting(connection, system)
        trouble = runs.trouble(connection)
    document = {
        "opened": tally["opened"],
        "sent": tally["accept"],
        "deferred": tally["defer"],
        "rejected": tally["reject"],
        "doubtful": tally["doubt"],
        "left": left,
    }
    counted = ", ".join(f"{number} {name}" for name, number in document.items())
    terminal.show(document | {"waiting": waiting}, lambda out: out.print(counted))
    _refuse_copy(waiting)
    if trouble and left:
        raise Busy(f"nothing can be handed over: {trouble.reason}", where="send-due", cure=_LOOK)
    for one in waiting:
        whose = f"{one['publisher']}: " if "publisher" in one else ""
        terminal.note(f"{whose}{one['reference'] or 'distributor'}: {one['what']}. Answer: {one['answer']}")


def _waiting(connection: "Connection", system: "System") -> list[dict[str, Any]]:
    """What is due and waits for a person; of several publishers each says whose it is."""
    from distributor.store.views import todo

    found: list[dict[str, Any]] = []
    for id in system.publishers:
        whose = {"publisher": id} if len(system.publishers) > 1 else {}
        told = todo.waiting(connection, publisher_id=id, now=system.now())
        found += [one | whose if one["reference"] else one for one in told if one not in found]
    return found


def _refuse_copy(waiting: list[dict[str, Any]]) -> None:
    """What is due stays: nothing goes from an unconfirmed copy of a database."""
    for one in waiting:
        if one["kind"] == "copy":
            raise Refused(one["what"], where="send-due", cure=f"If this one sends now: {one['answer']}")


def _unburden() -> None:
    """Spare a sender the garbage collector's rounds through all that stays: messages hold no cycles."""
    gc.freeze()


def _onlooker(bar: "Bar") -> Callable[[Counter[str], int], None]:
    """Shows on the bar how many ended how, and how many a second."""
    began = time.monotonic()

    def watch(tally: Counter[str], total: int) -> None:
        done = tally.total() - tally["hand_back"]
        rate = done / max(0.1, time.monotonic() - began)
        states = [f"{tally[event]} {state}" for event, state in _SHOWN.items() if tally[event]]
        bar.update(done, total=max(total, done), description=", ".join(["sending", *states, f"{rate:.0f}/s"]))

    return watch


async def _serve(terminal: Terminal, *, workers: int) -> None:
    from distributor.cli.keep import Senders
    from distributor.web.app import build

    listening = _listen(terminal.config.web.listen)
    app = build(terminal.system)
    server = _server(app)
    senders = Senders(_worker_command(terminal))
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if server.should_exit:
            senders.kill()
            _leave("ends at once")
        server.should_exit = True
        app.state.stopping.set()
        senders.stop()
        _leave_after(_LIMIT)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    senders.start(workers)
    try:
        _greet(terminal, workers=workers)
        with ThreadPoolExecutor(1, thread_name_prefix="web") as thread:
            await loop.run_in_executor(thread, _show_pages, server, listening)
    finally:
        await senders.stop()


def _show_pages(server: "uvicorn.Server", listening: socket.socket) -> None:
    """In a thread, whose children inherit its priority: a mailout goes before what is looked at."""
    if sys.platform == "linux":  # where each thread has one
        me = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, me, min(19, os.getpriority(os.PRIO_PROCESS, me) + _NICER))
    server.run(sockets=[listening])


def _greet(terminal: Terminal, *, workers: int) -> None:
    """Where it runs, and where the first officer begins; her link never stands in a log."""
    from distributor.cli import links
    from distributor.cli.moments import count
    from distributor.office import invite
    from distributor.store import officers

    system = terminal.system
    publisher = system.publisher.id
    said = f"distributor runs: http://{terminal.config.web.listen}/ · {count(workers, 'sender')}"
    if terminal.config.log.format == "json":
        logging.getLogger(__name__).info("%s", said)
        with system.store.read() as connection:
            if not officers.everybody(connection, publisher_id=publisher):
                logging.getLogger(__name__).info("no officer yet: “distributor officers add” gives a link")
        return
    terminal.note(f"{said} · Ctrl-C stops")
    try:
        invited = invite.first(system.store, actor=terminal.actor, now=system.now(), publisher_id=publisher)
    except Busy as error:  # a full disk, for instance: no reason not to serve
        terminal.note(f"No link for a first officer could be made: {error}")
        return
    if invited:
        terminal.note(f"The first officer begins here, within a day: {links.join(terminal, invited.token)}")


def _server(app: "FastAPI") -> "uvicorn.Server":
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves the signals to us: it would raise them again at its end, before the senders have theirs."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    return Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=_VISITORS,
        )
    )


def _leave_after(seconds: float) -> None:
    """End although something hangs, a database for instance; a timer of its own outlives the event loop."""
    timer = threading.Timer(seconds, _leave, ["ended although something still hung"])
    timer.daemon = True
    timer.start()


def _leave(how: str) -> NoReturn:
    print(f"distributor: {how}; “distributor doubt list” names what was under way", file=sys.stderr)
    sys.stderr.flush()
    os._exit(1)


def _listen(place: str) -> socket.socket:
    host, _, port = place.rpartition(":")
    host = host.strip("[]")
    try:
        return socket.create_server((host, int(port)), family=_family(host), backlog=128)
    except (OSError, OverflowError) as error:
        raise Refused(
            f"cannot listen on {place} ({getattr(error, 'strerror', None) or error})",
            where="[web] listen",
            cure="Stop the program that has it, or name another address and port.",
        ) from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _worker_command(terminal: Terminal) -> list[str]:
    command = [sys.executable, "-m", "distributor", "worker"]
    file = terminal.config.file
    return [*command, "--config", str(file)] if file else command
