"""One small chart a subsector, the same axes in all: what each district had in every year, as SVG for page and paper.

A line is broken where a year has no firm or is withheld. Marks tell the districts apart, so no color is needed.
"""

import html
from dataclasses import dataclass
from math import ceil, floor, log10
from urllib.parse import quote

from clusters.accounts import accounts
from data import columns as c
from views.comparison import Comparison
from views.tokens import Tokens
from views.words import Words

WIDTH, HEIGHT = 224, 104
LEFT, RIGHT, TOP, BOTTOM = 42, 8, 6, 18
DASHES = ("", "4 3", "1 3", "7 3 1 3")
FONT = "'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif"


@dataclass(frozen=True)
class Panel:
    """One small chart: what it is of, its drawing, and the same in words."""

    subsector_id: str
    title: str
    svg: str
    alt: str

    def data_uri(self) -> str:
        """The drawing as the address of an image."""
        return "data:image/svg+xml," + quote(self.svg)


def panels(found: Comparison, look: Tokens, t: Words) -> list[Panel]:
    """A panel for each subsector that one of the districts has a firm in, the largest first.

    Parameters
    ----------
    found : Comparison
    look, t : Tokens, Words
    """
    values = {s: {d: _series(found, s, d, t) for d in found.districts} for s in found.subsectors}
    known = [v for lines in values.values() for line in lines.values() for v in line.values() if v > 0]
    if not known:
        return []
    low, high = floor(log10(min(known))), ceil(log10(max(known)))
    ends = low, max(high, low + 1)
    return [
        Panel(s, t(f"subsector.{s}"), _drawn(found, lines, ends, look), _alt(found, s, lines, t))
        for s, lines in values.items()
    ]


def sheet(drawn: list[Panel], look: Tokens, *, across: int = 4) -> str:
    """All panels as one drawing, each under its title."""
    step_x, step_y = WIDTH + 16, HEIGHT + 26
    rows = -(-len(drawn) // across)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {step_x * across} {step_y * rows}" '
        f'width="{step_x * across}" height="{step_y * rows}" font-family="{FONT}">'
    ]
    for n, each in enumerate(drawn):
        x, y = n % across * step_x, n // across * step_y
        title = f'<text x="4" y="14" font-size="13" fill="{look.palette.text}">{html.escape(each.title)}</text>'
        inner = each.svg.replace("<svg ", '<svg y="20" ', 1)
        parts.append(f'<g transform="translate({x} {y})">{title}{inner}</g>')
    return "".join([*parts, "</svg>"])


def key_line(found: Comparison, t: Words) -> str:
    """The unit and which mark stands for which district."""
    unit = t.money_unit if found.structure_by == "revenue" else t("measure_unit.firms")
    keys = "　".join(f"{found.mark(d)} {found.name(d, t.language)}" for d in found.districts)
    return t("compare.structure_note", unit=unit, keys=keys)


def _series(found: Comparison, subsector: str, district_id: str, t: Words) -> dict[int, float]:
    column = c.FIRMS if found.structure_by == "firms" else c.TOTAL_CNY
    if (district_id, subsector) not in found.years.index.droplevel(c.YEAR):
        return {}
    line = found.years[column].xs((district_id, subsector)).dropna()
    money = found.structure_by == "revenue"
    return {int(year): float(t.money_value(v) or 0) if money else float(v) for year, v in line.items()}


def _drawn(found: Comparison, lines: dict[str, dict[int, float]], ends: tuple[int, int], look: Tokens) -> str:
    palette, years = look.palette, found.board.dataset.years
    span = max(years[-1] - years[0], 1)

    def x(year: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((year - years[0]) / span if len(years) > 1 else 0.5)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (ends[1] - log10(value)) / (ends[1] - ends[0])

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="{FONT}" font-size="10.5" fill="{palette.muted}">'
    ]
    for power in range(ends[0], ends[1] + 1):
        at = y(10.0**power)
        out.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="{palette.line}" stroke-width="1"/>')
        if power in (ends[0], ends[1]) or ends[1] - ends[0] <= 3:
            out.append(f'<text x="{LEFT - 5}" y="{at + 3.5:.1f}" text-anchor="end">{10.0**power:,g}</text>')
    for year, anchor in ((years[0], "start"), (years[-1], "end")) if len(years) > 1 else ((years[0], "middle"),):
        out.append(f'<text x="{x(year):.1f}" y="{HEIGHT - 4}" text-anchor="{anchor}">{year}</text>')
    now = x(found.board.year)
    dash = 'stroke-dasharray="2 3"'
    out.append(f'<path d="M{now:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{palette.muted}" stroke-width="1" {dash}/>')
    for n, district_id in enumerate(found.districts):
        line = {year: v for year, v in lines[district_id].items() if v > 0}
        for run in _runs(sorted(line), years):
            way = "L".join(f"{x(year):.1f} {y(line[year]):.1f}" for year in run)
            dashes = f' stroke-dasharray="{DASHES[n]}"' if DASHES[n] else ""
            out.append(f'<path d="M{way}" fill="none" stroke="{palette.accent}" stroke-width="1.6"{dashes}/>')
        out += [_mark(n, x(year), y(v), look) for year, v in line.items()]
    return "".join([*out, "</svg>"])


def _runs(there: list[int], years: list[int]) -> list[list[int]]:
    """Years that follow one another among all years."""
    runs: list[list[int]] = []
    for year in there:
        if runs and years.index(runs[-1][-1]) + 1 == years.index(year):
            runs[-1].append(year)
        else:
            runs.append([year])
    return runs


def _mark(n: int, x: float, y: float, look: Tokens) -> str:
    accent, page = look.palette.accent, look.palette.page
    if n == 2:
        return f'<path d="M{x:.1f} {y - 4:.1f}L{x + 4:.1f} {y + 3:.1f}H{x - 4:.1f}Z" fill="{accent}"/>'
    if n == 3:
        box = f'x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6"'
        return f'<rect {box} fill="{page}" stroke="{accent}" stroke-width="1.6"/>'
    fill = f'fill="{page}" stroke="{accent}" stroke-width="1.6"' if n else f'fill="{accent}"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" {fill}/>'


def _alt(found: Comparison, subsector: str, lines: dict[str, dict[int, float]], t: Words) -> str:
    money, board = found.structure_by == "revenue", found.board
    said = []
    for district_id, line in lines.items():
        values = []
        for year, v in line.items():
            kept = accounts(board.dataset, year=year, place=board.place)
            figure = t.amount(kept.cell(subsector, district_id), unit=False) if money else f"{v:,.0f}"
            values.append(f"{year} {figure}")
        said.append(f"{found.name(district_id, t.language)}{t('word.colon')}{t.listed(values) if values else '—'}")
    unit = t.money_unit if money else t("measure_unit.firms")
    return f"{t(f'subsector.{subsector}')} ({unit}) " + " · ".join(said)


def gallery(drawn: list[Panel], captions: dict[str, str]) -> str:
    """The panels as markup that flows into as many columns as there is room for."""
    figures = (
        f"<figure><b>{html.escape(each.title)}</b>"
        f'<img src="{html.escape(each.data_uri())}" alt="{html.escape(each.alt)}" width="{WIDTH}" height="{HEIGHT}">'
        f"<figcaption>{html.escape(captions[each.subsector_id])}</figcaption></figure>"
        for each in drawn
    )
    return f'<div class="jq-gallery">{"".join(figures)}</div>'
