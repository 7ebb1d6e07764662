"""What is known about common relays: where they listen, and what they want.

`envelope`: Microsoft 365 and SES accept only the sender they know, so bounces come back to it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """A [relays.main] section. `username` "sender" is the sender's address, "ask" comes from the provider."""

    title: str
    host: str
    port: int
    tls: str
    envelope: str
    connections: int = 4
    rate: str = ""
    daily: int = 0
    username: str = ""
    hint: str = ""


PRESETS = {
    "postfix": Preset(
        title="Postfix on this machine",
        host="localhost",
        port=25,
        tls="none",
        envelope="plus",
        hint="Bounces come to press+ID@…: Postfix needs recipient_delimiter = + (Debian sets it).",
    ),
    "m365": Preset(
        title="Microsoft 365",
        host="smtp.office365.com",
        port=587,
        tls="required",
        envelope="fixed",
        connections=3,
        rate="30/m",
        daily=10_000,
        username="sender",
        hint="Allow “Authenticated SMTP” for the mailbox, and Basic authentication (off by default in 2027).",
    ),
    "google": Preset(
        title="Google Workspace relay",
        host="smtp-relay.gmail.com",
        port=587,
        tls="required",
        envelope="plus",
        daily=10_000,
        username="sender",
        hint="Allow the relay under Apps › Gmail › Routing; the password is an app password.",
    ),
    "ses": Preset(
        title="Amazon SES",
        host="email-smtp.eu-west-1.amazonaws.com",
        port=587,
        tls="required",
        envelope="fixed",
        rate="14/s",
        daily=50_000,
        username="ask",
        hint="Set host, SMTP user name, rate and daily as the SES console shows them; verify the domain.",
    ),
}
