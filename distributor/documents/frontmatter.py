"""The front matter of a Markdown release: YAML between two lines "---", every value taken as it is written.

No value is converted by YAML (a time keeps its offset, "no" stays "no"). Unknown or doubled keys and wrong
types are refused by name and line. What the values mean is decided by intake and policy.
"""

import difflib
import re
from dataclasses import dataclass, field, replace

import yaml

from distributor.documents.people import contact
from distributor.errors import DocumentError
from distributor.model.address import Address
from distributor.model.draft import PressContact
from distributor.model.headertext import trouble
from distributor.policy import languages

_TEXTS = ("title", "language", "reference", "type", "embargo", "publisher")
_LISTS = ("topics", "lists", "exclude", "also")
_CONTACT_KEYS = ("name", "role", "phone", "email")
KEYS = (*_TEXTS, *_LISTS, "advance", "contacts", "attachments", "urgent")
TYPES = ("release", "statement", "advisory", "speech", "q&a")
_FENCE = re.compile(r"-{3}[ ]*")
_CLOSE = re.compile(r"(?:-{3}|\.{3})[ ]*")
_EMPTY = ("", "~", "null")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What it says; None or () where it says nothing. `lines` is how many lines it took."""

    lines: int = 0
    title: str | None = None
    language: str | None = None
    reference: str | None = None
    type: str | None = None
    embargo: str | None = None
    embargo_line: int | None = None
    publisher: str | None = None
    topics: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    advance: tuple[tuple[str, str], ...] = ()
    contacts: tuple[PressContact, ...] = ()
    warnings: tuple[str, ...] = field(default=())


def present(text: str) -> bool:
    """True when `text` opens with front matter, and not just with a line of hyphens."""
    lines = text.lstrip("\n").split("\n", 2)
    return (
        len(lines) > 1
        and bool(_FENCE.fullmatch(lines[0]))
        and bool(re.match(r"\s*(?:[\w-]+\s*:|#|---)", lines[1]))
    )


def read(text: str, *, source: str) -> tuple[FrontMatter, str]:
    """The front matter and the text below it. Raises DocumentError with file, line and cure."""
    if not present(text):
        return FrontMatter(), text
    lines = text.split("\n")
    start = next(number for number, line in enumerate(lines) if line.strip())
    end = next((n for n in range(start + 1, len(lines)) if _CLOSE.fullmatch(lines[n])), None)
    if end is None:
        raise DocumentError(
            "the front matter is not closed",
            where=f"{source}, line {start + 1}",
            cure="End it with a line “---”.",
        )
    found = _Reader(source, start + 2).read("\n".join(lines[start + 1 : end]))
    return replace(found, lines=end + 1), "\n".join(lines[end + 1 :])


class _Reader:
    """Reads one mapping; knows where it stands for the sake of messages."""

    def __init__(self, source: str, first_line: int) -> None:
        self.source, self.first_line = source, first_line
        self.warnings: list[str] = []

    def read(self, text: str) -> FrontMatter:
        root = self._compose(text)
        values: dict[str, object] = {}
        for key_node, node in root.value if root else ():
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
            self._check_key(key, key_node, known=values)
            if not (isinstance(node, yaml.ScalarNode) and node.style is None and node.value in _EMPTY):
                values[key] = self._value(key, node)
                if key == "embargo":
                    values["embargo_line"] = self.first_line + key_node.start_mark.line
        values = {key: value for key, value in values.items() if value is not None}
        return FrontMatter(**values, warnings=tuple(self.warnings))  # type: ignore[arg-type]

    def _compose(self, text: str) -> yaml.MappingNode | None:
        try:
            root = yaml.compose(text, Loader=yaml.BaseLoader)
        except (yaml.YAMLError, RecursionError) as error:  # brackets thousands deep
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or "it cannot be read"
            line = self.first_line + (mark.line if mark else 0)
            cure = "Put a value that holds “: ”, “#” or quotation marks in single quotes."
            raise DocumentError(
                f"the front matter is no YAML: {what}", where=f"{self.source}, line {line}", cure=cure
            ) from None
        if root is not None and not isinstance(root, yaml.MappingNode):
            raise self._error(
                "the front matter has no keys", root, cure="Write it as “key: value”, one a line."
            )
        return root

    def _check_key(self, key: str, node: yaml.Node, *, known: dict[str, object]) -> None:
        if key not in KEYS:
            near = difflib.get_close_matches(key.lower(), KEYS, n=1)
            cure = f"Did you mean “{near[0]}”?" if near else f"Use {', '.join(KEYS)}."
            raise self._error(f"unknown key “{key[:40]}”", node, cure=cure)
        if key in known:
            raise self._error(f"“{key}” stands there twice", node, cure="Keep one of them.")

    def _value(self, key: str, node: yaml.Node) -> object:
        if key in _TEXTS:
            return self._text(key, node)
        if key in _LISTS:
            return self._texts(key, node)
        if key == "advance":
            return self._advance(node)
        if key == "contacts":
            return self._contacts(node)
        self._not_yet(key, node)
        return None

    def _text(self, key: str, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(f"“{key}” must be a text", node, cure=f"Write “{key}: …” on one line.")
        text = " ".join(self._line(key, node).split())
        if key == "language":
            return self._language(text, node)
        if key == "type" and text.lower() not in TYPES:
            raise self._error(f"unknown type “{text[:40]}”", node, cure=f"Use one of {', '.join(TYPES)}.")
        return text.lower() if key == "type" else text

    def _line(self, key: str, node: yaml.ScalarNode) -> str:
        """A value that may reach a header. A text that YAML folds has blanks by now; "\\r\\n" has not."""
        wrong = trouble(node.value.strip("\n"))
        if wrong:
            raise self._error(f"“{key}” holds {wrong}", node, cure="Write it as plain text on one line.")
        return str(node.value)

    def _language(self, text: str, node: yaml.Node) -> str:
        code = languages.code(text)
        if code is None:
            raise self._error(f"unknown language “{text[:40]}”", node, cure=languages.suggestion(text))
        return code

    def _texts(self, key: str, node: yaml.Node) -> tuple[str, ...]:
        """A list, or one text with commas."""
        if isinstance(node, yaml.ScalarNode):
            return tuple(part.strip() for part in node.value.split(",") if part.strip())
        if isinstance(node, yaml.SequenceNode) and all(
            isinstance(entry, yaml.ScalarNode) for entry in node.value
        ):
            return tuple(" ".join(entry.value.split()) for entry in node.value if entry.value.strip())
        raise self._error(f"“{key}” must be a list of names", node, cure=f"Write “{key}: [one, another]”.")

    def _advance(self, node: yaml.Node) -> tuple[tuple[str, str], ...]:
        """ "tier: -24h" a line, or a list of "tier=-24h"."""
        if isinstance(node, yaml.MappingNode):
            pairs = [(k.value, v.value) for k, v in node.value if isinstance(v, yaml.ScalarNode)]
            if len(pairs) == len(node.value):
                return tuple(pairs)
        else:
            texts = self._texts("advance", node)
            if all("=" in text for text in texts):
                split = (text.partition("=") for text in texts)
                return tuple((tier.strip(), when.strip()) for tier, _, when in split)
        raise self._error(
            "“advance” must name tiers and times", node, cure="Write “advance: {agencies: -24h}”."
        )

    def _contacts(self, node: yaml.Node) -> tuple[PressContact, ...]:
        entries = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(self._contact(entry) for entry in entries)

    def _contact(self, node: yaml.Node) -> PressContact:
        if isinstance(node, yaml.ScalarNode):
            return contact(self._line("contacts", node).strip())
        fields = (
            {k.value: v.value for k, v in node.value if isinstance(v, yaml.ScalarNode)}
            if isinstance(node, yaml.MappingNode)
            else {}
        )
        if not fields or len(fields) != len(node.value) or not set(fields) <= set(_CONTACT_KEYS):
            keys = ", ".join(_CONTACT_KEYS)
            raise self._error(
                "“contacts” must be a list of people", node, cure=f"Give each {keys}, or one line of text."
            )
        for k, v in node.value:
            self._line(f"contacts: {k.value}", v)
        if fields.get("email"):
            Address.parse(fields["email"], where=f"{self.source}, line {self._line_of(node)}: email")
        text = "\n".join(fields[key] for key in _CONTACT_KEYS if key in fields)
        return PressContact(**fields, text=text)

    def _not_yet(self, key: str, node: yaml.Node) -> None:
        """Refuse what a mail would lack; say what makes no difference yet."""
        if key == "attachments" and node.value:
            raise self._error(
                "“attachments” cannot be sent", node, cure="Put a link into the text, and remove the key."
            )
        if key == "urgent":
            said = node.value.lower() if isinstance(node, yaml.ScalarNode) else ""
            if said not in ("true", "yes", "false", "no"):
                raise self._error("“urgent” must be yes or no", node, cure="Write “urgent: yes”.")
            if said in ("true", "yes"):
                self.warnings.append("“urgent” makes no difference: every release goes out at its time")

    def _error(self, what: str, node: yaml.Node, *, cure: str) -> DocumentError:
        return DocumentError(what, where=f"{self.source}, line {self._line_of(node)}", cure=cure)

    def _line_of(self, node: yaml.Node) -> int:
        return int(self.first_line + node.start_mark.line)
