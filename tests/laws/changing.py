"""What the laws on changes are proved with: an officer's verbs in this process, and who a notice went to."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from distributor.mail.render import Renderer
from distributor.model.address import Address
from distributor.model.embargo import Embargo
from distributor.model.publisher import Publisher
from distributor.model.rules import Rules
from distributor.office import correct, embargo, silence, withdraw
from distributor.office.notices import House
from distributor.store import rows
from distributor.store.database import Store
from tests.house import REFERENCE
from tests.world import PUBLISHER

d, m = rows.delivery.c, rows.mailout.c
_SHIPPED = Renderer([])


def house_of(built: Any) -> House:
    """The office of a built system."""
    return built.house


def world_house() -> House:
    """An office for `world.World`."""
    publisher = Publisher(id=PUBLISHER, name="Press Office", address="press@example.org")
    return House(Rules(), publisher, str, lambda: _SHIPPED)


def move(built: Any, to: Any, **said: Any) -> embargo.Changed:
    return _verb(embargo.move, built, embargo=Embargo(instant=to), **said)


def lift(built: Any, **said: Any) -> embargo.Changed:
    return _verb(embargo.lift, built, **said)


def rectify(built: Any, **said: Any) -> correct.Corrected:
    return _verb(correct.correct, built, **said)


def kill(built: Any, **said: Any) -> withdraw.Withdrawn:
    return _verb(withdraw.withdraw, built, **said)


def unsubscribe(built: Any, address: str) -> None:
    """She leaves, by the link in her mail."""
    silence.unsubscribe(
        built.store,
        now=built.now(),
        publisher_id=built.publisher.id,
        address=Address.parse(address),
        reason="the link in a mail",
        pseudonym=built.tokens.pseudonym,
    )


def _verb(verb: Callable[..., Any], built: Any, **said: Any) -> Any:
    place = {"actor": "officer", "now": built.now(), "reference": REFERENCE, "house": house_of(built)}
    return verb(built.store, **place, **said)


def told(store: Store, *, kind: str) -> dict[str, str]:
    """The state of each address's delivery in the newest notice of this kind."""
    with store.read() as connection:
        found = connection.execute(
            select(d.address, d.state)
            .join(rows.mailout, m.id == d.mailout_id)
            .where(m.kind == kind)
            .order_by(d.id)
        )
        return {row.address: row.state for row in found}
