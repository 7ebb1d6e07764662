"""The texts that `init` writes: config.toml with what differs from the defaults and hints, a systemd unit."""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from distributor.cli.presets import PRESETS, Preset


@dataclass(frozen=True, slots=True)
class Answers:
    """What init asks. `relay` is a name of PRESETS or "none"."""

    name: str
    sender: str
    relay: str
    zone: str
    language: str


def config_text(answers: Answers) -> str:
    """config.toml for these answers."""
    return f"""\
# config.toml of distributor: what differs from the defaults. config.example.toml shows every key;
# “distributor check” says what is missing.

[publisher]
name = {_quoted(answers.name)}
address = {_quoted(answers.sender)}
unsubscribe_mailbox = {_quoted(answers.sender)}  # somebody must read it; better: [web] base_url as well
language = {_quoted(answers.language)}
# reply_to = "desk@example.org"  # else replies go to the release's first press contact
# postal_address = "Street 1, 1000 City"
# privacy_url = "https://www.example.org/privacy"
# test_addresses = ["colleague@example.org"]

[schedule]
timezone = {_quoted(answers.zone)}  # for times written without a zone
cet_is_brussels = true  # “CET” in summer is read as Brussels time, and said so

{_relay(answers)}
[web]
# base_url = "https://press.example.org"  # as journalists reach it: one-click unsubscribe needs it

[sending]
# allow_recipients = ["example.org"]  # a test system: nobody else gets mail
"""


def _relay(answers: Answers) -> str:
    if answers.relay == "none":
        return """\
# No relay yet: mail goes to the folder outbox/ as .eml. With one:
# [relays.main]
# host = "mail.example.org"
# username = "press@example.org"
# password_file = "relay.password"
"""
    preset = PRESETS[answers.relay]
    lines = [
        f"# {preset.title}. {preset.hint}",
        "[relays.main]",
        f"host = {_quoted(preset.host)}",
        f"port = {preset.port}",
        f"tls = {_quoted(preset.tls)}",
        *_login(preset, answers),
        f"connections = {preset.connections}",
        *([f"rate = {_quoted(preset.rate)}"] if preset.rate else []),
        *([f"daily = {preset.daily}"] if preset.daily else []),
        f"envelope = {_quoted(preset.envelope)}",
    ]
    return "\n".join(lines) + "\n"


def _login(preset: Preset, answers: Answers) -> list[str]:
    if not preset.username:
        return []
    known = preset.username == "sender"
    return [
        f"username = {_quoted(answers.sender)}" if known else 'username = "the SMTP user name"',
        'password_file = "relay.password"  # one line; readable by this user only (chmod 600)',
    ]


def _quoted(text: str) -> str:
    """A TOML basic string; control characters never come here."""
    return json.dumps(text, ensure_ascii=False)


def unit_text(folder: Path) -> str:
    """A systemd unit that may write to `folder` and nothing else."""
    command = " ".join(_word(word) for word in (*_program(), "run", "--config", str(folder / "config.toml")))
    return f"""\
[Unit]
Description=distributor: press releases to journalists
After=network-online.target time-sync.target
Wants=network-online.target

[Service]
User=distributor
ExecStart={command}
Restart=on-failure
RestartSec=5
TimeoutStopSec=30
UMask=0077
ProtectSystem=strict
ReadWritePaths={_word(str(folder))}
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
"""


def _program() -> tuple[str, ...]:
    found = shutil.which("distributor", path=str(Path(sys.executable).parent)) or shutil.which("distributor")
    return (found,) if found else (sys.executable, "-m", "distributor")


def _word(text: str) -> str:
    """One word of a unit file (systemd.syntax(7)): quoted, % and \\ and " escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if escaped != text or " " in text else text
