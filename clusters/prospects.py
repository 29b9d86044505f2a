"""How do the firms of a district grow, and may one of its clusters reach the next tier? Each answer with its n.

Growth is that of firms observed in both years; below five of them it has no interval. The outlook takes the total of
today and lets it move as the panel of firms observed in every year did: a chance of crossing is then the chance that
the panel grows by the factor that is missing. Left out: whoever comes or leaves. Where a panel is too small, covers too
little, or was seen in too few years, there is no chance but the reason.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from clusters.errors import UnknownDistrict
from clusters.growth import matched_growth
from clusters.growth_interval import FEWEST_FIRMS, growth_with_intervals
from clusters.panel_outlook import PanelOutlook, panel_outlook
from clusters.profile import seeded
from clusters.standing import cluster_totals
from clusters.tiers import THRESHOLD_CNY, ScaleTier, next_tier
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset, Place
from data.matched import matched_firms
from data.once import once_per_dataset

LEAST_COVERAGE = 0.5
"""A panel with less than this share of the total does not speak for it."""
YEARS_AHEAD = 3
WIDE = 10
"""A band whose upper end is more than this many times its lower one says nothing that a reader could use."""

Unsaid = Literal["too_few_years", "no_firms", "not_positive", "few_firms", "low_coverage", "withheld", "top_tier"]


@dataclass(frozen=True, eq=False)
class Prospect:
    """Whether a cluster's part in a district may reach the next tier.

    Attributes
    ----------
    subsector_id : str
    now_cny : int or None
        Total of the last year of the panel.
    tier : ScaleTier or None
        The next one.
    chances : Series
        Share of the paths that have reached it, by year: the plan's last year and three years ahead of the data; empty
        where ``unsaid`` says why.
    low_cny, high_cny : float
        80 % band of the total three years ahead; NaN without a chance.
    firms : int
        Firms of the panel.
    rates : int
        Yearly growth rates that it rests on.
    coverage : float
        Share of the panel in the total, 0–1.
    years : tuple of int
        Of the panel.
    unsaid : str or None
        Why there is no chance.
    """

    subsector_id: str
    now_cny: int | None
    tier: ScaleTier | None
    chances: pd.Series
    low_cny: float
    high_cny: float
    firms: int
    rates: int
    coverage: float
    years: tuple[int, ...]
    unsaid: Unsaid | None

    @property
    def is_wide(self) -> bool:
        """Whether the band is too wide to be of use."""
        return bool(self.high_cny > WIDE * self.low_cny)


def district_growth(dataset: Dataset, *, base_year: int, year: int, place: Place = "registered") -> pd.DataFrame:
    """Growth of each district, of its clusters, of the city, each with n and from five firms on an interval of 95 %.

    Parameters
    ----------
    dataset : Dataset
    base_year, year : int
    place : 'registered' or 'operating'

    Returns
    -------
    DataFrame
        Indexed by district_id and subsector_id (``'total'`` for all of them, in either place): matched_firms, base_cny,
        matched_cny, growth, growth_low, growth_high, draws. Of many firms no interval is drawn. Empty when
        ``base_year`` does not lie before ``year``. Under a release it is of the firms whose figures are free.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> found = district_growth(load_reference(), base_year=2020, year=2021)
    >>> found.loc[("440304", "total"), ["matched_firms", "growth", "growth_low", "growth_high"]].round(2).tolist()
    [12.0, 0.22, -0.08, 0.36]
    """
    kept = _growth(dataset)
    if (base_year, year, place) not in kept:
        kept[base_year, year, place] = _grown(dataset, base_year, year, place)
    return kept[base_year, year, place]


def prospects(
    dataset: Dataset, district_id: str, *, plan_end: int, place: Place = "registered"
) -> tuple[Prospect, ...]:
    """Chance of each cluster's part in a district to reach the next tier, the nearest first.

    Parameters
    ----------
    dataset : Dataset
    district_id : str
    plan_end : int
        Last year of the plan.
    place : 'registered' or 'operating'

    Returns
    -------
    tuple of Prospect
        One for each subsector with a firm in the dataset's default year.

    Raises
    ------
    UnknownDistrict
        When the data have no such district.

    Notes
    -----
    With :math:`T` the threshold, :math:`V` the total and :math:`P` the panel's in the last year, the panel has to reach
    :math:`T P / V` on a path of ``clusters.outlook.project`` (10,001 paths, seeded from the data).

    Reading: 12 % by 2024 says that twelve of a hundred paths, drawn from the panel's few growth rates, came that far.

    Limits: no forecast. With two growth rates the tails are those of a Cauchy distribution; below five firms, or with a
    panel of less than half of the total, nothing is said.
    """
    if district_id not in dataset.districts.index:
        raise UnknownDistrict(district_id, list(dataset.districts.index))
    kept = _prospects(dataset)
    key = (district_id, plan_end, place)
    if key not in kept:
        totals = cluster_totals(cube_of(dataset), year=dataset.default_year, place=place, district_id=district_id)
        found = [_prospect(dataset, str(s), row, district_id, plan_end, place) for s, row in totals.iterrows()]
        kept[key] = tuple(sorted(found, key=_missing_factor))
    return kept[key]


def why_unsaid(panel: PanelOutlook, now_cny: int | None, target: object | None) -> Unsaid | None:
    """Why no chance is told of a total; ``None`` where there is one.

    Parameters
    ----------
    panel : PanelOutlook
        Firms of every year.
    now_cny : int or None
        The total; ``None`` when it is withheld.
    target : object or None
        A tier or an amount; ``None`` at the top.
    """
    if now_cny is None:
        return "withheld"
    if target is None:
        return "top_tier"
    if panel.problem is not None:
        return panel.problem
    if panel.firms < FEWEST_FIRMS:
        return "few_firms"
    return None if panel.coverage >= LEAST_COVERAGE else "low_coverage"


@once_per_dataset
def _growth(dataset: Dataset) -> dict[tuple[int, int, Place], pd.DataFrame]:
    return {}


@once_per_dataset
def _prospects(dataset: Dataset) -> dict[tuple[str, int, Place], tuple[Prospect, ...]]:
    return {}


def _grown(dataset: Dataset, base_year: int, year: int, place: Place) -> pd.DataFrame:
    columns = [c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY, c.GROWTH, c.GROWTH_LOW, c.GROWTH_HIGH, c.DRAWS]
    names: list[str] = [c.DISTRICT_ID, c.SUBSECTOR_ID]
    if base_year >= year:
        return pd.DataFrame(columns=columns, index=pd.MultiIndex.from_arrays([[], []], names=names))
    tables = []
    groups: list[list[str]] = [[], [c.DISTRICT_ID], [c.SUBSECTOR_ID], names]
    for by in groups:
        rng = seeded(dataset, "growth", base_year, year, place, *by)
        table = _groups(dataset, base_year, year, place, by, rng).reset_index()
        tables.append(table.assign(**{name: c.TOTAL for name in names if name not in by}))
    return pd.concat(tables, ignore_index=True).set_index(names)[columns].sort_index()


def _groups(
    dataset: Dataset, base_year: int, year: int, place: Place, by: list[str], rng: np.random.Generator
) -> pd.DataFrame:
    """Growth of groups; of many firms from the small table alone, where nothing can be drawn again."""
    if not dataset.has_many_firms:
        return growth_with_intervals(dataset, base_year=base_year, year=year, by=by, rng=rng, place=place)
    matched = matched_firms(dataset)
    here = matched[matched[c.PLACE] == place]
    found = matched_growth(here, base_year=base_year, year=year, by=by or [c.PLACE])
    return found.assign(**{c.GROWTH_LOW: np.nan, c.GROWTH_HIGH: np.nan, c.DRAWS: 0})


def _prospect(
    dataset: Dataset, subsector_id: str, row: "pd.Series[float]", district_id: str, plan_end: int, place: Place
) -> Prospect:
    now = None if np.isnan(row[c.TOTAL_CNY]) else int(row[c.TOTAL_CNY])
    tier, last = next_tier(now), dataset.default_year
    rng = seeded(dataset, "outlook", subsector_id, district_id, place)
    group = {"subsectors": [subsector_id], "district_id": district_id, "place": place}
    panel = panel_outlook(dataset, horizon=0, rng=rng, **group)  # type: ignore[arg-type]
    unsaid = why_unsaid(panel, now, tier)
    chances, low, high = pd.Series(dtype=float), np.nan, np.nan
    if unsaid is None and now and tier:
        horizon, scale = max(plan_end - last, YEARS_AHEAD), now / float(panel.totals.iloc[-1])
        target = THRESHOLD_CNY[tier] / scale
        found = panel_outlook(dataset, horizon=horizon, rng=rng, target_cny=target, **group)  # type: ignore[arg-type]
        if found.outlook is not None:
            bands = found.outlook.bands
            chances = bands[c.CROSSED].reindex(sorted({y for y in (plan_end, last + YEARS_AHEAD) if y > last}))
            low, high = (float(bands[end][last + YEARS_AHEAD]) * scale for end in (c.LOW, c.HIGH))
    rates = max(len(panel.years) - 1, 0)
    return Prospect(
        subsector_id, now, tier, chances, low, high, panel.firms, rates, panel.coverage, panel.years, unsaid
    )


def _missing_factor(prospect: Prospect) -> float:
    """By how much a total must grow; what has no next tier or is not known comes last."""
    if not prospect.now_cny or prospect.tier is None or prospect.now_cny < 0:
        return np.inf
    return THRESHOLD_CNY[prospect.tier] / prospect.now_cny
