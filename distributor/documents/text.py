"""Plain text as press offices paste it, to a draft."""

from hashlib import sha256

from distributor.documents import bounds, textlines, traces
from distributor.documents import language as languages
from distributor.documents.assemble import assemble
from distributor.model.draft import Draft


def draft(text: str, *, data: bytes, source: str, language: str | None) -> Draft:
    """The draft that `text` is; `language` when the file's name tells it. Raises DocumentError."""
    language = language or languages.recognise(text) or ""
    pieces = textlines.pieces(text, language=language or None)
    bounds.refuse_many(len(pieces), source=source)
    found = assemble(pieces, language=language, source=source)
    return Draft(
        version=found.version,
        source=source,
        sha256=sha256(data).hexdigest(),
        type=found.type,
        embargo=found.embargo,
        embargo_line=found.embargo_line,
        embargo_traces=traces.of_document(text, front_lines=0, source=source),
        warnings=found.warnings,
    )
