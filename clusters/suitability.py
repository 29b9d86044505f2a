"""Where should the next park go? The weights of a choice of site laid over the city, square by square.

The center of a square stands for it, and is asked what a park's point would be asked; focus, area and rent belong to
parks and have no say. Where no land-use plan is brought in, water, mountains and protected land are squares like any
other: such a map is *indicative* and has to say so. Left out: what a square costs, and who owns it.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from clusters.city_grid import CityGrid, city_grid
from clusters.errors import BadValue
from clusters.scoring import WeightedSum, weighted_sum
from clusters.site_criteria import site_criteria
from clusters.site_reasons import site_reasons
from clusters.site_records import (
    CHAIN_FIRMS,
    CLUSTER_STRENGTH,
    MOMENTUM,
    NEAR,
    SiteCriterion,
    SiteReason,
    SiteRequest,
)
from clusters.siting import scoring_options, years_of
from data import columns as c
from data.dataset import Dataset
from geo.crs import STORAGE_CRS, from_metric
from geo.locate import index_areas, locate_areas

OF_A_SQUARE = (CHAIN_FIRMS, CLUSTER_STRENGTH, MOMENTUM)


@dataclass(frozen=True, eq=False)
class Squares:
    """Squares of a city with what the data know of them, whatever anybody weighs.

    Attributes
    ----------
    grid : CityGrid
    places : DataFrame
        Centers, index ``cell_id``, in the order of the grid: lon, lat, district_id.
    criteria : dict of str to SiteCriterion
    year, base_year : int
    """

    grid: CityGrid
    places: pd.DataFrame
    criteria: dict[str, SiteCriterion]
    year: int
    base_year: int


@dataclass(frozen=True, eq=False)
class Suitability:
    """Squares of a city and how well each suits.

    Attributes
    ----------
    cells : GeoDataFrame
        Squares in the city's metric system, index ``cell_id``: district_id, ruled_out, score (0 to 1; NaN where ruled
        out, or where too little is known), weight_coverage.
    scoring : WeightedSum
        Of the squares that are not ruled out and of which enough is known.
    criteria : dict of str to SiteCriterion
        Over the squares that are not ruled out.
    off : dict of str to str
        Criteria of a place without data, and why.
    indicative : bool
        Whether nothing says where nothing may be built.
    year, base_year : int
    grid : CityGrid
        Where the squares lie; they are in its order.
    """

    cells: gpd.GeoDataFrame
    scoring: WeightedSum
    criteria: dict[str, SiteCriterion]
    off: dict[str, str]
    indicative: bool
    year: int
    base_year: int
    grid: CityGrid

    def reasons(self, cell_id: str) -> tuple[SiteReason, ...]:
        """What each criterion with data says of a square, the largest contribution first, missing ones last."""
        return site_reasons(self.criteria, self.scoring, cell_id)


def suitability(
    dataset: Dataset, request: SiteRequest, *, cell_m: float = 1_000.0, constraints: gpd.GeoDataFrame | None = None,
    allowed_only: bool = False, squares: Squares | None = None,
) -> Suitability:  # fmt: skip
    r"""Score of each square of the city under the weights of a request.

    Parameters
    ----------
    dataset : Dataset
        As the reader may see it.
    request : SiteRequest
        Its conditions on hubs and district rule squares out.
    cell_m : float
        Side of a square, metres, above 0; 500 or 1,000 suit a city.
    constraints : GeoDataFrame, optional
        Polygons, in any reference system, where nothing may be built; a square whose center lies in one is ruled out.
    squares : Squares, optional
        From ``squares_of``, for a request that differs in weights and conditions alone; they take their own ``cell_m``.
    allowed_only : bool
        The constraints are where alone something may be built; a square whose center lies in none is ruled out.

    Returns
    -------
    Suitability

    Raises
    ------
    UnknownSubsector, UnknownDistrict, UnknownYear
    BadValue
        When the side is not above 0 or too small, or constraints do not say their reference system.
    BadValue
        When all weights of criteria that a square can have are 0.

    Notes
    -----
    The weighted sum over the squares s that are not ruled out,

    .. math:: S_s = \sum_j w_j u_{sj}

    with utilities between the least and the largest value among them, unless fixed.

    Reading: 1 is the best square in everything, among these; compare squares of one map, never of two.

    Limits: indicative without constraints, whatever else is known. A score is no finer than the points under it: hubs
    are within some 300 m, districts give one value to all of their squares, and distances are straight lines.

    References
    ----------
    .. [1] Malczewski, J. (1999). "GIS and Multicriteria Decision Analysis". Wiley.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> found = suitability(load_reference(), SiteRequest("S01"), cell_m=5_000)
    >>> found.indicative, bool(found.cells["score"].dropna().between(0, 1).all())
    (True, True)
    """
    years_of(dataset, request)  # what is unknown is told, whatever was found before
    known = squares or squares_of(dataset, request, cell_m=cell_m)
    grid, places, criteria, ids = known.grid, known.places, known.criteria, known.places.index
    ruled_out = _ruled_out(places, criteria, request, constraints, allowed_only)
    values = pd.DataFrame({name: each.values for name, each in criteria.items()}, index=ids)[~ruled_out]
    weights = {name: weight for name, weight in request.weight_of().items() if name in criteria}
    options = scoring_options(criteria, request)
    first = weighted_sum(values, weights, **options)
    enough = (first.coverage >= request.min_coverage - 1e-12).to_numpy()
    scoring = weighted_sum(values[enough], weights, **options)
    cells = gpd.GeoDataFrame(
        {
            c.DISTRICT_ID: places[c.DISTRICT_ID],
            c.RULED_OUT: ruled_out,
            c.SCORE: scoring.scores.reindex(ids),
            c.WEIGHT_COVERAGE: first.coverage.reindex(ids),
        },
        index=ids,
        geometry=grid.squares().set_axis(ids),
    )
    off = {name: each.off for name, each in criteria.items() if each.off is not None}
    return Suitability(cells, scoring, criteria, off, constraints is None, known.year, known.base_year, grid)


def squares_of(dataset: Dataset, request: SiteRequest, *, cell_m: float = 1_000.0) -> Squares:
    """What the data know of each square; most of the work, and the same under any weights and conditions.

    Parameters
    ----------
    dataset : Dataset
    request : SiteRequest
        Its subsector, chain, distance, year, place and least number of firms count.
    cell_m : float
        Side of a square, metres.

    Raises
    ------
    UnknownSubsector, UnknownDistrict, UnknownYear
    BadValue
        When the side is not above 0 or too small.
    """
    year, base_year = years_of(dataset, request)
    grid = city_grid(dataset.districts, cell_m=cell_m)
    x, y = grid.corners()
    ids = pd.Index([f"E{east:.0f}N{north:.0f}" for east, north in zip(x, y, strict=True)], name=c.CELL_ID)
    lon, lat = from_metric(x + cell_m / 2, y + cell_m / 2, crs=grid.crs)
    district = locate_areas(lon, lat, dataset.districts)
    places = pd.DataFrame({c.LON: lon, c.LAT: lat, c.DISTRICT_ID: district}, index=ids)
    criteria = {
        each.id: each
        for each in site_criteria(dataset, request, places, year=year, base_year=base_year)
        if each.id in OF_A_SQUARE or each.id.startswith(NEAR)
    }
    return Squares(grid, places, criteria, year, base_year)


def _ruled_out(
    places: pd.DataFrame,
    criteria: dict[str, SiteCriterion],
    request: SiteRequest,
    constraints: gpd.GeoDataFrame | None,
    allowed_only: bool,
) -> np.ndarray:
    out = np.zeros(len(places), bool)
    if request.district_id is not None:
        out |= (places[c.DISTRICT_ID] != request.district_id).to_numpy(bool)
    for kind, metres in request.hubs_within_m:
        out |= (criteria[NEAR + kind].values > metres).to_numpy(bool)
    if constraints is not None and len(constraints):
        if constraints.crs is None:
            raise BadValue("constraints", "none", "in a reference system that they state, such as EPSG:4326")
        areas = gpd.GeoDataFrame(geometry=constraints.geometry.to_crs(STORAGE_CRS).to_numpy(), crs=STORAGE_CRS)
        held = index_areas(areas.set_axis(areas.index.astype(str))).locate(places[c.LON], places[c.LAT]) >= 0
        out |= ~held if allowed_only else held
    return out
