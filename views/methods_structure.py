"""Live values of specialization and concentration: of counts of firms, or of revenue firm by firm."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clusters.concentration import gini_index, herfindahl_index
from clusters.geographic_concentration import ellison_glaeser_index, locational_gini, maurel_sedillot_index
from clusters.goals import Board
from clusters.inequality import atkinson_index, theil_decomposition, theil_index
from clusters.specialization import hoover_index, krugman_index, symmetric_location_quotient
from clusters.specialization_bootstrap import LEAST_DRAWS, bootstrap_location_quotient
from clusters.specialization_intervals import location_quotient_interval
from clusters.strength import cluster_mapping_strength, cluster_observatory_stars
from data import columns as c
from views.methods_facts import (
    FEW_FIRMS,
    FIRM,
    SEED,
    Value,
    district_name,
    firm_amounts,
    firm_counts,
    kept,
    of_firms,
    whole_firms,
)
from views.words import Words


def _location_quotient(board: Board, t: Words) -> str | None:
    cell = _largest_cell(board)
    if cell is None:
        return None
    found = _intervals(board).loc[cell]
    return t(
        "methods.value.location_quotient",
        **_cell_names(board, cell, t),
        n=int(found[c.COUNT]),
        value=_two(found[c.LOCATION_QUOTIENT]),
        low=_two(found[c.LOWER_LIMIT]),
        high=_two(found[c.UPPER_LIMIT]),
    )


def _symmetric_location_quotient(board: Board, t: Words) -> str | None:
    cell = _largest_cell(board)
    if cell is None:
        return None
    found = _intervals(board).loc[cell]
    quotient = float(found[c.LOCATION_QUOTIENT])
    return t(
        "methods.value.symmetric_location_quotient",
        **_cell_names(board, cell, t),
        n=int(found[c.COUNT]),
        quotient=_two(quotient),
        value=_two(symmetric_location_quotient(quotient)),
    )


def _location_quotient_interval(board: Board, t: Words) -> str | None:
    if firm_counts(board).empty:
        return None
    found = _intervals(board)
    some = found[found[c.COUNT] > 0]
    above, below = int((some[c.LOWER_LIMIT] > 1).sum()), int((some[c.UPPER_LIMIT] < 1).sum())
    return t(
        "methods.value.location_quotient_interval",
        cells=len(some),
        above=above,
        below=below,
        unsure=len(some) - above - below,
        n=int(some[c.COUNT].sum()),
    )


@of_firms
def _bootstrap_location_quotient(board: Board, t: Words) -> str | None:
    cell, drawn = _largest_cell(board), _bootstrap(board)
    if cell is None or drawn is None or cell not in drawn.index:
        return None
    found = drawn.loc[cell]
    return t(
        "methods.value.bootstrap_location_quotient",
        **_cell_names(board, cell, t),
        n=int(found[c.FIRMS]),
        value=_two(found[c.LOCATION_QUOTIENT]),
        low=_two(found[c.LOWER_LIMIT]),
        high=_two(found[c.UPPER_LIMIT]),
        draws=f"{LEAST_DRAWS:,}",
    )


@of_firms
def _quotient_without_largest(board: Board, t: Words) -> str | None:
    cell, drawn = _largest_cell(board), _bootstrap(board)
    if cell is None or drawn is None or cell not in drawn.index:
        return None
    found, above = drawn.loc[cell], drawn[drawn[c.LOCATION_QUOTIENT] > 1]
    return t(
        "methods.value.quotient_without_largest",
        **_cell_names(board, cell, t),
        n=int(found[c.FIRMS]),
        value=_two(found[c.LOCATION_QUOTIENT]),
        without=_two(found[c.WITHOUT_LARGEST]),
        above=len(above),
        fallen=int((~(above[c.WITHOUT_LARGEST] > 1)).sum()),
    )


def _cluster_mapping_strength(board: Board, t: Words) -> str | None:
    counts = firm_counts(board)
    if counts.empty:
        return None
    found = cluster_mapping_strength(counts)
    some = found[found[c.COUNT] > 0]
    return t(
        "methods.value.cluster_mapping_strength",
        cells=len(some),
        strong=int(some[c.STRONG].sum()),
        districts=len(counts),
        n=int(some[c.COUNT].sum()),
    )


def _cluster_observatory_stars(board: Board, t: Words) -> str | None:
    counts = firm_counts(board)
    if counts.empty:
        return None
    found = cluster_observatory_stars(counts)
    some = found[found[c.COUNT] > 0]
    return t(
        "methods.value.cluster_observatory_stars",
        cells=len(some),
        three=int((some[c.STARS] == 3).sum()),
        two=int((some[c.STARS] == 2).sum()),
        n=int(some[c.COUNT].sum()),
    )


def _krugman_index(board: Board, t: Words) -> str | None:
    return _of_largest_district("krugman_index", krugman_index(firm_counts(board)), board, t)


def _hoover_index(board: Board, t: Words) -> str | None:
    return _of_largest_district("hoover_index", hoover_index(firm_counts(board)), board, t)


@of_firms
def _herfindahl_index(board: Board, t: Words) -> str | None:
    subsector = _largest_subsector(board)
    rows = firm_amounts(board)
    sizes = rows[rows[c.SUBSECTOR_ID] == subsector].groupby(FIRM)[c.REVENUE_CNY].sum()
    value = herfindahl_index(sizes)
    if subsector is None or np.isnan(value):
        return None
    return t(
        "methods.value.herfindahl_index",
        subsector=t(f"subsector.{subsector}"),
        n=len(sizes),
        value=f"{value:.3f}",
        equal=f"{1 / value:.1f}",
    )


@of_firms
def _gini_index(board: Board, t: Words) -> str | None:
    sizes = whole_firms(board)[c.REVENUE_CNY]
    value, corrected = gini_index(sizes), gini_index(sizes, corrected=True)
    if np.isnan(corrected):
        return None
    return t("methods.value.gini_index", n=len(sizes), value=f"{value:.3f}", corrected=f"{corrected:.3f}")


@of_firms
def _theil_index(board: Board, t: Words) -> str | None:
    sizes = whole_firms(board)[c.REVENUE_CNY]
    value = theil_index(sizes)
    if np.isnan(value):
        return None
    return t("methods.value.theil_index", n=len(sizes), value=_two(value), bound=_two(np.log(len(sizes))))


@of_firms
def _theil_decomposition(board: Board, t: Words) -> str | None:
    firms = whole_firms(board)
    firms = firms[firms[c.DISTRICT_ID] != c.UNPLACED]
    found = theil_decomposition(firms[c.REVENUE_CNY], firms[c.DISTRICT_ID])
    if not found.total > 0:
        return None
    return t(
        "methods.value.theil_decomposition",
        n=len(firms),
        districts=len(found.groups),
        total=_two(found.total),
        between=_two(found.between),
        share=t.share(found.between / found.total),
        within=_two(found.within),
    )


@of_firms
def _atkinson_index(board: Board, t: Words) -> str | None:
    sizes = whole_firms(board)[c.REVENUE_CNY]
    value = atkinson_index(sizes)
    if np.isnan(value):
        return None
    return t("methods.value.atkinson_index", n=len(sizes), value=_two(value), left=t.share(1 - value))


def _locational_gini(board: Board, t: Words) -> str | None:
    subsector, counts = _largest_subsector(board), firm_counts(board)
    if subsector is None:
        return None
    return t(
        "methods.value.locational_gini",
        subsector=t(f"subsector.{subsector}"),
        n=int(counts[subsector].sum()),
        districts=len(counts),
        value=_two(locational_gini(counts[subsector], counts.sum(axis=1))),
    )


def _ellison_glaeser_index(board: Board, t: Words) -> str | None:
    return _over_districts("ellison_glaeser_index", board, t)


def _maurel_sedillot_index(board: Board, t: Words) -> str | None:
    return _over_districts("maurel_sedillot_index", board, t)


# ---------------------------------------------------------------- facts


@kept
def _intervals(board: Board) -> pd.DataFrame:
    return location_quotient_interval(firm_counts(board))


@kept
def _bootstrap(board: Board) -> pd.DataFrame | None:
    rows = firm_amounts(board)
    rows = rows[rows[c.DISTRICT_ID] != c.UNPLACED]
    if not rows[c.REVENUE_CNY].sum() > 0:
        return None
    return bootstrap_location_quotient(
        rows[c.REVENUE_CNY],
        rows[c.DISTRICT_ID],
        rows[c.SUBSECTOR_ID],
        firm=rows[FIRM],
        rng=np.random.default_rng(SEED),
    )


def _largest_cell(board: Board) -> tuple[str, str] | None:
    """District and subsector with the most firms."""
    counts = firm_counts(board)
    if counts.empty:
        return None
    row, column = np.unravel_index(counts.to_numpy().argmax(), counts.shape)
    return str(counts.index[row]), str(counts.columns[column])


def _largest_subsector(board: Board) -> str | None:
    """Subsector with the most firms."""
    counts = firm_counts(board)
    return None if counts.empty else str(counts.sum().idxmax())


def _of_largest_district(measure_id: str, values: pd.Series, board: Board, t: Words) -> str | None:
    firms = firm_counts(board).sum(axis=1)
    if firms.empty:
        return None
    largest = str(firms.idxmax())
    return t(
        f"methods.value.{measure_id}",
        district=district_name(board, largest, t),
        n=int(firms[largest]),
        value=_two(values[largest]),
        city=int(firms.sum()),
    )


def _over_districts(measure_id: str, board: Board, t: Words) -> str | None:
    """A concentration of firms, each of size 1, and how concentrated all firms are themselves."""
    subsector, counts = _largest_subsector(board), firm_counts(board)
    if subsector is None:
        return None
    here, everybody = counts[subsector], counts.sum(axis=1)
    measure = {"ellison_glaeser_index": ellison_glaeser_index, "maurel_sedillot_index": maurel_sedillot_index}
    value = measure[measure_id](np.ones(int(here.sum())), np.repeat(here.index, here), region_totals=everybody)
    if np.isnan(value):
        return None
    said = t(
        f"methods.value.{measure_id}",
        subsector=t(f"subsector.{subsector}"),
        n=int(here.sum()),
        value=f"{value:.3f}",
        base=_two(((everybody / everybody.sum()) ** 2).sum()),
        districts=len(counts),
    )
    return t.sentences([said, t("methods.no_value.few", few=FEW_FIRMS)]) if here.sum() < FEW_FIRMS else said


def _cell_names(board: Board, cell: tuple[str, str], t: Words) -> dict[str, str]:
    district, subsector = cell
    return {"district": district_name(board, district, t), "subsector": t(f"subsector.{subsector}")}


def _two(value: float) -> str:
    return f"{value:,.2f}".replace("-", "−")


STRUCTURE: Mapping[str, Value] = {
    "location_quotient": _location_quotient,
    "symmetric_location_quotient": _symmetric_location_quotient,
    "location_quotient_interval": _location_quotient_interval,
    "bootstrap_location_quotient": _bootstrap_location_quotient,
    "quotient_without_largest": _quotient_without_largest,
    "cluster_mapping_strength": _cluster_mapping_strength,
    "cluster_observatory_stars": _cluster_observatory_stars,
    "krugman_index": _krugman_index,
    "hoover_index": _hoover_index,
    "herfindahl_index": _herfindahl_index,
    "gini_index": _gini_index,
    "theil_index": _theil_index,
    "theil_decomposition": _theil_decomposition,
    "atkinson_index": _atkinson_index,
    "locational_gini": _locational_gini,
    "ellison_glaeser_index": _ellison_glaeser_index,
    "maurel_sedillot_index": _maurel_sedillot_index,
}
