"""Writes lists and topics as the files that listfiles and topicsfile read: a sync of them changes nothing.

NAME.csv is UTF-8 with BOM, so that Excel shows every letter; no cell of it is a formula (see `csvcell`).
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from distributor.documents.csvcell import guarded
from distributor.documents.listtable import COLUMNS
from distributor.documents.topicsfile import NAME
from distributor.model.contact import ContactRow, ListFile
from distributor.model.topic import Topic, TopicTree
from distributor.policy.topics import walk


def write(lists: Sequence[ListFile], *, tree: TopicTree | None, folder: Path) -> list[Path]:
    """Write the lists, and the topics unless `tree` is None; files of these names are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [text for one in lists for text in (list_toml(one), list_csv(one))]
    if tree is not None:
        texts.append(topics_toml(tree))
    written = files(lists, tree=tree, folder=folder)
    for file, text in zip(written, texts, strict=True):
        file.write_bytes(text.encode("utf-8-sig" if file.suffix == ".csv" else "utf-8"))
    return written


def files(lists: Sequence[ListFile], *, tree: TopicTree | None, folder: Path) -> list[Path]:
    """What `write` writes."""
    named = [folder / f"{one.name}.{kind}" for one in lists for kind in ("toml", "csv")]
    return named if tree is None else [*named, folder / NAME]


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
    writer.writerow([*COLUMNS, *map(guarded, extra)])
    for row in found.rows:
        cells = cells_of(row)
        said = [*(cells[column] for column in COLUMNS), *(row.extra.get(name, "") for name in extra)]
        writer.writerow([guarded(cell) for cell in said])
    return text.getvalue()


def cells_of(row: ContactRow) -> dict[str, str]:
    """Her row by the names of known columns."""
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
