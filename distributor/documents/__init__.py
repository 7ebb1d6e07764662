"""Press-release documents to drafts: plain text and Markdown with front matter. Nothing of the text is lost.

`read` takes a file, `parse` bytes with a name, `text_of` only their text. What is not recognised stays a
paragraph; a document that cannot be read is refused with file, line and cure. It stores nothing and reads no
times.
"""

import os
import re
from dataclasses import replace
from pathlib import Path

from distributor.documents import frontmatter, markdown, text
from distributor.documents.encoding import LARGEST, Decoded, decode, refuse_large
from distributor.documents.language import LANGUAGES, recognise
from distributor.errors import DocumentError
from distributor.model.draft import Draft, Version

_MARKDOWN = (".md", ".markdown")
_PLAIN = (".txt", ".text", "")
_SUFFIX = re.compile(r"(?<=.)(\.[A-Za-z]{1,8}[0-9]?)$")
_NAMED = re.compile(r"\.([a-z]{2})(?:\.[a-z]+)?$", re.IGNORECASE)


def read(path: Path) -> Draft:
    """The draft in a file. Raises DocumentError with file, line and cure."""
    try:
        with path.open("rb") as file:
            refuse_large(os.fstat(file.fileno()).st_size, source=str(path))
            data = file.read(LARGEST + 1)  # what has no size, or grows, is refused by `parse`
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise DocumentError(what, where=str(path), cure="Name a .txt or .md file that exists.") from None
    return parse(data, source=str(path))


def parse(data: bytes, *, source: str) -> Draft:
    """The draft in `data`. `source` names it in messages; its suffix (.txt, .md, none) tells the kind.

    Raises DocumentError with file, line and cure.
    """
    decoded = text_of(data, source=source)
    marked = is_markdown(source) or frontmatter.present(decoded.text)
    reader = markdown.draft if marked else text.draft
    draft = reader(decoded.text, data=data, source=source, language=_named_language(source))
    doubt = _language_doubt(draft.version)
    return replace(draft, warnings=(*decoded.warnings, *draft.warnings, *doubt))


def text_of(data: bytes, *, source: str) -> Decoded:
    """The clean text of `data`, for whoever is to mend it before it is read. Raises DocumentError."""
    kind = _suffix(source)
    if kind not in _MARKDOWN + _PLAIN:
        cure = "Save it as .txt (plain text) or .md (Markdown), or paste its text."
        raise DocumentError(f"“{kind}” documents cannot be read", where=source, cure=cure)
    return decode(data, source=source)


def is_markdown(source: str) -> bool:
    """Whether a document of this name is Markdown, whatever it begins with."""
    return _suffix(source) in _MARKDOWN


def named(source: str) -> tuple[str, str | None]:
    """A document's name without folder and endings, and the language that they tell: "vote", "fr"."""
    bare, language = re.split(r"[\\/]", source)[-1], _named_language(source)
    ending = _SUFFIX.search(bare)
    if ending and ending[1].lower() in _MARKDOWN + _PLAIN:
        bare = bare[: ending.start()]
    return (bare[: -len(language) - 1] if language else bare), language


def _suffix(source: str) -> str:
    match = _SUFFIX.search(re.split(r"[\\/]", source)[-1])
    return match[1].lower() if match else ""


def _named_language(source: str) -> str | None:
    """ "en" of "2026-0042.en.md"."""
    match = _NAMED.search(re.split(r"[\\/]", source)[-1])
    code = match[1].lower() if match else ""
    return code if code in LANGUAGES and not (match and match.end(1) == len(source)) else None


def _language_doubt(version: Version) -> list[str]:
    words = " ".join([version.headline, version.lead, *(block.text for block in version.blocks)])
    found = recognise(words)
    if not version.language or found in (None, version.language):
        return []
    return [f"the language is given as “{version.language}”, but the text looks like “{found}”"]
