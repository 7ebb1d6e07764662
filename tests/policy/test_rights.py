"""Which role may do what: the whole matrix, and no command without a rule.

Planted bugs that these tests caught: `any` for `all` in `may` (an author could `release send`); a verb that
is not in the table allowed to everybody; a command without a rule.
"""

import pytest

from distributor.model.officer import Role
from distributor.policy import rights
from tests.test_docs_commands import commands

#: author, approver, list keeper, operator, reader
MATRIX = {
    # looking at texts
    "release list": "AP..R",
    "release show": "AP..R",
    "release preview": "AP..R",
    # following, without texts
    "release audience": "APLOR",
    "release plan": "APLOR",
    "release report": "APLOR",
    "release unreached": "APLOR",
    "todo": "APLOR",
    "log": "APLOR",
    "log verify": "APLOR",
    "doubt list": "APLOR",
    "contacts show": "APLOR",
    "contacts why": "APLOR",
    "lists show": "APLOR",
    "officers list": "APLOR",
    # anyone who acts may stop
    "release hold": "APLO.",
    # editors
    "release add": "AP...",
    "release test": "AP...",
    "release resume": "AP...",
    "release cancel": "AP...",
    "release withdraw": "AP...",
    "release embargo": "AP...",
    "release copy": "AP...",
    "release unreached told": "AP...",
    # what lets text out, or out earlier
    "release approve": ".P...",
    "release send": ".P...",
    "release lift": ".P...",
    "release correct": ".P...",
    "release embargo earlier": ".P...",
    # doubt
    "doubt resend": "AP.O.",
    "doubt settle": "AP.O.",
    # contacts and lists
    "contacts suppress": "APL..",
    "contacts unsuppress": "..L..",
    "contacts grant": ".PL..",
    "contacts suspend": ".PL..",
    "contacts reinstate": ".PL..",
    "contacts export": ".PL..",
    "lists sync": "..L..",
    "lists export": ".PL..",
    # the office and the machine
    "officers add": "...O.",
    "officers role": "...O.",
    "officers remove": "...O.",
    "check": "...O.",
    "db backup": "...O.",
    # what nobody wrote down
    "release burn": ".....",
    "": ".....",
}
ROLES = dict(zip("APLOR", Role, strict=True))


@pytest.mark.parametrize("verb", MATRIX)
def test_matrix(verb: str) -> None:
    allowed = "".join(letter if rights.may([role], verb) else "." for letter, role in ROLES.items())
    assert allowed == MATRIX[verb]


def test_an_author_who_approves_too_may_send() -> None:
    """`release send` is adding and approving: it takes what both take, of whichever roles."""
    assert rights.may([Role.AUTHOR, Role.APPROVER], "release send")
    assert not rights.may([Role.AUTHOR, Role.READER], "release send")


def test_no_role_may_nothing() -> None:
    assert not any(rights.may([], verb) for verb in MATRIX)


def test_every_command_has_a_rule() -> None:
    """A new command says who may: without it, no officer could."""
    assert [command for command in commands() if not rights.known(command)] == []


def test_who_is_needed_is_told_in_the_order_of_roles() -> None:
    assert rights.needed("doubt settle") == (Role.AUTHOR, Role.APPROVER, Role.OPERATOR)
    assert rights.needed("release send") == (Role.APPROVER,)
