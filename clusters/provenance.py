"""Where a figure comes from: the cells and the firms behind a total, what they were read from, and what is not told.

A figure of the pages is a total of some subsectors in one district or the city, in one year, under one reading of
place; tiers, gaps, shares and quotients follow from such totals. So one account serves all of them. It is taken from
the same tables as the figure itself, so its parts add up to it; firms are listed as far as their own figures are for
the reader, and the rest is counted, never named. Left out: which words of a firm's report its revenue was read
from; the data name a source, not a page.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusters.standing import check_year, firms_known
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, Place, Status, firm_districts
from data.leading import leading_firms, leading_revenue
from data.observed import Observed, observed_rows
from data.parts import counted_once, firm_parts, split_observed

MOST_FIRMS = 20


@dataclass(frozen=True, eq=False)
class Provenance:
    """What stands behind a total.

    Attributes
    ----------
    year, place : int, str
    subsectors : tuple of str
        Those that were added up; empty is all.
    district_id : str
        Empty is the city.
    total_cny : int or None
        ``None`` without a firm, or where the total is not for the reader.
    is_withheld : bool
        Whether there is a total that the reader may not see.
    cells : DataFrame
        Indexed by district_id and subsector_id, from the largest down: firms, total_cny (NaN where withheld).
    firms : DataFrame
        The largest firms, indexed by firm_id: short_name, revenue_cny (the part that counts here), status, source
        (missing for a register of many firms).
    n : int
        Firms that the total is of, each once.
    known : int
        Firms of the data that could count here, with or without a figure of the year.
    unnamed : int
        Of ``n``, firms that are not listed because their figures are not for the reader; 0 for a register of many
        firms, of which only the large ones are looked at.
    sources : DataFrame
        How well the figures are known and where they were read: status, source, firms; from the most firms down.
    """

    year: int
    place: Place
    subsectors: tuple[str, ...]
    district_id: str
    total_cny: int | None
    is_withheld: bool
    cells: pd.DataFrame
    firms: pd.DataFrame
    n: int
    known: int
    unnamed: int
    sources: pd.DataFrame

    @property
    def unlisted(self) -> int:
        """Further firms behind the total: smaller ones, and of a register of many firms those not for the reader."""
        return max(0, self.n - len(self.firms) - self.unnamed)


def figure_provenance(
    dataset: Dataset,
    *,
    year: int,
    place: Place = "registered",
    subsectors: Iterable[str] = (),
    district_id: str = "",
    most: int = MOST_FIRMS,
) -> Provenance:
    """What a total is made of.

    Parameters
    ----------
    dataset : Dataset
        As its reader may see it.
    year : int
    place : 'registered' or 'operating'
    subsectors : iterable of str
        Those that are added up; all of them when none is named.
    district_id : str
        One district; empty is the city with the firms whose district nobody knows.
    most : int
        Firms that are listed.

    Raises
    ------
    UnknownYear
        When the data hold nothing of that year.
    """
    asked, district = tuple(subsectors), district_id or None
    check_year(dataset, year)
    by: tuple[list[str], ...] = ([c.YEAR], [c.DISTRICT_ID, c.SUBSECTOR_ID])
    whole, cells = (
        cube_totals(cube_of(dataset), each, place=place, year=year, subsectors=asked, district_id=district)
        for each in by
    )
    cells = cells.loc[cells[c.FIRMS] > 0, [c.FIRMS, c.TOTAL_CNY]]
    cells = cells.sort_values(c.TOTAL_CNY, ascending=False, kind="stable", na_position="last")
    n = int(whole[c.FIRMS].sum())
    total = whole[c.TOTAL_CNY].iloc[0] if n else np.nan
    behind = _firms_behind(dataset, year, place, asked, district)
    known = firms_known(dataset, place=place, district_id=district)
    known = known[known[c.SUBSECTOR_ID].isin(asked)] if asked else known
    hidden = n - len(behind) if dataset.release is not None and not dataset.has_many_firms else 0
    return Provenance(
        year,
        place,
        asked,
        district_id,
        None if total != total else int(total),
        bool(n) and total != total,
        cells,
        behind.head(most),
        n,
        int(counted_once(known)[c.KNOWN_FIRMS].sum()),
        hidden,
        _sources(dataset, behind, year, place, asked, district),
    )


def _firms_behind(
    dataset: Dataset, year: int, place: Place, subsectors: tuple[str, ...], district_id: str | None
) -> pd.DataFrame:
    """Firms with their part in the total, from the largest down; of many firms the leading ones."""
    firms, seen = leading_firms(dataset), _observed(dataset)
    parts = firm_parts(firms)
    seen = split_observed(seen, parts)
    where = firm_districts(parts.firms, place).to_numpy(object)[seen.firm]
    keep = (where == district_id) if district_id is not None else where != c.OUTSIDE
    if subsectors:
        keep &= np.isin(parts.firms[c.SUBSECTOR_ID].to_numpy(object)[seen.firm].astype(str), subsectors)
    keep &= seen.year == year
    rows = pd.DataFrame(
        {
            c.FIRM_ID: firms.index.to_numpy(object)[parts.firm[seen.firm[keep]]],
            c.REVENUE_CNY: seen.revenue[keep],
            "row": seen.row[keep],
        }
    )
    told = _told(dataset)
    rows[c.STATUS], rows[c.SOURCE] = (told[name].to_numpy(object)[rows["row"]] for name in (c.STATUS, c.SOURCE))
    how = {c.REVENUE_CNY: "sum", c.STATUS: "first", c.SOURCE: "first"}
    found = rows.groupby(c.FIRM_ID, sort=True).agg(how)
    found.insert(0, c.SHORT_NAME, firms[c.SHORT_NAME].reindex(found.index))
    return found.sort_values(c.REVENUE_CNY, ascending=False, kind="stable")


def _observed(dataset: Dataset) -> Observed:
    """Observations of the leading firms, numbered as `_told` lists them."""
    if not dataset.has_many_firms:
        return observed_rows(dataset)
    seen = leading_revenue(dataset)
    return Observed(
        seen[c.FIRM_ROW].to_numpy(np.int32),
        seen[c.YEAR].to_numpy(np.int64),
        seen[c.REVENUE_CNY].to_numpy(np.int64),
        (seen[c.STATUS] == Status.SOURCED).to_numpy(bool),
        np.arange(len(seen)),
    )


def _told(dataset: Dataset) -> pd.DataFrame:
    """Status and source of each observation."""
    table = leading_revenue(dataset) if dataset.has_many_firms else dataset.observations
    source = table.get(c.SOURCE)
    return pd.DataFrame({c.STATUS: table[c.STATUS].astype(object), c.SOURCE: source}, index=table.index)


def _sources(
    dataset: Dataset,
    behind: pd.DataFrame,
    year: int,
    place: Place,
    subsectors: tuple[str, ...],
    district_id: str | None,
) -> pd.DataFrame:
    """Firms by status and source; of many firms only how many were read at their source, from the cube."""
    if not dataset.has_many_firms:
        counted = behind.groupby([c.STATUS, c.SOURCE], dropna=False).size().rename(c.FIRMS).reset_index()
        return counted.sort_values([c.FIRMS, c.SOURCE], ascending=[False, True], ignore_index=True)
    cube = cube_of(dataset)
    keep = (cube[c.PLACE] == place) & (cube[c.YEAR] == year) & (cube[c.DISTRICT_ID] != c.OUTSIDE)
    if district_id is not None:
        keep &= cube[c.DISTRICT_ID] == district_id
    if subsectors:
        keep &= cube[c.SUBSECTOR_ID].isin(subsectors)
    cells = counted_once(cube[keep])
    sourced, firms = int(cells[c.SOURCED_FIRMS].sum()), int(cells[c.FIRMS].sum())
    rows = [(str(Status.SOURCED), None, sourced), (str(Status.UNVERIFIED), None, firms - sourced)]
    return pd.DataFrame([row for row in rows if row[2]], columns=[c.STATUS, c.SOURCE, c.FIRMS])
