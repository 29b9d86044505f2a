"""Tables behind ``cli.py export``: firms, parks, districts and clusters of one board."""

from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from clusters.goals import Board
from clusters.standing import select
from data import columns as c


def _points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    places = gpd.points_from_xy(table[c.LON], table[c.LAT])
    frame = gpd.GeoDataFrame(table, geometry=places, crs="EPSG:4326")
    return frame.set_geometry(frame.geometry.where(table[c.LON].notna(), None))


def firms(board: Board) -> gpd.GeoDataFrame:
    """Every firm with its place and precision, and the year's revenue where there is one."""
    year = select(board.dataset.usable, year=board.year).set_index(c.FIRM_ID)
    year = year.rename(columns={c.STATUS: c.REVENUE_STATUS, c.SOURCE: c.REVENUE_SOURCE})
    joined = board.dataset.firms.join(year[[c.YEAR, c.REVENUE_CNY, c.SCOPE, c.REVENUE_STATUS, c.REVENUE_SOURCE]])
    return _points(joined.assign(**{k: joined[k].astype("Int64") for k in (c.YEAR, c.REVENUE_CNY)}))


def parks(board: Board) -> gpd.GeoDataFrame:
    """Every park; those without a coordinate stay without one."""
    return _points(board.dataset.parks)


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


def observed_rows(board: Board) -> pd.DataFrame:
    """``board.districts`` as rows with whole numbers and the year."""
    rows = board.districts.reset_index()
    whole = (c.TOTAL_CNY, c.FIRMS, c.TOP1_CNY, c.GAP_CNY, c.RANK, c.RANKED)
    rows = rows.assign(**{k: rows[k].astype("Int64") for k in whole}, **{c.YEAR: board.year})
    return rows.assign(**{c.TIER: [t.value for t in rows[c.TIER]], c.LABEL: DERIVED})


DERIVED = "参考分解，非官方指标 (derived for reference, not an official target)"
EXPORTS: dict[str, Callable[[Board], gpd.GeoDataFrame]] = {
    "firms": firms,
    "parks": parks,
    "districts": districts,
    "clusters": clusters,
}
