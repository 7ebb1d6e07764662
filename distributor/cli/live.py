"""Mailouts while they go: a table that is drawn anew, off a terminal a line for each change.

With --json nothing is shown: the command's document comes at its end.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich import live
from rich.console import Group, RenderableType

from distributor.cli import tables
from distributor.cli.terminal import Terminal

if TYPE_CHECKING:
    from distributor.store.views.log import Filter

Mailouts = Sequence[Mapping[str, Any]]

EVERY = 0.5  # seconds
_ALWAYS = ("queued", "sending", "sent")


class Live:
    """What `show` is given, for the length of the block. `above` is drawn over the table."""

    def __init__(self, terminal: Terminal, *, above: Callable[[], RenderableType] | None = None) -> None:
        self._terminal, self._above = terminal, above
        self._told = ""
        drawn = terminal.out.is_terminal and not terminal.json
        self._live = live.Live(console=terminal.out, refresh_per_second=8) if drawn else None

    def __enter__(self) -> "Live":
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, mailouts: Mailouts) -> None:
        """Show how they stand."""
        if self._live:
            above = [self._above()] if self._above else []
            self._live.update(Group(*above, _table(mailouts)))
        elif not self._terminal.json:
            self._tell("; ".join(_line(mailout) for mailout in mailouts))

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._terminal.out.print(text, soft_wrap=True)


def follow(terminal: Terminal, asked: "Filter") -> None:
    """Show the mailouts until all are over, or until Ctrl-C, which ends the watching and nothing else."""
    from distributor.store.views import log

    with Live(terminal) as shown:
        try:
            while True:
                with terminal.system.store.read() as connection:
                    mailouts = log.under_way(connection, asked)
                shown.show(mailouts)
                if over(mailouts) or terminal.unread:
                    return
                time.sleep(EVERY)
        except KeyboardInterrupt:
            return


def over(mailouts: Mailouts) -> bool:
    """True when there are mailouts and all have ended."""
    return bool(mailouts) and all(one["state"] in ("finished", "cancelled") for one in mailouts)


def name(mailout: Mapping[str, Any]) -> str:
    """ "advance agencies", "release"."""
    return f"{mailout['kind']} {mailout['wave']}".strip()


def _line(mailout: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{number} {state}" for state, number in mailout["counts"].items())
    return f"{name(mailout)} {mailout['state']}" + (f": {counts}" if counts else "")


def _table(mailouts: Mailouts) -> RenderableType:
    others = sorted({state for one in mailouts for state in one["counts"]} - set(_ALWAYS))
    states = (*_ALWAYS, *others)
    lines = [
        [name(one), one["state"], *(str(one["counts"].get(state, "·")) for state in states)]
        for one in mailouts
    ]
    return tables.drawn_table(["mailout", "state", *(f">{state}" for state in states)], lines)
