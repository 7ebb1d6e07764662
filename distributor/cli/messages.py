"""Message-IDs for what commands show: they are computed, not stored."""

from collections.abc import Callable

from distributor.system import System


def message_id(system: System) -> Callable[[int, str], str]:
    """The function of (mailout, address key) that gives a delivery's Message-ID."""
    tokens, domain = system.tokens, system.publisher.domain
    return lambda mailout_id, address_key: tokens.message_id(
        mailout_id=mailout_id, address_key=address_key, domain=domain
    )
