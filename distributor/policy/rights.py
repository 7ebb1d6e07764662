"""Which role may do what. A verb is named as on the command line (“release approve”); faces ask before it.

What is not in the table nobody may: a test asks it for every command and every route. Whether two must agree
is `policy.eyes`. Somebody at the machine itself (`cli:NAME`) has every right and is not looked up here.
"""

from collections.abc import Collection

from distributor.model.officer import Role

AUTHOR, APPROVER, READER = Role.AUTHOR, Role.APPROVER, Role.READER
LIST_KEEPER, OPERATOR = Role.LIST_KEEPER, Role.OPERATOR

#: Moves that stop or silence need whoever is at hand; those that let text out need who answers for it.
_EVERYBODY = frozenset(Role)
_TEXT = frozenset({AUTHOR, APPROVER, READER})
_EDITORS = frozenset({AUTHOR, APPROVER})
_STOPPING = frozenset({AUTHOR, APPROVER, LIST_KEEPER, OPERATOR})
_CONTACTS = frozenset({LIST_KEEPER})
_SILENCE = frozenset({LIST_KEEPER, AUTHOR, APPROVER})
_TRUST = frozenset({LIST_KEEPER, APPROVER})
_SETTLING = frozenset({AUTHOR, APPROVER, OPERATOR})
_FEEDBACK = frozenset({LIST_KEEPER, OPERATOR})
_MACHINE = frozenset({OPERATOR})
_APPROVING = frozenset({APPROVER})

_RULES: dict[frozenset[Role], str] = {
    _TEXT: "release list, release show, release preview",
    _EVERYBODY: """
        release audience, release plan, release report, release unreached, todo, log, log verify, doubt list,
        lists show, lists check, contacts show, contacts why, topics tree,
        topics check, topics suggest, officers list, feeds list, account
        """,
    _EDITORS: """
        release add, release test, release resume, release cancel, release withdraw, release embargo,
        release copy, release unreached told, feeds poll
        """,
    _APPROVING: "release approve, release lift, release correct, release embargo earlier",
    _STOPPING: "release hold",
    _SETTLING: "doubt resend, doubt settle",
    _SILENCE: "contacts suppress, contacts pause",
    _TRUST: """
        contacts grant, contacts revoke, contacts suspend, contacts reinstate, contacts strike,
        contacts export, lists export
        """,
    _CONTACTS: """
        contacts add, contacts edit, contacts unsuppress, contacts erase, lists sync, lists create, lists add,
        lists remove, lists import, lists undo, topics import
        """,
    _FEEDBACK: "feedback ingest, feedback poll",
    _MACHINE: """
        officers add, officers invite, officers role, officers remove, demo, init, check, run, worker,
        send-due, db upgrade, db backup
        """,
}

#: {verb: the roles that may}. "release embargo earlier" is decided within “release embargo”, "release
#: unreached told" within “release unreached”; “account” is what an officer does with her own sign-in.
RIGHTS: dict[str, frozenset[Role]] = {
    " ".join(verb.split()): roles for roles, verbs in _RULES.items() for verb in verbs.split(",")
}

#: Verbs that are several in one.
WHOLE: dict[str, tuple[str, ...]] = {"release send": ("release add", "release approve")}


def may(roles: Collection[Role], verb: str) -> bool:
    """True when one of `roles` may do `verb`. What is not known is not allowed."""
    return all(RIGHTS.get(part, frozenset()) & set(roles) for part in WHOLE.get(verb, (verb,)))


def needed(verb: str) -> tuple[Role, ...]:
    """The roles that may do `verb`, for people; of a verb that is several, those of its last part."""
    allowed = RIGHTS.get(WHOLE.get(verb, (verb,))[-1], frozenset())
    return tuple(role for role in Role if role in allowed)


def known(verb: str) -> bool:
    """True when the table has the verb."""
    return all(part in RIGHTS for part in WHOLE.get(verb, (verb,)))
