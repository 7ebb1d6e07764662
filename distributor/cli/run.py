"""`run` (the service), `worker` (a sender alone), `send-due` (for cron)."""

import asyncio
import logging
import os
import socket
import sys
import time
from collections.abc import Sequence
from typing import Annotated

import typer

from distributor.cli.terminal import Terminal
from distributor.errors import Refused

_PARENT = "DISTRIBUTOR_PARENT"
_SHORT = 5.0  # seconds: a sender that ends sooner has something wrong with it
_LONGEST_PAUSE = 30.0

_log = logging.getLogger(__name__)


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
    with clockwork.ticking(terminal.system):
        asyncio.run(_serve(terminal, workers=workers))


def worker(context: typer.Context) -> None:
    """A sender alone; `distributor run` elsewhere keeps the clock.

    Example: distributor worker --config /etc/distributor/config.toml
    """
    from distributor import worker as workers
    from distributor.cli import logs

    terminal: Terminal = context.obj
    logs.set_up(terminal.config)
    parent = os.environ.get(_PARENT)
    asyncio.run(workers.serve(terminal.system, parent=int(parent) if parent else None))


def send_due(context: typer.Context) -> None:
    """Do all that is due now, then exit; waits for nothing. For cron.

    Example: distributor send-due --json
    """
    from distributor import worker as workers
    from distributor.store import mailouts

    terminal: Terminal = context.obj
    tally = asyncio.run(workers.send_due(terminal.system))
    with terminal.system.store.read() as connection:
        left = mailouts.open_or_due(connection, now=terminal.system.now())
    document = {
        "opened": tally["opened"],
        "sent": tally["accept"],
        "deferred": tally["defer"],
        "rejected": tally["reject"],
        "doubtful": tally["doubt"],
        "left": left,
    }
    terminal.show(
        document, lambda out: out.print(", ".join(f"{number} {name}" for name, number in document.items()))
    )


async def _serve(terminal: Terminal, *, workers: int) -> None:
    import uvicorn

    from distributor.web.app import build

    listening = _listen(terminal.config.web.listen)
    server = uvicorn.Server(
        uvicorn.Config(
            build(terminal.system),
            access_log=False,
            log_level="warning",
            server_header=False,
        )
    )
    command = _worker_command(terminal)
    senders = [asyncio.create_task(_keep(command)) for _ in range(workers)]
    terminal.note(
        f"distributor runs: http://{terminal.config.web.listen}/ · {workers} sender(s) · Ctrl-C stops"
    )
    try:
        await server.serve(sockets=[listening])
    finally:
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)


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


async def _keep(command: Sequence[str]) -> None:
    """Keep one sender running: one that ends is named with its exit code, and started again after a pause."""
    pause = 0.0
    while True:
        began = time.monotonic()
        code = await _one(command)
        pause = _pause(pause, lived=time.monotonic() - began)
        _log.warning("a sender ended with exit code %d; it is started again in %.0f s", code, pause)
        await asyncio.sleep(pause)


def _pause(before: float, *, lived: float) -> float:
    """Seconds until the next start: 1, and twice as long as `before` each time a sender hardly lived."""
    return min(max(1.0, before * 2), _LONGEST_PAUSE) if lived < _SHORT else 1.0


async def _one(command: Sequence[str]) -> int:
    """Run a sender to its end, which a cancellation brings about gently; returns its exit code."""
    environment = os.environ | {_PARENT: str(os.getpid())}
    sender = await asyncio.create_subprocess_exec(*command, env=environment, start_new_session=True)
    try:
        return await sender.wait()
    except asyncio.CancelledError:
        sender.terminate()
        await sender.wait()
        raise
