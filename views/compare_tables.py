"""Tables of the comparison, once for page, paper and workbook; and the markup of the two matrices."""

import html
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from clusters.duplication import Verdict
from clusters.profile import Finding
from data import columns as c
from views.compare_charts import figure_of
from views.compare_words import EFFECTS, coverage_sentence, p_text, quotients, verdict_text
from views.comparison import Comparison
from views.document import Cell, Column, Table
from views.document_columns import COUNT, RATIO, money_column
from views.profile_words import interval, quotient
from views.words import Words

FINDING_MARK = {Finding.ABOVE: "▲", Finding.BELOW: "▽"}


def headline_table(found: Comparison, t: Words) -> Table:
    """Totals, shares, densities, parks, tiers and dependence; of two districts also how many times the other."""
    rows = []
    facts = found.facts.loc[list(found.districts)]
    for key, cells, ratio in _headlines(found, facts, t):
        row = [Cell(t(f"compare.row.{key}", unit=t.money_unit)), *cells]
        if len(found.districts) == 2:
            row.append(_ratio(cells, t) if ratio else Cell("—"))
        rows.append(tuple(row))
    last = [t("compare.ratio")] if len(found.districts) == 2 else []
    heads = [_headed(found, d, t) for d in found.districts]
    columns = (Column(t("field.measure")), *(Column(name, "right", "#,##0.##") for name in [*heads, *last]))
    return Table(
        t("compare.sheet.facts"),
        columns,
        tuple(rows),
        note=t.sentences([t("compare.facts_note"), coverage_sentence(found, t)]),
    )


def _headlines(found: Comparison, facts: pd.DataFrame, t: Words) -> list[tuple[str, list[Cell], bool]]:
    kept, shares = found.kept, found.kept.shares()

    def cells(column: str, said: dict[str, str], in_unit: Callable[[float], float | None] = lambda v: v) -> list[Cell]:
        """Figures in the unit that the name of the row says, in a workbook too: no heading could say another."""
        return [Cell(said[d], None if (v := facts[column][d]) != v else in_unit(float(v))) for d in found.districts]

    def each(column: str, write: Callable[[float], str]) -> dict[str, str]:
        return {
            str(d): write(v) if v == v else t.nothing(withheld=bool(facts[c.FIRMS][d] > 0))
            for d, v in facts[column].items()
        }

    def count(v: float) -> str:
        return f"{v:,.0f}"

    totals = {
        d: t.amount(kept.total(district_id=d), unit=False, withheld=bool(facts[c.FIRMS][d] > 0)) for d in facts.index
    }
    there = {d: t.share(shares[d]) if d in shares else t.nothing(withheld=bool(facts[c.FIRMS][d])) for d in facts.index}
    per_firm = each(c.CNY_PER_FIRM, lambda v: t.money(v, unit=False))
    area = each(c.OFFICIAL_AREA_M2, lambda v: f"{v / 1e6:,.2f}")
    share = [Cell(there[d], _value(shares.get(d, np.nan))) for d in found.districts]
    return [
        ("total", cells(c.TOTAL_CNY, totals, t.money_value), True),
        ("share", share, False),
        ("firms", cells(c.FIRMS, each(c.FIRMS, count)), True),
        ("density", cells(c.CNY_PER_KM2, each(c.CNY_PER_KM2, lambda v: _density(v, t)), t.money_value), True),
        ("firms_km2", cells(c.FIRMS_PER_KM2, each(c.FIRMS_PER_KM2, lambda v: f"{v:,.2f}")), True),
        ("per_firm", cells(c.CNY_PER_FIRM, per_firm, t.money_value), True),
        ("top1", cells(c.TOP1_SHARE, each(c.TOP1_SHARE, t.share)), False),
        ("tier_1e11", cells(c.CLUSTERS_1E11, each(c.CLUSTERS_1E11, count)), False),
        ("tier_1e10", cells(c.CLUSTERS_1E10, each(c.CLUSTERS_1E10, count)), False),
        ("subsectors", cells(c.SUBSECTORS, each(c.SUBSECTORS, count)), False),
        ("parks", cells(c.PARKS, each(c.PARKS, count)), False),
        ("area", cells(c.OFFICIAL_AREA_M2, area, lambda v: v / 1e6), True),
    ]


def quotient_table(found: Comparison, t: Words) -> Table:
    """Every quotient with its limits and n, three columns a district."""
    columns, tables = [Column(t("field.subsector"))], {d: quotients(found, d) for d in found.districts}
    for d in found.districts:
        name = _headed(found, d, t)
        columns += [
            Column(f"{name} LQ", "right", RATIO),
            Column(t("compare.limits"), "right"),
            Column("n", "right", COUNT),
        ]
    rows = []
    for s in _quotient_order(found, tables):
        row = [Cell(t(f"subsector.{s}"))]
        for d in found.districts:
            one = tables[d].loc[s]
            mark = FINDING_MARK.get(one[c.FINDING], "")
            row.append(Cell(f"{quotient(one[c.LOCATION_QUOTIENT])} {mark}".strip(), _value(one[c.LOCATION_QUOTIENT])))
            row.append(Cell(interval(one[c.LOWER_LIMIT], one[c.UPPER_LIMIT])))
            row.append(Cell(f"{int(one[c.COUNT]):,}", int(one[c.COUNT])))
        rows.append(tuple(row))
    return Table(t("compare.sheet.quotients"), tuple(columns), tuple(rows), note=t("compare.quotient_note"))


def quotient_matrix(found: Comparison, t: Words) -> str:
    """The same as markup: in each cell the quotient with its mark, its interval and n below."""
    tables = {d: quotients(found, d) for d in found.districts}
    rows = []
    for s in _quotient_order(found, tables):
        cells = []
        for d in found.districts:
            one = tables[d].loc[s]
            mark = FINDING_MARK.get(one[c.FINDING], "")
            few = one[c.FINDING] == Finding.FEW
            limits = interval(one[c.LOWER_LIMIT], one[c.UPPER_LIMIT])
            below = t("compare.cell", limits=limits, n=f"{int(one[c.COUNT]):,}")
            kind = "above" if mark == "▲" else "few" if few else ""
            value = f"{quotient(one[c.LOCATION_QUOTIENT])} {mark}".strip()
            cells.append((value, below, kind))
        rows.append((t(f"subsector.{s}"), cells))
    return matrix(t("field.subsector"), [_headed(found, d, t) for d in found.districts], rows)


def similarity_matrix(found: Comparison, t: Words) -> str:
    """Every district with firms against every other: likeness of the mixes, the adjusted p below, ● where it holds."""
    ids, pairs = _with_firms(found), _by_ends(found.pairs)
    rows = []
    for a in ids:
        cells = []
        for b in ids:
            if a == b:
                cells.append(("—", "", "self"))
                continue
            row = pairs[frozenset((a, b))]
            alike = row[_mix(found)]
            mark = " ●" if row[c.VERDICT] == Verdict.DUPLICATES else ""
            few = row[c.VERDICT] == Verdict.FEW
            value = "—" if alike != alike else f"{alike:.2f}{mark}"
            kind = "above" if mark else "few" if few else ""
            cells.append((value, t("compare.p_cell", p=p_text(row[c.P_ADJUSTED])), kind))
        rows.append((f"{_plain_name(found, a, t)} {t('compare.n_cell', n=f'{_firms(found, a):,}')}", cells))
    strong = [n for n, d in enumerate(ids) if d in found.districts]
    return matrix(t("field.district"), [_plain_name(found, d, t) for d in ids], rows, strong=strong)


def pairs_table(found: Comparison, t: Words, *, every: bool = False) -> Table:
    """The pairs among the compared districts (or every pair) with likeness, test and what may be said."""
    pairs = found.pairs if every else found.chosen_pairs
    numbers = ("n", "mix_firms", "mix_revenue", "lean", "expected", "p", "p_adjusted")
    columns = (
        Column(t("compare.pair")),
        *(Column(t(f"compare.pair_field.{name}"), "right", RATIO if name != "n" else "") for name in numbers),
        Column(t("compare.pair_field.verdict")),
    )
    rows = []
    for row in pairs.sort_values([c.P_ADJUSTED, c.P], kind="stable").to_dict("records"):
        a, b = (found.name(row[side], t.language) for side in (c.DISTRICT_A, c.DISTRICT_B))
        figures = [row[c.MIX_OF_FIRMS], row[c.MIX_OF_REVENUE], row[c.SIMILARITY], row[c.EXPECTED]]
        rows.append(
            (
                Cell(f"{a} — {b}"),
                Cell(f"{row[c.FIRMS_A]:,} / {row[c.FIRMS_B]:,}"),
                *(Cell(quotient(v).replace("-", "−"), _value(v)) for v in figures),
                *(Cell(p_text(row[name]), _value(row[name])) for name in (c.P, c.P_ADJUSTED)),
                Cell(verdict_text(row, t)),
            )
        )
    return Table(t("compare.sheet.pairs"), columns, tuple(rows))


def parts_table(found: Comparison, t: Words, *, by_subsector: bool = False) -> Table:
    """Shift-share of each district (and subsector): money of each part, n, and the change in percent."""
    parts = found.parts if by_subsector else found.summed_parts
    keys = [t("field.district"), *([t("field.subsector")] if by_subsector else [])]
    unit = t.money_unit
    columns = (
        *(Column(key) for key in keys),
        Column("n", "right", COUNT),
        money_column(t("compare.begin", year=found.since, unit=unit), t),
        money_column(t("compare.change", unit=unit), t),
        *(money_column(t(f"compare.effect.{key}"), t) for key in EFFECTS),
    )
    rows = []
    for key, row in parts.iterrows():
        district_id, *rest = key if isinstance(key, tuple) else (key,)
        names = [Cell(_headed(found, str(district_id), t)), *(Cell(t(f"subsector.{s}")) for s in rest)]
        if not row[c.MATCHED_FIRMS] > 0:
            rows.append((*names, Cell("0", 0), *(Cell("—") for _ in range(5))))
            continue
        money = [row[name] for name in (c.BASE_CNY, c.CHANGE, *EFFECTS.values())]
        n = Cell(f"{int(row[c.MATCHED_FIRMS]):,}", int(row[c.MATCHED_FIRMS]))
        rows.append((*names, n, *(_signed(v, place, t) for place, v in enumerate(money))))
    return Table(t(f"compare.sheet.{'parts_by' if by_subsector else 'parts'}"), columns, tuple(rows))


def structure_table(found: Comparison, t: Words) -> Table:
    """What each district has in each subsector, as the marks of the chart show it."""
    money = found.structure_by == "revenue"
    unit = t.money_unit if money else t("measure_unit.firms")
    heads = [f"{_headed(found, d, t)} ({unit})" for d in found.districts]
    columns = (
        Column(t("field.subsector")),
        *(money_column(head, t) if money else Column(head, "right", COUNT) for head in heads),
    )
    rows = [
        (
            Cell(t(f"subsector.{s}")),
            *(
                Cell(
                    figure_of(found, s, d, t), _value(found.structure[s].get(d, np.nan)) if found.counts[s][d] else None
                )
                for d in found.districts
            ),
        )
        for s in found.subsectors
    ]
    return Table(t("compare.sheet.structure"), columns, tuple(rows))


def markup(table: Table) -> str:
    """A table as markup that scrolls sideways within itself; every cell is text and no markup."""
    right = [column.align == "right" for column in table.columns]

    def line(tag: str, texts: Sequence[str]) -> str:
        kinds = ["" if not number else ' class="figure"' for number in right]
        cells = [f"<{tag}{kind}>{html.escape(text)}</{tag}>" for kind, text in zip(kinds, texts, strict=True)]
        if tag == "td":
            cells[0] = f'<th scope="row">{html.escape(texts[0])}</th>'
        return "".join(cells)

    head = line("th", [column.title for column in table.columns])
    body = "".join(f"<tr>{line('td', [cell.text for cell in row])}</tr>" for row in table.rows)
    whole = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="jq-wide"><table class="jq-table">{whole}</table></div>'


def matrix(
    corner: str,
    heads: Sequence[str],
    rows: Sequence[tuple[str, Sequence[tuple[str, str, str]]]],
    *,
    strong: Sequence[int] = (),
) -> str:
    """A matrix as markup: each cell a figure, a line below it, and what kind of cell it is."""

    def bold(n: int) -> str:
        return ' class="strong"' if n in strong else ""

    head = "".join(f"<th{bold(n)}>{html.escape(name)}</th>" for n, name in enumerate(heads))
    body = "".join(
        f'<tr><th scope="row"{bold(n)}>{html.escape(name)}</th>'
        + "".join(
            f'<td class="{kind}">{html.escape(value)}<small>{html.escape(below)}</small></td>'
            for value, below, kind in cells
        )
        + "</tr>"
        for n, (name, cells) in enumerate(rows)
    )
    top = f"<thead><tr><th>{html.escape(corner)}</th>{head}</tr></thead>"
    return f'<div class="jq-wide"><table class="jq-table jq-matrix">{top}<tbody>{body}</tbody></table></div>'


def _quotient_order(found: Comparison, tables: dict[str, pd.DataFrame]) -> list[str]:
    """Subsectors as in the chart, then those that only other districts have a firm in."""
    index = [str(s) for s in tables[found.districts[0]].index]
    here = [s for s in found.subsectors if s in index]
    return [*here, *(s for s in index if s not in here)]


def _with_firms(found: Comparison) -> list[str]:
    """Districts that stand in a pair, the largest first."""
    there = set(found.pairs[c.DISTRICT_A]) | set(found.pairs[c.DISTRICT_B])
    order = found.facts.sort_values([c.TOTAL_CNY, c.FIRMS], ascending=False, na_position="last", kind="stable").index
    return [str(d) for d in order if d in there]


def _by_ends(pairs: pd.DataFrame) -> dict[frozenset[str], dict[Hashable, Any]]:
    return {frozenset((row[c.DISTRICT_A], row[c.DISTRICT_B])): row for row in pairs.to_dict("records")}


def _mix(found: Comparison) -> str:
    return c.MIX_OF_FIRMS if found.structure_by == "firms" else c.MIX_OF_REVENUE


def _firms(found: Comparison, district_id: str) -> int:
    return int(found.counts.loc[district_id].sum())


def _headed(found: Comparison, district_id: str, t: Words) -> str:
    return f"{found.mark(district_id)} {found.name(district_id, t.language)}"


def _plain_name(found: Comparison, district_id: str, t: Words) -> str:
    return _headed(found, district_id, t) if district_id in found.districts else found.name(district_id, t.language)


def _signed(value: float, place: int, t: Words) -> Cell:
    """Money; whatever is a change has its sign."""
    figure = t.money(value, unit=False)
    return Cell((f"+{figure}" if place and value > 0 else figure).replace("-", "−"), float(value))


def _density(value: float, t: Words) -> str:
    number = t.money_value(value) or 0.0
    return f"{number:,.2f}" if t.language == "zh" else f"{number:,.3f}"


def _ratio(cells: Sequence[Cell], t: Words) -> Cell:
    one, other = (cell.value for cell in cells)
    if not (one and other and one > 0 and other > 0):
        return Cell("—")
    ratio = one / other
    return Cell(t("compare.times", n=f"{ratio:,.1f}" if ratio >= 1 else f"{ratio:,.2f}"), ratio)


def _value(value: float) -> float | int | None:
    return None if value != value else float(value)
