"""What may be done with a contact from her page: the verbs of `contacts` on the command line, by a form.

`CHECKS` are for those that cannot always be done, before a form is shown.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from distributor.errors import Refused
from distributor.model.address import Address
from distributor.office import access, silence
from distributor.office.access import Case
from distributor.policy.access import end, not_suspended, nothing_granted, suspended
from distributor.store.views.contacts import Card
from distributor.system import System
from distributor.web.rules import Form

Act = Callable[[System, Card, Form, str], object]


def _case(system: System, card: Card, actor: str, *, outlet: str = "") -> Case:
    return Case(
        actor=actor,
        now=system.now(),
        publisher_id=system.publisher.id,
        pseudonym=system.tokens.pseudonym,
        address="" if outlet else card.address,
        outlet=outlet,
    )


def _whose(card: Card, form: Form) -> str:
    """Her outlet when all of it is meant, else "". Raises Refused without one."""
    if not form.text("whole"):
        return ""
    outlet = card.contact.person.outlet if card.contact else ""
    if not outlet:
        raise Refused("this contact has no outlet", where=card.address)
    return outlet


def _until(system: System, form: Form, name: str) -> datetime | None:
    said = form.text(name)
    zone = system.rules.timezone
    return end(said, now=system.now(), timezone=zone, where="Until") if said else None


def _day(system: System, text: str) -> date:
    if not text:
        return system.now().astimezone(ZoneInfo(system.rules.timezone)).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"“{text[:40]}” is no day", cure="Write it as 2030-03-04.") from None


def _grant(system: System, card: Card, form: Form, actor: str) -> object:
    said = {name: form.text(name) for name in ("tier", "criterion", "terms")}
    accepted, until = _day(system, form.text("accepted")), _until(system, form, "until")
    return access.grant(system.store, _case(system, card, actor), accepted=accepted, until=until, **said)


def _revoke(system: System, card: Card, form: Form, actor: str) -> object:
    access.revoke(system.store, _case(system, card, actor), reason=form.text("reason"))
    return None


def _suspend(system: System, card: Card, form: Form, actor: str) -> object:
    until = _until(system, form, "until")
    if until is None:
        raise Refused("until when is not said", cure="Write 90d or a day such as 2030-06-30.")
    case = _case(system, card, actor, outlet=_whose(card, form))
    strike = form.text("reference") or None
    return access.suspend(system.store, case, until=until, reason=form.text("reason"), strike_of=strike)


def _reinstate(system: System, card: Card, form: Form, actor: str) -> object:
    case = _case(system, card, actor, outlet=_whose(card, form))
    return access.reinstate(system.store, case, reason=form.text("reason"))


def _strike(system: System, card: Card, form: Form, actor: str) -> object:
    case = _case(system, card, actor, outlet=_whose(card, form))
    reference, reason, reply = (form.text(name) for name in ("reference", "reason", "reply"))
    if not (reason or reply):
        raise Refused("nothing is said", cure="Say what happened, or what was replied to it.")
    if reason:
        access.strike(system.store, case, reference=reference, reason=reason, expires_at=None)
    if reply:
        access.reply(system.store, case, reference=reference, text=reply)
    return None


def _silent(system: System, card: Card, form: Form, actor: str) -> dict[str, Any]:
    house = {"publisher_id": system.publisher.id, "pseudonym": system.tokens.pseudonym}
    return house | {
        "actor": actor,
        "now": system.now(),
        "address": card.address,
        "reason": form.text("reason"),
    }


def _suppress(system: System, card: Card, form: Form, actor: str) -> object:
    return silence.suppress(system.store, **_silent(system, card, form, actor))


def _unsuppress(system: System, card: Card, form: Form, actor: str) -> object:
    return silence.unsuppress(system.store, **_silent(system, card, form, actor))


def _revocable(_: System, card: Card) -> None:
    if card.access is None or card.access.now is None or card.access.now.ended_at is not None:
        raise nothing_granted(where=card.address)


def _suspended(system: System, card: Card) -> None:
    """Herself, or her whole outlet."""
    if card.access is None or suspended(card.access.suspensions, now=system.now()) is None:
        raise not_suspended(where=card.address)


def _suppressed(system: System, card: Card) -> None:
    address = Address.parse(card.address)
    with system.store.read() as connection:
        silence.check_unsuppress(connection, address, publisher_id=system.publisher.id)


#: What raises NotFound or Refused where the verb would, whatever its form says.
CHECKS: dict[str, Callable[[System, Card], None]] = {
    "revoke": _revocable,
    "reinstate": _suspended,
    "unsuppress": _suppressed,
}

ACTS: dict[str, Act] = {
    "grant": _grant,
    "revoke": _revoke,
    "suspend": _suspend,
    "reinstate": _reinstate,
    "strike": _strike,
    "suppress": _suppress,
    "unsuppress": _unsuppress,
}
