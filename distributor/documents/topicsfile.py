"""Reads topics.toml: a table per topic id, checked whole.

A topic's parent is the one it names, else the topic that its id is prefixed with ("trade" for
"trade/export-control"), else none; `parent = ""` says none. Does not look at lists or the database.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from distributor.errors import DocumentError
from distributor.model.headertext import trouble_of_name
from distributor.model.topic import Topic, TopicTree
from distributor.policy import languages, topics

NAME = "topics.toml"
_ID = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*")
_KEYS = ("parent", "label", "keywords", "eurovoc", "iptc", "ep", "aliases")


def read(path: Path) -> TopicTree:
    """The topic tree of a topics.toml. Raises DocumentError with file and key."""
    return parse(load_toml(path), where=str(path))


def load_toml(path: Path, data: bytes | None = None) -> dict[str, Any]:
    """A TOML file (UTF-8, with or without BOM); `data` in its place. Raises DocumentError."""
    try:
        return tomllib.loads((path.read_bytes() if data is None else data).decode("utf-8-sig"))
    except OSError as error:
        raise DocumentError(f"cannot be read ({error.strerror})", where=str(path)) from None
    except UnicodeDecodeError:
        raise DocumentError("is not UTF-8", where=str(path), cure="Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"is not TOML: {error}", where=str(path), cure="Mend that line.") from None


def parse(data: Mapping[str, Any], *, where: str) -> TopicTree:
    """The topic tree of a parsed topics.toml. Raises DocumentError with `where` and key."""
    found = [_topic(id, table, ids=data, where=f"{where} [{id}]") for id, table in data.items()]
    return topics.build(found, where=where)


def _topic(id: str, table: object, *, ids: Mapping[str, Any], where: str) -> Topic:
    if not _ID.fullmatch(id):
        raise DocumentError(
            f"“{id}” cannot be a topic's id",
            where=where,
            cure='Use a-z, 0-9, "-", and "/" between levels, as in ["trade/export-control"].',
        )
    if not isinstance(table, dict):
        raise DocumentError("is not a table", where=where, cure=f'Write it as ["{id}"] with its keys below.')
    for key in table:
        _refuse_unknown(key, id=id, where=where)
    return Topic(
        id=id,
        parent=_parent(id, table, ids=ids, where=where),
        labels=_by_language(table.get("label", {}), where=f"{where} label"),
        keywords=_words_by_language(table.get("keywords", {}), where=f"{where} keywords"),
        aliases=strings(table.get("aliases", []), where=f"{where} aliases"),
        eurovoc=_vocabulary_id(table, "eurovoc", where=where),
        iptc=_vocabulary_id(table, "iptc", where=where),
        ep=_vocabulary_id(table, "ep", where=where),
    )


def _refuse_unknown(key: str, *, id: str, where: str) -> None:
    if key not in _KEYS:
        cure = f'A topic below this one is written ["{id}/{key}"]; its keys are {", ".join(_KEYS)}.'
        raise DocumentError(f"unknown key “{key}”", where=where, cure=cure)


def _parent(id: str, table: Mapping[str, Any], *, ids: Mapping[str, Any], where: str) -> str | None:
    if "parent" in table:
        return string(table["parent"], where=f"{where} parent") or None
    prefix = id.rpartition("/")[0]
    while prefix and prefix not in ids:
        prefix = prefix.rpartition("/")[0]
    return prefix or None


def _by_language(value: object, *, where: str) -> dict[str, str]:
    return {
        code: string(text, where=f"{where}.{code}") for code, text in _languages(value, where=where).items()
    }


def _words_by_language(value: object, *, where: str) -> dict[str, tuple[str, ...]]:
    return {
        code: strings(words, where=f"{where}.{code}")
        for code, words in _languages(value, where=where).items()
    }


def _languages(value: object, *, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DocumentError(
            "needs a language", where=where, cure=f"Write {where.rpartition(' ')[2]}.en = … and so on."
        )
    for code in value:
        if code not in languages.KNOWN:
            raise DocumentError(f"“{code}” is no language code", where=where, cure=languages.suggestion(code))
    return value


def _vocabulary_id(table: Mapping[str, Any], key: str, *, where: str) -> str | None:
    value = table.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return None if value is None else string(value, where=f"{where} {key}") or None


def string(value: object, *, where: str) -> str:
    """A string that may stand in a header. Raises DocumentError."""
    if not isinstance(value, str):
        raise DocumentError("must be a string", where=where, cure='Put it between "…".')
    wrong = trouble_of_name(value)
    if wrong:
        raise DocumentError(f"holds {wrong}", where=where, cure="Write it as plain text on one line.")
    return value.strip()


def strings(value: object, *, where: str) -> tuple[str, ...]:
    """A list of strings. Raises DocumentError."""
    if not isinstance(value, list):
        raise DocumentError("must be a list", where=where, cure='Write it as ["one", "two"].')
    return tuple(string(entry, where=where) for entry in value)
