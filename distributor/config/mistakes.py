"""Says where a mistake in the configuration is, and what would be right.

The place is the line of the file, or the name of the environment variable when that one set the value.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from distributor.config.publishers import OtherPublisher
from distributor.config.sections import Dkim, Pacing, Relay
from distributor.config.whole import Config
from distributor.errors import ConfigError

PREFIX = "DISTRIBUTOR_"
_SETTABLE = [name for name in Config.model_fields if name not in ("base", "file")]
_WORDS = {
    "missing": "is missing",
    "tuple_type": 'is wrong: it must be a list, as in ["one", "two"]',
    "model_type": "is wrong: it must be a section",
    "dict_type": "is wrong: it must be a section",
    "path_type": "is wrong: it must be a path in quotes",
    "string_type": "is wrong: it must be a text in quotes",
}
_NAMED: Mapping[str, type[BaseModel]] = {
    "publishers": OtherPublisher,
    "relays": Relay,
    "dkim": Dkim,
    "pacing": Pacing,
}  # as in [relays.main]
_EXAMPLE = "config.example.toml shows every key with its default."


@dataclass(frozen=True)
class Source:
    """The text that was read, and the file it came from."""

    file: Path | None
    text: str

    def refuse_unknown(self, sections: Iterable[str]) -> None:
        """Raises ConfigError for the first section that does not exist."""
        for name in sections:
            if name not in _SETTABLE:
                raise self._unknown([name], where=self._place([name]))

    def refuse_unknown_environment(self, environment: Mapping[str, str]) -> None:
        """Raises ConfigError for a variable DISTRIBUTOR_SECTION__KEY of a section that does not exist."""
        for variable in environment:
            section, key, _ = variable.removeprefix(PREFIX).partition("__")
            if variable.startswith(PREFIX) and key and section.lower() not in _SETTABLE:
                raise self._unknown([section.lower()], where=f"environment {variable}")

    def explain(self, error: Any, *, environment: Mapping[str, str]) -> ConfigError:
        """The first of pydantic's errors in our words."""
        path = [str(part) for part in error["loc"] if not isinstance(part, int) and part != "[key]"]
        where = _variable(path, environment) or self._place(path)
        if error["type"] == "extra_forbidden":
            return self._unknown(path, where=where)
        message = error["msg"].removeprefix("Value error, ")
        wrong = _WORDS.get(error["type"], f"is wrong: {message[:1].lower()}{message[1:]}")
        return ConfigError(f"“{path[-1]}” {wrong}", where=where, cure=_EXAMPLE)

    def explain_environment(self, message: str) -> ConfigError:
        """A variable that holds no JSON where a list or a section is needed."""
        section = re.search(r'field "(\w+)"', message)
        name = f"{PREFIX}{section[1].upper()}" if section else PREFIX
        return ConfigError(
            "a list is not written as JSON",
            where=f"environment {name}…",
            cure='Write it as \'["one", "two"]\'.',
        )

    def _unknown(self, path: list[str], *, where: str) -> ConfigError:
        near = difflib.get_close_matches(path[-1], _known(path[:-1]), n=1)
        cure = f"Did you mean “{near[0]}”?" if near else "Remove it; config.example.toml lists all keys."
        return ConfigError(f"unknown {'key' if path[1:] else 'section'} “{path[-1]}”", where=where, cure=cure)

    def _place(self, path: list[str]) -> str:
        file = str(self.file or "defaults")
        line = _line(self.text, section=".".join(path[:-1]), key=path[-1])
        return f"{file}{f':{line}' if line else ''} [{'.'.join(path[:-1] or path)}]"


def _variable(path: list[str], environment: Mapping[str, str]) -> str:
    for length in range(len(path), 0, -1):
        name = PREFIX + "__".join(path[:length])
        found = next((variable for variable in environment if variable.lower() == name.lower()), None)
        if found:
            return f"environment {found}"
    return ""


def _known(path: list[str]) -> list[str]:
    if not path:
        return _SETTABLE
    if path[0] in _NAMED:
        return list(_NAMED[path[0]].model_fields)
    section = Config.model_fields[path[0]].annotation
    return list(getattr(section, "model_fields", {}))


def _line(text: str, *, section: str, key: str) -> int | None:
    """The line that sets `key` in `[section]`, else the one that opens it; None when it cannot be told."""
    current, opened = "", None
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[([^\[\]]+)\]", line)
        if header:
            current = header[1].strip().translate({ord('"'): None, ord("'"): None})
            opened = number if current in (section, key) else opened
        elif current == section and re.match(rf'\s*"?{re.escape(key)}"?\s*[=.]', line):
            return number
    return opened
