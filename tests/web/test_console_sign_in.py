"""Signing in to the console: who gets in, what ends a session, what strangers can learn and do (nothing).

Planted once by hand and caught: a session looked up without its end; a wrong attempt answered as soon as that
is known.
"""

import dataclasses
import re
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from httpx2 import Response
from sqlalchemy import select

from distributor.model.officer import Role
from distributor.office import invite, officers, passwords
from distributor.store import rows
from distributor.store.database import open_store
from distributor.system import System
from distributor.web import login
from distributor.web.gate import POLICY
from tests.house import Clock
from tests.web.desk import HERE, PASSWORD, Desk, officer, set_password


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(built: System, clock: Clock, tmp_path: Path, sqlite_url: str) -> Iterator[System]:
    """An office without officers, whose clock the test moves."""
    with closing(open_store(sqlite_url)) as store:
        here = built.config.model_copy(update={"base": tmp_path})
        whole = dataclasses.replace(built, config=here, store=store, now=clock)
        with store.write() as connection:
            connection.execute(
                rows.publisher.insert().values(id=whole.publisher.id, name=whole.publisher.name)
            )
        yield whole


def first_link(house: System) -> str:
    given = invite.first(house.store, actor="test", now=house.now(), publisher_id=house.publisher.id)
    assert given is not None
    return f"/office/join/{given.token}"


def inside(desk: Desk) -> bool:
    return desk.get("/office").status_code == 200


# links


def test_the_first_link_makes_the_first_officer_once(house: System) -> None:
    link, desk = first_link(house), Desk(house)
    assert "first officer" in desk.look(link)
    said = {"name": "Ada", "display": "Ada Example", "password": PASSWORD, "again": PASSWORD}
    assert desk.say(link, **said).status_code == 303
    assert inside(desk)
    assert "Ada Example" in desk.look("/office")
    other = Desk(house)
    other.look(link, code=404)
    other.look("/office/sign-in")
    assert other.say(link, **said).status_code == 404
    assert not inside(other)
    assert invite.first(house.store, actor="x", now=house.now(), publisher_id=house.publisher.id) is None


def test_a_first_link_is_over_after_a_day_and_when_there_is_an_officer(house: System, clock: Clock) -> None:
    link, newest = first_link(house), first_link(house)
    Desk(house).look(link, code=404)
    Desk(house).look(newest)
    officer(house)
    Desk(house).look(newest, code=404)
    given = invite.invite(
        house.store, actor="test", now=house.now(), publisher_id=house.publisher.id, name="ada"
    )
    clock.move(hours=24)
    Desk(house).look(f"/office/join/{given.token}", code=404)


def test_looking_at_a_link_does_not_use_it(house: System) -> None:
    link = first_link(house)
    for _ in range(3):
        Desk(house).look(link)


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("quokka", "quokka", "at least 12"),
        (PASSWORD, "another one entirely", "not the same"),
        ("quill quill", "quill quill", "at least 12"),
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa", "repeats itself"),
        ("adaline and her cat", "adaline and her cat", "your name"),
    ],
)
def test_weak_passwords_are_refused_and_use_nothing_up(
    house: System, password: str, again: str, told: str
) -> None:
    link, desk = first_link(house), Desk(house)
    desk.look(link)
    answer = desk.say(link, name="adaline", password=password, again=again)
    assert answer.status_code == 409
    assert told in answer.text
    assert password not in answer.text
    desk.look(link)


def test_only_hashes_are_kept(house: System) -> None:
    """Whoever reads a backup cannot sign in with it."""
    link, desk = first_link(house), Desk(house)
    desk.look(link)
    desk.say(link, name="ada", password=PASSWORD, again=PASSWORD)
    kept = []
    with house.store.read() as connection:
        for table in rows.credential.metadata.sorted_tables:
            kept += [str(row) for row in connection.execute(select(table))]
    known = [desk.cookies["session"], desk.cookies["device"], link.rpartition("/")[2], PASSWORD]
    assert [secret for secret in known if any(secret in row for row in kept)] == []
    assert any("$argon2id$" in row for row in kept)


# in and out


def test_in_and_out(house: System) -> None:
    officer(house)
    desk = Desk(house)
    assert not inside(desk)
    answer = desk.sign_in("Ada ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/office")
    assert inside(desk)
    stolen = desk.cookies["session"]
    assert desk.say("/office/sign-out").headers["location"] == "/office/sign-in"
    assert not inside(desk)
    desk.cookies.set("session", stolen)
    assert not inside(desk)


def test_a_password_change_ends_every_session(house: System) -> None:
    officer(house)
    desk, other = Desk(house), Desk(house)
    desk.sign_in()
    other.sign_in()
    new = "a kettle of grey fish"
    wrong = desk.say("/office/account/password", old="not this one", password=new, again=new)
    assert (wrong.status_code, inside(other)) == (409, True)
    assert desk.say("/office/account/password", old=PASSWORD, password=new, again=new).status_code == 303
    assert (inside(desk), inside(other)) == (False, False)
    assert desk.sign_in().status_code == 403
    assert desk.sign_in(password=new).status_code == 303


@pytest.mark.parametrize("way", ["time", "removed", "invited"])
def test_what_else_ends_a_session(house: System, clock: Clock, way: str) -> None:
    officer(house)
    desk = Desk(house)
    desk.sign_in()
    here = {"now": house.now(), "publisher_id": house.publisher.id, "name": "ada"}
    if way == "time":
        clock.move(hours=11, minutes=59)
        assert inside(desk)
        clock.move(minutes=1)
    elif way == "removed":
        officers.remove(house.store, actor="test", **here)
        assert not inside(desk)
        officers.add(house.store, actor="test", roles=[Role.READER], **here)
    else:
        set_password(house, "ada")
    assert not inside(desk)


def test_roles_count_at_once(house: System) -> None:
    officer(house)
    desk = Desk(house)
    desk.sign_in()
    here = {"now": house.now(), "publisher_id": house.publisher.id}
    officers.set_roles(house.store, actor="test", name="ada", roles=[Role.READER], **here)
    assert "reader" in desk.look("/office/account")


# strangers


@pytest.mark.parametrize(
    "path", ["/office", "/office/", "/office/account", "/office/progress", "/office/nowhere", "/office/a/b?c"]
)
def test_every_path_leads_to_the_sign_in(house: System, path: str) -> None:
    """Known or not: the answer is the same but for where it leads on."""
    desk = Desk(house)
    desk.cookies.set("session", "x" * 43)
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
        answer = desk.request(method, path)
        assert (answer.status_code, answer.text) == (303, ""), method
        assert answer.headers["location"].startswith("/office/sign-in")


def test_no_name_is_told_apart(house: System) -> None:
    """Nobody, somebody without a password, a wrong password: the same page, after the same work."""
    officer(house)
    here = {"now": house.now(), "publisher_id": house.publisher.id}
    officers.add(house.store, actor="test", name="bea", roles=[Role.READER], **here)
    answers = []
    for name in ("ada", "bea", "nobody"):
        desk = Desk(house, address=f"192.0.2.{len(answers)}")
        answer = desk.sign_in(name, "wrong but long enough")
        answers.append((answer.status_code, shown(answer)))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 403


def test_what_is_wrong_is_said_after_the_same_time(
    house: System, monkeypatch: pytest.MonkeyPatch, answered_after: float
) -> None:
    """However quickly it was seen: never sooner than that."""
    monkeypatch.setattr(login, "WRONG_AFTER", answered_after)
    officer(house)
    for name in ("ada", "nobody"):
        desk = Desk(house)
        desk.look("/office/sign-in")
        began = time.monotonic()
        assert desk.say("/office/sign-in", name=name, password="wrong but long enough").status_code == 403
        assert time.monotonic() - began >= answered_after > 0


def test_no_hash_takes_as_long_as_one(
    house: System, monkeypatch: pytest.MonkeyPatch, real_hasher: PasswordHasher
) -> None:
    """Every attempt is one argon2 verification, whoever is named."""
    looked: list[str] = []
    real = passwords._HASHER.verify

    class Watched(PasswordHasher):
        def verify(self, hash: str, password: str) -> bool:  # type: ignore[override]
            looked.append(hash.split("$")[3])
            return real(hash, password)

    officer(house)
    monkeypatch.setattr(passwords, "_HASHER", Watched(time_cost=1, memory_cost=8, parallelism=1))
    for name in ("ada", "nobody"):
        Desk(house).sign_in(name, "wrong but long enough")
    assert looked == ["m=8,t=1,p=1"] * 2
    assert (real_hasher.memory_cost, real_hasher.time_cost, real_hasher.parallelism) == (19456, 2, 1)


@pytest.mark.parametrize(
    ("onto", "led"),
    [
        ("/office/account", "/office/account"),
        ("https://evil.example.org/", "/office"),
        ("//evil.example.org", "/office"),
        ("/office\\..\\..", "/office"),
        ("/office/sign-in", "/office"),
        ("/officer", "/office"),
        ("/u/token", "/office"),
    ],
)
def test_the_sign_in_leads_only_into_the_console(house: System, onto: str, led: str) -> None:
    officer(house)
    assert Desk(house).sign_in(next=onto).headers["location"] == led


# limits


def test_a_guesser_waits_and_the_officer_does_not(house: System, clock: Clock) -> None:
    """Her own browser, and another address, are counted by themselves; the wait ends by itself."""
    officer(house)
    hers, guesser = Desk(house), Desk(house)
    hers.sign_in()
    hers.say("/office/sign-out")
    assert [guesser.sign_in(password=f"guess {n} and more").status_code for n in range(6)] == [403] * 5 + [
        429
    ]
    stopped = guesser.sign_in()
    assert (stopped.status_code, stopped.headers["retry-after"]) == (429, "1")
    assert hers.sign_in().status_code == 303
    assert Desk(house, address="192.0.2.8").sign_in().status_code == 303
    clock.move(seconds=1)
    assert guesser.sign_in(password="a seventh guess").status_code == 403
    assert guesser.sign_in().headers["retry-after"] == "2"
    clock.move(minutes=5)
    assert guesser.sign_in().status_code == 303


def test_nobodys_name_is_made_to_wait_too(house: System) -> None:
    desk = Desk(house)
    assert [desk.sign_in("nobody").status_code for _ in range(6)] == [403] * 5 + [429]


def test_a_device_of_somebody_else_proves_nothing(house: System) -> None:
    officer(house)
    officer(house, "bea")
    bea = Desk(house)
    bea.sign_in("bea")
    bea.say("/office/sign-out")
    assert [bea.sign_in(password="a guess at ada's").status_code for _ in range(6)] == [403] * 5 + [429]
    assert bea.sign_in("bea").status_code == 303


def test_a_known_browser_guesses_no_more_than_others(house: System) -> None:
    officer(house)
    desk = Desk(house)
    desk.sign_in()
    desk.say("/office/sign-out")
    assert [desk.sign_in(password="a guess of hers").status_code for _ in range(6)] == [403] * 5 + [429]


# an authenticator


def enrolled(house: System, clock: Clock) -> tuple[Desk, pyotp.TOTP]:
    desk = Desk(house)
    desk.sign_in()
    desk.say("/office/account/code", old=PASSWORD)
    page = desk.look("/office/account")
    key = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert key is not None
    assert "<svg" in page
    generator = pyotp.TOTP(key[1])
    assert desk.say("/office/account/confirm", code="000000").status_code == 409
    assert desk.say("/office/account/confirm", code=generator.at(clock())).status_code == 303
    return desk, generator


def test_a_code_is_asked_for_once_it_is_set_up(house: System, clock: Clock) -> None:
    officer(house)
    desk, generator = enrolled(house, clock)
    clock.move(seconds=60)
    other = Desk(house)
    assert other.sign_in().status_code == 403
    assert other.sign_in(code="000000").status_code == 403
    code = generator.at(clock())
    assert other.sign_in(code=f"{code[:3]} {code[3:]}").status_code == 303
    assert Desk(house).sign_in(code=code).status_code == 403, "a code fits once"
    desk.look("/office/account")
    assert desk.say("/office/account/no-code", old="not hers").status_code == 409
    assert desk.say("/office/account/no-code", old=PASSWORD).status_code == 303
    assert Desk(house).sign_in().status_code == 303


def test_a_code_is_not_guessed_from_many_networks(house: System, clock: Clock) -> None:
    """Whoever has the password gets five tries in all, then waits untold; her own browser does not."""
    officer(house)
    hers, generator = enrolled(house, clock)
    hers.say("/office/sign-out")
    clock.move(seconds=60)
    right = generator.at(clock())
    wrong = [f"{(int(right) + number) % 10**6:06}" for number in range(4, 9)]
    said = [Desk(house, address=f"198.51.100.{n}").sign_in(code=code) for n, code in enumerate(wrong)]
    held_off = Desk(house, address="198.51.100.99").sign_in(code=right)
    nobody = Desk(house, address="198.51.100.98").sign_in("nobody")
    assert {answer.status_code for answer in (*said, held_off, nobody)} == {403}
    assert shown(held_off) == shown(nobody)
    assert hers.sign_in(code=right).status_code == 303
    clock.move(seconds=60)
    other = Desk(house, address="198.51.100.97")
    assert other.sign_in(code=generator.at(clock())).status_code == 303, "the wait ends by itself"


def shown(answer: Response) -> str:
    """A page without what its form carries."""
    return re.sub(r'name="form" value="[^"]*"', "", answer.text)


def test_a_browser_left_alone_is_no_place_to_guess_her_password(house: System, clock: Clock) -> None:
    officer(house)
    desk = Desk(house)
    desk.sign_in()
    said = [desk.say("/office/account/no-code", old=f"guess {n}").text for n in range(6)]
    assert ["not your password" in text for text in said] == [True] * 5 + [False]
    assert "too many attempts" in said[-1]
    assert "too many attempts" in desk.say("/office/account/code", old=PASSWORD).text
    clock.move(seconds=1)
    assert desk.say("/office/account/code", old=PASSWORD).status_code == 303
    assert Desk(house).sign_in().status_code == 303, "signing in is not kept from her by it"


def test_a_session_that_somebody_put_there_is_not_taken_over(house: System) -> None:
    """Who planted a cookie in her browser, or looked at its form, knows nothing once she has signed in."""
    officer(house)
    desk, planted = Desk(house), "x" * 43
    desk.look("/office/sign-in")
    form = desk._form
    desk.cookies.set("session", planted)
    desk.sign_in()
    sessions = {cookie.value for cookie in desk.cookies.jar if cookie.name == "session"} - {planted}
    assert len(sessions) == 1
    assert not sessions & {planted, desk.cookies.get("device")}
    assert desk._form != form
    thief = Desk(house)
    thief.cookies.set("session", planted)
    assert not inside(thief)


def test_a_lost_authenticator_is_dropped_by_a_link(house: System, clock: Clock) -> None:
    officer(house)
    enrolled(house, clock)
    set_password(house, "ada")
    assert Desk(house).sign_in().status_code == 403
    set_password(house, "ada", drops_code=True)
    assert Desk(house).sign_in().status_code == 303


# forms, cookies, places


def test_a_form_of_another_site_or_session_changes_nothing(house: System) -> None:
    officer(house)
    desk, other = Desk(house), Desk(house)
    desk.sign_in()
    other.sign_in()
    foreign = other._form
    for fields, headers in (
        ({}, {}),
        ({"form": ""}, {}),
        ({"form": "0" * 64}, {}),
        ({"form": foreign}, {}),
        ({"form": desk._form}, {"Sec-Fetch-Site": "cross-site"}),
        ({"form": desk._form}, {"Sec-Fetch-Site": "same-site"}),
    ):
        answer = desk.post("/office/sign-out", data=fields, headers=headers)
        assert answer.status_code == 403, (fields, headers)
    assert inside(desk)
    assert desk.say("/office/sign-out").status_code == 303


def test_cookies_over_https_and_on_the_machine_itself(house: System) -> None:
    officer(house)
    known = house.config.web.model_copy(update={"base_url": "https://press.example.org"})
    public = dataclasses.replace(house, config=house.config.model_copy(update={"web": known}))
    over = Desk(public, base_url="https://press.example.org").sign_in().headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in over} == {"__Host-session", "__Host-device", "__Host-form"}
    assert all(
        "; Secure" in cookie and "; HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in over
    )
    local = Desk(public).sign_in().headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in local} == {"session", "device", "form"}
    assert all("; HttpOnly" in cookie and "Domain" not in cookie for cookie in (*over, *local))


@pytest.mark.parametrize("base_url", ["http://press.example.org", "http://192.0.2.1:8025", "https://x.test"])
def test_nobody_signs_in_elsewhere(house: System, base_url: str) -> None:
    """A password would travel in the open, or to a name that somebody else points here."""
    officer(house)
    desk = Desk(house, base_url=base_url)
    answer = desk.get("/office/sign-in")
    assert (answer.status_code, "set-cookie" in answer.headers) == (421, False)
    assert desk.post("/office/sign-in", data={"name": "ada", "password": PASSWORD}).status_code == 421


def test_what_pages_may_load(house: System) -> None:
    officer(house)
    desk = Desk(house)
    desk.sign_in()
    for path in ("/office", "/office/account", "/office/nowhere", "/office/sign-in"):
        answer = desk.get(path)
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    assert "unsafe" not in POLICY
    assert "frame-ancestors 'none'" in POLICY
    style = desk.get(re.findall(r'href="(/assets/[^"]+)"', desk.look("/office"))[0])
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")


def test_bodies_are_bounded_whatever_they_say(house: System) -> None:
    desk = Desk(house)
    assert desk.post("/office/sign-in", content=b"x" * 1_100_000).status_code == 413

    def unsaid() -> Iterator[bytes]:
        yield from [b"x" * 100_000] * 12

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert desk.post("/office/sign-in", content=unsaid(), headers=kind).status_code == 413


def test_the_log_knows_who_signed_in_and_no_secret(house: System, clock: Clock) -> None:
    officer(house)
    desk = Desk(house)
    desk.sign_in()
    with house.store.read() as connection:
        found = connection.execute(select(rows.log.c.kind, rows.log.c.actor, rows.log.c.detail)).all()
    assert ("signed_in", "ada", "") in found
    assert PASSWORD not in str(found)
    assert clock() - house.now() == timedelta(0)
    assert HERE
