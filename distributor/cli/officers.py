"""`officers add invite list role remove`: who acts for the office under her own name, and in which roles."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from distributor.cli.terminal import Terminal
from distributor.errors import Refused

if TYPE_CHECKING:
    from distributor.model.officer import Officer, Role

app = typer.Typer(help="Who acts for the office, and what each may do.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Her login, such as ada.example.")]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="A,B",
        help="author, approver, list keeper, operator, reader; several by commas or by repeating it.",
    ),
]


@app.command()
def add(
    context: typer.Context,
    name: Name,
    role: Roles = None,
    display: Annotated[str, typer.Option("--name", metavar="TEXT", help="What people call her.")] = "",
    address: Annotated[
        str, typer.Option("--address", metavar="ADDRESS", help="Where alerts reach her.")
    ] = "",
) -> None:
    """A new officer. From the first one on, --as takes officers only.

    Example: distributor officers add ada --role author,approver --name "Ada Example"
    """
    from distributor.office import officers

    terminal: Terminal = context.obj
    system = terminal.system
    officer = officers.add(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        publisher_id=system.publisher.id,
        name=name,
        roles=_roles(role),
        display=display,
        address=address,
    )
    text = f"{officer.name} is an officer: {_named(officer)}."
    if _known_elsewhere(terminal, officer.name):
        _say(terminal, officer, f"{text} She signs in as at the other publisher.")
    else:
        _invite(terminal, officer, text)


def _known_elsewhere(terminal: Terminal, name: str) -> bool:
    """Whether she has a password as an officer of another publisher: a name is one person."""
    from distributor.store import credentials, officers

    here = {"publisher_id": terminal.system.publisher.id, "name": name}
    with terminal.system.store.read() as connection:
        password = credentials.read(connection, **here).password
        return password is not None and bool(officers.elsewhere(connection, **here))


@app.command()
def invite(
    context: typer.Context,
    name: Name,
    drop: Annotated[
        bool, typer.Option("--drop-code", help="With it her authenticator is forgotten, too.")
    ] = False,
) -> None:
    """A one-time link by which she sets a password for the console, also when she has forgotten hers.

    Example: distributor officers invite ada
    """
    from distributor.store import officers

    terminal: Terminal = context.obj
    system = terminal.system
    with system.store.read() as connection:
        officer = officers.find(connection, publisher_id=system.publisher.id, name=name.strip().lower())
    _invite(terminal, officer, "The link before it, if there was one, is over.", name=name, drop=drop)


@app.command("list")
def listing(
    context: typer.Context,
    removed: Annotated[bool, typer.Option("--all", help="Also who was removed.")] = False,
) -> None:
    """The officers and their roles.

    Example: distributor officers list
    """
    from distributor.cli import tables
    from distributor.store import officers

    terminal: Terminal = context.obj
    system = terminal.system
    with system.store.read() as connection:
        found = officers.everybody(connection, publisher_id=system.publisher.id, removed=removed)

    def human(out: Console) -> None:
        if not found:
            tables.hint(out, "No officer yet: distributor officers add NAME --role author,approver")
            return
        lines = [(one.name, one.display, one.address, _named(one), _state(one)) for one in found]
        tables.table(out, ["name", "who", "address", "roles", ""], lines)

    terminal.show([_document(one) for one in found], human)


@app.command()
def role(context: typer.Context, name: Name, role: Roles = None) -> None:
    """She has exactly these roles from now on.

    Example: distributor officers role ada --role approver --role "list keeper"
    """
    from distributor.office import officers

    terminal: Terminal = context.obj
    system = terminal.system
    officer = officers.set_roles(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        publisher_id=system.publisher.id,
        name=name,
        roles=_roles(role),
    )
    _say(terminal, officer, f"{officer.name} is {_named(officer)} now.")


@app.command()
def remove(context: typer.Context, name: Name) -> None:
    """She may do nothing more. What she did stays in the log under her name.

    Example: distributor officers remove ada
    """
    from distributor.office import officers

    terminal: Terminal = context.obj
    system = terminal.system
    officer = officers.remove(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        publisher_id=system.publisher.id,
        name=name,
    )
    _say(terminal, officer, f"{officer.name} is no officer any more.")


def _invite(
    terminal: Terminal, officer: "Officer | None", text: str, *, name: str = "", drop: bool = False
) -> None:
    """Say `text` and a new link. Raises NotFound when there is no such officer."""
    from distributor.cli import links, tables
    from distributor.office import invite

    system = terminal.system
    invited = invite.invite(
        system.store,
        actor=terminal.actor,
        now=system.now(),
        publisher_id=system.publisher.id,
        name=officer.name if officer else name,
        drops_code=drop,
    )
    assert officer is not None  # else she was not found
    link = links.join(terminal, invited.token)

    def human(out: Console) -> None:
        out.print(text)
        tables.hint(out, f"Her password for the console, once and within a day: {link}")

    terminal.show(_document(officer) | {"invitation": link, "invitation_ends": invited.ends_at}, human)


def _roles(said: list[str] | None) -> "frozenset[Role]":
    words = [" ".join(part.lower().replace("-", " ").replace("_", " ").split()) for part in _parts(said)]
    return frozenset(_role(word) for word in words if word)


def _parts(said: list[str] | None) -> list[str]:
    return [part for text in said or () for part in text.split(",")]


def _role(word: str) -> "Role":
    from distributor.model.officer import Role

    try:
        return Role(word)
    except ValueError:
        raise Refused(
            f"there is no role “{word[:40]}”", where="--role", cure=f"Roles are {', '.join(Role)}."
        ) from None


def _named(officer: "Officer") -> str:
    from distributor.model.officer import Role

    return ", ".join(role.value for role in Role if role in officer.roles)


def _state(officer: "Officer") -> str:
    return f"removed by {officer.removed_by}" if officer.removed_at else ""


def _document(officer: "Officer") -> dict[str, Any]:
    from distributor.model.officer import Role

    facts = ("name", "display", "address", "created_at", "created_by", "removed_at", "removed_by")
    return {name: getattr(officer, name) for name in facts} | {
        "roles": [role.value for role in Role if role in officer.roles]
    }


def _say(terminal: Terminal, officer: "Officer", text: str) -> None:
    terminal.show(_document(officer), lambda out: out.print(text))
