"""`init`: config.toml, lists/ and templates/, ready to edit. Asks on a terminal, or takes flags.

Nothing that exists is overwritten, and nothing at all is written before every answer is good. The database
is made at first use.
"""

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from distributor.cli.presets import PRESETS
from distributor.cli.skeleton import Answers, config_text, unit_text
from distributor.cli.terminal import Terminal
from distributor.errors import ConfigError, Refused
from distributor.resources import copy_lists, shipped

_RELAYS = (*PRESETS, "none")
_DEFAULTS = {
    "name": "Press Office",
    "sender": "press@example.org",
    "relay": "none",
    "zone": "Europe/Brussels",
    "language": "en",
}
_QUESTIONS = {
    "name": "Name of the press office",
    "sender": "Address that releases come from",
    "relay": f"Mail relay ({', '.join(_RELAYS)})",
    "zone": "Time zone of the office",
    "language": "Language of the office",
}


def command(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where; it may hold other files.")] = Path(),
    name: Annotated[str | None, typer.Option(help=_QUESTIONS["name"] + ".")] = None,
    sender: Annotated[str | None, typer.Option(help=_QUESTIONS["sender"] + ".")] = None,
    relay: Annotated[str | None, typer.Option(help=_QUESTIONS["relay"] + ".")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone, as in Europe/Brussels.")] = None,
    language: Annotated[str | None, typer.Option(help="Language, two letters.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take the defaults for what is not given.")] = False,
    systemd: Annotated[bool, typer.Option("--systemd", help="Also write distributor.service.")] = False,
) -> None:
    """Write config.toml, lists/ and templates/, ready to edit.

    Example: distributor init --name "Greens" --sender press@example.org --relay postfix
    """
    terminal: Terminal = context.obj
    given = {"name": name, "sender": sender, "relay": relay, "zone": zone, "language": language}
    folder = folder.absolute()
    _refuse_occupied(folder, unit_only=systemd)
    written: list[str] = []
    kept: list[str] = []
    if not (folder / "config.toml").exists():
        text = _good(_answers(given, yes=yes), folder / "config.toml")
        written, kept = _write(folder, text)
    if systemd:
        _write_new(folder / "distributor.service", unit_text(folder))
        written.append("distributor.service")
    _show(terminal, folder, written=written, kept=kept)


def _refuse_occupied(folder: Path, *, unit_only: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise Refused("is not a folder", where=str(folder), cure="Name another one.")
    own = "distributor.service" if unit_only else "config.toml"
    if (folder / own).exists():
        raise Refused(
            "exists already, and is not overwritten",
            where=str(folder / own),
            cure="Edit it, or move it away.",
        )


def _answers(given: dict[str, str | None], *, yes: bool) -> Answers:
    missing = [key for key, value in given.items() if value is None]
    if missing and not yes and not sys.stdin.isatty():
        flags = " ".join(f"--{key}" for key in missing)
        raise Refused("init has questions, and this is no terminal", cure=f"Say --yes, or give {flags}.")
    ask = _default if yes else _asked
    return Answers(
        **{key: (value if value is not None else ask(key)).strip() for key, value in given.items()}
    )


def _default(key: str) -> str:
    return _DEFAULTS[key]


def _asked(key: str) -> str:
    return str(typer.prompt(_QUESTIONS[key], default=_DEFAULTS[key], err=True))


def _good(answers: Answers, file: Path) -> str:
    """The text of config.toml. Raises Refused when an answer is wrong, before anything is written."""
    from distributor.config import parse

    if answers.relay not in _RELAYS:
        known = ", ".join(_RELAYS)
        raise Refused(
            f"“{answers.relay}” is no relay known here", where="--relay", cure=f"Take one of {known}."
        )
    if not answers.name or not answers.sender:
        raise Refused("name and sender must not be empty", where="init", cure="Nothing was written.")
    text = config_text(answers)
    try:
        parse(text, file=file)
    except ConfigError as error:
        raise Refused(error.what, where="init", cure="Nothing was written; try again.") from None
    return text


def _write(folder: Path, config: str) -> tuple[list[str], list[str]]:
    """What was written, and what was there before and was kept. config.toml comes last: it marks success."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    kept: list[str] = []
    for name, fill in (("lists", copy_lists), ("templates", _fill_templates)):
        (written if _place(folder / name, fill) else kept).append(f"{name}/")
    example = folder / "config.example.toml"
    if example.exists():
        kept.append(example.name)
    else:
        _write_new(example, shipped(example.name).read_text("utf-8"))
        written.append(example.name)
    _write_new(folder / "config.toml", config)
    return ["config.toml", *written], kept


def _place(target: Path, fill: Callable[[Path], None]) -> bool:
    """Make the folder whole or not at all; False when there is one with something in it."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        return False
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as temporary:
        making = Path(temporary) / target.name
        making.mkdir()
        fill(making)
        making.rename(target)
    return True


def _fill_templates(target: Path) -> None:
    source = shipped("templates")
    shutil.copy(source / "README.md", target)
    (target / "email").mkdir()
    shutil.copy(source / "email" / "brand.j2", target / "email")
    for name in ("email", "web"):
        shutil.copytree(source / name, target / "originals" / name)


def _write_new(file: Path, text: str) -> None:
    """Write the file whole, or refuse when it has come into being meanwhile."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".new-", encoding="utf-8") as temporary:
        temporary.write(text)
        temporary.flush()
        os.fsync(temporary.fileno())
        Path(temporary.name).chmod(0o640)
        try:
            os.link(temporary.name, file)
        except FileExistsError:
            raise Refused("exists already", where=str(file), cure="It was not overwritten.") from None


def _show(terminal: Terminal, folder: Path, *, written: list[str], kept: list[str]) -> None:
    document = {"folder": str(folder), "written": written, "kept": kept}

    def human(out: Console) -> None:
        for name in written:
            out.print(f"wrote  {folder / name}")
        for name in kept:
            out.print(f"kept   {folder / name} (it was there)")
        out.print(_next_steps(folder), soft_wrap=True)

    terminal.show(document, human)


def _next_steps(folder: Path) -> str:
    if (folder / "distributor.service").exists():
        return (
            "Next: useradd --system distributor; chown -R distributor FOLDER; copy distributor.service to "
            "/etc/systemd/system/; systemctl enable --now distributor"
        ).replace("FOLDER", shlex.quote(str(folder)))
    here = "" if folder == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    return f"Next: edit config.toml and lists/, then: {here}distributor check"
