"""A document in the format that somebody asks for."""

from typing import Literal, get_args

from views.document import Document

Format = Literal["pdf", "html", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)


def document_file(document: Document, kind: Format) -> bytes:
    """The document as a file; a writer is loaded when it is needed."""
    if kind == "pdf":
        from views.document_pdf import document_pdf

        return document_pdf(document)
    if kind == "xlsx":
        from views.document_xlsx import document_xlsx

        return document_xlsx(document)
    from views.document_html import document_html

    return document_html(document).encode()
