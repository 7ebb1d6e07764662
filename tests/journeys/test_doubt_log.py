"""kill -9, then `doubt settle --log`: with the relay's log nobody is missing and nobody has it twice.

The relay's log is written in Postfix's form from what the relay did. Planted once by hand and caught:
what was not taken settled as cancelled; what was taken not marked.
"""

import gzip
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from tests.house import REFERENCE, furnished, people
from tests.waiting import until

PEOPLE = people(40)
HOUR = timedelta(hours=1)


@pytest.fixture
def house(tmp_path, relay):
    ask = '[sending]\nafter_crash = "ask"\n'
    with furnished(tmp_path, port=relay.port, extra=ask, trade=PEOPLE) as made:
        made.due()
        yield made


def killed(house, relay):
    """The sender dies with four messages taken and their answers withheld, and more intended."""
    relay.gate("close dot 8")
    sender = house.start("send-due")
    relay.until(lambda sink: len(sink.accepted) == 8 + 4)
    until(lambda: stands(sender, house, heard=8))
    sender.kill()
    relay.gate("open dot")
    relay.hung_up()
    return house.json("doubt", "list")


def stands(sender, house, *, heard):
    """Stop it if all that it `heard` is written and more than what the relay holds is intended."""
    sender.freeze()
    states = kept(house)
    found = states["sent"] == heard and states["sending"] > 4
    if not found:
        sender.thaw()
    return found


def kept(house):
    with closing(sqlite3.connect(f"file:{house.database}?mode=ro", uri=True)) as connection:
        return Counter(dict(connection.execute("SELECT state, count(*) FROM delivery GROUP BY state")))


def postfix(relay, *, until=HOUR):
    """The log of a Postfix that did what the relay did, an hour before and after with it."""
    senders, lines = {}, []
    for event in relay.events:
        if event["event"] == "mail":
            senders[event["connection"]] = event["sender"]
        if event["event"] == "accepted":
            id, head = f"C0FFEE{len(lines):05X}", f"{event['at']} relay postfix/"
            lines += [
                f"{head}smtpd[1]: {id}: client=localhost[127.0.0.1]",
                f"{head}cleanup[2]: {id}: message-id={event['message_id']}",
                f"{head}qmgr[3]: {id}: from=<{senders[event['connection']]}>, size=9, nrcpt=1 (queue active)",
            ]
    times = [datetime.fromisoformat(event["at"]) for event in relay.accepted]
    first, last = min(times) - HOUR, max(times) + until
    quiet = "relay postfix/smtpd[1]: connect from localhost[127.0.0.1]"
    return "\n".join([f"{first.isoformat()} {quiet}", *lines, f"{last.isoformat()} {quiet}", ""]).encode()


def test_settled_by_the_log_once_for_everybody(house, relay):
    doubtful = {line["address"] for line in killed(house, relay)}
    taken = {event["recipient"] for event in relay.accepted}
    assert doubtful & taken
    assert doubtful - taken
    (house.folder / "mail.log.1.gz").write_bytes(gzip.compress(postfix(relay)))
    told = house.json("doubt", "settle", "--log", "mail.log.1.gz")
    assert {one["address"]: one["outcome"] for one in told["deliveries"]} == {
        address: "sent" if address in taken else "resend" for address in doubtful
    }
    assert {one["by"] for one in told["deliveries"]} == {"log"}
    assert all(one["line"]["queue_id"] for one in told["deliveries"] if one["outcome"] == "sent")
    assert [told["logs"][0][key] for key in ("file", "lossy")] == ["mail.log.1.gz", False]
    how = {line["address"]: line["settled"]["how"] for line in house.json("doubt", "list", "--all")}
    assert all("by the relay's log: queue id C0FFEE" in how[address] for address in doubtful & taken)
    assert all("by the relay's log: no trace" in how[address] for address in doubtful - taken)
    house.run("send-due")
    assert sorted(event["recipient"] for event in relay.accepted) == sorted(PEOPLE)
    house.run("log", "verify")


def test_a_cut_log_proves_only_what_is_in_it(house, relay):
    """The rest follows after_crash: "ask" leaves it open, "resend" sends it again by rule."""
    doubtful = {line["address"] for line in killed(house, relay)}
    taken = {event["recipient"] for event in relay.accepted}
    (house.folder / "mail.log").write_bytes(postfix(relay, until=timedelta(minutes=1)))
    said = house.run("doubt", "settle", REFERENCE, "--log", "mail.log").stdout
    assert "no log without gaps reaches" in said
    assert {line["address"] for line in house.json("doubt", "list")} == doubtful - taken
    config = house.folder / "config.toml"
    config.write_text(config.read_text().replace('"ask"', '"resend"'))
    told = house.json("doubt", "settle", "--log", "mail.log")
    assert {(one["outcome"], one["by"]) for one in told["deliveries"]} == {("resend", "rule")}


def test_refused(house):
    nothing = house.run("doubt", "settle", "--log", "junk", expect=1).stderr
    assert "nothing is doubtful" in nothing
    for argv in (
        ("--log", "x", "--sent"),  # both
        (),  # neither
        ("--sent",),  # of which release
        (REFERENCE, "--sent", "--zone", "UTC"),  # no log
    ):
        assert house.run("doubt", "settle", *argv, expect=2).stderr


def test_a_file_that_is_no_log_changes_nothing(house, relay):
    doubtful = killed(house, relay)
    (house.folder / "junk").write_bytes(bytes(range(256)) * 40)
    (house.folder / "cut.gz").write_bytes(gzip.compress(postfix(relay))[:-9])
    for file, why in (("junk", "no line of Postfix"), ("cut.gz", "damaged gzip"), ("none", "No such file")):
        assert why in house.run("doubt", "settle", "--log", file, expect=1).stderr
    assert house.json("doubt", "list") == doubtful
