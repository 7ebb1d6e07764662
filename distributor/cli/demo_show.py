"""What the demo shows: the steps, a live table of deliveries, and the summary."""

import shlex
from collections import Counter
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from distributor.cli import live, release_print, tables
from distributor.cli.moments import count, moment
from distributor.cli.terminal import Terminal

if TYPE_CHECKING:
    from distributor.office.approve import Approval

_SHOWN = 6  # recipients shown with their reasons


def step(terminal: Terminal, text: str) -> None:
    if not terminal.json:
        terminal.out.print(Text(f"\n▸ {text}", style="bold cyan"))


def lists(terminal: Terminal, synced: dict[str, Any]) -> None:
    members = count(synced["added"], "membership")
    step(terminal, f"{count(synced['lists'], 'list')} with {members} read from lists/")


def release(terminal: Terminal, shown: dict[str, Any], audience: dict[str, Any]) -> None:
    """The parsed release, and who gets it and why."""
    if terminal.json:
        return
    step(terminal, "The release, as it was read")
    release_print.release(terminal.out, shown, zone=terminal.system.rules.timezone)
    release_print.texts(terminal.out, shown)
    step(terminal, f"{count(len(audience['recipients']), 'message')} planned; the first, with the reasons")
    release_print.recipients(terminal.out, audience["recipients"][:_SHOWN])
    release_print.others(terminal.out, audience["excluded"])


def approved(terminal: Terminal, approval: "Approval", plan: dict[str, Any]) -> None:
    if terminal.json:
        return
    step(terminal, f"Approved: what was shown, {approval.hash[:12]}")
    release_print.plan(terminal.out, plan)


def log_of(terminal: Terminal, reference: str) -> dict[str, Any]:
    """The log of the release, as `log REF --json` prints it."""
    from distributor.cli.messages import message_id
    from distributor.store import releases
    from distributor.store.views import log

    system = terminal.system
    with system.store.read() as connection:
        found = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
        asked = log.Filter(publisher_id=system.publisher.id, release_id=found.id)
        named = message_id(system)
        return log.document(connection, reference=reference, asked=asked, message_id=named)


class Countdown:
    """A countdown and a table of deliveries that follow the log; off a terminal a line a change."""

    def __init__(self, terminal: Terminal, reference: str, *, lift: datetime) -> None:
        self._terminal, self._reference, self._lift = terminal, reference, lift
        self._live = live.Live(terminal, above=self._countdown)

    def __enter__(self) -> "Countdown":
        step(self._terminal, "Sending: advance copies now, the others at the instant")
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def finished(self) -> bool:
        """Look at the log, show it; True when every mailout is over."""
        mailouts = _mailouts(self._terminal, self._reference)
        self._live.show(mailouts)
        return live.over(mailouts)

    def _countdown(self) -> Text:
        left = (self._lift - datetime.now(UTC)).total_seconds()
        at = moment(self._lift, self._terminal.system.rules.timezone)
        if left > 0:
            return Text(f"embargoed until {at}: {left:4.1f} s", style="yellow")
        return Text(f"lifted at {at}", style="green")


def _mailouts(terminal: Terminal, reference: str) -> list[dict[str, Any]]:
    from distributor.store import releases
    from distributor.store.views import log

    system = terminal.system
    with system.store.read() as connection:
        found = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
        return log.under_way(connection, log.Filter(publisher_id=system.publisher.id, release_id=found.id))


def summary(out: Console, document: dict[str, Any]) -> None:
    """Per mailout, per list, early ones, and where everything is."""
    log = document["log"]
    out.print(Text("\n▸ What happened", style="bold cyan"))
    columns = ["mailout", ">sent", ">cancelled", ">other", ">first", ">last"]
    tables.table(out, columns, [_summed(mailout) for mailout in log["mailouts"]])
    out.print("First and last acceptance: milliseconds after the mailout's instant.", style="dim")
    out.print("Cancelled: the address had its advance copy.\n", style="dim")
    tables.table(out, ["list", ">recipients", ">had it"], _by_list(document))
    early = document["early"]
    out.print(
        f"\nBefore the instant: {early} messages that should not have come.",
        style="red" if early else "green",
    )
    folder = document["folder"]
    for what, where in (
        ("received mail", "inboxes/*.eml"),
        ("preview", "preview/*.html"),
        ("database", "distributor.db"),
        ("lists and configuration", "lists/, config.toml"),
    ):
        out.print(f"  {what:24} {folder}/{where}", soft_wrap=True)
    tables.hint(out, f"\nGo on: cd {shlex.quote(folder)} && distributor log {log['reference']}")


def _summed(mailout: dict[str, Any]) -> list[Any]:
    counts = Counter(mailout["counts"])
    sent, cancelled = counts.pop("sent", 0), counts.pop("cancelled", 0)
    times = [f"{mailout[key]} ms" if mailout[key] is not None else "–" for key in ("first_ms", "last_ms")]
    return [live.name(mailout), sent, cancelled, counts.total(), *times]


def _by_list(document: dict[str, Any]) -> list[list[Any]]:
    people: dict[str, set[str]] = {}
    for person in document["audience"]["recipients"]:
        for reason in person["reasons"]:
            people.setdefault(reason["list"] or "named in the release", set()).add(person["address"])
    had = {one["address"] for one in document["log"]["deliveries"] if one["state"] == "sent"}
    return [[name, len(some), len(some & had)] for name, some in sorted(people.items())]
