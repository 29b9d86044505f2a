"""A document as an A4 PDF, set by Typst with a fixed template and our own fonts.

The document reaches the template as data: no text of it is read as markup or code, nothing is fetched, and no file but
the template and the fonts is opened. Characters that Noto Sans SC lacks (Arabic, emoji) come out as empty boxes.
"""

import json
import re
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from geo.web_assets import FONT_FAMILY, font_files
from views.document import Block, Document, Facts, Figure, Table, Text, in_rows, printable
from views.document_code import is_link, qr_svg
from views.tokens import tokens
from views.words import words

TEMPLATE = Path(__file__).parent / "static" / "document.typ"
LONGEST = 24
"""Characters of a word without a space, beyond which it may break in a table."""
WIDE_TABLE = 6
"""Columns beyond which a table is set smaller."""
_LONG = re.compile(rf"[!-~\u00a1-\u024f\u0370-\u05ff]{{{LONGEST + 1},}}")
_BREAK = "\u200b"


def document_pdf(document: Document) -> bytes:
    """The file.

    Parameters
    ----------
    document : Document

    Returns
    -------
    bytes
        The same document gives the same bytes. Maps and charts are vectors, and their text is text.

    Raises
    ------
    AssetsMissing
        When the fonts were not fetched yet.
    """
    told = json.dumps(_as_data(document), ensure_ascii=False)
    with tempfile.TemporaryDirectory() as nothing:  # the only folder that the typesetter may read, and it is empty
        made = typst.compile(
            TEMPLATE.read_bytes(),
            root=nothing,
            font_paths=_fonts(),  # type: ignore[type-var]  # its stubs know no mixture of bytes and text
            package_path=nothing,
            package_cache_path=nothing,
            sys_inputs={"document": told},
            timestamp=0,
        )
    return bytes(made)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[file.parent for file in font_files()]
    )


def _as_data(document: Document) -> dict[str, Any]:
    look, t = tokens("light"), words(document.language)
    return {
        "language": document.language,
        "font": FONT_FAMILY,
        "look": {
            "text": look.palette.text,
            "muted": look.palette.muted,
            "accent": look.palette.accent,
            "line": look.palette.line,
            "panel": look.panel,
            "short": look.short,
        },
        "title": _broken(document.title),
        "subtitle": _broken(document.subtitle),
        "lead": _broken(document.lead),
        "foot": _broken(document.origin[0]) if document.origin else "",
        "origin": [_broken(line) for line in document.origin],
        "link": document.link,
        "is_link": is_link(document.link),
        "address": _broken(document.link),
        "code": qr_svg(document.link),
        "words": {key: t(f"document.{key}") for key in ("open", "code", "origin")},
        "sections": [
            {
                "title": _broken(section.title),
                "label": printable(section.label),
                "blocks": [_row(row) for row in in_rows(section.blocks)],
            }
            for section in document.sections
        ],
    }


def _row(blocks: tuple[Block, ...]) -> dict[str, Any]:
    drawn = [_block(block) for block in blocks]
    return drawn[0] if len(drawn) == 1 else {"kind": "pair", "figures": drawn}


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Text():
            lines = [_broken(line) for line in block.lines]
            return {"kind": "text", "lines": lines, "as_list": block.as_list, "caution": block.caution}
        case Facts():
            return {"kind": "facts", "items": [[_broken(part) for part in item] for item in block.items]}
        case Figure():
            shown = {"svg": printable(block.svg), "alt": printable(block.alt)}
            return {"kind": "figure", "title": _broken(block.title), "note": _broken(block.note), **shown}
        case Table():
            return _table(block)


def _table(table: Table) -> dict[str, Any]:
    return {
        "kind": "table",
        "title": _broken(table.title),
        "note": _broken(table.note),
        "heads": [_broken(column.title) for column in table.columns],
        "aligns": [column.align for column in table.columns],
        "widths": _widths(table),
        "size": 8.5 if len(table.columns) <= WIDE_TABLE else 7.5,
        "rows": [[_broken(cell.text) for cell in row] for row in table.rows],
    }


def _widths(table: Table) -> list[int]:
    """Share of the width of each column by its longest text, within bounds; a column of short figures takes its own."""
    widths = []
    for place, column in enumerate(table.columns):
        longest = max((_length(row[place].text) for row in table.rows), default=0)
        own = column.align == "right" and max(longest, _length(column.title)) <= LONGEST
        widths.append(0 if own else min(60, max(14, longest, _length(column.title))))
    return widths


def _length(text: str) -> int:
    """Length of a text in halves of a Chinese character."""
    return sum(1 + (ch > "\u2e7f") for ch in text)


def _broken(text: str) -> str:
    """Printable text whose long words may break anywhere, so that none runs out of its column."""
    return _LONG.sub(lambda word: _BREAK.join(_pieces(word[0])), printable(text))


def _pieces(word: str) -> list[str]:
    return [word[at : at + LONGEST] for at in range(0, len(word), LONGEST)]
