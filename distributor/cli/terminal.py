"""What a command has of the terminal: the options accepted everywhere, the system, and ways to speak.

A typer command reaches it as `context.obj`. Results go to stdout (`show`), everything else to stderr.
Rich markup and emoji codes are off, so that a headline in brackets is printed as it stands; styles are
given as `style=` or `rich.text.Text`. It decides nothing and knows no command.
"""

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from distributor.errors import Refused

if TYPE_CHECKING:
    from distributor.config import Config
    from distributor.system import System

WIDTH_OFF_A_TERMINAL = 200


class Terminal:
    """One run of the command line. Config and system are read when first asked for."""

    def __init__(
        self, *, config_file: Path | None = None, as_json: bool = False, officer: str | None = None
    ) -> None:
        self.config_file = config_file
        self.json = as_json
        self.officer = officer

    @cached_property
    def config(self) -> "Config":
        """The configuration. Raises ConfigError."""
        from distributor import config  # late: --help must not wait for pydantic

        return config.load(self.config_file)

    @cached_property
    def system(self) -> "System":
        """Everything built from the configuration; opens the database."""
        from distributor import system  # late: --help must not wait for the database

        return system.build(self.config)

    @property
    def actor(self) -> str:
        """Who acts: the officer named by --as, else the user of the machine as "cli:NAME"."""
        return self.officer or f"cli:{_user()}"

    @cached_property
    def out(self) -> Console:
        return _console(stderr=False)

    @cached_property
    def err(self) -> Console:
        return _console(stderr=True)

    def show(self, document: Any, human: Callable[[Console], None]) -> None:
        """The result: one JSON document with --json, else what `human` prints. Once per command."""
        if self.json:
            print(json.dumps(document, indent=2, ensure_ascii=False, default=_plain))
        else:
            human(self.out)

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

    def update(self, completed: int, *, total: int | None = None) -> None:
        """`completed` are done, of `total` when that has changed."""
        self._progress.update(self._task, completed=completed, total=total)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH_OFF_A_TERMINAL
    return Console(stderr=stderr, width=width, markup=False, highlight=False, emoji=False)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
