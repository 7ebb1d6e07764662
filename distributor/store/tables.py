"""Every table. Only `store` reads this module; migrations must agree with it (a test compares them).

Instants are aware UTC (`columns.UTC`); states are checked against `policy.lifecycle`.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Date, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from distributor.model.contact import Standing
from distributor.policy.lifecycle import (
    DeliveryState,
    MailoutState,
    ReleaseState,
    RevisionState,
    ServiceMailState,
)
from distributor.store.columns import UTC, Json, Key, Span, one_of

#: The mailouts of which a revision has one of each kind and wave.
PLANNED_ONCE = "state <> 'cancelled' AND kind IN ('advance', 'release') AND NOT extra"


def key() -> Any:
    return Field(default=None, sa_column=Column(Key, primary_key=True))


def ref(target: str, *, nullable: bool = False, index: bool = False, primary: bool = False) -> Any:
    return Field(
        default=None,
        sa_column=Column(Key, ForeignKey(target), nullable=nullable, index=index, primary_key=primary),
    )


def instant(*, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(UTC, nullable=nullable))


def span(*, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Span, nullable=nullable))


def json(default: str = "[]") -> Any:
    return Field(sa_column=Column(Json, nullable=False, server_default=text(f"'{default}'")))


def long_text(*, nullable: bool = False) -> Any:
    default = None if nullable else ""
    return Field(default=default, sa_column=Column(Text, nullable=nullable))


def defaulted() -> Any:
    """Text of a column that came later: "" where nothing was said."""
    return Field(default="", sa_column=Column(Text, nullable=False, server_default=text("''")))


class Row(SQLModel):
    """A row is never made as an object: pydantic need not build what would check one, at each start."""

    model_config = {"defer_build": True}


class Installation(Row, table=True):
    """Facts about this database: its fingerprint, and whether it is a copy."""

    __tablename__ = "installation"
    name: str = Field(primary_key=True)
    value: str = long_text()


class Publisher(Row, table=True):
    """`first`: what the log says of nobody in particular, from before there were several, is hers."""

    __tablename__ = "publisher"
    id: str = Field(primary_key=True)
    name: str
    first: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})


class Officer(Row, table=True):
    """Who acts under a name of her own (`model.officer`). One who was removed keeps her row."""

    __tablename__ = "officer"
    __table_args__ = (UniqueConstraint("publisher_id", "name"),)
    id: int | None = key()
    publisher_id: str = Field(foreign_key="publisher.id")
    name: str
    display: str = ""
    address: str = ""
    roles: list[str] = json()
    created_at: datetime = instant(nullable=False)
    created_by: str
    removed_at: datetime | None = instant()
    removed_by: str | None = None


class Credential(Row, table=True):
    """How an officer proves to the console who she is; no row until she has set a password.

    `password` is an argon2id hash, `code` the sealed key of her authenticator, `code_offered` one that she
    has not confirmed yet, `code_step` the last period whose code was used.
    """

    __tablename__ = "credential"
    officer_id: int = ref("officer.id", primary=True)
    password: str = long_text()
    changed_at: datetime = instant(nullable=False)
    code: str | None = None
    code_offered: str | None = None
    code_step: int = Field(default=0, sa_column=Column(Key, nullable=False))


class Invitation(Row, table=True):
    """A one-time link to set a password, known by its token's hash. No officer: it makes the first one."""

    __tablename__ = "invitation"
    token_hash: str = Field(primary_key=True)
    publisher_id: str = Field(foreign_key="publisher.id")
    officer_id: int | None = ref("officer.id", nullable=True, index=True)
    drops_code: bool = False
    created_at: datetime = instant(nullable=False)
    created_by: str
    ends_at: datetime = instant(nullable=False)


class Session(Row, table=True):
    """A browser that is signed in, known by the hash of its cookie; at work for which publisher."""

    __tablename__ = "session"
    token_hash: str = Field(primary_key=True)
    officer_id: int = ref("officer.id", index=True)
    began_at: datetime = instant(nullable=False)
    ends_at: datetime = instant(nullable=False)
    publisher_id: str | None = None


class Device(Row, table=True):
    """A browser in which an officer has signed in before, known by the hash of its cookie."""

    __tablename__ = "device"
    token_hash: str = Field(primary_key=True)
    officer_id: int = ref("officer.id", index=True)
    ends_at: datetime = instant(nullable=False)


class Knock(Row, table=True):
    """Attempts to sign in that did not succeed, by the hash of who tried from where."""

    __tablename__ = "knock"
    key: str = Field(primary_key=True)
    failures: int
    last_at: datetime = instant(nullable=False)


class Topic(Row, table=True):
    """A node of the topic tree, as read from topics.toml."""

    __tablename__ = "topic"
    id: str = Field(primary_key=True)
    parent: str | None = Field(default=None)
    labels: dict[str, str] = json("{}")
    keywords: dict[str, list[str]] = json("{}")
    aliases: list[str] = json()
    eurovoc: str | None = None
    iptc: str | None = None
    ep: str | None = None


class ContactList(Row, table=True):
    """A list; its members are `membership` rows. `topics` ["*"] covers everything."""

    __tablename__ = "list"
    __table_args__ = (UniqueConstraint("publisher_id", "name"),)
    id: int | None = key()
    publisher_id: str = Field(foreign_key="publisher.id")
    name: str
    title: str = ""
    topics: list[str] = json()
    language: str | None = None
    embargo_access: str | None = None


class Contact(Row, table=True):
    """A person we may write to. `languages`, best first. Standing is the person's; files never raise it.

    `outlet_key`: the outlet folded for comparing, by which a whole outlet is suspended.
    """

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("publisher_id", "address_key"),
        one_of("standing", Standing, "contact"),
    )
    id: int | None = key()
    publisher_id: str = Field(foreign_key="publisher.id")
    address: str
    address_key: str
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    outlet: str = ""
    outlet_key: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    medium: str = ""
    role: str = ""
    country: str = ""
    languages: list[str] = json()
    phone: str = ""
    source: str = ""
    note: str = long_text()
    extra: dict[str, str] = json("{}")
    standing: str = "active"
    standing_at: datetime | None = instant()
    standing_reason: str = ""
    created_at: datetime = instant(nullable=False)


class Membership(Row, table=True):
    """A contact on a list; `topics` of the row narrow the list's."""

    __tablename__ = "membership"
    list_id: int = ref("list.id", primary=True)
    contact_id: int = Field(sa_column=Column(Key, ForeignKey("contact.id"), primary_key=True, index=True))
    topics: list[str] = json()
    since: datetime = instant(nullable=False)


class Access(Row, table=True):
    """Embargo access of a contact: tier, by whom, on which criterion and terms, until when.

    One that was taken back (`ended_at`) stays, so that no list file gives it again.
    """

    __tablename__ = "access"
    contact_id: int = ref("contact.id", primary=True)
    tier: str
    granted_by: str
    granted_at: datetime = instant(nullable=False)
    criterion: str = long_text()
    terms: str = defaulted()
    accepted: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    until: datetime | None = instant()
    ended_at: datetime | None = instant()
    ended_by: str | None = None
    ended_reason: str = defaulted()


class AccessPast(Row, table=True):
    """Embargo access that a contact had before, as `Access`: each row has ended."""

    __tablename__ = "access_past"
    id: int | None = key()
    contact_id: int = ref("contact.id", index=True)
    tier: str
    granted_by: str
    granted_at: datetime = instant(nullable=False)
    criterion: str = long_text()
    terms: str = long_text()
    accepted: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    until: datetime | None = instant()
    ended_at: datetime = instant(nullable=False)
    ended_by: str
    ended_reason: str = long_text()


class Suspension(Row, table=True):
    """No advance copies until then: for a contact, or for all of an outlet (`outlet_key`, else "")."""

    __tablename__ = "suspension"
    __table_args__ = (Index("ix_suspension_publisher", "publisher_id", "until"),)
    id: int | None = key()
    publisher_id: str = Field(foreign_key="publisher.id")
    contact_id: int | None = ref("contact.id", nullable=True, index=True)
    outlet: str = ""
    outlet_key: str = ""
    reason: str = long_text()
    by: str
    at: datetime = instant(nullable=False)
    until: datetime = instant(nullable=False)
    ended_at: datetime | None = instant()
    ended_by: str | None = None
    ended_reason: str = long_text()


class Strike(Row, table=True):
    """An embargo broken, by a contact or an outlet; counts until `expires_at`. `reply`: their own word."""

    __tablename__ = "strike"
    id: int | None = key()
    publisher_id: str = Field(foreign_key="publisher.id")
    contact_id: int | None = ref("contact.id", nullable=True, index=True)
    outlet: str = ""
    outlet_key: str = ""
    release_id: int = ref("release.id")
    reason: str = long_text()
    by: str
    at: datetime = instant(nullable=False)
    expires_at: datetime = instant(nullable=False)
    reply: str = long_text()
    reply_at: datetime | None = instant()


class Suppression(Row, table=True):
    """An address that must not be mailed, known as a contact or not."""

    __tablename__ = "suppression"
    publisher_id: str = Field(primary_key=True, foreign_key="publisher.id")
    address_key: str = Field(primary_key=True)
    address: str
    reason: str = long_text()
    at: datetime = instant(nullable=False)
    by: str


#: Few of very many.
HELD = "held_at IS NOT NULL"


class Release(Row, table=True):
    """`embargo`, `until_lifted` and `expected` are those in force (set at approval).

    `search_text`: its reference and the headline of its latest revision's original, folded for comparing.
    """

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("publisher_id", "reference"),
        one_of("state", ReleaseState, "release"),
        Index("ix_release_created", "publisher_id", "created_at", "id"),
        Index("ix_release_held", "publisher_id", sqlite_where=text(HELD), postgresql_where=text(HELD)),
    )
    id: int | None = key()
    publisher_id: str = Field(foreign_key="publisher.id")
    reference: str
    type: str = "release"
    state: str = ReleaseState.OPEN.value
    embargo: datetime | None = instant()
    until_lifted: bool = False
    expected: datetime | None = instant()
    published_at: datetime | None = instant()
    held_at: datetime | None = instant()
    held_by: str | None = None
    held_reason: str | None = None
    created_at: datetime = instant(nullable=False)
    created_by: str
    search_text: str = defaulted()


class Revision(Row, table=True):
    """What a release says at one time, and how it is to be sent.

    `advance`: [{"tier", "at": T|null, "before_seconds": n|null}]; `send_at`: a time for a release without
    embargo; `embargo_traces`: words of an embargo that it does not have; `approved_hash`: what the approval
    binds; `audience_size`, `wave_sizes` ({tier: n}): as counted then.
    """

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("release_id", "number"),
        one_of("state", RevisionState, "revision"),
    )
    id: int | None = key()
    release_id: int = ref("release.id")
    number: int
    state: str = RevisionState.DRAFT.value
    type: str = "release"
    topics: list[str] = json()
    lists: list[str] = json()
    exclude: list[str] = json()
    also: list[str] = json()
    people: list[dict[str, Any]] = json()
    embargo: datetime | None = instant()
    until_lifted: bool = False
    expected: datetime | None = instant()
    send_at: datetime | None = instant()
    advance: list[dict[str, Any]] = json()
    warnings: list[str] = json()
    embargo_traces: list[str] = json()
    sha256: str
    created_at: datetime = instant(nullable=False)
    created_by: str
    approved_at: datetime | None = instant()
    approved_by: str | None = None
    approved_hash: str | None = None
    audience_size: int | None = None
    wave_sizes: dict[str, int] = json("{}")


class Approval(Row, table=True):
    """An officer's yes to `verb` with what has this `hash`, open until `ended_at`.

    `counted`: it was done with it; `repeat`: what a second officer writes for it on the command line.
    """

    __tablename__ = "approval"
    id: int | None = key()
    release_id: int = ref("release.id", index=True)
    revision_id: int = ref("revision.id")
    verb: str
    hash: str
    by: str
    at: datetime = instant(nullable=False)
    repeat: str = long_text()
    ended_at: datetime | None = instant()
    counted: bool = False


class Version(Row, table=True):
    """A revision in one language; `content` is model.draft.Version as JSON; `position` 0 is the original."""

    __tablename__ = "version"
    revision_id: int = ref("revision.id", primary=True)
    language: str = Field(primary_key=True)
    position: int
    content: dict[str, Any] = json("{}")


class Blob(Row, table=True):
    """Bytes by their SHA-256 (hex): merge templates as approved."""

    __tablename__ = "blob"
    sha256: str = Field(primary_key=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Rendering(Row, table=True):
    """Which merge template an approved revision uses per form ("advance", "release") and language."""

    __tablename__ = "rendering"
    revision_id: int = ref("revision.id", primary=True)
    form: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    sha256: str = Field(foreign_key="blob.sha256")


class Mailout(Row, table=True):
    """One sending to one audience at one instant. `wave` is the tier of an advance, else "".

    `clock_answered`: the jump of the clock after which an officer let it go. `renderings` {language: sha256}:
    a notice's own merge templates, else the revision's are used; `note`: what the office added to it.
    `extra`: a copy for people who were named after the audience was taken; `replaced`: cancelled because it
    was planned anew. Of what is planned (`PLANNED_ONCE`) one is not cancelled, of the others any number.
    """

    __tablename__ = "mailout"
    __table_args__ = (
        one_of("state", MailoutState, "mailout"),
        Index(
            "uq_mailout_planned",
            "revision_id",
            "kind",
            "wave",
            unique=True,
            sqlite_where=text(PLANNED_ONCE),
            postgresql_where=text(PLANNED_ONCE),
        ),
        Index("ix_mailout_revision", "revision_id"),
        Index("ix_mailout_state_due", "state", "due"),
        Index("ix_mailout_due", "due", "id"),
    )
    id: int | None = key()
    publisher_id: str = Field(foreign_key="publisher.id")
    release_id: int = ref("release.id", index=True)
    revision_id: int = ref("revision.id")
    kind: str
    wave: str = ""
    state: str = MailoutState.PLANNED.value
    due: datetime = instant(nullable=False)
    expires_at: datetime = instant(nullable=False)
    priority: int = 0
    seed: int = 0
    opened_at: datetime | None = instant()
    finished_at: datetime | None = instant()
    held_at: datetime | None = instant()
    held_by: str | None = None
    held_reason: str | None = None
    late_accepted: bool = False
    clock_answered: int | None = Field(default=None, sa_column=Column(Key, nullable=True))
    expected_size: int | None = None
    renderings: dict[str, str] = json("{}")
    note: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=text("''")))
    extra: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    replaced: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = instant(nullable=False)


class Run(Row, table=True):
    """One start of a worker. It is dead when nobody holds its lock.

    `boot` and `up`: the machine's start, and how long ago that was at the last heartbeat.

    `trouble`: why it can hand over nothing now, since `trouble_at`; no recipient is in it. `chain_open`: its
    log chain may still grow; `sealed_seq` and `sealed_at`: how far and when the office chain last vouched.
    """

    __tablename__ = "run"
    __table_args__ = (
        Index(
            "ix_run_open",
            "id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_run_chain_open",
            "id",
            sqlite_where=text("chain_open = 1"),
            postgresql_where=text("chain_open"),
        ),
    )
    id: int | None = key()
    host: str
    pid: int
    started_at: datetime = instant(nullable=False)
    heartbeat_at: datetime = instant(nullable=False)
    ended_at: datetime | None = instant()
    boot: str | None = None
    up: timedelta | None = span()
    trouble: str | None = long_text(nullable=True)
    trouble_at: datetime | None = instant()
    chain_open: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    sealed_seq: int = Field(default=0, sa_column=Column(Key, nullable=False, server_default=text("0")))
    sealed_at: datetime | None = instant()


class Boot(Row, table=True):
    """A start of a machine, by the kernel's name for it, and when it was by the clock up to this jump."""

    __tablename__ = "boot"
    id: str = Field(primary_key=True)
    started_at: datetime = instant(nullable=False)
    jump_id: int = Field(sa_column=Column(Key, nullable=False))


class Jump(Row, table=True):
    """The clock jumped by `shift` and then showed `at`; since then it may be `ahead`, unless confirmed."""

    __tablename__ = "jump"
    id: int | None = key()
    at: datetime = instant(nullable=False)
    shift: timedelta = span(nullable=False)
    ahead: timedelta = span(nullable=False)
    boot: str
    confirmed_at: datetime | None = instant()
    confirmed_by: str | None = None


class Ration(Row, table=True):
    """What of a relay's limits is used (`model.pacing.Spent`). `taken` is [[microseconds, messages]]."""

    __tablename__ = "ration"
    relay: str = Field(primary_key=True)
    free_at: datetime | None = instant()
    taken: list[list[int]] = json()


class Batch(Row, table=True):
    """One pass over up to 200 deliveries of a mailout: what a worker leases, the lowest `priority` first.

    `domain`: all of them are of this recipient domain, which has a pace; else "".
    """

    __tablename__ = "batch"
    __table_args__ = (
        Index(
            "ix_batch_ready",
            "priority",
            "not_before",
            "id",
            sqlite_where=text("state = 'ready'"),
            postgresql_where=text("state = 'ready'"),
        ),
        Index(
            "ix_batch_run",
            "run_id",
            sqlite_where=text("run_id IS NOT NULL"),
            postgresql_where=text("run_id IS NOT NULL"),
        ),
        Index("ix_batch_mailout", "mailout_id"),
        Index(
            "ix_batch_domain",
            "domain",
            "not_before",
            sqlite_where=text("domain <> ''"),
            postgresql_where=text("domain <> ''"),
        ),
    )
    id: int | None = key()
    mailout_id: int = ref("mailout.id")
    state: str = "ready"
    domain: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    priority: int = 0
    not_before: datetime = instant(nullable=False)
    size: int = 0
    run_id: int | None = ref("run.id", nullable=True)


#: To be handed over.
WAITING = "state IN ('deferred', 'queued')"
#: That, and in no batch: few of very many.
LOOSE = f"batch_id IS NULL AND {WAITING}"
#: Handed over, and the answer is not known.
DOUBTFUL = "state = 'doubtful'"


class Delivery(Row, table=True):
    """One mailout to one address.

    `reasons` is [{"list", "topic", "covers"}], `reason` the sentence made of them when it was queued;
    `position` its fair place; `attempts` counts intents, `failures` those that were deferred or broke;
    `answers_id`: of a notice, the mailout by which this address had the text: its mail is answered.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("mailout_id", "address_key"),
        one_of("state", DeliveryState, "delivery"),
        Index(
            "ix_delivery_batch",
            "batch_id",
            sqlite_where=text("batch_id IS NOT NULL"),
            postgresql_where=text("batch_id IS NOT NULL"),
        ),
        Index("ix_delivery_mailout_state", "mailout_id", "state"),
        Index(
            "ix_delivery_loose",
            "mailout_id",
            "position",
            sqlite_where=text(LOOSE),
            postgresql_where=text(LOOSE),
        ),
        Index("ix_delivery_address", "publisher_id", "address_key", "id"),
        Index(
            "ix_delivery_doubtful",
            "changed_at",
            "id",
            sqlite_where=text(DOUBTFUL),
            postgresql_where=text(DOUBTFUL),
        ),
    )
    id: int | None = key()
    mailout_id: int = ref("mailout.id")
    publisher_id: str
    contact_id: int | None = ref("contact.id", nullable=True)
    address: str
    address_key: str
    name: str = ""
    language: str
    reasons: list[dict[str, str | None]] = json()
    reason: str = long_text()
    position: int
    state: str = DeliveryState.QUEUED.value
    batch_id: int | None = ref("batch.id", nullable=True)
    run_id: int | None = ref("run.id", nullable=True)
    attempts: int = 0
    failures: int = 0
    next_at: datetime | None = instant()
    answers_id: int | None = Field(default=None, sa_column=Column(Key))
    changed_at: datetime = instant(nullable=False)


class ServiceMail(Row, table=True):
    """What one person, or the webhook, is told; it belongs to no mailout.

    `way`: "mail" to `address`, or "webhook"; `content`: the text, or the JSON document. Whoever hands it over
    takes it until `next_at`; `tries` counts that. `reason`: why it failed, or the last try did; no address.
    """

    __tablename__ = "service_mail"
    __table_args__ = (
        one_of("state", ServiceMailState, "service_mail"),
        Index(
            "ix_service_mail_queued",
            "way",
            "next_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index("ix_service_mail_created", "publisher_id", "created_at"),
    )
    id: int | None = key()
    publisher_id: str = Field(foreign_key="publisher.id")
    way: str
    kind: str
    address: str = ""
    subject: str = ""
    content: str = long_text()
    state: str = ServiceMailState.QUEUED.value
    tries: int = 0
    next_at: datetime = instant(nullable=False)
    expires_at: datetime = instant(nullable=False)
    created_at: datetime = instant(nullable=False)
    changed_at: datetime = instant(nullable=False)
    reason: str = long_text()


class Told(Row, table=True):
    """Up to which row of the office's log people were told of it, by way ("mail", "webhook")."""

    __tablename__ = "told"
    publisher_id: str = Field(primary_key=True, foreign_key="publisher.id")
    way: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(Key, nullable=False))


class RelayTrouble(Row, table=True):
    """A relay that fails, as a sender found it: there is no row once one finds it well."""

    __tablename__ = "relay_trouble"
    relay: str = Field(primary_key=True)
    reason: str = long_text()
    since: datetime = instant(nullable=False)


#: What somebody did, not what became of one delivery; and what of it concerns one person.
EVENT = "delivery_id IS NULL AND kind <> 'sealed'"
OF_PERSON = "delivery_id IS NULL AND subject IS NOT NULL"


class Log(Row, table=True):
    """Insert-only. One chain per worker run ("run:7") and one for the office ("office").

    Hashed (`log.chained`): every column but id, hash, address and text; the last two so that erasure can
    blank them. `publisher_id`: of what belongs to no release, and is not the machine's.
    """

    __tablename__ = "log"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        Index("ix_log_delivery", "delivery_id"),
        Index(
            "ix_log_release",
            "release_id",
            sqlite_where=text("release_id IS NOT NULL"),
            postgresql_where=text("release_id IS NOT NULL"),
        ),
        Index("ix_log_event", "id", sqlite_where=text(EVENT), postgresql_where=text(EVENT)),
        Index(
            "ix_log_subject", "subject", "id", sqlite_where=text(OF_PERSON), postgresql_where=text(OF_PERSON)
        ),
    )
    id: int | None = key()
    chain: str
    seq: int
    kind: str
    at: datetime = instant(nullable=False)
    actor: str
    release_id: int | None = Field(default=None, sa_column=Column(Key))
    mailout_id: int | None = Field(default=None, sa_column=Column(Key))
    delivery_id: int | None = Field(default=None, sa_column=Column(Key))
    subject: str | None = None
    attempt: int | None = None
    relay: str | None = None
    code: int | None = None
    enhanced: str | None = None
    text_sha256: str | None = None
    bytes_sha256: str | None = None
    detail: str = long_text()
    hash: str
    address: str | None = None
    text: str | None = long_text(nullable=True)
    publisher_id: str | None = None
