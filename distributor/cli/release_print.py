"""Releases, plans and audiences for people: facts, texts, waves, who and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from distributor.cli.moments import clean, count, moment
from distributor.cli.tables import facts, heading, hint, table, warnings

_NAMED = 3  # addresses named for each reason why not
_SHOWN = 50  # recipients


def release(out: Console, document: Mapping[str, Any], *, zone: str) -> None:
    """What was recognised, without the texts."""
    original = document["versions"][0]
    heading(out, original["headline"])
    facts(
        out,
        [
            ("reference", f"{document['reference']} · {document['type']} · revision {document['revision']}"),
            ("state", state(document, zone=zone)),
            *(("agreed", _agreed(one, zone=zone)) for one in document["approvals"] if _told(one, document)),
            ("embargo", embargo(document, zone=zone)),
            ("advance", ", ".join(_advance(wave, zone=zone) for wave in document["advance"])),
            ("goes at", moment(document["send_at"], zone) if document["send_at"] else ""),
            *((name, ", ".join(document[name])) for name in ("topics", "lists", "exclude", "also")),
            *((version["language"], _recognised(version)) for version in document["versions"]),
        ],
    )
    warnings(out, document["warnings"])


def state(document: Mapping[str, Any], *, zone: str) -> str:
    """ "draft", "approved by …", "held by …: reason"."""
    approved, held = document.get("approved"), document["held"]
    words = str(document["state"])
    if held:
        return f"{words}, held by {held['by']} since {moment(held['at'], zone)}: {held['reason']}"
    states = {mailout["state"] for mailout in document["mailouts"]}
    if words == "approved" and states == {"cancelled"}:
        return "cancelled"
    if words == "draft":
        live = document["in_force"] and states - {"cancelled"}
        also = f"; revision {document['in_force']} is in force" if live else ""
        first = [one["by"] for one in document.get("approvals", ()) if _open(one)]
        waits = f"a second pair of eyes: {first[0]} approved it" if first else "approval"
        return f"draft, waits for {waits}{also}"
    return f"{words} by {_approvers(document)}, {moment(approved['at'], zone)}" if approved else words


def _open(one: Mapping[str, Any]) -> bool:
    return bool(one["counts"]) and not one["done"] and one["verb"] == "release approve"


def _approvers(document: Mapping[str, Any]) -> str:
    """ "ada", "ada and bea"."""
    pair = [
        one["by"]
        for one in document.get("approvals", ())
        if one["done"] and (one["verb"], one["revision"]) == ("release approve", document["revision"])
    ]
    return " and ".join(pair) or str(document["approved"]["by"])


def _told(one: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """A single approval is told by the state; where there was more to it, each is."""
    return len(document["approvals"]) > 1 or not one["done"]


def _agreed(one: Mapping[str, Any], *, zone: str) -> str:
    counts = "" if one["counts"] else ": void, it changed since"
    what = f"{one['verb'].removeprefix('release ')} revision {one['revision']}"
    return f"{what} · {one['by']}, {moment(one['at'], zone)} · {one['hash'][:12]}{counts}"


def embargo(document: Mapping[str, Any], *, zone: str) -> str:
    """ "until Wed 17 Jan 2018 11:00 Brussels", "until lifted", "none: for immediate release"."""
    value = document["embargo"]
    if isinstance(value, datetime):
        return f"until {moment(value, zone)}"
    if value is None:
        return "none"
    expected = document.get("expected")
    return f"{value}, expected {moment(expected, zone)}" if expected else str(value)


def _advance(wave: Mapping[str, Any], *, zone: str) -> str:
    return f"{wave['tier']} {moment(wave['at'], zone) if wave['at'] else 'not planned'}"


def _recognised(version: Mapping[str, Any]) -> str:
    kinds = Counter(block["kind"] for block in version["blocks"])
    parts = [count(number, kind) for kind, number in kinds.items()]
    notes, contacts = len(version["notes_to_editors"]), len(version["contacts"])
    parts += [count(notes, "note to editors", "notes to editors")] if notes else []
    parts += [count(contacts, "press contact")] if contacts else []
    return ", ".join(["headline", *(["lead"] if version["lead"] else []), *parts])


def texts(out: Console, document: Mapping[str, Any]) -> None:
    """Every version as it was read."""
    for version in document["versions"]:
        out.print()
        heading(out, f"[{version['language']}] {version['headline']}")
        for label, text in _lines(version):
            if text:
                shown = Text(f"{label}: " if label else "", style="dim").append(clean(text), style="default")
                out.print(Padding(shown, (0, 0, 0, 2)))


def _lines(version: Mapping[str, Any]) -> Iterable[tuple[str, str | None]]:
    yield from (
        (name.replace("_", " "), version[name]) for name in ("site_line", "release_line", "date_line")
    )
    yield "subhead", version["subhead"]
    yield "dateline", (version["dateline"] or {}).get("text")
    yield "lead", version["lead"]
    for block in version["blocks"]:
        speaker = ", ".join(part for part in (block["speaker"], block["role"]) if part)
        kind = block["kind"] if block["kind"] != "paragraph" else ""
        yield f"{kind} ({speaker})" if speaker else kind, block["text"]
    yield from (("note to editors", note) for note in version["notes_to_editors"])
    yield from (("press contact", contact["text"] or contact["name"]) for contact in version["contacts"])
    yield from (("boilerplate", text) for text in version["boilerplate"])
    yield "end", version["end_mark"]


def plan(out: Console, document: Mapping[str, Any]) -> None:
    """The waves, each with its instant in every configured zone."""
    lines = [_wave(mailout) for mailout in document["mailouts"]]
    if any(last_one(mailout) for mailout in document["mailouts"]):
        table(out, ["wave", "when", ">size", "the last one", "state"], lines)
    else:
        table(out, ["wave", "when", ">size", "state"], [(*line[:3], line[4]) for line in lines])
    if document["estimate"]:
        hint(out, f"The last one: {document['estimate']}.")
    warnings(out, (f"skipped: {reason}" for reason in document["skipped"]))
    warnings(out, document["warnings"])
    if document["held"]:
        warnings(out, [f"held by {document['held']['by']}: {document['held']['reason']}"])


def _wave(mailout: Mapping[str, Any]) -> tuple[str, str, int, str, str]:
    held = mailout["held"]
    words = f"held: {held['reason']}" if held else mailout["state"]
    name = f"{mailout['kind']} {mailout['wave']}".strip()
    return name, zones(mailout["zones"]), mailout["size"], last_one(mailout), words


def last_one(mailout: Mapping[str, Any]) -> str:
    """When the last one gets it, in the first of the zones; "about …" by a guess, "" without one."""
    zone = next(iter(mailout["zones"]))
    if mailout["last_at"]:
        return moment(mailout["last_at"], zone)
    return f"about {moment(mailout['about_at'], zone)}" if mailout["about_at"] else ""


def zones(instants: Mapping[str, datetime]) -> str:
    """ "Wed 17 Jan 2018 11:00 Brussels · 10:00 London": later zones repeat the day only when it differs."""
    parts: list[str] = []
    first = None
    for zone, at in instants.items():
        first = first or at.date()
        whole = moment(at, zone)
        parts.append(whole if not parts or at.date() != first else whole.split(" ", 4)[4])
    return " · ".join(parts)


def audience(out: Console, document: Mapping[str, Any], *, zone: str, everybody: bool = False) -> None:
    """Who and why, then who not and why; when the last one gets it. Many are counted, and the first shown."""
    people = document["recipients"]
    last = f", the last one at {moment(document['last_at'], zone)}" if document["last_at"] else ""
    heading(out, f"{count(len(people), 'recipient')}{last}")
    warnings(out, document["warnings"])
    shown = people if everybody else people[:_SHOWN]
    if len(people) > _SHOWN:
        _counted(out, people)
    recipients(out, shown)
    if len(shown) < len(people):
        hint(out, f"{len(shown)} of {len(people)}: --all shows the others, --list and --language narrow them")
    others(out, document["excluded"])


def recipients(out: Console, people: Sequence[Mapping[str, Any]]) -> None:
    """Each with her reasons."""
    if people:
        columns = ["address", "name", "lang", "wave", "because"]
        table(out, columns, [_person(person) for person in people])


def others(out: Console, excluded: Sequence[Mapping[str, Any]]) -> None:
    """Who does not get it, by reason."""
    why_not: dict[str, list[str]] = {}
    for one in excluded:
        why_not.setdefault(one["reason"], []).append(one["address"])
    if why_not:
        out.print()
        heading(out, count(len(excluded), "does not get it", "do not get it"))
        table(out, [">", "why", "who"], [(len(who), why, _some(who)) for why, who in why_not.items()])


def _counted(out: Console, people: Sequence[Mapping[str, Any]]) -> None:
    """How many by each list, in each language, in advance. On several lists she counts for each."""
    lists = (name for person in people for name in {reason["list"] for reason in person["reasons"]})
    counts = {
        "by list": Counter(name or "named by the release" for name in lists),
        "by version": Counter(person["language"] for person in people),
        "in advance": Counter(person["wave"] for person in people if person["wave"]),
    }
    facts(out, [(name, ", ".join(f"{k} {n}" for k, n in c.most_common())) for name, c in counts.items()])
    out.print()


def _person(person: Mapping[str, Any]) -> tuple[str, ...]:
    because = "; ".join(dict.fromkeys(reason(one) for one in person["reasons"]))
    wave = person["wave"] or person["mailout"]
    return person["address"], person["name"], person["language"], wave, because


def reason(one: Mapping[str, Any]) -> str:
    """ "list trade follows trade", "list trade", "named by the release", "added by ada"."""
    if one.get("by"):
        return f"added by {one['by']}"
    if not one["list"]:
        return "named by the release"
    covers = f" (covers {one['covers']})" if one["covers"] and one["covers"] != one["topic"] else ""
    return f"list {one['list']}" + (f" follows {one['topic']}{covers}" if one["topic"] else "")


def _some(addresses: list[str]) -> str:
    more = len(addresses) - _NAMED
    return ", ".join(addresses[:_NAMED]) + (f" and {more} more" if more > 0 else "")
