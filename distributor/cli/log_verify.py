"""`log verify`: is the log as it was written, and do the deliveries follow from it?"""

import string
from typing import TYPE_CHECKING

from rich.console import Console

from distributor.cli.terminal import Terminal
from distributor.errors import Refused

if TYPE_CHECKING:
    from distributor.store.views.verify import Verdict

NAME = "verify"


def verify(terminal: Terminal, *, head: str | None) -> None:
    """Print the verdict. Raises Refused, after its findings, when there are any."""
    from distributor.cli.moments import count
    from distributor.store.views import verify as view

    system = terminal.system
    sought = _head(head) if head is not None else None
    with system.store.read() as connection, terminal.progress("log", total=view.size(connection)) as bar:
        verdict = view.verify(connection, head=sought, pseudonym=system.tokens.pseudonym, done=bar.advance)

    def human(out: Console) -> None:
        for finding in verdict.findings:
            out.print(f"{finding.where}: {finding.what}", soft_wrap=True)
        if verdict.number > len(verdict.findings):
            out.print(f"… and {verdict.number - len(verdict.findings)} more")
        _tell(out, verdict)

    terminal.show(verdict.document(), human)
    if not verdict.valid:
        raise Refused(
            f"it is not as it was written: {count(verdict.number, 'finding')}",
            where="log",
            cure="Keep the database as it is, and compare it with a backup.",
        )


def _tell(out: Console, verdict: "Verdict") -> None:
    from distributor.cli.moments import count
    from distributor.cli.tables import hint

    rows, chains = count(verdict.rows, "row"), count(verdict.chains, "chain")
    out.print(f"{rows} in {chains}, {count(verdict.deliveries, 'delivery', 'deliveries')}.")
    if not verdict.valid:
        return
    out.print("Each row follows from the one before, each delivery from its rows.")
    if verdict.head:
        out.print(f"Head: {verdict.head}", soft_wrap=True)
        hint(out, "Keep it elsewhere; later: distributor log verify --head HASH")
    if verdict.unsealed:
        waiting = count(verdict.unsealed, "row of a worker comes", "rows of workers come")
        hint(out, f"{waiting} under a later head, within a minute.")


def _head(text: str) -> str:
    head = text.strip().lower()
    if len(head) != 64 or not set(head) <= set(string.hexdigits):
        raise Refused("a head is 64 hexadecimal digits", where="--head", cure="Copy the whole of it.")
    return head
