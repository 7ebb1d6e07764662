"""What the DNS says of a name: TXT records. It waits some seconds at most, and judges nothing."""

import dns.resolver
from dns.exception import DNSException


def texts(name: str, *, seconds: float) -> tuple[str, ...] | None:
    """The TXT records of `name`, each whole (RFC 6376 §3.6.2.2); None when nobody answers."""
    try:
        found = dns.resolver.get_default_resolver().resolve(name, "TXT", lifetime=seconds)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (DNSException, OSError):
        return None
    return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in found)
