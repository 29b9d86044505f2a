"""The buttons that take a page away: PDF, workbook, web page. A file is made after the click."""

from collections.abc import Callable, Sequence
from functools import partial

from streamlit.delta_generator import DeltaGenerator

from views.document import Document
from views.document_file import Format, document_file
from views.downloads import offer_file
from views.words import Words

MIME: dict[Format, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
}
ICON: dict[Format, str] = {"pdf": "picture_as_pdf", "xlsx": "table_view", "html": "public"}


def document_downloads(
    where: DeltaGenerator,
    make: Callable[[], Document],
    name: str,
    t: Words,
    *,
    formats: Sequence[Format] = ("pdf", "xlsx", "html"),
    key: str,
) -> None:
    """Offer a document in several formats.

    Parameters
    ----------
    where : DeltaGenerator
        Container of the buttons.
    make : callable
        Makes the document; it is called after a click and never before.
    name : str
        Of the file, without its suffix.
    t : Words
    formats : sequence of 'pdf', 'xlsx', 'html'
    key : str
        Begins the keys of the buttons.
    """
    held = where.popover(t("document.download"), icon=":material/download:", type="tertiary")
    for kind in formats:
        offer_file(
            held,
            t(f"document.{kind}"),
            partial(_file, make, kind),
            file_name=f"{name}.{kind}",
            mime=MIME[kind],
            icon=f":material/{ICON[kind]}:",
            width="stretch",
            key=f"{key}_{kind}",
        )
    held.caption(t("document.preparing"))


def _file(make: Callable[[], Document], kind: Format) -> bytes:
    return document_file(make(), kind)
