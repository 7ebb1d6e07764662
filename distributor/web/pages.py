"""Renders templates/web: sandboxed, escaped, in the reader's language where there is a catalogue.

A file of the same name in the office's own templates/web wins over the shipped one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import FileSystemLoader, StrictUndefined, TemplateSyntaxError
from jinja2 import TemplateError as BrokenTemplate
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from distributor.errors import TemplateError
from distributor.mail.catalogue import catalogue, direction, languages
from distributor.mail.templates import Compiled

_COMPILED = Compiled()


class Pages:
    """The pages of `folders`, first one first."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._environment = SandboxedEnvironment(
            loader=FileSystemLoader(folders),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=_COMPILED,
        )
        self.style = self.source("style.css")

    def source(self, name: str) -> str:
        """The text of a file as it stands."""
        source, _, _ = self._environment.loader.get_source(self._environment, name)  # type: ignore[union-attr]
        return source

    def render(self, template: str, /, **values: Any) -> str:
        """The template with these values and nothing else. Raises TemplateError when an office broke it."""
        try:
            return self._environment.get_template(template).render(**values)
        except TemplateSyntaxError as error:
            raise _broken(str(error.message), f"{error.filename}:{error.lineno}") from None
        except BrokenTemplate as error:
            raise _broken(str(error), template) from None

    def check(self) -> None:
        """Read every page. Raises TemplateError with file and line of the first that is broken."""
        for name in self._environment.list_templates(["j2"]):
            try:
                self._environment.get_template(name)
            except TemplateSyntaxError as error:
                raise _broken(str(error.message), f"{error.filename}:{error.lineno}") from None

    def page(self, name: str, *, language: str = "en", code: int = 200, **values: Any) -> HTMLResponse:
        """The page `name` as an answer with the status `code`."""
        return HTMLResponse(self.html(name, language=language, **values), code)

    def html(self, name: str, *, language: str = "en", **values: Any) -> str:
        """The page `name`. Raises TemplateError when a template of the office is broken."""
        words = catalogue(language)
        return self.render(
            f"{name}.html.j2",
            language=words.language,
            direction=direction(words.language),
            style=Markup(self.style),  # noqa: S704 (our own file; the policy's hash is of this text)
            _=words,
            **values,
        )

    def message(self, title: str, text: str, *, language: str, code: int) -> HTMLResponse:
        """A page that only says something; title and text are messages of the catalogue."""
        words = catalogue(language)
        return self.page("message", language=language, code=code, title=words(title), text=words(text))


def _broken(what: str, where: str) -> TemplateError:
    return TemplateError(what, where=where, cure="Correct the template.")


def preferred(accept_language: str) -> str:
    """The best language of an Accept-Language header that we have words in (RFC 9110 §12.5.4), else "en"."""
    weighed = [_weighed(part) for part in accept_language[:200].split(",")]
    wanted = sorted((pair for pair in weighed if pair[1] > 0), key=lambda pair: -pair[1])
    return next((language for language, _ in wanted if language in languages()), "en")


def _weighed(part: str) -> tuple[str, float]:
    tag, _, weight = part.partition(";q=")
    try:
        return tag.strip().partition("-")[0].lower(), float(weight or 1)
    except ValueError:
        return "", 0
