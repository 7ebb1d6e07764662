"""A letter becomes a merge template: rendered once, inlined once, encoded once.

Pure: the same letter and templates give the same bytes; the MIME boundary comes from their hash. It
sends nothing and stores nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markupsafe import escape

from distributor.errors import TemplateError
from distributor.mail import letterhead, merge, samples, styles, text
from distributor.mail.fields import FieldSet, field_set
from distributor.mail.merge import Hole
from distributor.mail.page import Page, page
from distributor.mail.templates import HTML, NOTICE_HTML, NOTICE_TEXT, TEXT, Templates
from distributor.model.letter import Fields, Letter
from distributor.resources import shipped

_WARN_BYTES, _CUT_BYTES = 80_000, 90_000
_REQUIRED = ("reason", "token")


@dataclass(frozen=True, slots=True)
class Rendered:
    """`template` is what is approved and stored; `html` and `text` a preview with sample fields."""

    template: bytes
    subject: str
    html: str
    text: str
    warnings: tuple[str, ...]


class Renderer:
    """Renders letters with the templates of `folders`, the office's own first, the shipped ones last.

    Templates are read and checked once. Raises TemplateError when one is broken.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        ours = shipped("templates")
        self._known = lru_cache(maxsize=64)(self._rendered)  # show, preview and approve render the same
        self._templates = Templates([*(folder for folder in folders if folder != ours), ours])

    def check(self) -> None:
        """Render every form of a sample letter in every language we have. Raises TemplateError."""
        for letter in samples.letters():
            self.render(letter)

    def render(self, letter: Letter) -> Rendered:
        """The merge template of a letter. Raises TemplateError, HeaderError, Refused."""
        return self._known(letter)

    def _rendered(self, letter: Letter) -> Rendered:
        shown, marks = page(letter), field_set(repr(letter))
        notice = letter.form == "notice"
        html = self._html(NOTICE_HTML if notice else HTML, shown, marks)
        plain = text.tidied(self._filled(NOTICE_TEXT if notice else TEXT, shown, marks))
        preview = samples.fields(letter)
        rendered_html = _preview(html, marks, preview, context="html")
        return Rendered(
            template=_template(letter, html=html, plain=plain, marks=marks),
            subject=shown.subject,
            html=rendered_html,
            text=_preview(plain, marks, preview, context="text"),
            warnings=(*shown.warnings, *_size(rendered_html), *_way_out(shown)),
        )

    def _html(self, name: str, shown: Page, marks: FieldSet) -> str:
        before = self._filled(name, shown, marks)
        after = styles.inlined(before)
        lost = [
            field.name for field in marks.all if before.count(field.sentinel) != after.count(field.sentinel)
        ]
        if lost or not after.startswith("<!DOCTYPE html>"):
            raise TemplateError(
                f"inlining loses {', '.join(lost)}" if lost else "does not begin with <!DOCTYPE html>",
                where=self._templates.where(name),
                cure="Write <!DOCTYPE html> in capitals first, and fields in text or links only.",
            )
        return after

    def _filled(self, name: str, shown: Page, marks: FieldSet) -> str:
        filled = self._templates.fill(name, page=shown, field_set=marks)
        present = set(marks.pattern.findall(filled))
        missing = [field for field in _REQUIRED if field not in present]
        if missing and (missing != ["token"] or shown.unsubscribe):
            raise TemplateError(
                f"lacks {{{{ fields.{missing[0]} }}}}",
                where=self._templates.where(name),
                cure="Every mail says why it comes and how to leave: print it in the footer.",
            )
        if shown.notice and str(escape(shown.notice.word)) not in filled and shown.notice.word not in filled:
            raise TemplateError(
                "lacks {{ page.notice.word }}",
                where=self._templates.where(name),
                cure="A mail that tells of a change says so first: copy that part from the shipped template.",
            )
        return filled


def _template(letter: Letter, *, html: str, plain: str, marks: FieldSet) -> bytes:
    bodies = [
        (b"text/plain", merge.body(plain, sentinels=marks.pattern, context="text")),
        (b"text/html", merge.body(html, sentinels=marks.pattern, context="html")),
    ]
    boundary = _boundary([part for _, body in bodies for part in body])
    parts: list[bytes | Hole] = [*letterhead.parts(letter, boundary=boundary)]
    for kind, body in bodies:
        parts += [_part_head(kind, boundary), *body, b"\r\n"]
    return merge.write([*parts, f"--{boundary}--\r\n".encode("ascii")])


def _boundary(parts: Sequence[bytes | Hole]) -> str:
    """Quoted-printable never holds "=_" (RFC 2045 §6.7), so no body can hold the boundary."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.name.encode("ascii"))
    return f"=_{digest.hexdigest()[:32]}"


def _part_head(kind: bytes, boundary: str) -> bytes:
    return (
        b"--%b\r\nContent-Type: %b; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    ) % (boundary.encode("ascii"), kind)


def _preview(part: str, marks: FieldSet, fields: Fields, *, context: str) -> str:
    return marks.pattern.sub(lambda found: merge.sample(found[1], context, fields), part)


def _size(html: str) -> tuple[str, ...]:
    size = len(html.encode())
    if size > _CUT_BYTES:
        return (
            f"the HTML part has {size // 1000} kB: Gmail cuts it off near 100 kB, the unsubscribe link too;"
            " the text part has all of it. Shorten the release",
        )
    if size > _WARN_BYTES:
        return (f"the HTML part has {size // 1000} kB; from 90 kB on Gmail may cut it off",)
    return ()


def _way_out(shown: Page) -> tuple[str, ...]:
    if shown.unsubscribe:
        return ()
    return ("no way to unsubscribe: set [web] base_url or the publisher's unsubscribe_mailbox",)
