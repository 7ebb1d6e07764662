"""Writes a preview's files: REF.LANGUAGE.FORM.html, .txt and .eml, readable by this user only (law 1)."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from distributor.cli import private
from distributor.office.preview import Preview


def write(preview: Preview, *, folder: Path) -> list[Path]:
    """The parts come out of the .eml, so that what is looked at is what is sent. Returns the files."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = []
    for (form, language), content in sorted(preview.messages.items()):
        stem = f"{preview.reference}.{language}.{form}"
        parts = {"html": _part(content, "html"), "txt": _part(content, "plain"), "eml": content}
        for ending, data in parts.items():
            file = folder / f"{stem}.{ending}"
            private.keep(file, data)
            files.append(file)
    return files


def _part(content: bytes, kind: str) -> bytes:
    message = message_from_bytes(content, policy=policy.default)
    part = message.get_body((kind,)) if isinstance(message, EmailMessage) else None
    return str(part.get_content()).encode() if part is not None else b""
