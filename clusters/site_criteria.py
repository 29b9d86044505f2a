"""What the data say of places where a firm could go: hubs, neighbors, the district's cluster, focus, area and rent.

The same questions are asked of parks and of squares of a grid. Distances are straight lines, not ways. Neighbors are
counted at points that are exact or a park's; other points stand for a street or district and would pile up there. The
strength of a cluster is by numbers of firms, which every reader may see, and not by revenue, which is withheld from
most; growth is of firms whose figures this reader may see. What is too little to say something is missing, not zero.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from scipy.spatial import KDTree

from clusters.checking import Floats
from clusters.growth import matched_growth
from clusters.site_records import (
    CHAIN_FIRMS,
    CLUSTER_STRENGTH,
    FLOOR_AREA,
    FOCUS,
    MOMENTUM,
    NEAR,
    NEIGHBORHOODS_M,
    RENT,
    VACANT_AREA,
    SiteCriterion,
    SiteRequest,
)
from clusters.specialization_intervals import location_quotient_interval
from data import columns as c
from data.dataset import Dataset, firm_column
from data.hub_kinds import HUB_KINDS
from data.industry_rules import scope_words, words_in
from data.known_firms import known_firms
from data.matched import matched_firms
from data.once import once_per_dataset
from data.parts import firm_parts
from geo.crs import metric_crs, on_globe, to_metric

PRECISE = ("exact", "park")
MOST_CHAINS = 24  # kept for a dataset


@dataclass(frozen=True, eq=False)
class ChainPoints:
    """Firms of a chain of subsectors.

    Attributes
    ----------
    x, y : ndarray
        Easting and northing of those with a precise point, metres.
    rows : ndarray of int
        Their row numbers among the firms.
    firms : int
        How many firms of the chain there are, with and without one.
    """

    x: Floats
    y: Floats
    rows: NDArray[np.int64]
    firms: int


def site_criteria(
    dataset: Dataset, request: SiteRequest, places: pd.DataFrame, *, year: int, base_year: int
) -> tuple[SiteCriterion, ...]:
    """Every criterion for some places.

    Parameters
    ----------
    dataset : Dataset
        As the reader may see it.
    request : SiteRequest
    places : DataFrame
        By id: lon, lat, district_id (missing where not known); of parks also focus, floor_area_m2, vacant_m2,
        rent_cny_m2_month where the data have them.
    year, base_year : int

    Returns
    -------
    tuple of SiteCriterion
        In the order of ``CRITERIA``; those without any value say why they are off.
    """
    crs = city_crs(dataset)
    x, y = _metric(places, crs)
    district = places[c.DISTRICT_ID].astype(object)
    chain = chain_points(dataset, request.subsectors(), crs)
    found = [
        *(nearness(places.index, x, y, dataset.hubs, kind, crs=crs) for kind in HUB_KINDS),
        neighbors(places.index, x, y, chain, within_m=request.near_m),
        cluster_strength(dataset, district, request.subsector_id, place=request.place, least=request.min_firms),
        momentum(dataset, district, year=year, base_year=base_year, place=request.place, least=request.min_firms),
        focus_match(firm_column(places, c.FOCUS), request.subsector_id),
        _figure(places, FLOOR_AREA, c.FLOOR_AREA_M2, "m2"),
        _figure(places, VACANT_AREA, c.VACANT_M2, "m2"),
        _figure(places, RENT, c.RENT_CNY_M2_MONTH, "cny_m2_month", less_is_better=True),
    ]
    return tuple(found)


def nearness(
    ids: pd.Index, x: Floats, y: Floats, hubs: pd.DataFrame, kind: str, *, crs: int
) -> SiteCriterion:  # fmt: skip
    """Straight-line distance to the nearest hub of a kind, metres; of several equally near ones the first."""
    named = NEAR + kind
    of_kind = hubs[hubs[c.KIND] == kind] if c.KIND in hubs else hubs.iloc[:0]
    hub_x, hub_y = _metric(of_kind, crs) if len(of_kind) else (np.empty(0), np.empty(0))
    usable = np.isfinite(hub_x)
    placed = np.isfinite(x)
    distance, facts = np.full(len(ids), np.nan), pd.DataFrame(index=ids)
    if usable.any() and placed.any():
        tree = KDTree(np.column_stack([hub_x[usable], hub_y[usable]]))
        distance[placed], at = tree.query(np.column_stack([x[placed], y[placed]]))
        nearest = of_kind.iloc[np.flatnonzero(usable)[at]]
        for name in (c.HUB_ID, c.NAME, c.PRECISION, c.STATUS):
            facts[name] = pd.Series(firm_column(nearest, name).to_numpy(object), index=ids[placed]).reindex(ids)
        facts[c.STRAIGHT_LINE] = True
    return _criterion(named, ids, distance, "m", "hubs", facts, ~placed, "no_point", nothing="no_hubs", less=True)


def neighbors(ids: pd.Index, x: Floats, y: Floats, chain: ChainPoints, *, within_m: float) -> SiteCriterion:
    """Firms of the chain within a distance, that distance included; the facts count them within 1, 3 and 5 km too.

    Off where no firm of the chain has a precise point: that none is near would then be no fact. How many of the firms
    have one is among the facts.
    """
    placed, count = np.isfinite(x), np.full(len(ids), np.nan)
    facts = pd.DataFrame(index=ids)
    if len(chain.x):
        tree, points = KDTree(np.column_stack([chain.x, chain.y])), np.column_stack([x[placed], y[placed]])
        for metres in dict.fromkeys((*map(float, NEIGHBORHOODS_M), float(within_m))):
            counted = np.full(len(ids), np.nan)
            counted[placed] = tree.query_ball_point(points, metres, return_length=True) if placed.any() else 0
            facts[within_column(metres)] = pd.Series(counted, index=ids).astype("Int64")
            count = counted if metres == within_m else count
        facts[c.WITHIN_M], facts[c.POINTS], facts[c.FIRMS] = float(within_m), len(chain.x), chain.firms
    nothing = "no_points" if chain.firms else "no_firms"
    return _criterion(CHAIN_FIRMS, ids, count, "firms", "firms", facts, ~placed, "no_point", nothing=nothing)


def cluster_strength(
    dataset: Dataset, district: pd.Series, subsector_id: str, *, place: str, least: int
) -> SiteCriterion:
    """Location quotient of the subsector in each place's district against the city, by numbers of firms known.

    NaN in a district with fewer than ``least`` firms; its interval and counts are among the facts.
    """
    known = known_firms(dataset)
    known = known[(known[c.PLACE] == place) & (known[c.DISTRICT_ID] != c.OUTSIDE) & known[c.SUBSECTOR_ID].notna()]
    counts = known.astype({c.DISTRICT_ID: object, c.SUBSECTOR_ID: object}).pivot_table(
        index=c.DISTRICT_ID, columns=c.SUBSECTOR_ID, values=c.KNOWN_FIRMS, aggfunc="sum", fill_value=0
    )
    facts = pd.DataFrame(index=district.index)
    if subsector_id in counts:
        table = pd.DataFrame(location_quotient_interval(counts).xs(subsector_id, level=1))
        facts = table.reindex(district.to_numpy(object)).set_axis(district.index)
        facts = facts.astype({c.COUNT: "Int64", c.REGION_COUNT: "Int64"})
    quotient, n = (facts.get(name, pd.Series(np.nan, district.index)) for name in (c.LOCATION_QUOTIENT, c.REGION_COUNT))
    few = (district.notna() & ~(n.fillna(0) >= least)).to_numpy(bool)
    return _district_criterion(CLUSTER_STRENGTH, district, quotient, few, "quotient", facts, "no_firms")


def momentum(
    dataset: Dataset, district: pd.Series, *, year: int, base_year: int, place: str, least: int
) -> SiteCriterion:
    """Growth a year of each place's district, of all its firms observed in both years; NaN below ``least`` of them."""
    matched, facts = matched_firms(dataset), pd.DataFrame(index=district.index)
    if base_year < year and base_year in dataset.years and year in dataset.years:
        by_district = matched[matched[c.PLACE] == place].astype({c.DISTRICT_ID: object})
        table = matched_growth(by_district, base_year=base_year, year=year, by=[c.DISTRICT_ID])
        facts = table[[c.GROWTH, c.MATCHED_FIRMS]].reindex(district.to_numpy(object)).set_axis(district.index)
        facts = facts.assign(**{c.BASE_YEAR: base_year, c.YEAR: year}).astype({c.MATCHED_FIRMS: "Int64"})
    growth, n = (facts.get(name, pd.Series(np.nan, district.index)) for name in (c.GROWTH, c.MATCHED_FIRMS))
    few = (district.notna() & ~(n.fillna(0) >= least)).to_numpy(bool)
    return _district_criterion(MOMENTUM, district, growth, few, "growth", facts, "no_pair_of_years")


def focus_match(focus: pd.Series, subsector_id: str) -> SiteCriterion:
    """Whether the focus that a park states names the subsector by a word of its own; missing without a stated focus."""
    texts = focus.astype(object).where(focus.notna(), None)
    stated = np.array([isinstance(text, str) and bool(text.strip()) for text in texts], bool)
    number, found = words_in(pa.array([t if s else None for t, s in zip(texts, stated, strict=True)], pa.string()))
    known = scope_words()
    of_list = [tuple(known[i].text for i in each if subsector_id in known[i].points) for each in found]
    matched = [list(of_list[i]) for i in number]
    match = np.where(stated, np.array([bool(each) for each in matched], np.float64), np.nan)
    facts = pd.DataFrame({c.FOCUS: texts, c.MATCHED_WORDS: pd.Series(matched, index=focus.index)})
    return _criterion(FOCUS, focus.index, match, "match", "parks", facts, ~stated, "no_focus", nothing="no_focus")


def within_column(metres: float) -> str:
    """Name of the fact that counts neighbors within a distance.

    Examples
    --------
    >>> within_column(3_000.0)
    'within_3000_m'
    """
    return f"within_{metres:.12g}_m"


def chain_points(dataset: Dataset, subsectors: tuple[str, ...], crs: int) -> ChainPoints:
    """Firms with a part in one of some subsectors, each once; sought once for a dataset: weights change nothing."""
    held, key = _chains(dataset), (frozenset(subsectors), crs)
    found = held.get(key)  # another thread may let go of it while this one looks
    if found is None:
        while len(held) >= MOST_CHAINS:
            held.pop(next(iter(held.copy())), None)
        found = held[key] = _chain_points(dataset, subsectors, crs)
    return found


@once_per_dataset
def _chains(dataset: Dataset) -> dict[tuple[frozenset[str], int], ChainPoints]:
    return {}


def _chain_points(dataset: Dataset, subsectors: tuple[str, ...], crs: int) -> ChainPoints:
    parts = firm_parts(dataset.firms)
    rows = np.unique(parts.firm[parts.firms[c.SUBSECTOR_ID].isin(list(subsectors)).to_numpy(bool)])
    firms = dataset.firms.iloc[rows]
    x, y = _metric(firms, crs)
    precise = np.isfinite(x) & firm_column(firms, c.LOCATION_PRECISION).isin(list(PRECISE)).to_numpy(bool)
    return ChainPoints(x[precise], y[precise], rows[precise], len(rows))


def city_crs(dataset: Dataset) -> int:
    """EPSG code of the metric system of the city's middle longitude."""
    west, _, east, _ = dataset.districts.total_bounds
    return metric_crs((west + east) / 2)


def _district_criterion(
    name: str, district: pd.Series, values: pd.Series, few: NDArray[np.bool_], unit: str, facts: pd.DataFrame, none: str
) -> SiteCriterion:
    known = values.astype(np.float64).to_numpy()
    homeless = district.isna().to_numpy()
    off = none if facts.empty or np.isnan(known).all() else "too_few_firms"
    facts = facts.assign(**{c.DISTRICT_ID: district}) if len(facts.columns) else facts
    made = _criterion(
        name, district.index, np.where(few, np.nan, known), unit, "firms", facts, homeless, "no_district", nothing=off
    )
    return replace(made, missing=made.missing.where(~few, "too_few_firms" if len(facts.columns) else off))


def _figure(
    places: pd.DataFrame, name: str, column: str, unit: str, *, less_is_better: bool = False
) -> SiteCriterion:  # fmt: skip
    """A figure that stands beside a park."""
    values = pd.to_numeric(firm_column(places, column)).to_numpy(np.float64, na_value=np.nan)
    facts, none = pd.DataFrame(index=places.index), np.isnan(values)
    return _criterion(
        name, places.index, values, unit, "parks", facts, none, "no_figure", nothing="no_figure", less=less_is_better
    )


def _criterion(
    name: str, ids: pd.Index, values: Floats, unit: str, source: str, facts: pd.DataFrame, lacking: NDArray[np.bool_],
    why: str, *, nothing: str, less: bool = False,
) -> SiteCriterion:  # fmt: skip
    none = np.isnan(values)
    off = nothing if none.all() else None
    missing = pd.Series([None] * len(ids), index=ids, dtype=object)
    missing[none] = nothing
    missing[none & lacking] = why
    return SiteCriterion(name, pd.Series(values, index=ids), unit, less, facts, missing, source, off)


def _metric(places: pd.DataFrame, crs: int) -> tuple[Floats, Floats]:
    """Easting and northing, NaN without a position."""
    lon, lat = (
        pd.to_numeric(firm_column(places, name)).to_numpy(np.float64, na_value=np.nan) for name in (c.LON, c.LAT)
    )
    there = on_globe(lon, lat)
    return to_metric(np.where(there, lon, np.nan), np.where(there, lat, np.nan), crs=crs)
