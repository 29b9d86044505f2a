"""What a figure that is no total rests on: firms of two years, totals of each year, points and how exact they are.

A quotient, a growth rate, a similarity, a distance follow from a table each; it is shown beside the formula, so that a
reader can work the figure out again. Totals themselves have ``clusters.provenance``. Each table holds what its reader
may see: it is taken from the same dataset as the figure. Left out: the draws behind an interval, which the page of
methods tells with their number.
"""

from collections.abc import Iterable

import pandas as pd

from clusters.standing import firms_known
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, Place
from data.matched import matched_firms
from data.parts import counted_once


def matched_behind(
    dataset: Dataset,
    *,
    base_year: int,
    year: int,
    place: Place = "registered",
    district_id: str = "",
    subsectors: Iterable[str] = (),
) -> pd.DataFrame:
    """Firms with revenue in both of two years, by subsector: what a growth rate is of.

    Parameters
    ----------
    dataset : Dataset
    base_year, year : int
    place : 'registered' or 'operating'
    district_id : str
        One district; empty is the city.
    subsectors : iterable of str
        All of them when none is named.

    Returns
    -------
    DataFrame
        Indexed by subsector_id, the largest first: matched_firms, base_cny, matched_cny. Empty without such a firm. A
        firm with parts in several subsectors counts in each, its revenue once.
    """
    found, asked = matched_firms(dataset), list(subsectors)
    keep = (found[c.PLACE] == place) & (found[c.BASE_YEAR] == base_year) & (found[c.YEAR] == year)
    if district_id:
        keep &= found[c.DISTRICT_ID] == district_id
    if asked:
        keep &= found[c.SUBSECTOR_ID].isin(asked)
    summed = found[keep].groupby(c.SUBSECTOR_ID)[[c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY]].sum()
    return summed.sort_values(c.MATCHED_CNY, ascending=False, kind="stable")


def years_behind(
    dataset: Dataset, *, place: Place = "registered", district_id: str = "", subsectors: Iterable[str] = ()
) -> pd.DataFrame:
    """Firms with revenue in each year and what they come to.

    Parameters
    ----------
    dataset : Dataset
    place : 'registered' or 'operating'
    district_id : str
        One district; empty is the city.
    subsectors : iterable of str
        All of them when none is named.

    Returns
    -------
    DataFrame
        Indexed by year: firms, total_cny (NaN where withheld). Years without a firm there are absent.
    """
    totals = cube_totals(
        cube_of(dataset), [c.YEAR], place=place, subsectors=tuple(subsectors), district_id=district_id or None
    )
    return totals.loc[totals[c.FIRMS] > 0, [c.FIRMS, c.TOTAL_CNY]].sort_index()


def points_behind(dataset: Dataset, *, place: Place = "registered") -> pd.DataFrame:
    """Parks, hubs and firms that distances are measured between, by how exact their points are.

    Parameters
    ----------
    dataset : Dataset
    place : 'registered' or 'operating'
        Under which reading a firm is of the city.

    Returns
    -------
    DataFrame
        kind (parks, hubs or firms), location_precision (as the data say it; missing without a point), count; from the
        most down within each kind.
    """
    tables = [_places(dataset.parks, "parks"), _places(dataset.hubs, "hubs")]
    known = counted_once(firms_known(dataset, place=place))
    firms = known.groupby(c.LOCATION_PRECISION, dropna=False)[c.KNOWN_FIRMS].sum().reset_index()
    firms = firms.rename(columns={c.KNOWN_FIRMS: c.COUNT})
    found = pd.concat([*tables, firms.assign(**{c.KIND: "firms"})], ignore_index=True)
    found = found.loc[found[c.COUNT] > 0, [c.KIND, c.LOCATION_PRECISION, c.COUNT]]
    kinds = pd.Categorical(found[c.KIND], ["parks", "hubs", "firms"])
    order = found.assign(at=kinds).sort_values(["at", c.COUNT], ascending=[True, False], kind="stable")
    return order.drop(columns="at").reset_index(drop=True)


def observations_behind(dataset: Dataset, firm_id: str) -> pd.DataFrame:
    """Every revenue of one firm, with how well it is known and where it was read.

    Returns
    -------
    DataFrame
        year, revenue_cny, status, source; empty where none is known, or for this reader.
    """
    mine = dataset.observations[(dataset.observations[c.FIRM_ID] == firm_id).to_numpy(bool)]
    return mine.reindex(columns=[c.YEAR, c.REVENUE_CNY, c.STATUS, c.SOURCE]).sort_values(c.YEAR, ignore_index=True)


def _places(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Places of one kind by precision; one without a point has none."""
    told = table.reindex(columns=[c.LON, c.PRECISION]).astype(object)
    precision = told[c.PRECISION].where(told[c.LON].notna(), None)
    counted = precision.value_counts(dropna=False)
    return pd.DataFrame({c.KIND: kind, c.LOCATION_PRECISION: counted.index, c.COUNT: counted.to_numpy()})
