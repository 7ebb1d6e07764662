"""The documents in a form of the console: uploaded, pasted or written, and what is wished for them.

An upload becomes a text in the form, so that it can be mended there; nothing of it is kept before it is read.
Of a file no more is read than a document may have.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import UploadFile

from distributor import documents
from distributor.documents.encoding import LARGEST, refuse_large
from distributor.documents.language import LANGUAGES
from distributor.documents.writing import markdown
from distributor.errors import DistributorError, DocumentError
from distributor.model.draft import Draft
from distributor.model.embargo import Embargo, Wave
from distributor.model.release import Release
from distributor.pipeline.proposal import Wishes
from distributor.policy.languages import code
from distributor.policy.lasting import lasting
from distributor.web.rules import Form

MOST = len(LANGUAGES) + 1  # texts in one form
_LONGEST_NAME = 60
_UNFIT = re.compile(r"[^\w ()-]+")
_SEVERAL = ("topics", "lists", "exclude", "advance")


@dataclass(frozen=True, slots=True)
class Paper:
    """One text as it stands in the form: `language` "" is left to the text, `kind` is "txt" or "md"."""

    name: str = ""
    language: str = ""
    kind: str = "txt"
    text: str = ""

    @property
    def source(self) -> str:
        """How messages name it; its endings tell language and kind, as those of a file do."""
        return ".".join(filter(None, [self.name, self.language, self.kind]))

    def draft(self) -> Draft:
        """What it says. Raises DocumentError."""
        return documents.parse(self.text.encode(), source=self.source)


@dataclass(frozen=True, slots=True)
class Papers:
    """All texts of a form, remarks on files that were read, and what was wrong with those that were not."""

    papers: tuple[Paper, ...]
    remarks: tuple[str, ...] = ()
    wrong: tuple[DistributorError, ...] = ()


def papers(form: Form) -> Papers:
    """The texts that the form holds, and below them those of its files, in the place of one they are of."""
    found, remarks, wrong = list[Paper](), list[str](), list[DistributorError]()
    for file in form.files("documents"):
        try:
            paper, said = _uploaded(file)
        except DocumentError as error:
            wrong.append(error)
            continue
        found.append(paper)
        remarks += (f"{paper.source}: {one}" for one in said)
    found = [*_kept(_typed(form), found), *found]
    if len(found) > MOST:
        wrong.append(DocumentError(f"{len(found)} documents are too many", cure=f"Send {MOST} at most."))
    return Papers(tuple(found[:MOST]), tuple(remarks), tuple(wrong))


def written(release: Release) -> tuple[Paper, ...]:
    """Its latest texts as documents."""
    latest = release.latest
    name, front = f"revision {latest.number}", {"also": ", ".join(latest.sending.also)}
    return tuple(
        Paper(name, version.language, "md", markdown(version, front=front)) for version in latest.versions
    )


def _typed(form: Form) -> Iterator[Paper]:
    for number in range(MOST):
        text = form.raw(f"text-{number}").replace("\r\n", "\n")  # as browsers send line ends
        if text.strip():
            language = code(form.text(f"language-{number}")) or ""
            kind = "md" if form.text(f"kind-{number}") == "md" else "txt"
            yield Paper(_name(form.text(f"name-{number}")) or f"text {number + 1}", language, kind, text)


def _kept(typed: Iterable[Paper], uploaded: Sequence[Paper]) -> Iterator[Paper]:
    """Those that no file of the same language replaces."""
    languages = {_language(paper) for paper in uploaded} - {""}
    return (paper for paper in typed if paper.language not in languages)


def _language(paper: Paper) -> str:
    try:
        return paper.language or paper.draft().version.language or ""
    except DocumentError:  # it is told where it is read
        return ""


def _uploaded(file: UploadFile) -> tuple[Paper, Sequence[str]]:
    source = file.filename or ""
    refuse_large(file.size or 0, source=source)
    decoded = documents.text_of(file.file.read(LARGEST + 1), source=source)
    name, language = documents.named(source)
    kind = "md" if documents.is_markdown(source) else "txt"
    return Paper(_name(name) or "document", language or "", kind, decoded.text), decoded.warnings


def _name(said: str) -> str:
    """Of what may stand in a file's name, without an ending of its own."""
    return _UNFIT.sub("-", said).strip(" -")[:_LONGEST_NAME]


def wishes(form: Form, *, reference: str | None = None) -> Wishes:
    """What the form says over the documents; an empty field leaves it to them.

    The form of a release that is named shows what the revision before was told: what is gone from it is gone.
    """
    said: dict[str, Any] = {one.name: form.text(one.name) or None for one in fields(Wishes)}
    for name in _SEVERAL:
        parts = [part.strip() for part in re.split(r"[,;\n]", said[name] or "") if part.strip()]
        said[name] = tuple(parts) or None
    return Wishes(
        **said
        | {
            "language": None,
            "reference": reference or said["reference"],
            "keep": reference is None,
        }
    )


def as_before(release: Release, *, now: datetime, zone: str) -> dict[str, str]:
    """The fields of a form for a release's next revision: to whom and when as the latest one goes."""
    sending = lasting(release, now=now)
    said = {name: ", ".join(getattr(sending, name)) for name in ("topics", "lists", "exclude")}
    return said | {
        "type": release.latest.type,
        "embargo": _embargo(sending.embargo, zone),
        "advance": ", ".join(_wave(wave, zone) for wave in sending.waves) if sending.embargo else "",
        "send_at": _at(sending.send_at, zone) if sending.send_at else "",
    }


def _embargo(embargo: Embargo, zone: str) -> str:
    if embargo.until_lifted:
        return f"until lifted expected {_at(embargo.expected, zone)}" if embargo.expected else "until lifted"
    return _at(embargo.instant, zone) if embargo.instant else ""


def _at(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).isoformat(" ", "seconds" if instant.second else "minutes")


def _wave(wave: Wave, zone: str) -> str:
    if wave.at is not None:
        return f"{wave.tier}={_at(wave.at, zone)}"
    minutes = int(wave.before.total_seconds() // 60) if wave.before else 0
    return f"{wave.tier}=-{minutes // 60}h" if minutes % 60 == 0 else f"{wave.tier}=-{minutes}m"
