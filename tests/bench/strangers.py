"""What a stranger at the sign-in can tell from the time that its answers take.

Attempts by names that somebody has and names that nobody has, in turns in a new order each time, each from
an address of its own. The same name is asked several times in a turn: what these differ by is chance.
Told are medians, and the lowest tenth: what a busy machine adds is not in it.
"""

import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyotp

from distributor.model.officer import Role
from distributor.office import account, officers
from distributor.store import officers as kept
from distributor.system import System
from tests.bench import stats
from tests.house import House
from tests.web.desk import PASSWORD, Desk, officer

WRONG, TOO_SOON = 403, 429
_GUESS = "wrong but long enough"
_SAME = ("an officer", *(f"the same officer, {number}" for number in range(2, 6)))

#: What is asked: (name, password), of officers as `_people` makes them.
ATTEMPTS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(_SAME, ("ada", _GUESS)),
    "nobody": ("nobody", _GUESS),
    "an officer without a password": ("bea", _GUESS),
    "an officer with an authenticator": ("cem", _GUESS),
    "the same with her password and no code": ("cem", PASSWORD),
}
_TIRED = 5  # attempts, after which whoever makes another one has to wait


#: Attempts that are looked at, and such as have to wait, with the answer that they get.
CASES = {"looked at": WRONG, "held off": TOO_SOON}


def measured(cases: Sequence[str], *, attempts: int) -> dict[str, Any]:
    """By who is named: milliseconds; how far the same one is from itself, and others from it."""
    with _office() as built:
        told = {case: _in_turns(built, attempts=attempts, code=CASES[case]) for case in cases}
    return {"attempts": attempts, "cases": {case: _figures(times) for case, times in told.items()}}


def _figures(times: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Of medians, and of the lowest tenth of each."""
    lowest = {name: stats.percentile(mine, 0.1) for name, mine in times.items()}
    return _apart(stats.medians(times), "") | _apart(lowest, "tenth_")


def _apart(values: Mapping[str, float], kind: str) -> dict[str, Any]:
    same = [values[name] for name in _SAME]
    others = [value for name, value in values.items() if name not in _SAME]
    return {
        f"{kind or 'median_'}ms": {name: round(value, 3) for name, value in values.items()},
        f"{kind}same_ms": round(max(same) - min(same), 3),
        f"{kind}others_ms": round(max(abs(value - statistics.median(same)) for value in others), 3),
    }


def _in_turns(built: System, *, attempts: int, code: int) -> dict[str, list[float]]:
    """Milliseconds of each; `code` is the answer that all of them get."""
    desk = Desk(built)
    desk.look("/office/sign-in")
    times: dict[str, list[float]] = {who: [] for who in ATTEMPTS}
    order, chance = list(ATTEMPTS), random.Random(1)
    if code == TOO_SOON:
        _tire(desk)
    for number in range(attempts):
        chance.shuffle(order)
        for place, who in enumerate(order):
            address = _known(who) if code == TOO_SOON else _fresh(number * len(order) + place)
            times[who].append(_attempt(desk, address, who, code))
    return times


def _tire(desk: Desk) -> None:
    """Each is tried too often, from an address of its own."""
    for who in ATTEMPTS:
        for _ in range(_TIRED):
            _attempt(desk, _known(who), who, WRONG)


def _known(who: str) -> str:
    return f"198.51.100.{list(ATTEMPTS).index(who)}"


def _fresh(number: int) -> str:
    """A network that was not heard of before."""
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def _attempt(desk: Desk, address: str, who: str, code: int) -> float:
    """Milliseconds of one."""
    name, password = ATTEMPTS[who]
    vars(desk)["_transport"].client = (address, 50000)
    began = time.perf_counter()
    answer = desk.say("/office/sign-in", name=name, password=password)
    lasted = (time.perf_counter() - began) * 1000
    assert answer.status_code == code, (who, answer.status_code)
    return lasted


@contextmanager
def _office() -> Iterator[System]:
    """With ada, bea who has set no password, and cem, who has an authenticator."""
    with TemporaryDirectory(prefix="distributor-bench-") as folder, closing(House(Path(folder))) as house:
        house.configure()
        with house.system() as built:
            here = {"now": built.now(), "publisher_id": built.publisher.id}
            house.furnish()
            house.sync(built)
            for name in ("ada", "cem"):
                officer(built, name)
            officers.add(built.store, actor="bench", name="bea", roles=[Role.READER], **here)
            _authenticator(built)
            yield built


def _authenticator(built: System) -> None:
    """Cem's."""
    with built.store.read() as connection:
        cem = kept.find(connection, publisher_id=built.publisher.id, name="cem")
    assert cem is not None
    told: dict[str, Any] = {"publisher_id": built.publisher.id, "tokens": built.tokens}
    account.offer_code(built.store, cem, now=built.now(), password=PASSWORD, **told)
    key = account.offered_code(built.store, cem, **told)
    assert key is not None
    code = pyotp.TOTP(key).at(built.now())
    account.confirm_code(built.store, cem, now=built.now(), code=code, **told)
