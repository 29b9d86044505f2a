"""Which site suits a firm: parks ranked by what the data know of them, each with its reasons.

Conditions come first: a park that is known to fail one is out, one of which it is not known stays and says so. Then
every criterion that has data is scored, and one without is off and says so; its weight goes to the others. A missing
value is left out of the score of that park alone and shows as coverage and as the band of ranks that it leaves open
(``clusters.scoring``); the band alone would leave most parks unranked, filling in an average would invent data. A park
whose known criteria carry too little weight is listed and not ranked. Beside the weighted sum stand TOPSIS, how often
the rank holds when weights move, and what one park less changes.
"""

from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
import pandas as pd

from clusters.errors import UnknownDistrict, UnknownSubsector
from clusters.pairwise_weights import ahp_weights, row_geometric_mean_weights
from clusters.rank_stability import RankStability, rank_reversals, rank_stability
from clusters.scoring import DECIMALS, WeightedSum, rank_of, weighted_sum
from clusters.site_criteria import site_criteria
from clusters.site_reasons import site_reasons
from clusters.site_records import CRITERIA, FLOOR_AREA, NEAR, RENT, VACANT_AREA, SiteCriterion, SiteReason, SiteRequest
from clusters.standing import check_year
from clusters.topsis import topsis
from data import columns as c
from data.dataset import Dataset
from data.known_firms import known_firms
from data.reference import subsector_ids

__all__ = [
    "SiteRanking",
    "SiteRequest",
    "ahp_weights",
    "rank_sites",
    "row_geometric_mean_weights",
    "topsis",
    "weighted_sum",
]

CONCENTRATION = 20.0
"""How close drawn weights stay to the user's: with it a weight of 0.2 has a standard deviation of 0.09."""

_OF_A_PLACE = (c.NAME, c.LON, c.LAT, c.DISTRICT_ID)


@dataclass(frozen=True, eq=False)
class Parks:
    """Parks with what the data know of them, whatever anybody weighs.

    Attributes
    ----------
    places : DataFrame
        Those of the city or of the district that was asked for, as the dataset has them.
    criteria : dict of str to SiteCriterion
        In the order of ``CRITERIA``.
    year, base_year : int
    """

    places: pd.DataFrame
    criteria: dict[str, SiteCriterion]
    year: int
    base_year: int


@dataclass(frozen=True, eq=False)
class SiteRanking:
    """Parks from the best down, and why.

    Attributes
    ----------
    request : SiteRequest
    year, base_year : int
    sites : DataFrame
        By park_id, ranked ones first: name, district_id, score_rank, score, low_score, high_score, weight_coverage,
        best_rank, worst_rank, closeness, closeness_rank, first_share, low_rank, high_rank (the last three missing when
        no weights were drawn). A park with too little coverage has no rank and no score.
    scoring : WeightedSum
        Of the ranked parks.
    criteria : dict of str to SiteCriterion
        Over all parks that meet the conditions, in the order of ``CRITERIA``.
    excluded : Series of text
        Parks that are known to fail a condition, and which: area, rent or near_ and the kind of hub.
    unchecked : dict of str to tuple of str
        Conditions that are not known to hold, by park.
    stability : RankStability or None
    reversals : DataFrame
        What taking one ranked park away changes; see ``clusters.rank_stability``.
    """

    request: SiteRequest
    year: int
    base_year: int
    sites: pd.DataFrame
    scoring: WeightedSum
    criteria: dict[str, SiteCriterion]
    excluded: pd.Series
    unchecked: dict[str, tuple[str, ...]]
    stability: RankStability | None
    reversals: pd.DataFrame

    @property
    def off(self) -> dict[str, str]:
        """Criteria without data, and why."""
        return {name: each.off for name, each in self.criteria.items() if each.off is not None}

    def reasons(self, park_id: str) -> tuple[SiteReason, ...]:
        """What each criterion with data says of a park, the largest contribution first, missing ones last."""
        return site_reasons(self.criteria, self.scoring, park_id)


def rank_sites(
    dataset: Dataset, request: SiteRequest, *, rng: np.random.Generator | None = None, draws: int = 2_000,
    concentration: float | None = CONCENTRATION, parks: Parks | None = None,
) -> SiteRanking:  # fmt: skip
    r"""Parks ranked for a firm of one subsector.

    Parameters
    ----------
    dataset : Dataset
        As the reader may see it; figures that are not released are in no criterion.
    request : SiteRequest
    rng : numpy.random.Generator, optional
        Draws weights for the stability of ranks; without one there is none.
    draws : int
        How many vectors of weights are drawn, at least 1.
    concentration : float or None
        How close they stay to the request's; ``None`` draws from everywhere.
    parks : Parks, optional
        From ``parks_of``, for a request that differs in weights, scales, coverage and conditions alone.

    Returns
    -------
    SiteRanking

    Raises
    ------
    UnknownSubsector, UnknownDistrict, UnknownYear
    BadValue
        When all weights are 0.

    Notes
    -----
    Over the parks that meet the conditions and have values for enough of the weight, with utilities :math:`u_{ij}` by
    min-max or on fixed scales and :math:`K_i` the criteria known of park i,

    .. math:: S_i = \sum_j w_j \cdot \frac{\sum_{j \in K_i} w_j u_{ij}}{\sum_{j \in K_i} w_j}

    with constant criteria left out as in the weighted sum; ranks are from the largest score down, ties to the first.

    Reading: the first park is the best on these criteria and weights. Trust a lead when ranks by score and by TOPSIS
    agree, its share of draws at rank 1 is large, and ``best_rank`` and ``worst_rank`` lie close together.

    Limits: says nothing of what has no criterion or no data: in the bundled set rent and vacancy, and the points of
    parks are those of bus stops near by. Distances are straight lines. A quotient of few firms moves with one of them,
    which the interval among the reasons shows.

    References
    ----------
    .. [1] Malczewski, J. (1999). "GIS and Multicriteria Decision Analysis". Wiley.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> found = rank_sites(load_reference(), SiteRequest("S01", weights=(("near_metro", 5.0),)))
    >>> sorted(found.off)
    ['floor_area', 'rent', 'vacant_area']
    >>> int(found.sites["score_rank"].max()), bool(found.sites["score"].dropna().is_monotonic_decreasing)
    (55, True)
    """
    known = parks_of(dataset, request) if parks is None else parks
    excluded, unchecked = _conditions(known.criteria, request, known.places.index)
    kept = known.places[excluded.isna().to_numpy()]
    criteria = {name: _only(each, kept.index) for name, each in known.criteria.items()}
    values = pd.DataFrame({name: each.values for name, each in criteria.items()}, index=kept.index)
    options = scoring_options(criteria, request)
    first = weighted_sum(values, request.weight_of(), **options)
    ranked = values[(first.coverage >= request.min_coverage - 1e-12).to_numpy() & first.scores.notna().to_numpy()]
    scoring = weighted_sum(ranked, request.weight_of(), **options)
    stability = None
    if rng is not None and len(ranked):
        stability = rank_stability(
            ranked, request.weight_of(), rng=rng, draws=draws, concentration=concentration, **options
        )
    return SiteRanking(
        request=request,
        year=known.year,
        base_year=known.base_year,
        sites=_sites(kept, first, scoring, _closeness(ranked, criteria, request), stability),
        scoring=scoring,
        criteria=criteria,
        excluded=excluded.dropna(),
        unchecked={park: lacking for park, lacking in unchecked.items() if lacking and park in kept.index},
        stability=stability,
        reversals=rank_reversals(ranked, request.weight_of(), **options),
    )


def parks_of(dataset: Dataset, request: SiteRequest) -> Parks:
    """What the data know of each park; the same under any weights and conditions, the district aside.

    Parameters
    ----------
    dataset : Dataset
        As the reader may see it.
    request : SiteRequest
        Its subsector, chain, distance, district, year, place and least number of firms count.

    Raises
    ------
    UnknownSubsector, UnknownDistrict, UnknownYear
    """
    year, base_year = years_of(dataset, request)
    places = _candidates(dataset, request)
    criteria = site_criteria(dataset, request, places, year=year, base_year=base_year)
    return Parks(places, {each.id: each for each in criteria}, year, base_year)


def years_of(dataset: Dataset, request: SiteRequest) -> tuple[int, int]:
    """Year and base year of a request, once its subsector, district and year are known to exist.

    Raises
    ------
    UnknownSubsector, UnknownDistrict, UnknownYear
    """
    known = set(subsector_ids()) | set(known_firms(dataset)[c.SUBSECTOR_ID].dropna())
    for each in request.subsectors():
        if each not in known:
            raise UnknownSubsector(each, sorted(known))
    if request.district_id is not None and request.district_id not in dataset.districts.index:
        raise UnknownDistrict(request.district_id, list(dataset.districts.index))
    year = check_year(dataset, request.year) if request.year is not None else dataset.default_year
    return year, year - 1 if request.base_year is None else request.base_year


class ScoringOptions(TypedDict):
    """Directions and fixed scales of criteria, as the weighted sum takes them."""

    costs: list[str]
    scales: dict[object, tuple[float, float]]


def scoring_options(criteria: dict[str, SiteCriterion], request: SiteRequest) -> ScoringOptions:
    """Those of some of the criteria."""
    return ScoringOptions(
        costs=[name for name, each in criteria.items() if each.less_is_better],
        scales={name: ends for name, ends in request.scales if name in criteria},
    )


def _candidates(dataset: Dataset, request: SiteRequest) -> pd.DataFrame:
    parks = dataset.parks
    parks = parks.reindex(columns=[*parks.columns, *(name for name in _OF_A_PLACE if name not in parks)])
    return parks if request.district_id is None else parks[parks[c.DISTRICT_ID] == request.district_id]


def _conditions(
    criteria: dict[str, SiteCriterion], request: SiteRequest, ids: pd.Index
) -> tuple[pd.Series, dict[str, tuple[str, ...]]]:
    """Which condition a park is known to fail, the first of several; and which are not known to hold."""
    needs: list[tuple[str, pd.Series, float, bool]] = [
        (NEAR + kind, criteria[NEAR + kind].values, metres, False) for kind, metres in request.hubs_within_m
    ]
    if request.min_area_m2 is not None:
        by = VACANT_AREA if criteria[VACANT_AREA].off is None else FLOOR_AREA
        needs.append(("area", criteria[by].values, request.min_area_m2, True))
    if request.max_rent_cny_m2_month is not None:
        needs.append((RENT, criteria[RENT].values, request.max_rent_cny_m2_month, False))
    excluded = pd.Series(None, index=ids, dtype=object)
    lacking: dict[str, list[str]] = {str(park): [] for park in ids}
    for name, values, limit, at_least in needs:
        fails = values < limit if at_least else values > limit
        excluded = excluded.mask(fails & excluded.isna(), name)
        for park in ids[values.isna().to_numpy()]:
            lacking[str(park)].append(name)
    return excluded, {park: tuple(names) for park, names in lacking.items()}


def _only(each: SiteCriterion, ids: pd.Index) -> SiteCriterion:
    """A criterion over some of its sites; off when none of them has a value."""
    values = each.values.loc[ids]
    off = each.off if each.off is not None or values.notna().any() or not len(ids) else "no_site_has_it"
    return replace(each, values=values, facts=each.facts.loc[ids], missing=each.missing.loc[ids], off=off)


def _closeness(ranked: pd.DataFrame, criteria: dict[str, SiteCriterion], request: SiteRequest) -> pd.Series:
    costs = [name for name in CRITERIA if criteria[name].less_is_better]
    return topsis(ranked, request.weight_of(), costs=costs)


def _sites(
    kept: pd.DataFrame, first: WeightedSum, scoring: WeightedSum, closeness: pd.Series, stability: RankStability | None
) -> pd.DataFrame:
    ranks = pd.DataFrame(
        {
            c.SCORE_RANK: rank_of(scoring.scores),
            c.SCORE: scoring.scores,
            c.LOW_SCORE: scoring.low,
            c.HIGH_SCORE: scoring.high,
            c.BEST_RANK: _better(scoring.low, scoring.high),
            c.WORST_RANK: len(scoring.scores) - _better(-scoring.high, -scoring.low) + 1,
            c.CLOSENESS: closeness,
            c.CLOSENESS_RANK: rank_of(closeness),
        },
        index=scoring.scores.index,
    )
    drawn = pd.DataFrame(columns=[c.FIRST_SHARE, c.LOW_RANK, c.HIGH_RANK], index=ranks.index, dtype="Float64")
    if stability is not None:
        drawn = stability.rank_range().assign(**{c.FIRST_SHARE: stability.first_share()})
    table = kept[[c.NAME, c.DISTRICT_ID]].assign(**{c.WEIGHT_COVERAGE: first.coverage}).join(ranks).join(drawn)
    whole = (c.SCORE_RANK, c.BEST_RANK, c.WORST_RANK, c.CLOSENESS_RANK, c.LOW_RANK, c.HIGH_RANK)
    table = table.astype(dict.fromkeys(whole, "Int64"))
    table[c.CLOSENESS_RANK] = table[c.CLOSENESS_RANK].mask(table[c.CLOSENESS_RANK] == 0)
    return table.sort_values([c.SCORE_RANK, c.WEIGHT_COVERAGE], ascending=[True, False], kind="stable")


def _better(low: pd.Series, high: pd.Series) -> np.ndarray:
    """One more than the number of others whose lowest score lies above the highest of each."""
    floors = np.sort(np.round(low.to_numpy(), DECIMALS))
    return 1 + len(floors) - np.searchsorted(floors, np.round(high.to_numpy(), DECIMALS), side="right")
