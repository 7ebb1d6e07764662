"""What a command has of the terminal: the options accepted everywhere, the system, and ways to speak.

A typer command reaches it as `context.obj`. Results go to stdout (`show`), everything else to stderr.
Rich markup and emoji codes are off, so that a headline in brackets is printed as it stands; styles are
given as `style=` or `rich.text.Text`. When the reader goes away (“| head”) what is said is dropped, and the
work goes on. It decides nothing and knows no command.
"""

import codecs
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from distributor.errors import NotFound, Refused

if TYPE_CHECKING:
    from distributor.config import Config
    from distributor.system import System

WIDTH_OFF_A_TERMINAL = 200
PUBLISHER = "DISTRIBUTOR_PUBLISHER"  # for whom one works


class Terminal:
    """One run of the command line. Config and system are read when first asked for."""

    def __init__(
        self, *, config_file: Path | None = None, as_json: bool = False, officer: str | None = None
    ) -> None:
        self.config_file = config_file
        self.json = as_json
        self.officer = officer
        self.publisher: str | None = None  # named by --publisher
        self.for_all = False  # whatever the environment names
        self.unread = False  # somebody closed our output

    @cached_property
    def config(self) -> "Config":
        """The configuration. Raises ConfigError."""
        from distributor import config  # late: --help must not wait for pydantic

        return config.load(self.config_file)

    @property
    def installation(self) -> "Config":
        """The configuration of an office that is there. Raises ConfigError, also in an empty folder."""
        self.config.require()
        return self.config

    @cached_property
    def system(self) -> "System":
        """Everything built from the configuration, at work for one publisher; opens the database.

        For whom say --publisher and DISTRIBUTOR_PUBLISHER, else the first one. Raises NotFound.
        """
        from distributor import system  # late: --help must not wait for the database

        whole = system.build(self.installation)
        try:
            return whole if self.for_all else whole.of(self._named or whole.publisher.id)
        except NotFound as error:
            whole.store.close()
            where = "--publisher" if self.publisher else f"environment {PUBLISHER}"
            raise NotFound(error.what, where=where, cure=error.cure) from None

    @property
    def _named(self) -> str:
        """Whom the option names, or the environment. Where that is a section of the configuration, nobody."""
        said = os.environ.get(PUBLISHER, "").strip()
        return self.publisher or ("" if said.startswith("{") else said)

    @property
    def lists(self) -> Path:
        """The folder of the list files of whom one works for; it needs no database. Raises NotFound."""
        named = self._named or self.config.publisher.id
        if named not in (self.config.publisher.id, *self.config.publishers):
            return self.system.lists  # which says what is wrong
        return self.config.lists_of(named)

    @property
    def actor(self) -> str:
        """Who acts: the officer named by --as, else the user of the machine as "cli:NAME"."""
        return self.officer or f"cli:{_user()}"

    def allow(self, verb: str) -> None:
        """Refuse what the officer named by --as may not do; from here on `actor` is her own name.

        Raises NotFound when there are officers and she is none, Refused.
        """
        from distributor.office import officers  # late, as above

        if self.officer is not None:
            publisher = self.system.publisher.id
            self.officer = officers.acting(
                self.system.store, publisher_id=publisher, name=self.officer, verb=verb
            )

    def tell_of_copy(self) -> None:
        """What was said to go does not while this database is an unconfirmed copy."""
        from distributor.store import installation  # late, as above

        with self.system.store.read() as connection:
            reason = installation.copied(connection)
        if reason is not None:
            answer = "If this one sends from now on: distributor check --confirm-copy"
            self.note(f"Nothing is sent from here: {reason}. {answer}", style="yellow")

    @cached_property
    def out(self) -> Console:
        return _console(self, sys.stdout)

    @cached_property
    def err(self) -> Console:
        return _console(self, sys.stderr)

    def show(self, document: Any, human: Callable[[Console], None]) -> None:
        """The result: one JSON document with --json, else what `human` prints. Once per command."""
        if self.json:
            self._print(json.dumps(document, indent=2, ensure_ascii=not writes_utf8(), default=_plain))
        else:
            human(self.out)

    def _print(self, text: str) -> None:
        try:
            print(text, flush=True)
        except BrokenPipeError:
            self.nobody_reads(sys.stdout)

    def nobody_reads(self, stream: IO[str]) -> None:
        """Drop what is said to `stream` from now on, also at exit."""
        self.unread = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)

    def note(self, text: str, *, style: str = "") -> None:
        """A remark on stderr; also with --json."""
        self.err.print(text, style=style, soft_wrap=True)

    def ask(self, question: str, *, yes: bool = False) -> bool:
        """Whether the person agrees; `yes` answers for her. Off a terminal raises Refused: needs --yes."""
        if yes:
            return True
        if not sys.stdin.isatty():
            raise Refused(f"this needs an answer: {question}", cure="Say --yes to agree without a terminal.")
        import typer

        return typer.confirm(question, err=True)

    @contextmanager
    def progress(self, description: str, *, total: int | None = None) -> Iterator["Bar"]:
        """A progress bar on stderr for the block; silent with --json or off a terminal."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        silent = self.json or not self.err.is_terminal
        with Progress(*columns, console=self.err, transient=True, disable=silent) as progress:
            yield Bar(progress, progress.add_task(description, total=total))

    def close(self) -> None:
        """Close the database, if it was opened."""
        if "system" in self.__dict__:
            self.system.store.close()


class Bar:
    """One progress bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self, count: int = 1) -> None:
        """`count` more are done."""
        self._progress.advance(self._task, count)

    def update(self, completed: int, *, total: int | None = None, description: str | None = None) -> None:
        """`completed` are done, of `total` when that has changed; `description` stands before the bar."""
        self._progress.update(self._task, completed=completed, total=total, description=description)


class _Console(Console):
    """rich's own ends the program when the reader goes away."""

    def __init__(self, terminal: Terminal, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._terminal = terminal

    def on_broken_pipe(self) -> None:
        self._terminal.nobody_reads(self.file)


def _console(terminal: Terminal, stream: TextIO) -> Console:
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH_OFF_A_TERMINAL
    look: dict[str, Any] = {"markup": False, "highlight": False, "emoji": False}
    return _Console(terminal, stderr=stream is sys.stderr, width=width, **look)


def writes_utf8() -> bool:
    """Whether stdout takes every character."""
    return codecs.lookup(sys.stdout.encoding or "ascii").name == "utf-8"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
