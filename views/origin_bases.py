"""What a figure of a page is, and for one that is no total the tables that it rests on, beside its formula."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import streamlit as st

from clusters.accounts import accounts
from clusters.goals import Board
from clusters.measure_basis import matched_behind, observations_behind, points_behind, years_behind
from clusters.outcomes import latest_figures
from data import columns as c
from data import lookup
from data.sources import sources
from data.workspace import BUNDLED
from views.figures import accounts_of, district_figures
from views.goal_facts import scope_name, source_of
from views.map_hubs import hub_precision
from views.words import Words, plain

ROW_PX, MOST_ROWS = 33, 8
CITY = ""
FIRM_FILES = ("reference/firms.csv", "reference/revenue.csv")
POINT_FILES = ("reference/parks.csv", "reference/hubs.csv", "reference/firms.csv")
PLAN_FILES = ("plans/shenzhen-digital-economy-2021-2023.txt", "plans/shenzhen-digital-economy-2021-2023.yaml")


@dataclass(frozen=True)
class Figure:
    """A figure of a page.

    Attributes
    ----------
    subsectors : tuple of str
        Those that were added up; empty is all.
    district_id : str
        Empty is the city.
    target_id : str
        Goal of the plan that the figure is compared with.
    measure : str
        What it is: ``'total'``, or one of `MEASURES`.
    among : tuple of str
        Districts that stand side by side, or the firm or park that it is of.
    since : int or None
        Year that change is counted from; the plan's base year when none is named.
    """

    subsectors: tuple[str, ...] = ()
    district_id: str = CITY
    target_id: str = ""
    measure: str = "total"
    among: tuple[str, ...] = ()
    since: int | None = None


class Basis(NamedTuple):
    """What a measure rests on: its entry on the page of methods, its tables, the shipped files behind them."""

    method: str
    tables: tuple[str, ...]
    files: tuple[str, ...] = FIRM_FILES
    has_total: bool = False

    @property
    def is_of_revenue(self) -> bool:
        """Whether the year of the page is the year of the figure."""
        return "reference/revenue.csv" in self.files

    @property
    def is_of_firms(self) -> bool:
        """Whether it matters how many firms the data have."""
        return "reference/firms.csv" in self.files


MEASURES = {
    "quotient": Basis("location_quotient_interval", ("structure",)),
    "profile": Basis("location_quotient_interval", ("structure", "matched")),
    "structure": Basis("district_clusters", ("structure",)),
    "similarity": Basis("similarity_test", ("structure",)),
    "densities": Basis("district_densities", ("structure", "areas"), (*FIRM_FILES, "reference/districts.csv")),
    "years": Basis("cluster_totals", ("years",)),
    "change": Basis("district_shift_share", ("matched",)),
    "mixes": Basis("close_gap", ("matched", "years"), has_total=True),
    "dependence": Basis("without_largest", (), has_total=True),
    "outlook": Basis("project", ("years",)),
    "scenario": Basis("play_scenario", (), has_total=True),
    "ground": Basis("find_clusters", ("points",), has_total=True),
    "criteria": Basis("rank_sites", ("points",), POINT_FILES),
    "park": Basis("rank_sites", ("parks", "points"), POINT_FILES),
    "grid": Basis("suitability", ("points",), POINT_FILES),
    "parks": Basis("", ("parks",), ("reference/parks.csv",)),
    "firm": Basis("cluster_totals", ("firm",)),
    "official": Basis("", ("official",), ("reference/facts.csv",)),
    "duties": Basis("", (), PLAN_FILES),
}
"""Figures that are no plain total; ``has_total`` has the cells and firms of a total too."""


def show_bases(figure: Figure, board: Board, t: Words) -> None:
    """The tables of a measure, each under its heading.

    Parameters
    ----------
    figure : Figure
        Of one of `MEASURES`.
    board : Board
        Of the city.
    t : Words
    """
    for name in MEASURES[figure.measure].tables:
        table = _TABLES[name](figure, board, t)
        st.markdown(f"**{t(f'origin.table_{name}')}**")
        if table.empty:
            st.caption(t("word.no_data"))
        else:
            rows_table(table, name, t(f"origin.table_{name}"))


def file_lines(figure: Figure, board: Board, t: Words) -> list[str]:
    """The shipped files behind a measure, as Markdown; none once the data were imported, whose version says it."""
    if board.dataset.version != BUNDLED and MEASURES[figure.measure].files != PLAN_FILES:
        return []
    held = {source.file: source for source in sources()}
    return [
        t("origin.file", file=plain(file), publisher=plain(held[file].publisher), date=plain(held[file].date))
        for file in MEASURES[figure.measure].files
    ]


def rows_table(table: pd.DataFrame, key: str, alt: str) -> None:
    """A table of a dialog; it scrolls within itself."""
    st.dataframe(
        table,
        hide_index=True,
        height=min(len(table) + 1, MOST_ROWS) * ROW_PX + 3,
        row_height=ROW_PX,
        placeholder="—",
        alt=alt,
        key=f"origin_{key}",
    )


def _names(board: Board, t: Words) -> "pd.Series[str]":
    return pd.Series(board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN])


def _places(figure: Figure) -> tuple[str, ...]:
    """Districts side by side, else the one district, or the city."""
    return figure.among or (figure.district_id,)


def _subsector(subsector_id: object, t: Words) -> str:
    key = f"subsector.{subsector_id}"
    return t(key) if key in t else str(subsector_id)


def _structure(figure: Figure, board: Board, t: Words) -> pd.DataFrame:
    """Firms and totals of each subsector in each district, and in the city."""
    kept, names = accounts_of(board), _names(board, t)
    firms = board.districts[c.FIRMS]
    order = board.clusters.sort_values(c.TOTAL_CNY, ascending=False, na_position="last").index
    found = {t("field.subsector"): [*(_subsector(s, t) for s in order), t("origin.all_subsectors")]}
    whole = district_figures(board, board.clusters.index)[c.FIRMS]
    for d in (d for d in _places(figure) if d != CITY):
        here = firms.xs(d, level=c.DISTRICT_ID) if d in firms.index.get_level_values(c.DISTRICT_ID) else firms.iloc[:0]
        cells = [
            _cell(here.get(s, 0), t.amount(kept.cell(str(s), d), withheld=(str(s), d) in kept.withheld), t)
            for s in order
        ]
        total = t.amount(kept.total(district_id=d), withheld=kept.withholds(district_id=d))
        found[str(names[d])] = [*cells, _cell(whole[d], total, t)]
    cells = [
        _cell(
            board.clusters[c.FIRMS][s],
            t.amount(kept.total(subsectors=[str(s)]), withheld=kept.withholds(subsectors=[str(s)])),
            t,
        )
        for s in order
    ]
    found[t("city")] = [*cells, _cell(board.coverage["firms"], t.amount(kept.total(), withheld=kept.withholds()), t)]
    return pd.DataFrame(found)


def _cell(firms: object, amount: str, t: Words) -> str:
    n = int(firms) if firms == firms else 0
    return f"{t.firms(n)} · {amount}" if n else "—"


def _matched(figure: Figure, board: Board, t: Words) -> pd.DataFrame:
    """Firms of both years, by district and subsector."""
    since = _since(figure, board)
    if since is None:
        return pd.DataFrame()
    names, tables = _names(board, t), []
    for d in _places(figure):
        found = matched_behind(
            board.dataset,
            base_year=since,
            year=board.year,
            place=board.place,
            district_id=d,
            subsectors=figure.subsectors,
        ).reset_index()
        growth = found[c.MATCHED_CNY] / found[c.BASE_CNY].where(found[c.BASE_CNY] > 0) - 1
        tables.append(
            pd.DataFrame(
                {
                    t("field.district"): t("city") if d == CITY else str(names[d]),
                    t("field.subsector"): [_subsector(s, t) for s in found[c.SUBSECTOR_ID]],
                    t("origin.matched_firms"): found[c.MATCHED_FIRMS].astype(int),
                    t("field.revenue", year=since): [t.money(v) for v in found[c.BASE_CNY]],
                    t("field.revenue", year=board.year): [t.money(v) for v in found[c.MATCHED_CNY]],
                    t("origin.growth"): ["—" if g != g else f"{g:+.1%}" for g in growth],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _since(figure: Figure, board: Board) -> int | None:
    earlier = [year for year in board.dataset.years if year < board.year]
    asked = figure.since or board.plan.period.base_year_assumed
    return asked if asked in earlier else earlier[-1] if earlier else None


def _years(figure: Figure, board: Board, t: Words) -> pd.DataFrame:
    """Firms and totals of each year, as each year's own page shows them."""
    names, subsectors, columns = _names(board, t), figure.subsectors or None, {}
    for d in _places(figure):
        found = years_behind(board.dataset, place=board.place, district_id=d, subsectors=figure.subsectors)
        told = {}
        for year, n in found[c.FIRMS].items():
            kept, where = accounts(board.dataset, year=int(str(year)), place=board.place), d or None
            amount = kept.total(subsectors=subsectors, district_id=where)
            told[year] = _cell(n, t.amount(amount, withheld=True), t)
        columns[t("city") if d == CITY else str(names[d])] = pd.Series(told, dtype=object)
    table = pd.DataFrame(columns).sort_index(ascending=False)
    table.insert(0, t("field.year"), [str(year) for year in table.index])
    return table


def _areas(figure: Figure, board: Board, t: Words) -> pd.DataFrame:
    """Official area of each district with its source: the denominator of a density."""
    rows, names = board.dataset.districts.loc[[d for d in _places(figure) if d != CITY]], _names(board, t)
    return pd.DataFrame(
        {
            t("field.district"): [str(names[d]) for d in rows.index],
            t("field.official_area"): [f"{v / 1e6:,.2f} km²" for v in rows[c.OFFICIAL_AREA_M2]],
            t("fact.source"): rows[c.AREA_SOURCE].to_numpy(),
            t("field.status"): [_status(s, t) for s in rows[c.AREA_STATUS]],
        }
    )


def _points(figure: Figure, board: Board, t: Words) -> pd.DataFrame:
    """What distances are measured between, how many there are, and how exact their points are."""
    found = points_behind(board.dataset, place=board.place)
    rows = pd.DataFrame(
        {
            t("origin.points"): [t(f"origin.kind_{kind}") for kind in found[c.KIND]],
            t("field.precision"): [
                _precision(kind, told, t) for kind, told in zip(found[c.KIND], found[c.LOCATION_PRECISION], strict=True)
            ],
            "n": found[c.COUNT].astype(int),
        }
    )
    return rows.groupby(list(rows.columns[:2]), sort=False, as_index=False).sum()


def _precision(kind: str, told: object, t: Words) -> str:
    """How exact a point is, in the reader's language."""
    if not isinstance(told, str):
        return t("precision.none" if kind == "firms" else "district.no_point")
    if kind == "parks":
        return t("map.park_precision")
    return hub_precision(told, t) if kind == "hubs" else t(f"precision.{told}")


def _parks(figure: Figure, board: Board, t: Words) -> pd.DataFrame:
    """Area of parks as their source words it, with the source; remarks of an imported file stay with who keeps it."""
    parks = board.dataset.parks
    mine = parks.loc[list(figure.among)] if figure.among else parks
    mine = mine[mine[c.DISTRICT_ID] == figure.district_id] if figure.district_id else mine
    mine = mine.reindex(columns=[c.NAME, c.AREA_TEXT, c.LON, c.SOURCE, c.STATUS, c.NOTE])
    return pd.DataFrame(
        {
            t("field.park"): mine[c.NAME].to_numpy(),
            t("field.area"): mine[c.AREA_TEXT].to_numpy(),
            t("field.precision"): [
                t("map.park_precision" if lon == lon else "district.no_point") for lon in mine[c.LON]
            ],
            t("fact.source"): mine[c.SOURCE].to_numpy(),
            t("field.status"): [_status(s, t) for s in mine[c.STATUS]],
            **({t("origin.note"): mine[c.NOTE].to_numpy()} if board.dataset.version == BUNDLED else {}),
        }
    )


def _firm(figure: Figure, board: Board, t: Words) -> pd.DataFrame:
    """Every revenue of one firm with its status and source."""
    (firm_id,) = figure.among
    found = observations_behind(board.dataset, firm_id)
    return pd.DataFrame(
        {
            t("field.name"): lookup.short_name(board.dataset, firm_id),
            t("field.year"): found[c.YEAR].astype(str),
            t("measure.revenue"): [t.money(v) for v in found[c.REVENUE_CNY]],
            t("field.status"): [_status(s, t) for s in found[c.STATUS]],
            t("fact.source"): found[c.SOURCE].to_numpy(),
        }
    )


def _official(figure: Figure, board: Board, t: Words) -> pd.DataFrame:
    """Official figures of an area with scope and source."""
    rows = [
        [t(f"indicator.{name}"), t.money(fact.value), str(fact.year), scope_name(fact.scope, t), source_of(fact, t)]
        for name, fact in latest_figures(board.dataset, figure.district_id or board.dataset.city_adcode)
    ]
    return pd.DataFrame(rows, columns=[t(f"fact.{key}") for key in ("indicator", "value", "year", "scope", "source")])


def _status(status: object, t: Words) -> str:
    return t(f"status.{status}") if f"status.{status}" in t else "—"


_TABLES: dict[str, Callable[[Figure, Board, Words], pd.DataFrame]] = {
    "structure": _structure,
    "matched": _matched,
    "years": _years,
    "areas": _areas,
    "points": _points,
    "parks": _parks,
    "firm": _firm,
    "official": _official,
}
