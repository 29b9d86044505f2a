"""A document as one HTML file: style and drawings within, no script, no link outside but the one of the view."""

import html
from functools import lru_cache
from itertools import count
from pathlib import Path

from views.document import Block, Document, Facts, Figure, Section, Table, Text, in_rows, printable
from views.document_code import is_link, qr_svg
from views.document_svg import inline_svg
from views.tokens import tokens
from views.words import words

STYLE = Path(__file__).parent / "static" / "document.css"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def document_html(document: Document) -> str:
    """The file as text, which opens without a network and on paper looks like a document."""
    return _Page(document).text()


class _Page:
    """One page; drawings are numbered, so that their ids differ."""

    def __init__(self, document: Document) -> None:
        self.document, self.t = document, words(document.language)
        self.drawings = count(1)

    def text(self) -> str:
        it = self.document
        language = "zh-CN" if it.language == "zh" else "en"
        origin = "".join(f"<p>{_safe(line)}</p>" for line in it.origin)
        foot = f"<footer><h2>{_safe(self.t('document.origin'))}</h2>{origin}</footer>" if origin else ""
        sections = "".join(self._section(section) for section in it.sections)
        return (
            f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="referrer" content="no-referrer">'
            f"<title>{_safe(it.title)}</title><style>{_style()}</style></head><body>"
            f"{self._head()}<main>{sections}</main>{foot}</body></html>\n"
        )

    def _head(self) -> str:
        it = self.document
        lines = [f'<p class="muted">{_safe(it.subtitle)}</p>'] if it.subtitle else []
        lines += [f"<p>{_safe(it.lead)}</p>"] if it.lead else []
        lines += [f'<p class="muted">{_safe(self.t("document.open"))}{_address(it.link)}</p>'] if it.link else []
        code = qr_svg(it.link)
        drawn = inline_svg(code, "qr-", printable(self.t("document.code"))) if code else ""
        return f"<header><div><h1>{_safe(it.title)}</h1>{''.join(lines)}</div>{drawn}</header>"

    def _section(self, section: Section) -> str:
        label = f' <span class="badge">{_safe(section.label)}</span>' if section.label else ""
        rows = "".join(self._row(row) for row in in_rows(section.blocks))
        return f"<section><h2>{_safe(section.title)}{label}</h2>{rows}</section>"

    def _row(self, blocks: tuple[Block, ...]) -> str:
        drawn = "".join(self._block(block) for block in blocks)
        return f'<div class="pair">{drawn}</div>' if len(blocks) > 1 else drawn

    def _block(self, block: Block) -> str:
        match block:
            case Text():
                return _text(block)
            case Facts():
                return _facts(block)
            case Table():
                return _table(block)
            case Figure():
                return self._figure(block)

    def _figure(self, figure: Figure) -> str:
        drawn = inline_svg(printable(figure.svg), f"f{next(self.drawings)}-", printable(figure.alt))
        note = f"<figcaption>{_safe(figure.note)}</figcaption>" if figure.note else ""
        return f"<figure>{_titled(figure.title)}{drawn}{note}</figure>"


def _text(block: Text) -> str:
    if block.as_list:
        body = f"<ul>{''.join(f'<li>{_safe(line)}</li>' for line in block.lines)}</ul>"
    else:
        body = "".join(f"<p>{_safe(line)}</p>" for line in block.lines)
    return f'<div class="caution">{body}</div>' if block.caution else body


def _facts(block: Facts) -> str:
    items = (
        f'<div><dt>{_safe(name)}</dt><dd><div class="figure">{_safe(figure)}</div>'
        f'<div class="muted">{_safe(below)}</div></dd></div>'
        for name, figure, below in block.items
    )
    return f'<dl class="facts">{"".join(items)}</dl>'


def _table(table: Table) -> str:
    kinds = [' class="right"' if column.align == "right" else "" for column in table.columns]
    head = "".join(
        f'<th scope="col"{kind}>{_safe(column.title)}</th>' for kind, column in zip(kinds, table.columns, strict=True)
    )
    rows = "".join(
        f"<tr>{''.join(f'<td{kind}>{_safe(cell.text)}</td>' for kind, cell in zip(kinds, row, strict=True))}</tr>"
        for row in table.rows
    )
    note = f'<p class="note">{_safe(table.note)}</p>' if table.note else ""
    body = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return f"{_titled(table.title)}{body}{note}"


def _titled(title: str) -> str:
    return f"<h3>{_safe(title)}</h3>" if title else ""


def _address(address: str) -> str:
    safe = _safe(address)
    return f'<a href="{safe}" rel="noopener noreferrer">{safe}</a>' if is_link(address) else safe


def _safe(text: str) -> str:
    return html.escape(printable(text))


@lru_cache(maxsize=1)
def _style() -> str:
    look = tokens("light")
    colours = {
        "text": look.palette.text,
        "muted": look.palette.muted,
        "accent": look.palette.accent,
        "line": look.palette.line,
        "panel": look.panel,
        "short": look.short,
    }
    written = "".join(f"--{name}:{colour};" for name, colour in colours.items())
    return f":root{{{written}}}\n" + STYLE.read_text("utf-8").partition("*/\n")[2]
