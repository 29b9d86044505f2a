"""A document to try writers on, with names that every format could trip over, and eyes for the pages of a PDF."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from views.document import Cell, Column, Document, Facts, Figure, Section, Table, Text

A4_PT = (595.28, 841.89)
LINK = "https://jiqun.example/district?district=440305&lang=zh"
HOSTILE = (
    '#read("/etc/passwd")',
    "$x^2$ 深圳",
    "] ) } 一",
    "*b* _i_",
    "@ref <label>",
    "\"q' `c` \\u{41}",
    "W" * 90,
    "很长的名字没有空格" * 12,
    "😀 مرحبا",
    "<script>alert(1)</script>",
    "=1+1",
    "+5",
    "-3",
    "@SUM(A1)",
    "#REF!",
    "'quoted",
    "https://evil.example/x",
    "{{ 7*7 }}",
    "a\x00b\u202ec\ud800d",
)
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 100"><defs><clipPath id="p1">'
    '<rect width="400" height="100"/></clipPath></defs><g clip-path="url(#p1)"><rect id="a" width="400" height="100" '
    'fill="#0B435D"/></g><text x="20" y="60" font-family="Noto Sans SC" font-size="20" fill="#fff">'
    "图中文字 42</text></svg>"
)


def document(names: tuple[str, ...] = HOSTILE, *, link: str = LINK, rows: int = 80) -> Document:
    """Every kind of block, with each name in each place that holds text."""
    named = tuple((name, Cell(name), n) for n, name in enumerate(names * (rows // len(names) + 1)))[:rows]
    table = Table(
        "企业/名单*",
        (Column("企业"), Column("营收（亿元）", "right", "#,##0.0"), Column("占比", "right", "0.0%"), Column("代码")),
        tuple(
            (cell, Cell(f"{n + 0.5:,.1f}", n + 0.5), Cell(f"{n / 1000:.1%}", n / 1000), Cell("00440305"))
            for _, cell, n in named
        ),
        "企业名单",
        "无数据不是 0",
    )
    return Document(
        "zh",
        "南山区 产业集群",
        "2021 年 Nanshan",
        "样本 70 家，非全口径",
        (
            Section(
                "概况",
                (
                    Facts((("营收合计", "9,015.9 亿元", "占全市 93.2%"), *((n, n, n) for n in names[:3]))),
                    Text(names),
                    Text(names, as_list=True),
                    Text(("样本不判定目标",), caution=True),
                ),
                "参考分解，非官方指标",
            ),
            Section(
                "图",
                (
                    Figure(DRAWING, "深色的图", "图一", "说明"),
                    Figure(DRAWING, "左", "左图", width="half"),
                    Figure(DRAWING, "右", "右图", width="half"),
                ),
            ),
            Section("表", (table, Table("企业 名单", tuple(Column(n) for n in names[:6]), ()))),
        ),
        ("数据版本 0", "第二行来源"),
        link,
        {"version": "0"},
    )


@contextmanager
def opened(file: bytes) -> Iterator[pdfium.PdfDocument]:
    """A PDF to look at."""
    pdf = pdfium.PdfDocument(file)
    try:
        yield pdf
    finally:
        pdf.close()


def texts(file: bytes) -> list[str]:
    """Text of each page without the marks where a long word may break."""
    found = []
    with opened(file) as pdf:
        for number in range(len(pdf)):
            page = pdf[number]
            held = page.get_textpage()
            found.append(held.get_text_bounded().replace("\u200b", "").replace("\r\n", "\n"))
            held.close()
            page.close()
    return found


def pictures(file: bytes) -> list[NDArray[np.uint8]]:
    """Pages as pixels, rows first."""
    found = []
    with opened(file) as pdf:
        for number in range(len(pdf)):
            page = pdf[number]
            bitmap = page.render(scale=1.0)
            found.append(np.array(bitmap.to_pil().convert("RGB")))
            bitmap.close()
            page.close()
    return found


def inked(pixels: NDArray[np.uint8]) -> float:
    """Share of a page that is not white."""
    return float((pixels < 250).any(axis=2).mean())
