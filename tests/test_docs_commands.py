"""commands.md has every command with its flags and no other, and every example in the papers can be called.

Planted once by hand and caught: a flag renamed in commands.md; a verb that does not exist in the README.
"""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from distributor.cli import nouns
from tests.papers import PAPERS, cells, code, paper

EVERYWHERE = {"--config", "--json", "--as", "--publisher", "--help"}
#: Programs whose lines name ours without calling it.
_OTHERS = ("docker", "useradd", "chown", "cp", "systemctl", "journalctl", "python3", "createdb")


@cache
def commands() -> dict[str, set[str]]:
    """{“release add”: its long flags}, of everything that can be called."""
    return {path: flags for noun in nouns._NOUNS for path, flags in leaves(nouns._load(noun), noun)}


def leaves(command: Any, path: str) -> Iterator[tuple[str, set[str]]]:
    below = getattr(command, "commands", None)
    if below is None:
        said = {flag for param in command.params for flag in param.opts if flag.startswith("--")}
        yield path, said - EVERYWHERE
        return
    for name, child in below.items():
        yield from leaves(child, f"{path} {name}")


def named(words: list[str]) -> str | None:
    """The longest command that these words begin with."""
    return next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in commands()), None)


@cache
def documented() -> dict[str, set[str]]:
    """{command: flags} as commands.md has them."""
    rows = [row for row in cells(paper("docs/commands.md")) if len(row) == 3]
    found = {}
    for first, _, flags in rows:
        command = named(code(first)[0].split())
        assert command, f"commands.md explains {first}, which does not exist"
        found[command] = {flag for one in code(flags) for flag in re.findall(r"--[a-z-]+", one)}
    return found


def test_every_command_is_explained() -> None:
    assert set(documented()) == set(commands())


@pytest.mark.parametrize("noun", nouns._NOUNS)
def test_every_flag_is_explained(noun: str) -> None:
    mine = [command for command in commands() if command.split()[0] == noun]
    assert {c: documented().get(c) for c in mine} == {c: commands()[c] for c in mine}


def test_options_that_may_stand_anywhere_are_explained() -> None:
    params = {flag for param in nouns.root().params for flag in param.opts}
    text = paper("docs/commands.md")
    assert all(f"`{flag}" in text or f" {flag}`" in text for flag in params - {"--help"})


def shell(text: str) -> Iterator[list[str]]:
    """The words of each call of distributor in the code blocks and code spans of a text."""
    blocks = "\n".join(re.findall(r"^ *```sh\n(.*?)^ *```", text, re.M | re.S))
    spans = re.findall(r"(?<!`)`(distributor [^`]+)`", text)
    for line in [*blocks.replace("\\\n", " ").splitlines(), *spans]:
        for part in re.split(r"&&|\|\||;", line.partition("  #")[0]):
            words = shlex.split(part) if part.count('"') % 2 == 0 else part.split()
            called = [n for n, word in enumerate(words) if re.fullmatch(r"(\S*/)?distributor", word)]
            if called and words[0] not in _OTHERS:
                yield words[called[-1] + 1 :]


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_examples_call_what_exists(path: Path) -> None:
    for words in shell(path.read_text("utf-8")):
        said = [word for word in _without_everywhere(words) if word not in ("NOUN", "VERB")]
        plain = [word for word in said if not word.startswith("--")]
        if not plain or words[0].startswith(("/", "http")):
            continue
        command = named(plain)
        assert command or plain[0] in nouns._NOUNS, f"{path.name}: distributor {' '.join(words)}"
        flags = {word.partition("=")[0] for word in said if word.startswith("--")}
        allowed = commands()[command] if command else {f for c in commands() for f in commands()[c]}
        assert flags <= allowed, f"{path.name}: distributor {' '.join(words)}"


def _without_everywhere(words: list[str]) -> list[str]:
    rest = iter(words)
    kept = []
    for word in rest:
        if word in ("--config", "--as", "--publisher"):
            next(rest)
        elif word not in ("--json", "--version", "--help", "…"):
            kept.append(word)
    return kept
