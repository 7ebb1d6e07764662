"""The mail templates: found, checked as soon as they are loaded (what the office changed), and filled.

Jinja2 in its sandbox, strict about undefined names, autoescaping HTML. The office's folder comes before
the shipped one, file by file: `email/brand.j2` alone changes the colours. Whatever is wrong with a
template is a TemplateError that names file, line and cure.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import meta, nodes
from jinja2.bccache import Bucket
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from distributor.errors import TemplateError
from distributor.mail import fields, styles, text
from distributor.mail.catalogue import catalogue
from distributor.mail.page import Page
from distributor.resources import shipped

HTML, TEXT, NOTICE_HTML, NOTICE_TEXT, PLAIN_RULES, CLIENT_RULES = (
    f"email/{name}.j2"
    for name in ("release.html", "release.txt", "notice.html", "notice.txt", "inlined.css", "clients.css")
)
_KNOWN = frozenset({"page", "fields", "_", "plain_rules", "client_rules"})
_FAULTS = (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


class Compiled(jinja2.BytecodeCache):
    """What a template was compiled to, for all that this process fills; another source is compiled anew.

    One for environments that are set up alike: what they compile to depends on it.
    """

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = Compiled()


class Templates:
    """The templates of an office. Raises TemplateError when one of them is broken."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._environment = SandboxedEnvironment(
            loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
            autoescape=lambda name: bool(name and name.endswith(".html.j2")),
            undefined=jinja2.StrictUndefined,
            finalize=fields.printed,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            bytecode_cache=_COMPILED,
        )
        self._environment.filters |= {
            "wrapped": text.wrapped,
            "underlined": text.underlined,
            "columns": text.columns,
        }
        changed = [name for name in self._names() if not self._is_ours(name)]
        for name in changed:
            self._check(name)
        self._sheets = {name: self._sheet(name, check=bool(changed)) for name in (PLAIN_RULES, CLIENT_RULES)}

    def fill(self, name: str, *, page: Page, field_set: fields.FieldSet) -> str:
        """One template filled; fields are sentinels. Raises TemplateError."""
        return self._render(
            name,
            page=page,
            fields=field_set,
            _=catalogue(page.language),
            plain_rules=self._sheets[PLAIN_RULES],
            client_rules=self._sheets[CLIENT_RULES],
        )

    def where(self, name: str) -> str:
        """The file that a template comes from."""
        return str(self._environment.get_template(name).filename)

    def _names(self) -> list[str]:
        return [name for name in self._environment.list_templates(["j2"]) if name.startswith("email/")]

    def _is_ours(self, name: str) -> bool:
        """Word for word as shipped: our tests have checked it, and a check takes a good part of a second."""
        original = shipped("templates") / name
        return original.exists() and self._source(name)[0] == original.read_text(encoding="utf-8")

    def _check(self, name: str) -> None:
        source, file, _ = self._source(name)
        try:
            tree = self._environment.parse(source, name, file)
            self._environment.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(
                str(error.message), where=f"{file}:{error.lineno}", cure="Correct the template."
            ) from None
        for line, what, cure in _faults(tree):
            raise TemplateError(what, where=f"{file}:{line}", cure=cure)

    def _source(self, name: str) -> tuple[str, str, Any]:
        assert self._environment.loader is not None
        try:
            source, file, fresh = self._environment.loader.get_source(self._environment, name)
        except UnicodeDecodeError:
            raise TemplateError("is not UTF-8 text", where=name, cure="Save it as UTF-8.") from None
        return source, file or name, fresh

    def _sheet(self, name: str, *, check: bool) -> Markup:
        sheet = self._render(name)
        if check:
            judge = styles.check_inlined if name == PLAIN_RULES else styles.check_braces
            judge(sheet, file=self.where(name))
        return Markup(sheet)  # noqa: S704 - made from the office's own files, no letter in it

    def _render(self, name: str, **context: object) -> str:
        try:
            return self._environment.get_template(name).render(context)
        except _FAULTS as error:
            place = _place(error)
            if place is None and not isinstance(error, jinja2.TemplateError):
                raise
            raise TemplateError(
                str(error), where=place or name, cure="Correct the template, or delete it to use ours."
            ) from None


def _faults(tree: nodes.Template) -> Iterator[tuple[int, str, str]]:
    """Line, what and cure of all that is wrong although the syntax is right."""
    for unknown in sorted(meta.find_undeclared_variables(tree) - _KNOWN):
        line = next(node.lineno for node in tree.find_all(nodes.Name) if node.name == unknown)
        yield line, f"“{unknown}” is unknown here", f"Known are {', '.join(sorted(_KNOWN))}."
    yield from _field_faults(tree)


def _field_faults(tree: nodes.Template) -> Iterator[tuple[int, str, str]]:
    printed = {id(child) for output in tree.find_all(nodes.Output) for child in output.nodes}
    named: set[int] = set()
    listing = ", ".join(fields.NAMES)
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name) and node.node.name == "fields":
            named.add(id(node.node))
            if node.attr not in fields.NAMES:
                yield node.lineno, f"there is no field “{node.attr}”", f"The fields are {listing}."
            elif id(node) not in printed:
                what = f"fields.{node.attr} differs by recipient and may only be printed"
                yield node.lineno, what, f"Write {{{{ fields.{node.attr} }}}} and nothing else around it."
    for name in tree.find_all(nodes.Name):
        if name.name == "fields" and id(name) not in named:
            yield name.lineno, "“fields” may only be used as fields.NAME", f"The fields are {listing}."


def _place(error: BaseException) -> str | None:
    """File and line in the innermost template frame of the traceback."""
    place, trace = None, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".j2"):
            place = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
