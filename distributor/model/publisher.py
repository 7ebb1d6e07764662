"""Who a release comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Publisher:
    """`address` is the press address mails come from; `base_url` the web's, without a final slash, or ""."""

    id: str
    name: str
    address: str
    reply_to: str = ""
    unsubscribe_mailbox: str = ""
    postal_address: str = ""
    privacy_url: str = ""
    base_url: str = ""
    bounce_domain: str = ""
    language: str = "en"
    copy_to: tuple[str, ...] = ()
    test_addresses: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]
