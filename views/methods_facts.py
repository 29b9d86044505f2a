"""What the live values of measures are made of: small tables of a board, computed once, and when there are none.

A fact is kept for its dataset, so that opening a measure again, or another of the same facts, costs nothing. What walks
over firms is for small data that nothing was taken out of: of many firms it would keep the page waiting, and where
figures are withheld it would be of other firms than the reader thinks.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from clusters.goals import Board
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import MANY_FIRMS, Dataset, firm_column, firm_districts
from data.matched import matched_firms
from data.once import once_per_dataset
from data.parts import counted_once, firm_parts, observed_parts
from views.words import Words

T = TypeVar("T")
Value = Callable[[Board, Words], str | None]

FIRM, HOLDER = "firm", "holder"
NO_SUBSECTOR = "none"
PRECISE = ("exact", "park")
"""How well a place must be known to be a point."""
FEW_FIRMS = 10
"""With fewer firms a measure of places is an illustration; our rule of thumb."""
SEED = 1


def kept(compute: Callable[[Board], T]) -> Callable[[Board], T]:
    """A fact that is computed once for each dataset, plan, year and reading of place; nobody changes it."""

    @wraps(compute)
    def fact(board: Board) -> T:
        facts = _facts(board.dataset)
        key = (f"{compute.__module__}.{compute.__qualname__}", board.plan.id, board.year, board.place)
        if key not in facts:
            facts[key] = compute(board)
        found: T = facts[key]
        return found

    return fact


def of_firms(value: Value) -> Value:
    """A value that walks over firms, or why it is not computed."""

    @wraps(value)
    def said(board: Board, t: Words) -> str | None:
        if board.dataset.release is not None:
            return t("methods.no_value.withheld", n=f"{board.dataset.release.firms:,}")
        return many(board, t) or value(board, t)

    return said


def of_free_firms(value: Value) -> Value:
    """A value on firms of several years; where figures are withheld it is of the firms that are free, and says so."""

    @wraps(value)
    def said(board: Board, t: Words) -> str | None:
        found = value(board, t)
        if found is None or board.dataset.release is None:
            return found
        return t.sentences([found, t("methods.no_value.free_only", n=f"{board.dataset.release.firms:,}")])

    return said


def many(board: Board, t: Words) -> str | None:
    """That there are too many firms to walk over for a page; ``None`` when there are not."""
    if not board.dataset.has_many_firms:
        return None
    return t("methods.no_value.many", n=f"{len(board.dataset.firms):,}", most=f"{MANY_FIRMS:,}")


# tables ------------------------------------------------------------------------------------------------------------


@kept
def firm_counts(board: Board) -> pd.DataFrame:
    """Firms with a figure, districts as rows and subsectors of the plan as columns; all-empty ones left out."""
    by = [c.DISTRICT_ID, c.SUBSECTOR_ID]
    cells = cube_totals(cube_of(board.dataset), by, year=board.year, place=board.place)[c.FIRMS]
    known = [each.id for each in board.plan.subsectors]
    table = cells.unstack(fill_value=0).reindex(columns=known, fill_value=0).drop(index=c.UNPLACED, errors="ignore")
    return table.loc[table.sum(axis=1) > 0, table.sum() > 0]


@kept
def firm_amounts(board: Board) -> pd.DataFrame:
    """Revenue of each part of a firm in the city and year: firm, holder, district_id, subsector_id, revenue_cny."""
    data = board.dataset
    parts = firm_parts(data.firms)
    observed = observed_parts(data, parts)
    now = (observed.year == board.year) & (observed.revenue >= 0)
    row = observed.firm[now]
    firm = parts.firm[row]
    holder = firm_column(data.firms, c.HOLDING_ID).astype(object).to_numpy()[firm]
    is_held = pd.notna(holder) & (holder != "")
    table = pd.DataFrame(
        {
            FIRM: firm,
            HOLDER: np.where(is_held, holder, firm.astype(str)),
            c.DISTRICT_ID: firm_districts(parts.firms, board.place).to_numpy(object)[row],
            c.SUBSECTOR_ID: parts.firms[c.SUBSECTOR_ID].astype(object).fillna(NO_SUBSECTOR).to_numpy()[row],
            c.REVENUE_CNY: observed.revenue[now],
        }
    )
    return table[table[c.DISTRICT_ID] != c.OUTSIDE].reset_index(drop=True)


def whole_firms(board: Board) -> pd.DataFrame:
    """Revenue of each firm with all its parts, by row number of the firm: district_id, revenue_cny."""
    found = firm_amounts(board).groupby(FIRM)
    return pd.DataFrame({c.DISTRICT_ID: found[c.DISTRICT_ID].first(), c.REVENUE_CNY: found[c.REVENUE_CNY].sum()})


def matched_with(board: Board, base: int | None = None) -> tuple[pd.DataFrame, int | None]:
    """Matched firms of the board's year and a year before it (the latest, unless one is asked for), and that year."""
    matched = matched_firms(board.dataset)
    pairs = matched[(matched[c.PLACE] == board.place) & (matched[c.YEAR] == board.year)]
    known = set(pairs[c.BASE_YEAR])
    base = max(known, default=None) if base is None else base if base in known else None
    return pairs[pairs[c.BASE_YEAR] == base], base


def matched_number(pair: pd.DataFrame) -> int:
    """Number of matched firms, each once."""
    return int(counted_once(pair)[c.MATCHED_FIRMS].sum())


def withheld_totals(board: Board) -> int:
    """In how many subsectors the total of the year is withheld from this reader."""
    if board.dataset.release is None:
        return 0
    return int((board.clusters[c.TOTAL_CNY].isna() & (board.clusters[c.FIRMS] > 0)).sum())


def next_cluster(board: Board) -> str | None:
    """The subsector that is nearest to its next tier."""
    gaps = board.clusters[c.GAP_CNY].astype("float64")
    gaps = gaps[gaps > 0]
    return None if gaps.empty else str(gaps.idxmin())


# words -------------------------------------------------------------------------------------------------------------


def district_name(board: Board, district_id: str, t: Words) -> str:
    """Short name of a district."""
    if district_id not in board.dataset.districts.index:
        return district_id
    return str(board.dataset.districts[c.LABEL_ZH if t.language == "zh" else c.LABEL_EN][district_id])


def p_text(p: float) -> str:
    """A probability under the null, to three digits."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


@once_per_dataset
def _facts(dataset: Dataset) -> dict[tuple[str, str, int, str], Any]:
    return {}
