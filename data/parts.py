"""Firms by their parts: the one place where a firm that lies in several subsectors becomes a row in each of them.

Everything derived by subsector is counted on these rows: a part has its firm's places, one subsector, and its share of
each revenue in whole CNY, so that subsectors add up to districts and to the city exactly. Counts of firms do not: a
firm counts in each subsector it has a part in. Such cells carry the *spread* of their firms, all subsectors with the
main one first, so that `counted_once` can count them over any choice of subsectors, each once.

Where a firm is one thing it stays whole: over thresholds, in lists, as a point and in tiles it is under its main
subsector, with all of its revenue. Nobody split, nothing is copied and nothing carries a spread.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import columns as c
from data.dataset import Dataset, firm_column
from data.observed import Observed, observed_rows
from data.weights import WHOLE, main_subsector, read_weights, split_amounts

_OF_A_PART = (
    c.REGISTERED_DISTRICT_ID,
    c.OPERATING_DISTRICT_ID,
    c.SUBSECTOR_ID,
    c.LOCATION_PRECISION,
    c.LON,
)
_COUNTS = (c.FIRMS, c.SOURCED_FIRMS, c.KNOWN_FIRMS, c.PLACED_FIRMS, c.MATCHED_FIRMS, c.PANEL_FIRMS)
_NO_KEYS = (c.SUBSECTOR_ID, c.TOTAL_CNY, c.SOURCED_CNY, c.ELSEWHERE_CNY, c.TOP_FIRM_ID, c.TOP1_CNY, c.BASE_CNY,
            c.MATCHED_CNY, c.PANEL_CNY, c.WITHHELD, c.HIDDEN)  # fmt: skip

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FirmParts:
    """Parts of firms, in the order of the firms and by ascending subsector.

    Attributes
    ----------
    firms : DataFrame
        One row a part, under its firm's id: places, precision, point, and the part's subsector. The firms' own table
        when nobody is split.
    firm : ndarray of int
        Row number of the firm of each part.
    weight : ndarray of int64
        Ten-thousandths.
    spread : Series of text or None
        On the rows of ``firms``, missing for a firm that is all in one; ``None`` when nobody is split.
    """

    firms: pd.DataFrame
    firm: Ints
    weight: Ints
    spread: pd.Series | None

    def keys(self) -> dict[str, pd.Series]:
        """Keys of the cells that parts lie in beside their place: the subsector, and the spread if anybody has one."""
        keys: dict[str, pd.Series] = {c.SUBSECTOR_ID: self.firms[c.SUBSECTOR_ID]}
        return keys if self.spread is None else {**keys, c.SPREAD: self.spread}


def firm_parts(firms: pd.DataFrame) -> FirmParts:
    """Parts of the firms of a dataset.

    Parameters
    ----------
    firms : DataFrame
        ``subsector_weights`` splits a firm; missing, or not a column at all, leaves it whole.

    Raises
    ------
    ValueError
        When weights are not written as ``data.weights`` writes them.

    Examples
    --------
    >>> firms = pd.DataFrame({"subsector_id": ["S01", "S05"], "subsector_weights": [None, "S02:0.4;S05:0.6"],
    ...                       "registered_district_id": "X", "operating_district_id": None}, index=["a", "b"])
    >>> parts = firm_parts(firms)
    >>> list(zip(parts.firms.index, parts.firms["subsector_id"], parts.weight.tolist()))
    [('a', 'S01', 10000), ('b', 'S02', 4000), ('b', 'S05', 6000)]
    >>> parts.spread.tolist()
    [None, 'S05;S02', 'S05;S02']
    """
    code, texts = pd.factorize(firm_column(firms, c.SUBSECTOR_WEIGHTS))
    if not len(texts):
        everyone = np.arange(len(firms))
        return FirmParts(firms, everyone, np.full(len(firms), WHOLE), None)
    read = [read_weights(str(text)) for text in texts]
    size = np.array([*map(len, read), 1])[code]  # -1, whole, is the last
    firm = np.repeat(np.arange(len(firms)), size)
    place = np.arange(len(firm)) - np.repeat(np.cumsum(size) - size, size)
    first = np.cumsum([0, *map(len, read)])[:-1]
    split = code[firm] >= 0
    at = first[code[firm[split]]] + place[split]
    weight = np.full(len(firm), WHOLE)
    weight[split] = np.array([part for parts in read for part in parts.values()])[at]
    subsector = firms[c.SUBSECTOR_ID].to_numpy(object)[firm]
    subsector[split] = np.array([name for parts in read for name in parts], object)[at]
    spread = np.array([*map(_spread, read), None], object)[code[firm]]
    held = [name for name in _OF_A_PART if name in firms]
    rows = firms[held].iloc[firm].assign(**{c.SUBSECTOR_ID: subsector})
    return FirmParts(rows, firm, weight, pd.Series(spread, index=rows.index, dtype=object))


def observed_parts(dataset: Dataset, parts: FirmParts) -> Observed:
    """Usable observations of a dataset, one row for each part of the firm; ``firm`` is the row number of the part.

    Parameters
    ----------
    dataset : Dataset
    parts : FirmParts
        Of the dataset's firms.
    """
    return split_observed(observed_rows(dataset), parts)


def split_observed(observed: Observed, parts: FirmParts) -> Observed:
    """Observations of firms, one row for each part of the firm; ``firm`` is the row number of the part.

    Parameters
    ----------
    observed : Observed
        Numbered by the firms that the parts are of.
    parts : FirmParts
    """
    if parts.spread is None:
        return observed
    size = np.bincount(parts.firm)
    first = np.cumsum(size) - size
    size, first = size[observed.firm], first[observed.firm]
    starts = np.cumsum(size) - size
    row = np.repeat(np.arange(len(size)), size)
    part = first[row] + np.arange(len(row)) - starts[row]
    return replace(
        observed,
        firm=part.astype(np.int32),
        year=observed.year[row],
        revenue=split_amounts(observed.revenue, parts.weight[part], starts),
        sourced=observed.sourced[row],
        row=observed.row[row],
    )


def counted_once(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells in which each firm counts in only one of its subsectors, so that counts of firms add up over them.

    Parameters
    ----------
    cells : DataFrame
        Of any subsectors; a firm counts in the lowest of them that it has a part in. Money is not touched.

    Examples
    --------
    >>> cells = pd.DataFrame({"subsector_id": ["S01", "S01", "S02", "S05"], "firms": [2, 1, 4, 1],
    ...                       "spread": [None, "S05;S01", None, "S05;S01"], "total_cny": [20, 3, 40, 7]})
    >>> counted_once(cells)["firms"].tolist(), counted_once(cells[1:])["firms"].tolist()
    ([2, 1, 4, 0], [1, 4, 0])
    >>> counted_once(cells[cells["subsector_id"] == "S05"])["firms"].tolist()
    [1]
    """
    if c.SPREAD not in cells:
        return cells
    keys = [name for name in cells.columns if name not in (*_COUNTS, *_NO_KEYS)]
    again = cells.sort_values(c.SUBSECTOR_ID, kind="stable").duplicated(keys).reindex(cells.index)
    again &= cells[c.SPREAD].notna()
    return cells.assign(**{name: cells[name].mask(again, 0) for name in _COUNTS if name in cells})


def under_main_subsector(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells of the subsectors that firms stand under in lists and on maps: of each firm those of its main one."""
    if c.SPREAD not in cells:
        return cells
    main = cells[c.SPREAD].str.partition(";")[0].fillna(cells[c.SUBSECTOR_ID])
    return cells[(main == cells[c.SUBSECTOR_ID]) | cells[c.SPREAD].isna()]


def _spread(parts: dict[str, int]) -> str:
    main = main_subsector(parts)
    return ";".join([main, *(subsector for subsector in parts if subsector != main)])
