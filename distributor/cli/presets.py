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
        username="sender",
        hint="Allow “Authenticated SMTP” for the mailbox; 30 messages a minute, 10,000 recipients a day.",
    ),
    "google": Preset(
        title="Google Workspace relay",
        host="smtp-relay.gmail.com",
        port=587,
        tls="required",
        envelope="plus",
        username="sender",
        hint="Allow the relay under Apps › Gmail › Routing; the password is an app password.",
    ),
    "ses": Preset(
        title="Amazon SES",
        host="email-smtp.eu-west-1.amazonaws.com",
        port=587,
        tls="required",
        envelope="fixed",
        username="ask",
        hint="Set your region's host and the SMTP user name from the SES console; verify the domain there.",
    ),
}
