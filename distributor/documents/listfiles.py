"""Reads the folder of lists: topics.toml, and per list NAME.toml and NAME.csv.

A NAME.csv alone is a list with the defaults, a NAME.toml alone an empty one. What concerns a whole file
(not TOML, no column “email”, an unknown topic of a list, two lists of one name) refuses the folder;
what concerns a row refuses that row. No database here.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from distributor.documents import listrows, listtable, topicsfile
from distributor.errors import DocumentError
from distributor.model.contact import ListFile
from distributor.model.topic import TopicTree
from distributor.policy import languages, topics
from distributor.policy.listmerge import by_name

_NAME = re.compile(r"\w[\w .&+-]{0,99}")
_KEYS = ("title", "topics", "language", "embargo_access")
Instead = Mapping[str, bytes | None]
_NOTHING: Instead = MappingProxyType({})
_SHEETS = (".xlsx", ".xls", ".ods", ".tsv", ".txt")
LARGEST = 200_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder of lists says. `topics` is None when it has no topics.toml; lists come by name.

    `notes` are about files that were not read, and columns that look misspelt, one line each.
    """

    path: Path
    topics: TopicTree | None
    lists: tuple[ListFile, ...]
    notes: tuple[str, ...] = ()


def read_folder(path: Path, *, known: TopicTree | None = None, instead: Instead = _NOTHING) -> Folder:
    """Read a folder of lists; `known` are the topics that count where it has no topics.toml.

    `instead`: by name, what is read in a list file's place; None: as if it were not there. Raises
    DocumentError with file, place and cure.
    """
    if not path.is_dir() and not instead:
        raise DocumentError(
            "there is no such folder", where=str(path), cure="Name it with --dir or in [paths] lists."
        )
    files = _files(path, instead)
    tree = next((topicsfile.read(f) for f in files if f.name.casefold() == topicsfile.NAME), None)
    tables = _by_list(files)
    spelt: list[str] = []
    lists = [
        _list(name, found, tree=_which(tree, known), instead=instead, spelt=spelt)
        for name, found in tables.items()
    ]
    ordered = sorted(lists, key=lambda one: by_name(one.name))
    return Folder(path, tree, tuple(ordered), notes=(*_notes(files), *spelt))


def _files(path: Path, instead: Instead) -> list[Path]:
    there = path.iterdir() if path.is_dir() else ()
    found = {file for file in there if file.name not in instead and _readable(file)}
    return sorted(found | {path / name for name, data in instead.items() if data is not None})


def _readable(file: Path) -> bool:
    """Raises DocumentError for what has a list's name and is no file: its list would be an empty one."""
    if file.name[0] in ".~":
        return False
    if file.is_file():
        return True
    if file.suffix.lower() in (".csv", ".toml"):
        raise DocumentError(
            "is no file" if file.exists() else "leads to a file that is not there",
            where=str(file),
            cure="Put the list's file there, or take this away.",
        )
    return False


def _which(tree: TopicTree | None, known: TopicTree | None) -> TopicTree:
    return tree or known or TopicTree(topics={})


def _notes(files: Iterable[Path]) -> tuple[str, ...]:
    return tuple(
        f"{file.name} is not read: save it as CSV" for file in files if file.suffix.lower() in _SHEETS
    )


def _by_list(files: Iterable[Path]) -> dict[str, dict[str, Path]]:
    """{list: {"toml": …, "csv": …}}. Raises DocumentError for a list that is there twice."""
    found: dict[str, dict[str, Path]] = {}
    first: dict[str, str] = {}
    for file in files:
        kind = file.suffix.lower().removeprefix(".")
        if kind not in ("toml", "csv") or file.name.casefold() == topicsfile.NAME:
            continue
        name = _checked(file)
        if first.setdefault(name.casefold(), name) != name or kind in found.get(name, {}):
            twin = first[name.casefold()]
            other = next(iter(found[twin].values()))
            raise DocumentError(
                f"the list “{name}” is there twice: {other.name} and {file.name}",
                where=str(file.parent),
                cure="Give one of them another name (capitals make no difference).",
            )
        found.setdefault(name, {})[kind] = file
    return found


def _checked(file: Path) -> str:
    name = unicodedata.normalize("NFC", file.stem)
    if not _NAME.fullmatch(name) or name != name.strip() or name.casefold() == "topics":
        raise DocumentError(
            f"“{name}” cannot be a list's name",
            where=str(file),
            cure='Use letters, digits, spaces and ". & + - _" (and not “topics”).',
        )
    return name


def _list(
    name: str, files: Mapping[str, Path], *, tree: TopicTree, instead: Instead, spelt: list[str]
) -> ListFile:
    """What looks misspelt in it is added to `spelt`."""
    settings = files.get("toml")
    told = _settings(settings, tree=tree, data=instead.get(settings.name)) if settings else {}
    table = _table(files["csv"], instead.get(files["csv"].name)) if "csv" in files else None
    rows, refused = listrows.read(table, file=files["csv"].name, tree=tree) if table else ((), ())
    spelt += _misspelt(files["csv"].name, table.columns) if table else ()
    return ListFile(
        name=name,
        title=told.get("title") or name,
        topics=told.get("topics", ()),
        language=told.get("language"),
        embargo_access=told.get("embargo_access"),
        rows=rows,
        refused=refused,
    )


def _misspelt(file: str, columns: Sequence[str]) -> list[str]:
    return [
        f"{file}: the column “{said}” is kept and not understood: is “{meant}” meant?"
        for said, meant in listtable.misspelt(columns).items()
    ]


def _table(file: Path, data: bytes | None) -> listtable.Table:
    if data is not None:
        return listtable.read(data, where=file.name)
    try:
        if file.stat().st_size > LARGEST:
            raise DocumentError(
                f"is larger than {LARGEST // 1_000_000} MB", where=str(file), cure="Split it into lists."
            )
        return listtable.read(file.read_bytes(), where=str(file))
    except OSError as error:
        cure = "See that distributor's user may read it."
        raise DocumentError(f"cannot be read ({error.strerror})", where=str(file), cure=cure) from None


def _settings(file: Path, *, tree: TopicTree, data: bytes | None = None) -> dict[str, Any]:
    """The keys of a NAME.toml, checked. Raises DocumentError with file and key, NotFound for a topic."""
    told = topicsfile.load_toml(file, data)
    for key in told:
        if key not in _KEYS:
            raise DocumentError(f"unknown key “{key}”", where=str(file), cure=f"Keys: {', '.join(_KEYS)}.")
    follows = topicsfile.strings(told.get("topics", []), where=f"{file} topics")
    texts = {
        key: topicsfile.string(told.get(key, ""), where=f"{file} {key}")
        for key in ("title", "language", "embargo_access")
    }
    return {
        "title": texts["title"],
        "topics": _topics(follows, tree=tree, where=f"{file} topics"),
        "language": _language(texts["language"], where=f"{file} language"),
        "embargo_access": _tier(texts["embargo_access"], where=f"{file} embargo_access"),
    }


def _topics(named: Iterable[str], *, tree: TopicTree, where: str) -> tuple[str, ...]:
    ids = (name if name == topics.ALL else topics.resolve(name, tree=tree, where=where) for name in named)
    return tuple(dict.fromkeys(ids))


def _language(text: str, *, where: str) -> str | None:
    code = languages.code(text)
    if text and code is None:
        raise DocumentError(f"“{text}” is no language code", where=where, cure="Use ISO 639-1: en, fr, de …")
    return code


def _tier(text: str, *, where: str) -> str | None:
    if text and not listrows.TIER.fullmatch(text):
        raise DocumentError(
            f"“{text}” is no name of a tier", where=where, cure="Use letters, digits and “-”."
        )
    return text.lower() or None
