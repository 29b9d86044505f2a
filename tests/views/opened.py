"""A page opened without a browser, as a link to it does, and all that it gives out."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from views.document import Document
from views.document_file import Format, document_file

MAIN = Path(__file__).parents[2] / "views" / "main.py"
OFFERS_DOCUMENTS = ("district", "compare", "gaps", "sites_shortlist", "sites_park")


def app_page(name: str, *, timeout: float = 60, **query: str) -> AppTest:
    """The page under an address, not run yet."""
    page = AppTest.from_file(str(MAIN), default_timeout=timeout)
    for key, value in query.items():
        page.query_params[key] = value
    page._page_hash = calc_hash(name)
    return page


def messages(page: AppTest) -> Iterator[tuple[str, bytes]]:
    """Every element of a page as it goes to the browser, by its type."""

    def below(block: Any) -> Iterator[Any]:
        for child in block.children.values():
            yield child
            if hasattr(child, "children"):
                yield from below(child)

    for part in (page.main, page.sidebar):
        yield from ((one.type, one.proto.SerializeToString()) for one in below(part) if one.proto is not None)


def keep_documents(patch: pytest.MonkeyPatch, *formats: Format) -> list[tuple[str, Document, dict[Format, bytes]]]:
    """What pages offer to take away, made at once instead of after a click: its name, the document, its files."""
    kept: list[tuple[str, Document, dict[Format, bytes]]] = []

    def collect(where: object, make: Callable[[], Document], name: str, t: object, **_: object) -> None:
        document = make()
        kept.append((name, document, {kind: document_file(document, kind) for kind in formats}))

    for module in OFFERS_DOCUMENTS:
        patch.setattr(f"views.{module}.document_downloads", collect)
    return kept
