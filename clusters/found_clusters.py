"""Clusters that a dataset's firms form on the ground: a third reading beside subsector and subsector × district.

Only firms with a point of their own, or with that of their park, can show where firms are dense. A firm that is placed
at the center of its district or street stands where no firm is, with all others placed there: such a firm forms no
cluster here, and its revenue is told apart. Clusters, noise and what was not delineated add up to the city's total to
the last yuan, as do a cluster's districts and its subsectors to the cluster.

What this leaves out: the point is that of the registered address. Under 'operating' a firm whose office is known to be
elsewhere has no point here and is told apart, too.
"""

import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clusters import cluster_stability as stability_module
from clusters import delineation, density_tree, outlines
from clusters.checking import check_choice
from clusters.cluster_stability import cluster_stability, stability_word
from clusters.delineation import MOST_REACH_M, RESOLUTION_M, Delineation, cell_centers, delineate_clusters
from clusters.density_tree import NOISE
from clusters.errors import UnknownSubsector
from clusters.outlines import cluster_outlines
from clusters.standing import check_year
from clusters.tiers import ScaleTier, gap_to_next_cny, scale_tier
from data import columns as c
from data.dataset import Dataset, Place, firm_column, firm_districts, office_elsewhere
from data.kept import Tables, kept_tables
from data.parts import firm_parts, observed_parts
from data.progress import Progress, unheard
from data.reference import subsector_ids
from geo.crs import metric_crs, to_metric

Weighing = Literal["firms", "revenue"]
LEAST_FIRMS, LEAST_SHARE = 5, 1 / 200
"""A cluster has at least so many firms, and at least this share of those delineated: of a million, 5 000."""
MOST_SAMPLES = 100
RESAMPLED_UP_TO = 5_000
"""Above this many firms nothing is resampled unless a number of resamples is asked for."""
RESAMPLES = 100
MAIN_SUBSECTORS = 3
DELINEATED, NO_POINT, OFFICE_ELSEWHERE = "delineated", "no_point", "office_elsewhere"


@dataclass(frozen=True, eq=False)
class FoundClusters:
    """Clusters of a dataset's firms, and all that is in none.

    Attributes
    ----------
    clusters : GeoDataFrame
        Indexed by cluster_id, 1 with the most firms; EPSG:4326, ready to draw: firms, holdings (missing when no
        holdings were given), total_cny, top_firm_id, top1_cny, top1_share, tier, gap_to_next_cny, main_subsectors
        (ids, largest first, by ``;``), persistence, stability (NaN when nothing was resampled), stability_word,
        reach_m.
    districts : DataFrame
        cluster_id, district_id, total_cny, firms; they add up to the cluster.
    subsectors : DataFrame
        cluster_id, subsector_id, total_cny, firms; the money adds up to the cluster, a firm counts in each of its
        subsectors.
    rest : DataFrame
        Indexed by why a firm is in no cluster: ``noise``, ``street``, ``district`` (placed at its center only),
        ``no_point``, ``office_elsewhere``: total_cny, firms.
    members : Series of int
        Cluster of each delineated firm by firm_id; -1 is noise.
    facts : dict
        year, place, weigh, subsectors, min_firms, min_samples, most_reach_m, resolution_m, cell_m (``None`` when every
        firm stood at its own point), displacement_m, delineated, places, resamples, seed.
    """

    clusters: gpd.GeoDataFrame
    districts: pd.DataFrame
    subsectors: pd.DataFrame
    rest: pd.DataFrame
    members: pd.Series
    facts: dict[str, object]

    @property
    def approximate(self) -> bool:
        """Whether firms were moved to the centers of cells."""
        return self.facts["cell_m"] is not None

    @property
    def total_cny(self) -> int:
        """What clusters and the rest add up to: the city's total."""
        return int(self.clusters[c.TOTAL_CNY].sum()) + int(self.rest[c.TOTAL_CNY].sum())


def find_clusters(
    dataset: Dataset, *, year: int, place: Place = "registered", subsectors: Iterable[str] = (),
    weigh: Weighing = "firms", min_firms: int | None = None, min_samples: float | None = None,
    most_reach_m: float = MOST_REACH_M, holdings: pd.Series | None = None, resamples: int | None = None, seed: int = 0,
    home: Path | None = None, tell: Progress = unheard,
) -> FoundClusters:  # fmt: skip
    """Clusters that the firms observed in one year form on the ground.

    Parameters
    ----------
    dataset : Dataset
    year : int
    place : 'registered' or 'operating'
        Where revenue counts (reading A6). Firms that operate outside the city leave under 'operating'.
    subsectors : iterable of str
        Only what firms do in these, when any are named.
    weigh : 'firms' or 'revenue'
        Whether density is that of firms, or of their revenue (in firms of average revenue).
    min_firms : int, optional
        Least firms of a cluster; by default 5, or 0.5 % of those delineated when that is more.
    min_samples : float, optional
        Firms within the core distance, the firm's own included; by default ``min_firms``, at most 100.
    most_reach_m : float
        Steps longer than this connect nothing.
    holdings : Series, optional
        Holding of each firm by firm_id; firms of one holding count as one in ``holdings``.
    resamples : int, optional
        Draws for the stability of clusters; by default 100 for up to 5 000 firms and none for more.
    seed : int
        Of the draws.
    home : Path, optional
        Workspace whose version the dataset is, to keep the result beside it.
    tell : Progress, optional
        Is told of places joined and of resamples done.

    Returns
    -------
    FoundClusters
        Kept for the dataset and these choices; nobody may change its tables.

    Raises
    ------
    UnknownYear, UnknownSubsector, BadValue

    Notes
    -----
    .. math::

        \\sum_k T_k + T_\\text{noise} + T_\\text{not delineated} = T_\\text{city}, \\qquad
        T_k = \\sum_d T_{kd} = \\sum_s T_{ks}

    Reading: a cluster of the tier of 10 billion CNY here is a place whose firms add up to so much, whatever districts
    it crosses. It is no goal of the plan, which counts by subsector.

    Limits: firms of one park share its point, so a park with enough of them is a cluster by where its point was put;
    two parks nearer than their points are known cannot be told apart. A register that is placed mostly by street or
    district shows the clusters of the few that are not: look at ``rest`` first. Totals of clusters with few firms can
    disclose single firms; whoever publishes them applies the rules of disclosure control.

    References
    ----------
    See ``clusters.delineation.delineate_clusters`` and ``clusters.cluster_stability.cluster_stability``.

    Examples
    --------
    In the bundled sample, six firms in parks of 南山 are one cluster; most others have no point of their own.

    >>> from data.reference import load_reference
    >>> made = find_clusters(load_reference(), year=2021, resamples=0)
    >>> made.clusters[["firms", "total_cny"]].to_numpy().tolist(), made.rest["firms"].head(3).to_dict()
    ([[6, 7991230000]], {'noise': 10, 'street': 21, 'district': 21})
    """
    check_choice(weigh, "weigh", ("firms", "revenue"))
    wanted = sorted(set(subsectors))
    for subsector in wanted:
        if subsector not in subsector_ids():
            raise UnknownSubsector(subsector, subsector_ids())
    check_year(dataset, year)
    chosen = _Choices(year, place, tuple(wanted), weigh, min_firms, min_samples, most_reach_m, resamples, seed)
    held = None if holdings is None else int(pd.util.hash_pandas_object(holdings).sum())

    tables = kept_tables(
        dataset,
        "clusters",
        lambda: _tables(dataset, chosen, holdings, tell),
        parameters={**asdict(chosen), "holdings": held},
        code=(sys.modules[__name__], delineation, density_tree, outlines, stability_module),
        home=home,
    )
    facts = {str(name): made.iloc[0].item() for name, made in tables["facts"].items()}
    facts["cell_m"] = facts["cell_m"] or None  # Parquet holds no None in a column of numbers
    return FoundClusters(
        _with_tiers(gpd.GeoDataFrame(tables["clusters"])),
        tables["districts"],
        tables["by_subsector"],
        tables["rest"],
        tables["members"]["cluster_id"],
        {**asdict(chosen), **facts},
    )


@dataclass(frozen=True)
class _Choices:
    """What the result depends on beside the data; see ``find_clusters``."""

    year: int
    place: Place
    subsectors: tuple[str, ...]
    weigh: Weighing
    min_firms: int | None
    min_samples: float | None
    most_reach_m: float
    resamples: int | None
    seed: int


def _tables(dataset: Dataset, chosen: _Choices, holdings: pd.Series | None, tell: Progress) -> Tables:
    parts = _observed(dataset, chosen)
    firms = _by_firm(parts, dataset, chosen.place)
    here = firms[firms["state"] == DELINEATED]
    least = max(LEAST_FIRMS, ceil(len(here) * LEAST_SHARE)) if chosen.min_firms is None else chosen.min_firms
    samples = min(least, MOST_SAMPLES) if chosen.min_samples is None else chosen.min_samples
    crs = metric_crs(float(dataset.districts.total_bounds[[0, 2]].mean()))
    x, y = to_metric(here[c.LON], here[c.LAT], crs=crs)
    choices: dict[str, Any] = {
        "min_size": least, "min_firms": least, "min_samples": samples, "most_reach_m": chosen.most_reach_m
    }  # fmt: skip
    weights = _weights(here[c.TOTAL_CNY].to_numpy(np.int64)) if chosen.weigh == "revenue" else None
    found = delineate_clusters(x, y, here.index, weights=weights, tell=tell, **choices)
    usual = RESAMPLES if len(here) <= RESAMPLED_UP_TO else 0
    draws = usual if chosen.resamples is None else chosen.resamples
    jaccard = np.full(len(found.reach_m), np.nan)
    if draws and len(jaccard):
        rng = np.random.default_rng(chosen.seed)
        jaccard = cluster_stability(
            x, y, here.index, found.labels, rng=rng, resamples=draws, weights=weights, tell=tell, **choices
        ).jaccard
    firms["cluster_id"] = 0
    firms.loc[here.index, "cluster_id"] = found.labels
    parts["cluster_id"] = firms.set_index("row")["cluster_id"].loc[parts["row"]].to_numpy()
    stood = cell_centers(x, y, found.cell_m)
    outlined = cluster_outlines(
        *stood, found.labels, reach_m=found.reach_m, least_radius_m=RESOLUTION_M, within=dataset.districts, crs=crs
    )
    by_subsector = _totals(parts, c.SUBSECTOR_ID)
    clusters = _clusters(firms, by_subsector, found, jaccard, holdings)
    return {
        "clusters": gpd.GeoDataFrame(clusters, geometry=outlined, crs=outlined.crs),
        "districts": _totals(firms, c.DISTRICT_ID),
        "by_subsector": by_subsector,
        "rest": _rest(firms),
        "members": firms.loc[here.index, ["cluster_id"]],
        "facts": _facts(found, least, samples, len(here), draws if len(jaccard) else 0),
    }


def _observed(dataset: Dataset, chosen: _Choices) -> pd.DataFrame:
    """What firms do in each subsector in the year, without firms beyond the city."""
    parts = firm_parts(dataset.firms)
    observed = observed_parts(dataset, parts)
    this_year = observed.year == chosen.year
    row = observed.firm[this_year]
    known = parts.firms.iloc[row]
    table = pd.DataFrame(
        {
            "row": parts.firm[row],
            c.SUBSECTOR_ID: known[c.SUBSECTOR_ID].to_numpy(object),
            c.DISTRICT_ID: firm_districts(known, chosen.place).to_numpy(object),
            c.TOTAL_CNY: observed.revenue[this_year],
        }
    )
    keep = table[c.DISTRICT_ID] != c.OUTSIDE
    if chosen.subsectors:
        keep &= table[c.SUBSECTOR_ID].isin(chosen.subsectors)
    return table[keep].reset_index(drop=True)


def _by_firm(parts: pd.DataFrame, dataset: Dataset, place: Place) -> pd.DataFrame:
    """Firms with their total, their point, and whether they can be delineated."""
    grouped = parts.groupby("row")
    firms = pd.DataFrame({c.DISTRICT_ID: grouped[c.DISTRICT_ID].first(), c.TOTAL_CNY: grouped[c.TOTAL_CNY].sum()})
    firms = firms.reset_index()
    known = dataset.firms.iloc[firms["row"].to_numpy()]
    firms.index = pd.Index(known[c.FIRM_ID].to_numpy(object), name=c.FIRM_ID)
    for name in (c.LON, c.LAT):
        firms[name] = pd.to_numeric(firm_column(known, name)).to_numpy(np.float64, na_value=np.nan)
    precision = firm_column(known, c.LOCATION_PRECISION).astype(object).to_numpy()
    state = np.where(np.isin(precision, ["street", "district"]), precision, DELINEATED)
    state[(firms[c.LON].isna() | firms[c.LAT].isna()).to_numpy()] = NO_POINT
    if place == "operating":
        state[office_elsewhere(known)] = OFFICE_ELSEWHERE
    return firms.assign(state=state)


def _weights(total_cny: NDArray[np.int64]) -> NDArray[np.float64]:
    """Revenue in firms of average revenue; what is below nothing weighs nothing."""
    positive = np.maximum(total_cny, 0)
    whole = sum(positive.tolist())
    return positive * (len(positive) / whole) if whole else np.zeros(len(positive))


def _totals(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Total and firms of each cluster by district or subsector, largest first."""
    inside = rows[rows["cluster_id"] > 0]
    grouped = inside.groupby(["cluster_id", by], sort=True)[c.TOTAL_CNY].agg(["sum", "size"])
    table = grouped.set_axis([c.TOTAL_CNY, c.FIRMS], axis=1).reset_index()
    return table.sort_values(
        ["cluster_id", c.TOTAL_CNY, by], ascending=[True, False, True], ignore_index=True
    )  # fmt: skip


def _clusters(
    firms: pd.DataFrame, by_subsector: pd.DataFrame, found: Delineation, jaccard: NDArray[np.float64],
    holdings: pd.Series | None,
) -> pd.DataFrame:  # fmt: skip
    inside = firms[firms["cluster_id"] > 0]
    order = inside.reset_index()
    order = order.sort_values(["cluster_id", c.TOTAL_CNY, c.FIRM_ID], ascending=[True, False, True])
    top = order.groupby("cluster_id").first()
    grouped = inside.groupby("cluster_id")[c.TOTAL_CNY].agg(["size", "sum"])
    total = grouped["sum"]
    main = by_subsector.groupby("cluster_id").head(MAIN_SUBSECTORS).groupby("cluster_id")[c.SUBSECTOR_ID].agg(";".join)
    held = pd.Series(pd.NA, index=grouped.index, dtype="Int64")
    if holdings is not None:
        own = pd.Series(inside.index, index=inside.index)
        held = holdings.reindex(inside.index).fillna(own).groupby(inside["cluster_id"]).nunique().astype("Int64")
    return pd.DataFrame(
        {
            c.FIRMS: grouped["size"],
            "holdings": held,
            c.TOTAL_CNY: total,
            c.TOP_FIRM_ID: top[c.FIRM_ID],
            c.TOP1_CNY: top[c.TOTAL_CNY],
            c.TOP1_SHARE: top[c.TOTAL_CNY] / total.where(total > 0),
            "main_subsectors": main,
            "persistence": found.persistence,
            "stability": jaccard,
            "stability_word": pd.Series([stability_word(value) for value in jaccard], grouped.index, dtype=object),
            "reach_m": found.reach_m,
        },
        index=grouped.index.rename("cluster_id"),
    )


def _with_tiers(clusters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    totals = [int(value) for value in clusters[c.TOTAL_CNY]]
    tiers: list[ScaleTier | None] = [scale_tier(value) for value in totals]
    made = clusters.assign(**{c.GAP_CNY: np.array([gap_to_next_cny(value) for value in totals], np.int64)})
    made.insert(6, c.TIER, pd.Series(tiers, index=clusters.index, dtype=object))
    return made


def _rest(firms: pd.DataFrame) -> pd.DataFrame:
    why = firms["state"].mask((firms["state"] == DELINEATED) & (firms["cluster_id"] == NOISE), "noise")
    grouped = firms.groupby(why)[c.TOTAL_CNY].agg(["sum", "size"]).set_axis([c.TOTAL_CNY, c.FIRMS], axis=1)
    states = ["noise", "street", "district", NO_POINT, OFFICE_ELSEWHERE]
    return grouped.reindex(states, fill_value=0).rename_axis("state")


def _facts(found: Delineation, least: int, samples: float, delineated: int, draws: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "min_firms": [least],
            "min_samples": [float(samples)],
            "resolution_m": [RESOLUTION_M],
            "cell_m": [found.cell_m or 0.0],
            "displacement_m": [found.displacement_m],
            "delineated": [delineated],
            "places": [found.places],
            "resamples": [draws],
        }
    )
