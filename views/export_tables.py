"""Tables behind ``cli.py export``: those of one version, for an import to read back, and the clusters of one board."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd

from clusters.errors import NotReleased
from clusters.found_clusters import find_clusters
from clusters.goals import Board
from data import columns as c
from data import observed
from data.dataset import Dataset
from data.exporting import OPERATING_DISTRICT_NAME, REGISTERED_DISTRICT_NAME, SUBSECTOR_NAME
from data.settings import settings


def firms(board: Board) -> pd.DataFrame:
    """Every firm, with all that an import needs: each column that we keep of it, and a column of each observed year.

    Beside the ids stand names for people. Observations from memory are left out, since an import could not tell them.
    """
    known, district = board.dataset.firms, board.dataset.districts[c.NAME].to_dict()
    named = {
        c.SUBSECTOR_ID: (SUBSECTOR_NAME, {s.id: s.name for s in board.plan.subsectors}),
        c.REGISTERED_DISTRICT_ID: (REGISTERED_DISTRICT_NAME, district),
        c.OPERATING_DISTRICT_ID: (OPERATING_DISTRICT_NAME, district),
    }
    columns: dict[str, pd.Series] = {}
    for name in known:
        columns[name] = known[name]
        if name in named:
            heading, names = named[name]
            columns[heading] = known[name].map(names)
    return pd.DataFrame(columns | _by_year(board.dataset), copy=False)


def _by_year(dataset: Dataset) -> dict[str, pd.Series]:
    """Columns such as revenue_2021_cny: a figure of each firm in one year, several observations of it added up."""
    seen, index = observed.observed_rows(dataset), dataset.firms.index
    columns = {}
    for measure in (c.REVENUE_CNY, c.VALUE_ADDED_CNY, c.EMPLOYEES):
        if measure not in dataset.observations:
            continue
        figures = dataset.observations[measure].iloc[seen.row]
        there = figures.notna().to_numpy()
        numbers = figures.fillna(0).to_numpy(np.int64)
        for year in np.unique(seen.year[there]):
            at = np.flatnonzero(there & (seen.year == year))
            total, missing = np.zeros(len(index), np.int64), np.ones(len(index), bool)
            np.add.at(total, seen.firm[at], numbers[at])
            missing[seen.firm[at]] = False
            whole = pd.arrays.IntegerArray(total, missing)
            columns[c.of_year(measure, int(year))] = pd.Series(whole, index=index, copy=False)
    return columns


def observations(board: Board) -> pd.DataFrame:
    """What was observed of each firm in each year, with scope, status and source; those from memory as well."""
    return board.dataset.observations


def indicators(board: Board) -> pd.DataFrame:
    """The statistical figures as they came."""
    return board.dataset.indicators


def parks(board: Board) -> pd.DataFrame:
    """Every park; those without a coordinate stay without one."""
    return board.dataset.parks


def hubs(board: Board) -> pd.DataFrame:
    """Every hub with its kind, point, precision and source."""
    return board.dataset.hubs


def districts(board: Board) -> gpd.GeoDataFrame:
    """The reporting areas with official areas and outlines."""
    return board.dataset.districts


def clusters(board: Board) -> gpd.GeoDataFrame:
    """Each subsector in each district that has it: totals, tier, gap, shares, rank; with the district's outline."""
    names = {s.id: s.name for s in board.plan.subsectors}
    rows = observed_rows(board)
    outlines = board.dataset.districts.geometry
    shapes = gpd.GeoSeries([outlines.get(d) for d in rows[c.DISTRICT_ID]], crs=outlines.crs)
    return gpd.GeoDataFrame(rows.assign(subsector=rows[c.SUBSECTOR_ID].map(names)), geometry=shapes)


def ground_clusters(board: Board) -> gpd.GeoDataFrame:
    """Clusters that firms form on the ground, with their outlines, tier, stability and how they were found.

    Raises
    ------
    NotReleased
        For a reader from whom figures are withheld: totals of such clusters are no released sums.
    """
    if board.dataset.release is not None:
        raise NotReleased("clusters on the ground", board.dataset.release.audience)
    found = find_clusters(board.dataset, year=board.year, place=board.place, home=settings().home)
    by = found.districts.groupby("cluster_id")[c.DISTRICT_ID].agg(";".join)
    how = {name: found.facts[name] for name in ("resamples", "min_firms", "delineated")}
    tiers = [tier.value if tier else None for tier in found.clusters[c.TIER]]
    rows = found.clusters.assign(
        **{c.TIER: tiers, "districts": by, "approximate": found.approximate, c.YEAR: board.year}
    )
    return rows.assign(**how).reset_index()


def observed_rows(board: Board) -> pd.DataFrame:
    """``board.districts`` as rows with whole numbers and the year, and whether a total is withheld from the reader."""
    rows = board.districts.reset_index()
    whole = (c.TOTAL_CNY, c.FIRMS, c.TOP1_CNY, c.GAP_CNY, c.RANK, c.RANKED)
    rows = rows.assign(**{k: rows[k].astype("Int64") for k in whole}, **{c.YEAR: board.year})
    told = {} if board.dataset.release is None else {c.WITHHELD: rows[c.TOTAL_CNY].isna()}
    return rows.assign(**{c.TIER: [t.value if t else None for t in rows[c.TIER]], c.LABEL: DERIVED}, **told)


DERIVED = "参考分解，非官方指标 (derived for reference, not an official target)"
EXPORTS: dict[str, Callable[[Board], pd.DataFrame]] = {
    "firms": firms,
    "observations": observations,
    "indicators": indicators,
    "parks": parks,
    "hubs": hubs,
    "districts": districts,
    "clusters": clusters,
    "ground-clusters": ground_clusters,
}
