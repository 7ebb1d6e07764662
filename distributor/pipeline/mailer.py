"""What hands messages over, as the sender sees it: a pool of SMTP sessions, or a folder."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from distributor.model.message import Load, Message, Reply
from distributor.wire.ration import Ration


class Mailer(Protocol):
    """A pool of SMTP sessions, or a folder."""

    @property
    def unavailable_reason(self) -> str | None:
        """Why nothing can be handed over, or None; as it was when last tried. No recipient is in it."""

    @property
    def health(self) -> Mapping[str, str | None]:
        """By relay why it fails, None where it works; those of which nothing is known are not in it."""

    @property
    def refusals(self) -> int:
        """How often we were refused for good, while every relay does so; else 0. It only grows."""

    @property
    def rations(self) -> Sequence[Ration]:
        """To be filled: of the relays to be used now, those that have limits."""

    @property
    def unused(self) -> Sequence[Ration]:
        """The rations of which something is left."""

    @property
    def room(self) -> int | None:
        """How many more messages may be begun now, by the relays' limits; None: any number."""

    async def mend(self) -> None: ...
    async def carry(self, load: Load) -> None: ...
    async def hand_over(self, message: Message, *, may_write: Callable[[], bool]) -> Reply: ...
    async def warm(self) -> int: ...
    async def close(self) -> None: ...
    def drop(self) -> None: ...
