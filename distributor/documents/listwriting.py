"""Writes lists and topics as the files that listfiles and topicsfile read: a sync of them changes nothing.

NAME.csv is UTF-8 with BOM, so that Excel shows every letter.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from distributor.documents.listtable import COLUMNS
from distributor.model.contact import ContactRow, ListFile
from distributor.model.topic import Topic, TopicTree
from distributor.policy.topics import walk


def write_list(found: ListFile, *, folder: Path) -> tuple[Path, Path]:
    """Write NAME.toml and NAME.csv into a folder that exists; files of that name are replaced."""
    settings, table = paths(found.name, folder=folder)
    settings.write_text(list_toml(found), "utf-8")
    table.write_bytes(list_csv(found).encode("utf-8-sig"))
    return settings, table


def paths(name: str, *, folder: Path) -> tuple[Path, Path]:
    """The two files of a list."""
    return folder / f"{name}.toml", folder / f"{name}.csv"


def list_toml(found: ListFile) -> str:
    """The text of NAME.toml."""
    said = {
        "title": found.title,
        "topics": list(found.topics),
        "language": found.language,
        "embargo_access": found.embargo_access,
    }
    return _keys(said)


def list_csv(found: ListFile) -> str:
    """The text of NAME.csv: known columns, then the unknown ones in alphabetical order."""
    extra = sorted({column for row in found.rows for column in row.extra})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*COLUMNS, *extra])
    for row in found.rows:
        cells = _cells(row)
        writer.writerow([*(cells[column] for column in COLUMNS), *(row.extra.get(name, "") for name in extra)])
    return text.getvalue()


def _cells(row: ContactRow) -> dict[str, str]:
    written = {column: getattr(row, column, "") for column in COLUMNS}
    return written | {
        "email": row.address.text,
        "language": ";".join(row.languages),
        "topics": ";".join(row.topics),
        "embargo_access": row.embargo_access or "",
    }


def topics_toml(tree: TopicTree) -> str:
    """The text of topics.toml, parents first."""
    return "\n".join(f"[{json.dumps(topic.id)}]\n{_topic(topic)}" for _, topic in walk(tree))


def _topic(topic: Topic) -> str:
    said: dict[str, object] = {"parent": topic.parent or ("" if "/" in topic.id else None)}
    said |= _dotted("label", topic.labels) | _dotted("keywords", topic.keywords)
    vocabularies = {"eurovoc": topic.eurovoc, "iptc": topic.iptc, "ep": topic.ep}
    return _keys(said | vocabularies | {"aliases": topic.aliases or None})


def _dotted(key: str, values: Mapping[str, object]) -> dict[str, object]:
    return {f"{key}.{language}": value for language, value in values.items()}


def _keys(said: Mapping[str, object]) -> str:
    """Lines of TOML; None says nothing. JSON's strings and lists are TOML's."""
    lines = (f"{key} = {_value(value)}\n" for key, value in said.items() if value is not None)
    return "".join(lines)


def _value(value: object) -> str:
    if isinstance(value, Iterable) and not isinstance(value, str):
        value = list(value)
    return json.dumps(value, ensure_ascii=False)
