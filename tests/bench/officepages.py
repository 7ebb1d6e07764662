"""Every page of the console beside itself: with few releases in the store, and with many.

Both offices are open at once and asked in turns, page by page, in this process: what is measured is the
answer of the application with its database, without a network.
"""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from distributor.store.database import Store
from tests.bench import stats, years
from tests.bench.house import POSTGRES, postgres
from tests.house import NOW, House
from tests.web.desk import Desk
from tests.web.everypage import DRAFT, OUT, PLANNED, every, furnish

_PEOPLE = 100  # to whom each release went
_AN_OUTLET = 10
_CALLED = {OUT: "sent", PLANNED: "planned", DRAFT: "draft"}

#: What is asked for on a page, beside the page itself.
QUESTIONS = (
    *(f"/office/log?state={state}" for state in ("sent", "rejected", "doubtful")),
    "/office/log?contact=c050@d0.example.org",
    "/office/log?contact=c050@d0.example.org&state=rejected",
    "/office/log?outlet=Outlet+5",
    "/office/log?outlet=Outlet+5&state=rejected",
    "/office/log?since=2030-02-01&until=2030-03-01",
    "/office/log?since=2020-01-01&until=2020-02-01",
    "/office/log?release=past-50",
    "/office/log?release=nowhere",
    "/office/log/releases/past-50",
    "/office/releases?find=harbour",
    "/office/releases?find=past-5",
    "/office/releases?find=xylograph",
    "/office/releases?page=2",
    "/office/lists?find=c05",
    "/office/lists/trade?find=c05",
    "/office/contacts/50?why=past-50",
)


def measured(database: str, releases: Sequence[int], *, turns: int) -> dict[str, dict[str, float]]:
    """By page: milliseconds with the fewest and with the most releases, and the ratio."""
    with ExitStack() as stack:
        desks = [stack.enter_context(_office(database, count)) for count in (releases[0], releases[-1])]
        found: dict[str, dict[str, float]] = {}
        few, many = (pages for *_, pages in desks)
        for name in few:
            times = _in_turns([(desk, store, pages[name]) for desk, store, pages in desks], turns=turns)
            if name in many:
                found[name] = _figures(times)
    return found


def _in_turns(asked: Sequence[tuple[Desk, Store, str]], *, turns: int) -> list[list[float]]:
    """Milliseconds of each, none of it told from memory; the first two of all only warm up."""
    times: list[list[float]] = [[] for _ in asked]
    for _ in range(turns + 2):
        for (desk, store, address), mine in zip(asked, times, strict=True):
            store.written += 1
            began = time.perf_counter()
            desk.get(address)
            mine.append((time.perf_counter() - began) * 1000)
    return [mine[2:] for mine in times]


def _figures(times: Sequence[Sequence[float]]) -> dict[str, float]:
    few, many = (statistics.median(mine) for mine in times)
    return {"few_ms": round(few, 1), "many_ms": round(many, 1), "ratio": round(many / few, 2)}


@contextmanager
def _office(database: str, releases: int) -> Iterator[tuple[Desk, Store, Mapping[str, str]]]:
    """A desk in an office with so many releases behind it, and {what a page is called: its address}."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="distributor-bench-")))
        url = stack.enter_context(postgres(folder)).url if database == POSTGRES else ""
        home = folder / "office"
        home.mkdir()
        house = stack.enter_context(closing(House(home, database_url=url)))
        house.configure()
        house.furnish(trade=[], agencies=["wire@example.eu"])
        (home / "lists" / "trade.csv").write_text(
            "email,name,outlet\n"
            + "".join(
                f"c{n:03}@d{n % 10}.example.org,N {n},Outlet {n // _AN_OUTLET}\n" for n in range(_PEOPLE)
            )
        )
        built = stack.enter_context(house.system())
        house.sync(built)
        stats.note(f"{database}: {releases:,} releases, {releases * (_PEOPLE + 1):,} deliveries")
        years.fill(built.store, releases=releases, publisher_id=built.publisher.id, now=NOW)
        place = furnish(house, built)
        pages = {_called(address) or "/": address for address, _ in every(place, built)}
        pages |= {question.removeprefix("/office"): question for question in QUESTIONS}
        yield place.desk, built.store, pages


def _called(address: str) -> str:
    """The same in both offices: numbers and tokens are not."""
    parts = address.removeprefix("/office").split("/")
    return "/".join(
        _CALLED.get(part) or ("…" if part.isdecimal() or len(part) > 15 else part) for part in parts
    )
