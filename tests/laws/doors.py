"""Every door through which a release may come out, with what it may show before the lift, and to whom.

`COMMANDS` and `ROUTES` are the rules; `test_law_1_doors` holds them against the command tree and the router,
so that whatever is new needs its rule here. A door of a kind is opened as its line says: several ways in one.

NOTHING    no word of the text: not on the terminal, not in a file, not in an answer
OFFICERS   the text, on the terminal or in files of the owner's own; only for roles that may read texts
ACCESS     no word of it on the terminal; mails with the text go out, to contacts with embargo access alone
COPY       a copy of the database, which holds everything: for its owner alone
ELSEWHERE  has an office of its own, with another release, and does not look at this one
"""

from dataclasses import dataclass

NOTHING, OFFICERS, ACCESS, COPY, ELSEWHERE = "nothing", "officers", "access", "copy", "elsewhere"


@dataclass(frozen=True)
class Door:
    """`ways`: command lines, one after the other. `service`: it runs until it is stopped.

    {ref} is a release under embargo of which the advance copies have gone, {draft} one that waits for
    approval; {own} and {mine} are the same for this door alone, {due} one whose advance copy nobody has sent.
    {n}: a number of its own.
    """

    rule: str
    ways: tuple[str, ...] = ()
    service: bool = False


def _door(rule: str, *ways: str, service: bool = False) -> Door:
    return Door(rule, ways, service)


_HER, _LATE, _WIRE = "t0@example.org", "t1@example.org", "wire@example.eu"

COMMANDS: dict[str, Door] = {
    "demo": _door(ELSEWHERE),
    "init": _door(NOTHING, "init another-{n} --yes"),
    "check": _door(NOTHING, "check"),
    # releases, for those who may read them
    "release add": _door(OFFICERS, "release add new.md --reference r-new-{n} --embargo {lift}"),
    "release send": _door(OFFICERS, "release send new.md --reference r-sent-{n} --embargo {lift} --yes"),
    "release list": _door(OFFICERS, "release list"),
    "release show": _door(OFFICERS, "release show {ref}", "release show {draft}"),
    "release preview": _door(OFFICERS, "release preview {ref} --out look"),
    # releases, without their text
    "release audience": _door(
        NOTHING,
        "release audience {ref}",
        "release audience {draft}",
        f"release audience {{mine}} --add new@example.org --exclude {_HER}",
    ),
    "release plan": _door(NOTHING, "release plan {ref}", "release plan {draft}"),
    "release approve": _door(NOTHING, "release approve {mine}"),
    "release hold": _door(NOTHING, "release hold {own} --reason wait"),
    "release resume": _door(NOTHING, "release hold {own} --reason wait", "release resume {own}"),
    "release cancel": _door(NOTHING, "release cancel {own} --yes"),
    "release embargo": _door(NOTHING, "release embargo {own} {later}"),
    "release lift": _door(NOTHING, "release lift {own} --yes", "release withdraw {own} --yes"),
    "release correct": _door(NOTHING, "release correct {own} right.md --yes"),
    "release withdraw": _door(NOTHING, "release withdraw {own} --yes"),
    "release unreached": _door(NOTHING, "release unreached {ref}"),
    "release report": _door(
        NOTHING,
        "release report {ref}",
        "release report {ref} --at {now} --out who.csv",
        "release report {draft}",
    ),
    "release copy": _door(
        ACCESS,
        f"contacts grant {_LATE} --tier agencies --criterion card --terms 1",
        f"release copy {{own}} {_LATE}",
        "send-due",
        f"contacts revoke {_LATE} --reason asked",
    ),
    "release test": _door(ACCESS, f"release test {{ref}} {_WIRE}"),
    "log": _door(NOTHING, "log", "log {ref}", "log {ref} --csv log.csv", "log verify"),
    "todo": _door(NOTHING, "todo"),
    "doubt list": _door(NOTHING, "doubt list --all"),
    "doubt settle": _door(NOTHING, "doubt settle {ref} --sent"),
    "doubt resend": _door(NOTHING, "doubt resend {ref}"),
    # contacts
    "lists sync": _door(NOTHING, "lists sync --yes"),
    "lists check": _door(NOTHING, "lists check"),
    "lists show": _door(NOTHING, "lists show", "lists show trade"),
    "lists export": _door(NOTHING, "lists export --dir exported-{n}"),
    "contacts show": _door(NOTHING, f"contacts show {_WIRE}"),
    "contacts why": _door(NOTHING, f"contacts why {_WIRE} {{ref}}", f"contacts why {_HER} {{ref}}"),
    "contacts suppress": _door(NOTHING, "contacts suppress gone-{n}@example.org --reason asked"),
    "contacts unsuppress": _door(
        NOTHING,
        "contacts suppress gone-{n}@example.org --reason asked",
        "contacts unsuppress gone-{n}@example.org --reason asked",
    ),
    "contacts grant": _door(NOTHING, f"contacts grant {_HER} --tier other --criterion card --terms 1"),
    "contacts revoke": _door(
        NOTHING,
        f"contacts grant {_HER} --tier other --criterion card --terms 1",
        f"contacts revoke {_HER} --reason asked",
    ),
    "contacts suspend": _door(NOTHING, f"contacts suspend {_HER} --until 90d --reason why --strike {{ref}}"),
    "contacts reinstate": _door(
        NOTHING,
        f"contacts suspend {_HER} --until 90d --reason why",
        f"contacts reinstate {_HER} --reason asked",
    ),
    "contacts strike": _door(NOTHING, f"contacts strike {{ref}} {_HER} --reason early"),
    "contacts export": _door(NOTHING, "contacts export --access --out access.csv"),
    "topics tree": _door(NOTHING, "topics tree"),
    "topics check": _door(NOTHING, "topics check"),
    # the office and the machine
    "officers add": _door(NOTHING, "officers add ada-{n} --role operator"),
    "officers invite": _door(NOTHING, "officers add ivy-{n} --role operator", "officers invite ivy-{n}"),
    "officers list": _door(NOTHING, "officers list --all"),
    "officers role": _door(
        NOTHING, "officers add eve-{n} --role operator", "officers role eve-{n} --role reader"
    ),
    "officers remove": _door(NOTHING, "officers add kim-{n} --role operator", "officers remove kim-{n}"),
    "run": _door(ACCESS, "run", service=True),
    "worker": _door(ACCESS, "worker", service=True),
    "send-due": _door(ACCESS, "log {due}", "send-due", "release embargo {due} {later}", "send-due"),
    "db upgrade": _door(NOTHING, "db upgrade"),
    "db backup": _door(COPY, "db backup copy-{n}.db"),
}

#: By method and path. All of /office is one door: without a session it leads to the login, known path or not.
ROUTES: dict[str, str] = {
    "GET /": NOTHING,
    "HEAD /": NOTHING,
    "GET /healthz": NOTHING,
    "HEAD /healthz": NOTHING,
    "GET /metrics": NOTHING,
    "HEAD /metrics": NOTHING,
    "GET /u/{token}": NOTHING,
    "HEAD /u/{token}": NOTHING,
    "POST /u/{token}": NOTHING,
    "GET /assets/console.css": NOTHING,
    "HEAD /assets/console.css": NOTHING,
    "GET /assets/console.js": NOTHING,
    "HEAD /assets/console.js": NOTHING,
}
OFFICE = "/office"


def of_route(method: str, path: str) -> str | None:
    """Its rule, or None."""
    inside = path == OFFICE or path.startswith((f"{OFFICE}/", f"{OFFICE}{{"))
    return NOTHING if inside else ROUTES.get(f"{method} {path}")
