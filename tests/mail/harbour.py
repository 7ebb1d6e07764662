"""The letters that the tests of this room render: whole releases, written for this project."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from distributor.model.draft import Block, Dateline, Mark, PressContact, Version
from distributor.model.embargo import Embargo
from distributor.model.letter import Fields, Letter
from distributor.model.notice import Notice
from distributor.model.publisher import Publisher

INSTANT = datetime(2018, 1, 17, 10, 0, tzinfo=UTC)
PUBLISHER = Publisher(
    id="harbour",
    name="Harbour Alliance in the European Parliament",
    address="press@harbour.example.org",
    reply_to="desk@harbour.example.org",
    unsubscribe_mailbox="leave@harbour.example.org",
    postal_address="Harbour Alliance press office\n12 Quay Street\n1000 Brussels, Belgium",
    privacy_url="https://news.example.org/privacy",
    base_url="https://news.example.org",
)
FIELDS = Fields(
    name="Zoë Lindqvist",
    address="zoe@paper.example.com",
    message_id="<abc123@harbour.example.org>",
    date=INSTANT,
    token="42.abcdefgh",
    reason="You receive this because you follow Trade & Ports, list Trade correspondents, in English.",
)

_TEXT = "The figures come from the port survey of 2017 and were checked twice."
_STUDY = Mark(
    start=_TEXT.index("port survey"),
    end=_TEXT.index(" of 2017"),
    kind="link",
    url="https://example.org/survey?y=2017&v=2",
)
_TWICE = Mark(start=_TEXT.index("checked"), end=len(_TEXT) - 1, kind="strong")

ENGLISH = Version(
    language="en",
    headline="Small harbours must get shore power before the big ones, say negotiators",
    subhead="Vote on Wednesday opens 1.2 billion euro for quays that ferries use every day",
    dateline=Dateline(place="Strasbourg", date=date(2018, 1, 17), text="Strasbourg, 17 January 2018"),
    lead=(
        "Ferries in 140 small harbours could switch off their engines at the quay within three years,"
        " under a plan that the Parliament votes on today. The Alliance has asked for it since 2015,"
        " because the harbours with the worst air are those with the least money."
    ),
    blocks=(
        Block("paragraph", _TEXT, marks=(_STUDY, _TWICE)),
        Block(
            "quote",
            "“Nobody should have to close the window because a ship has arrived. We have the cables, we have"
            " the grid, and now we will have the money.”\n\n“It is time to plug in.”",
            speaker="Ada Lindholm",
            role="negotiator on ports",
            attribution="Ada Lindholm, the Alliance’s negotiator on ports, said:",
        ),
        Block("heading", "What changes"),
        Block(
            "list",
            "Harbours below 500 calls a year apply first\n"
            "The share of public money rises to 85 %\n"
            "One form instead of nine",
        ),
        Block("paragraph", "The steps until the first cable:"),
        Block("list", "1. The Council agrees its position\n2. Both sides negotiate\n3. The fund opens"),
        Block(
            "quote",
            "“We counted every call of every ferry. The result surprised even us.”",
            attribution="added Bo Marchetti, who led the survey.",
            attribution_after=True,
        ),
        Block(
            "table",
            "Harbour size\tCalls a year\tShare of soot\n"
            "Small\tup to 500\t61 %\nMiddle\t501 to 5,000\t27 %\nLarge\tover 5,000\t12 %",
        ),
        Block("image", "A ferry at a quay with a thick cable", url="https://harbour.example.org/ferry.png"),
    ),
    notes_heading="Note to the editor:",
    notes_to_editors=(
        "Shore power means that a ship takes electricity from land while it lies at the quay.",
        "The survey is at https://example.org/survey and may be quoted.",
    ),
    contacts=(
        PressContact(
            name="Carla Novak",
            role="press officer",
            phone="+32 (0)2 555 01 17",
            email="carla.novak@harbour.example.org",
            text="Carla Novak, press officer\n+32 (0)2 555 01 17, carla.novak@harbour.example.org",
        ),
        PressContact(name="Duty desk", phone="+32 475 55 01 18"),
    ),
    boilerplate_heading="About the Harbour Alliance",
    boilerplate=("The Harbour Alliance brings together 31 members from 14 countries.",),
    end_mark="ENDS",
)

FRENCH = Version(
    language="fr",
    headline="L’électricité à quai d’abord pour les petits ports, demandent les négociateurs",
    dateline=Dateline(place="Strasbourg", date=date(2018, 1, 17), text="Strasbourg, le 17 janvier 2018 –"),
    lead="Les ferries de 140 petits ports pourraient couper leurs moteurs à quai d’ici trois ans.",
    marks=(Mark(start=15, end=31, kind="emphasis"),),
    blocks=(
        Block("paragraph", "Le vote aura lieu à midi.\nIl sera public."),
        Block("quote", "« Il est temps de se brancher. »", speaker="Ada Lindholm", role="négociatrice"),
        Block("image", "Un ferry à quai", url="https://harbour.example.org/ferry.png"),
    ),
    notes_to_editors=("L’enquête date de 2017.",),
    contacts=(
        PressContact(name="Carla Novak", phone="+32 2 555 01 17", email="carla.novak@harbour.example.org"),
    ),
)

ARABIC = Version(
    language="ar",
    headline="الموانئ الصغيرة أولاً",
    lead="تصوت اللجنة اليوم على خطة لتزويد السفن بالكهرباء في الموانئ الصغيرة.",
    blocks=(Block("quote", "«حان الوقت.»", attribution="وقالت المفاوضة:"), Block("list", "أولاً\nثانياً")),
)


def letter(**changes: object) -> Letter:
    """The English advance copy, with changes."""
    plain = Letter(
        form="advance",
        publisher=PUBLISHER,
        reference="2018-0042",
        type="release",
        topics=(("trade/ports", "Trade & Ports"), ("transport", "Transport")),
        version=ENGLISH,
        embargo=Embargo(instant=INSTANT),
        zones=("Europe/Brussels", "Europe/London", "America/New_York", "UTC"),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def advance_en() -> Letter:
    return letter()


def release_fr() -> Letter:
    return letter(form="release", version=FRENCH)


def lifted_ar() -> Letter:
    embargo = Embargo(until_lifted=True, expected=INSTANT)
    return letter(version=ARABIC, embargo=embargo)


#: The fields of a notice: an answer to the mail that had the text.
ANSWER = FIELDS._replace(message_id="<def456@harbour.example.org>", references=FIELDS.message_id)


def moved(had: Letter) -> Letter:
    """A new embargo, an hour later than the one until now."""
    later = Embargo(instant=INSTANT + timedelta(hours=1))
    return replace(had, form="notice", embargo=later, notice=Notice("embargo_moved", had.embargo))


def withdrawn(had: Letter) -> Letter:
    return replace(had, form="notice", embargo=Embargo(), notice=Notice("withdrawal"))


def corrected(had: Letter) -> Letter:
    return replace(had, notice=Notice("correction", note="The share for small harbours is 61 %, not 16 %."))
