"""The tree of commands: which nouns there are, where each is written, and the options accepted everywhere.

`--config FILE`, `--json`, `--as OFFICER` and `--publisher ID` are options of every command at every level, so
they may stand anywhere; a value of another option, or what follows a bare `--`, is never taken for one of
them.
"""

import copy
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from distributor.errors import Refused
from distributor.model.headertext import one_line

_START, _RELEASES, _CONTACTS, _OFFICE = "Start here", "Releases", "Contacts", "The office"
_MACHINE = "The machine"
#: Commands of the machine, which need no database or no whole one: nobody acts in them under her own name.
_NOBODYS = frozenset({"demo", "init", "check", "run", "worker", "send-due", "db upgrade", "db backup"})
#: Commands after which something goes, or that say when: in a copy of a database nothing does.
_SENDING = frozenset(
    {"doubt resend"}
    | {f"release {verb}" for verb in ("add", "approve", "copy", "correct", "embargo", "hold", "lift")}
    | {f"release {verb}" for verb in ("plan", "resume", "send", "withdraw")}
)

# noun: (module of this package, what it exports, panel, help)
_NOUNS = {
    "demo": ("demo", "command", _START, "See the whole pipeline at work in a fresh folder."),
    "init": ("init", "command", _START, "Write config.toml, lists/ and templates/, ready to edit."),
    "check": ("check", "command", _START, "Check config, database, lists, templates, relay and clock."),
    "release": ("release", "app", _RELEASES, "Add, preview, approve, send, hold and follow releases."),
    "log": ("log", "command", _RELEASES, "What went to whom, and when."),
    "todo": ("todo", "command", _RELEASES, "What needs a person."),
    "doubt": ("doubt", "app", _RELEASES, "Deliveries whose relay's answer is not known."),
    "lists": ("lists", "app", _CONTACTS, "Lists of contacts: sync with files, show, export, check."),
    "contacts": ("contacts", "app", _CONTACTS, "One person: show, why, suppress; embargo access."),
    "topics": ("topics", "app", _CONTACTS, "The topic tree."),
    "officers": ("officers", "app", _OFFICE, "Who acts for the office, and what each may do."),
    "run": ("run", "run", _MACHINE, "The service: clock, senders and web."),
    "worker": ("run", "worker", _MACHINE, "A sender alone."),
    "send-due": ("run", "send_due", _MACHINE, "Do all that is due now, then exit (for cron)."),
    "db": ("db", "app", _MACHINE, "Upgrade or back up the database."),
}


class Nouns(TyperGroup):
    """Lists nouns without importing them; imports the one that is used."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (_, _, panel, text) in _NOUNS.items():
            self.add_command(TyperCommand(name, help=text, rich_help_panel=panel))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and _load(command.name or ""), rest


def root() -> TyperGroup:
    """The whole command line, callable with `args=` and `obj=Terminal`."""
    app = typer.Typer(cls=Nouns, add_completion=False, callback=_alone, invoke_without_command=True)
    group = typer.main.get_group(app)
    group.params += _everywhere(hidden=False)
    return group


def named(argv: Sequence[str]) -> str:
    """The command that a command line names, as far as it does: "distributor release send"."""
    words, known = ["distributor"], dict.fromkeys(_NOUNS)
    for word in argv:
        if word in known:
            words.append(word)
            below = getattr(_load(word), "commands", {}) if len(words) == 2 else {}
            known = dict.fromkeys(below)
    return " ".join(words)


@cache
def _load(name: str) -> Any:
    module, export, _, text = _NOUNS[name]
    exported = getattr(import_module(f"distributor.cli.{module}"), export)
    if isinstance(exported, typer.Typer):
        command: Any = typer.main.get_group(exported)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command(name)(exported)
        command = typer.main.get_command(alone)
    command.help = command.help or text
    return _with_everywhere(command, verb=name)


def _with_everywhere(command: Any, *, verb: str) -> Any:
    command.params += _everywhere(hidden=True)
    for name, below in getattr(command, "commands", {}).items():
        _with_everywhere(below, verb=f"{verb} {name}")
    if not hasattr(command, "commands"):
        guarded = _for_all if verb in _NOBODYS else _allowed
        command.invoke = guarded(command.invoke, verb=verb)
    return command


def _for_all(invoke: Callable[[Any], Any], *, verb: str) -> Callable[[Any], Any]:
    """Refuse a publisher where all of them are meant."""

    def asked(context: Any) -> Any:
        if context.obj.publisher is not None:
            raise Refused(f"“{verb}” is for all publishers", where="--publisher", cure="Leave it out.")
        context.obj.for_all = True
        return invoke(context)

    return asked


def _allowed(invoke: Callable[[Any], Any], *, verb: str) -> Callable[[Any], Any]:
    """Run the command after asking whether the officer who acts may do this; say when nothing can go."""

    def asked(context: Any) -> Any:
        context.obj.allow(verb)
        result = invoke(context)
        if verb in _SENDING:
            context.obj.tell_of_copy()
        return result

    return asked


def _everywhere(*, hidden: bool) -> list[Any]:
    """The options as parameters that set the Terminal's fields and are not passed to the command."""
    params = [copy.copy(param) for param in _made()]
    for param in params:
        param.hidden = hidden
    return params


@cache
def _made() -> list[Any]:
    app = typer.Typer(add_completion=False)
    app.command()(_options)
    return [param for param in typer.main.get_command(app).params if param.name != "help"]


def _config(context: typer.Context, value: Path | None) -> None:
    if value is not None:
        context.obj.config_file = value


def _json(context: typer.Context, value: bool) -> None:
    context.obj.json = context.obj.json or value


def _officer(context: typer.Context, value: str | None) -> None:
    if value is not None and not value.strip():
        raise Refused("--as names nobody", cure="Write --as and the officer's name.")
    context.obj.officer = one_line(value, where="--as") if value else context.obj.officer


def _publisher(context: typer.Context, value: str | None) -> None:
    if value is not None and not value.strip():
        raise Refused("--publisher names nobody", cure="Write --publisher and its id.")
    context.obj.publisher = one_line(value, where="--publisher") if value else context.obj.publisher


_CONFIG = typer.Option(
    "--config",
    metavar="FILE",
    help="Anywhere: another config.toml.",
    readable=False,  # loading says what is wrong with it, on one line
    callback=_config,
    expose_value=False,
)
_JSON = typer.Option("--json", help="Anywhere: one JSON document.", callback=_json, expose_value=False)
_AS = typer.Option(
    "--as", metavar="OFFICER", help="Anywhere: who acts.", callback=_officer, expose_value=False
)

_PUBLISHER = typer.Option(
    "--publisher",
    metavar="ID",
    help="Anywhere: for which publisher; else the first.",
    callback=_publisher,
    expose_value=False,
)


def _options(
    _file: Annotated[Path | None, _CONFIG] = None,
    _document: Annotated[bool, _JSON] = False,
    _actor: Annotated[str | None, _AS] = None,
    _whom: Annotated[str | None, _PUBLISHER] = None,
) -> None: ...


def _alone(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Press releases to journalists' inboxes: embargoed, matched by topic, sent once, proven.

    distributor init && distributor check && distributor release send statement.md
    """
    if version:
        number = metadata.version("distributor")
        context.obj.show({"version": number}, lambda out: out.print(f"distributor {number}", highlight=False))
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
