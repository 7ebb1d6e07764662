"""What a System is put together from, as Config has it: rules, publishers, relays, keys, the secret."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from distributor.config import Alerts, Config
from distributor.errors import ConfigError
from distributor.mail import signingkey
from distributor.mail.signingkey import Key
from distributor.model.pacing import Limits
from distributor.model.publisher import Publisher
from distributor.model.relay import RelayAddress
from distributor.model.rules import Rules, Tolerance
from distributor.pipeline import alerts
from distributor.policy.pacing import pace


def rules_of(config: Config) -> Rules:
    """The house rules."""
    schedule, sending = config.schedule, config.sending
    return Rules(
        timezone=schedule.timezone,
        show_zones=schedule.show_zones,
        cet_is_brussels=schedule.cet_is_brussels,
        late_limit_embargoed=schedule.late_limit_embargoed,
        late_limit=schedule.late_limit,
        prepare_ahead=schedule.prepare_ahead,
        min_advance_lead=schedule.min_advance_lead,
        undo=schedule.undo,
        expire_release=sending.expire_release,
        expire_notice=sending.expire_notice,
        after_crash=sending.after_crash,
        allow_recipients=sending.allow_recipients,
        tolerance=_tolerance(config.approval.audience_tolerance),
        approval_required=config.approval.required,
        four_eyes=config.approval.four_eyes,
        limits=tuple(
            Limits(name, config.relays[name].per_second, config.relays[name].daily)
            for name in first_relays(config)
        ),
        paces=tuple(pace(domain, section.per_second) for domain, section in config.pacing.items()),
    )


def first_relays(config: Config) -> list[str]:
    """The relays that are used while they work."""
    best = min((relay.priority for relay in config.relays.values()), default=0)
    return [name for name, relay in config.relays.items() if relay.priority == best]


def _tolerance(text: str) -> Tolerance:
    """ "5% or 20", "5%" or "20"."""
    parts = [part.strip() for part in text.split(" or ")]
    percent = next((float(part[:-1]) for part in parts if part.endswith("%")), 0.0)
    count = next((int(part) for part in parts if not part.endswith("%")), 0)
    return Tolerance(percent=percent, count=count)


def publishers_of(config: Config) -> list[Publisher]:
    """Whom releases come from; [publisher] is the first."""
    everywhere: dict[str, Any] = {
        "base_url": config.web.base_url.rstrip("/"),
        "bounce_domain": config.sending.bounce_domain,
    }
    others = (
        Publisher(id=id, **one.model_dump(exclude=_NO_SENDERS), **everywhere)
        for id, one in config.publishers.items()
    )
    return [Publisher(**config.publisher.model_dump(), **everywhere), *others]


_NO_SENDERS = {"lists", "templates", "alerts_to", "alerts_webhook"}


def alerts_house(config: Config, publisher: Publisher, rules: Rules) -> alerts.House:
    """Who is told what concerns this publisher."""
    told = told_of(config, publisher.id)
    return alerts.House(publisher, rules, told.to, webhook=bool(told.webhook))


def told_of(config: Config, publisher_id: str) -> Alerts:
    """[alerts] is the first one's."""
    own = config.publishers.get(publisher_id)
    return Alerts(to=own.alerts_to, webhook=own.alerts_webhook) if own else config.alerts


def signing_key(config: Config, selector: str) -> Key:
    """A key that signs mails. Raises ConfigError when its file will not do."""
    section = config.dkim[selector]
    domain = section.domain or config.publisher.address.rpartition("@")[2]
    return signingkey.read(config.path(section.key_file), selector=selector, domain=domain)


def relay_address(config: Config, name: str) -> RelayAddress:
    """A relay with its password read. Raises ConfigError when its file cannot be read."""
    relay = config.relays[name]
    return RelayAddress(
        name=name,
        host=relay.host,
        port=relay.port,
        tls=relay.tls,
        username=relay.username,
        password=_password(config, name),
        connections=relay.connections,
        rate=relay.per_second,
        daily=relay.daily,
        priority=relay.priority,
    )


def _password(config: Config, name: str) -> str:
    relay = config.relays[name]
    if relay.password_file is None:
        return relay.password
    path = config.path(relay.password_file)
    try:
        return path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot be read ({getattr(error, 'strerror', None) or 'not text'})",
            where=f"[relays.{name}] password_file {path}",
            cure="Name a file that holds the password and that this user may read.",
        ) from None


def secret(path: Path) -> bytes:
    """The installation's secret; made on first use, readable by its owner only. Two at once agree.

    Raises ConfigError.
    """
    try:
        if not path.exists():
            _make_secret(path)
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"the secret can be neither read nor made ({error.strerror})",
            where=str(path),
            cure="Give this user the right to read it and to write to its folder, or mend [web] secret_file.",
        ) from None
    if len(content) < 32:
        raise ConfigError(
            "is too short to be a secret",
            where=str(path),
            cure="Put the secret of your backup there; without it old unsubscribe links do not work.",
        )
    return content


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
