"""The cube as a reader may see it: free figures as they are, the others only as cells of one fixed table a year.

The table is district × subsector with its margins, of the firms whose own figures the reader may not see. Firms of
public record stay out of it: whoever wants to know a neighbor's figure can look theirs up and take them off, so the
rest alone must be safe. Figures stand where a firm is registered; under the other reading of place only free firms
move, since two tables of the same firms would give away by their difference what each withholds.
Which firm is the largest, how much was read at its source and what belongs to offices elsewhere is not released at all.
Numbers of firms are: that a firm exists and what it does is no secret.
"""

import logging
from typing import get_args

import numpy as np
import pandas as pd

from clusters.disclosure import protect_table
from clusters.errors import BadContributions, StillDisclosed
from clusters.suppression_rules import DEFAULT_RULE, SafetyRule
from data import columns as c
from data.cube import KEYS, build_cube
from data.dataset import Dataset, Place, firm_column, firm_districts
from data.parts import firm_parts, observed_parts

NO_SUBSECTOR = "none"
log = logging.getLogger(__name__)

_MONEY = (c.TOTAL_CNY, c.TOP1_CNY, c.SOURCED_CNY, c.ELSEWHERE_CNY)
_COUNTS = (c.FIRMS, c.SOURCED_FIRMS)


def released_cube(free: Dataset, hidden: Dataset, design: pd.DataFrame) -> pd.DataFrame:
    """Cells of a dataset whose firms are open in part.

    Parameters
    ----------
    free, hidden : Dataset
        The same version with the firms whose figures are free, and with the others.
    design : DataFrame
        What ``released_cells`` gives of the others, or ``with_own_district`` of that.

    Returns
    -------
    DataFrame
        As ``data.cube.build_cube``, and withheld, hidden (booleans), residual (text).
    """
    counts = build_cube(hidden).assign(**dict.fromkeys(_MONEY, 0), **{c.TOP_FIRM_ID: None, c.HIDDEN: True})
    design = pd.concat([design.assign(**{c.PLACE: place}) for place in get_args(Place)])
    blocks = [build_cube(free), counts, design]
    order = [*KEYS[:3], c.SPREAD, c.YEAR, *blocks[0].columns, *counts.columns]
    there = {*blocks[0].columns, *counts.columns} - {c.HIDDEN}
    names = [name for name in dict.fromkeys(order) if name in there]
    cells = pd.concat([block.reindex(columns=[*names, c.HIDDEN, c.WITHHELD, c.RESIDUAL]) for block in blocks])
    numbers = {name: cells[name].fillna(0).astype(np.int64) for name in (*_MONEY, *_COUNTS)}
    truths = {name: cells[name].astype("boolean").fillna(False).astype(bool) for name in (c.HIDDEN, c.WITHHELD)}
    cells = cells.assign(**numbers, **truths, **{c.RESIDUAL: cells[c.RESIDUAL].fillna("")})
    keys = [name for name in names if name in (*KEYS, c.SPREAD)]
    how = dict.fromkeys(numbers, "sum") | dict.fromkeys(truths, "any") | {c.TOP_FIRM_ID: "first", c.TOP1_CNY: "max"}
    grouped = cells.groupby([*keys, c.RESIDUAL], dropna=False, sort=True)
    return grouped.agg(how).reset_index()[[*names, c.HIDDEN, c.WITHHELD, c.RESIDUAL]]


def released_cells(hidden: Dataset, rule: SafetyRule = DEFAULT_RULE) -> pd.DataFrame:
    """The fixed table of every year: what is released of firms whose own figures are not.

    Returns
    -------
    DataFrame
        district_id, subsector_id, year, total_cny (0 where it is withheld), withheld, residual: cells, and for each
        released margin that has withheld cells one row with their sum, ``'withheld'`` standing for what it adds up.
    """
    parts = firm_parts(hidden.firms)
    observed = observed_parts(hidden, parts)
    holder = firm_column(hidden.firms, c.HOLDING_ID)
    holder = holder.astype(object).where(
        holder.notna() & (holder != ""), pd.Series(hidden.firms.index, hidden.firms.index)
    )
    contributions = pd.DataFrame(
        {
            c.DISTRICT_ID: firm_districts(parts.firms, "registered").to_numpy(object)[observed.firm],
            c.SUBSECTOR_ID: parts.firms[c.SUBSECTOR_ID].astype(object).fillna(NO_SUBSECTOR).to_numpy()[observed.firm],
            c.HOLDING_ID: pd.factorize(holder)[0][parts.firm[observed.firm]],
            c.REVENUE_CNY: observed.revenue,
        }
    )
    inside = (contributions[c.DISTRICT_ID] != c.OUTSIDE).to_numpy(bool)
    contributions, of_year = contributions[inside], observed.year[inside]
    years = np.unique(of_year)
    found = [_of_year(contributions[of_year == year], rule).assign(**{c.YEAR: year}) for year in years]
    if not found:
        return pd.DataFrame(columns=[c.DISTRICT_ID, c.SUBSECTOR_ID, c.TOTAL_CNY, c.WITHHELD, c.RESIDUAL, c.YEAR])
    cells = pd.concat(found, ignore_index=True)
    return cells.assign(**{c.SUBSECTOR_ID: cells[c.SUBSECTOR_ID].where(cells[c.SUBSECTOR_ID] != NO_SUBSECTOR, None)})


def with_own_district(design: pd.DataFrame, own: Dataset, district_id: str) -> pd.DataFrame:
    """The same table for the government of one district, who sees the firms of its own row one by one.

    It is the table of everybody with that row taken out, and not another one: two tables of the same firms would let
    each be read through the other.

    Parameters
    ----------
    design : DataFrame
        As ``released_cells`` gives it.
    own : Dataset
        The hidden firms of that district.
    district_id : str
    """
    mine = design[c.DISTRICT_ID] == district_id
    others = design[~mine]
    told = build_cube(own)
    told = told[told[c.PLACE] == "registered"]
    known = told.groupby([c.SUBSECTOR_ID, c.YEAR], dropna=False)[c.TOTAL_CNY].sum()
    lacking = design[mine & design[c.WITHHELD]]
    keys = pd.MultiIndex.from_frame(lacking[[c.SUBSECTOR_ID, c.YEAR]])
    opened = pd.Series(known.reindex(keys).to_numpy(), index=keys)
    left = others[others[c.WITHHELD]]
    kept = []
    for residual, by in (("subsector", [c.SUBSECTOR_ID, c.YEAR]), ("city", [c.YEAR])):
        rows = others[others[c.RESIDUAL] == residual]
        index = pd.MultiIndex.from_frame(rows[by])
        taken = opened.groupby(level=by, dropna=False).sum()
        taken.index = pd.MultiIndex.from_frame(taken.index.to_frame()[by])
        still = index.isin(pd.MultiIndex.from_frame(left[by]))
        rest = rows[c.TOTAL_CNY].to_numpy() - taken.reindex(index).fillna(0).to_numpy(np.int64)
        kept.append(rows.assign(**{c.TOTAL_CNY: rest})[still])
    return pd.concat([others[~others[c.RESIDUAL].isin(["subsector", "city"])], *kept], ignore_index=True)


def _of_year(contributions: pd.DataFrame, rule: SafetyRule) -> pd.DataFrame:
    table = _protected(contributions, rule).reset_index()
    ends = {key: table[key] == c.TOTAL for key in (c.DISTRICT_ID, c.SUBSECTOR_ID)}
    of_district, of_subsector = ends[c.SUBSECTOR_ID], ends[c.DISTRICT_ID]
    cells = table[~of_district & ~of_subsector].assign(**{c.RESIDUAL: ""})
    free = cells.assign(**{c.TOTAL_CNY: cells[c.TOTAL_CNY].where(~cells[c.WITHHELD], 0)})
    margins: dict[str, tuple[pd.DataFrame, list[str]]] = {
        "district": (table[of_district & ~of_subsector], [c.DISTRICT_ID]),
        "subsector": (table[of_subsector & ~of_district], [c.SUBSECTOR_ID]),
        "city": (table[of_district & of_subsector], []),
    }
    residuals = [_residuals(free, margin, keys, name) for name, (margin, keys) in margins.items()]
    return pd.concat([free, *residuals])


def _protected(contributions: pd.DataFrame, rule: SafetyRule) -> pd.DataFrame:
    """The table of one year; all of it is withheld where no pattern of cells is known to be safe."""
    try:
        table = protect_table(contributions, contributor=c.HOLDING_ID, rule=rule)
    except (BadContributions, StillDisclosed) as error:
        log.warning("nothing of a year is released: %s", error)
        pairs = contributions[[c.DISTRICT_ID, c.SUBSECTOR_ID]].drop_duplicates()
        return pairs.assign(**{c.TOTAL_CNY: 0, c.WITHHELD: True}).set_index([c.DISTRICT_ID, c.SUBSECTOR_ID])
    some = table[table[c.CONTRIBUTORS] > 0]
    return some.assign(**{c.TOTAL_CNY: some[c.TOTAL_CNY].fillna(0).astype(np.int64)})[[c.TOTAL_CNY, c.WITHHELD]]


def _residuals(cells: pd.DataFrame, margins: pd.DataFrame, keys: list[str], name: str) -> pd.DataFrame:
    """What each released margin leaves for its withheld cells."""
    told = margins[~margins[c.WITHHELD]]
    number = pd.MultiIndex.from_frame(cells[keys]) if keys else pd.Index(np.zeros(len(cells), int))
    sums = cells.groupby(number)[[c.TOTAL_CNY, c.WITHHELD]].agg({c.TOTAL_CNY: "sum", c.WITHHELD: "any"})
    mine = pd.MultiIndex.from_frame(told[keys]) if keys else pd.Index(np.zeros(len(told), int))
    beside = sums.reindex(mine)
    rest = told[c.TOTAL_CNY].to_numpy() - beside[c.TOTAL_CNY].to_numpy()
    left = told.assign(**{c.TOTAL_CNY: rest, c.WITHHELD: False, c.RESIDUAL: name})[beside[c.WITHHELD].to_numpy(bool)]
    return left.replace({c.DISTRICT_ID: c.TOTAL, c.SUBSECTOR_ID: c.TOTAL}, c.NOT_RELEASED)
