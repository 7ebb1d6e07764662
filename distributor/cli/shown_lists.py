"""How lists, their files and a sync are printed, for people and as JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from distributor.documents.listfiles import Folder
from distributor.model.contact import BadRow
from distributor.model.listdiff import ListDiff, Member
from distributor.store.views.lists import Listed, Size

_MOST = 20  # lines of one kind that a person reads
_NAMED = 10  # numbers of lines in one sentence


def diff_json(diff: ListDiff) -> dict[str, Any]:
    """The document of `lists sync`."""
    counts = diff.counts
    return {
        "added": counts.added,
        "changed": counts.changed,
        "gone": counts.gone,
        "unchanged": counts.unchanged,
        "kept_silent": counts.kept_silent,
        "refused": [bad_json(bad) for bad in diff.refused],
        "lists": {"saved": [facts.name for facts in diff.lists_saved], "gone": list(diff.lists_gone)},
        "topics_changed": diff.topics is not None,
        "differences": list(diff.differences),
    }


def bad_json(bad: BadRow) -> dict[str, Any]:
    """One refused row."""
    return {"file": bad.file, "line": bad.line, "value": bad.value, "reason": bad.reason}


def diff(out: Console, diff: ListDiff, *, notes: Sequence[str]) -> None:
    """The diff of a sync: counts, then what needs a look."""
    counts = diff.counts
    table = Table.grid(padding=(0, 2))
    for sign, name, number in (
        ("+", "added", counts.added),
        ("~", "changed", counts.changed),
        ("-", "gone", counts.gone),
        ("", "unchanged", counts.unchanged),
        ("", "kept silent", counts.kept_silent),
        ("!", "refused", len(diff.refused)),
    ):
        table.add_row(sign, name, str(number))
    out.print(table)
    _some(out, "Topics", ["changed"] if diff.topics is not None else [])
    _some(out, "Lists new or changed", [facts.name for facts in diff.lists_saved])
    _some(out, "Lists gone", diff.lists_gone)
    _some(out, "Added", [_member(member) for member in diff.members_added])
    _some(
        out,
        "Changed",
        sorted({*(m.key for m in diff.members_changed), *(k for k, _ in diff.changed_contacts)}),
    )
    _some(out, "Gone", [_member(member) for member in diff.members_gone])
    _some(
        out,
        "Embargo access given",
        [f"{key}: {grant.tier} ({grant.criterion})" for key, grant in diff.granted],
    )
    _some(out, "Embargo access ended", diff.withdrawn)
    _some(out, "Two files differ", diff.differences)
    _some(out, "Refused", [_bad(bad) for bad in diff.refused])
    _some(out, "Files", notes)
    if diff.empty:
        out.print("Nothing to change.")


def _member(member: Member) -> str:
    return f"{member.key} ({member.list})"


def _bad(bad: BadRow) -> str:
    return f"{bad.file}:{bad.line}: “{bad.value}” {bad.reason}"


def left_out(diff: ListDiff) -> str:
    """ "3 rows are refused and left out (trade.csv lines 4, 9; sea.csv line 2): mend them and sync again"."""
    lines: dict[str, list[int]] = {}
    for bad in diff.refused:
        lines.setdefault(bad.file, []).append(bad.line)
    where = "; ".join(f"{file} {_lines(numbers)}" for file, numbers in lines.items())
    one = len(diff.refused) == 1
    rows, them = ("1 row is", "it") if one else (f"{len(diff.refused)} rows are", "them")
    return f"{rows} refused and left out ({where}): mend {them} and sync again"


def _lines(numbers: Sequence[int]) -> str:
    named = ", ".join(str(number) for number in numbers[:_NAMED])
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"line{'s' if len(numbers) > 1 else ''} {named}{more}"


def _some(out: Console, title: str, lines: Sequence[str]) -> None:
    if lines:
        out.print(f"\n{title}", style="bold")
        for line in lines[:_MOST]:
            out.print(f"  {line}", soft_wrap=True)
        if len(lines) > _MOST:
            out.print(f"  … and {len(lines) - _MOST} more")


def check_json(found: Folder) -> dict[str, Any]:
    """The document of `lists check`."""
    return {
        "topics": len(found.topics.topics) if found.topics else 0,
        "lists": [
            {"name": one.name, "title": one.title, "rows": len(one.rows), "refused": len(one.refused)}
            for one in found.lists
        ],
        "refused": [bad_json(bad) for one in found.lists for bad in one.refused],
        "notes": list(found.notes),
    }


def check(out: Console, found: Folder) -> None:
    """What the files hold."""
    table = Table("list", "title", "topics", "rows", "refused")
    for one in found.lists:
        table.add_row(
            one.name, one.title, ", ".join(one.topics), str(len(one.rows)), str(len(one.refused) or "")
        )
    out.print(table)
    _some(out, "Refused", [_bad(bad) for one in found.lists for bad in one.refused])
    _some(out, "Files", found.notes)


def size_json(size: Size) -> dict[str, Any]:
    """One list."""
    facts = size.list
    return {
        "name": facts.name,
        "title": facts.title,
        "topics": list(facts.topics),
        "language": facts.language,
        "embargo_access": facts.embargo_access,
        "members": size.members,
        "silent": size.silent,
    }


def sizes(out: Console, found: Sequence[Size]) -> None:
    """All lists."""
    if not found:
        out.print("No lists yet: put them into lists/ and run “distributor lists sync”.")
        return
    table = Table("list", "title", "topics", "members", "silent")
    for size in found:
        facts = size.list
        table.add_row(
            facts.name, facts.title, ", ".join(facts.topics), str(size.members), str(size.silent or "")
        )
    out.print(table)


def listed_json(person: Listed) -> dict[str, Any]:
    """One member."""
    return {
        "address": person.address,
        "name": person.name,
        "outlet": person.outlet,
        "languages": list(person.languages),
        "topics": list(person.topics),
        "standing": person.standing,
        "embargo_access": person.tier,
    }


def members(out: Console, size: Size, people: Sequence[Listed]) -> None:
    """One list with its members."""
    facts = size.list
    out.print(
        f"{facts.shown} ({facts.name}): {', '.join(facts.topics) or 'no topics'}, {size.members} members"
    )
    table = Table("address", "name", "outlet", "languages", "follows only", "access", "standing")
    for one in people:
        table.add_row(
            one.address,
            one.name,
            one.outlet,
            " ".join(one.languages),
            ", ".join(one.topics),
            one.tier or "",
            one.standing,
        )
    out.print(table)


def written(out: Console, files: Sequence[Path]) -> None:
    """Files that were written."""
    for file in files:
        out.print(str(file), soft_wrap=True)
