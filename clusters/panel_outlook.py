"""The outlook of a cluster or district of a dataset, drawn from the firms that were observed in every year.

What comes out is of the panel and of the dataset's basis: of a sample of listed firms it is the sample's outlook, and
its chance of a crossing is no forecast of the cluster's. It answers from small tables, however many firms there are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from clusters.errors import BadValue
from clusters.outlook import Outlook, project
from clusters.random_walk import DRAWS
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, Place
from data.panels import FEWEST_YEARS, MOST_YEARS, panel_totals
from data.parts import counted_once

Problem = Literal["too_few_years", "no_firms", "not_positive"]


@dataclass(frozen=True, eq=False)
class PanelOutlook:
    """An outlook with what it rests on.

    Attributes
    ----------
    outlook : Outlook or None
        ``None`` where ``problem`` says why.
    problem : str or None
        ``'too_few_years'``: no three well covered years in a row; ``'no_firms'``: none observed in all of them;
        ``'not_positive'``: a total of zero or below.
    totals : Series
        CNY by year, of the panel.
    years : tuple of int
        Years of the panel.
    firms : int
        Firms of the panel, observed in all of the years.
    coverage : float
        Panel's share in all that was observed of the group in the last year, 0–1; NaN where that is nothing.
    evidence : str
        What the sum is over: ``'listed_sample'``, ``'register'``, ``'statistical'`` or ``'synthetic'``.
    data_version : str
    place : str
        Where revenue counts.
    """

    outlook: Outlook | None
    problem: Problem | None
    totals: pd.Series
    years: tuple[int, ...]
    firms: int
    coverage: float
    evidence: str
    data_version: str
    place: Place


def panel_years(dataset: Dataset) -> tuple[int, ...]:
    """Longest run of at most six well covered consecutive years up to the dataset's default year."""
    years: list[int] = []
    for year in range(dataset.default_year, dataset.default_year - MOST_YEARS, -1):
        if not dataset.is_well_covered(year):
            break
        years.insert(0, year)
    return tuple(years)


def panel_outlook(
    dataset: Dataset,
    *,
    horizon: int,
    rng: np.random.Generator,
    subsectors: Iterable[str] = (),
    district_id: str | None = None,
    place: Place = "registered",
    years: tuple[int, ...] | None = None,
    target_cny: float | None = None,
    strictly: bool = False,
    draws: int = DRAWS,
) -> PanelOutlook:
    r"""Outlook of a cluster, a district, or a cluster's part in a district.

    The firms observed in every year of the panel, and no others, are added up year by year; that series is projected.

    Parameters
    ----------
    dataset : Dataset
    horizon : int
        Years ahead.
    rng : Generator
    subsectors : iterable of str
        Only these, when any are named.
    district_id : str, optional
        Only this district.
    place : 'registered' or 'operating'
    years : tuple of int, optional
        Three to six consecutive years, ascending; those of `panel_years` when left out.
    target_cny, strictly, draws
        See ``clusters.outlook.project``.

    Returns
    -------
    PanelOutlook

    Raises
    ------
    BadValue
        When ``years`` are not three to six consecutive ones, or a choice is none that ``project`` takes.

    Notes
    -----
    With V the revenue and :math:`P` the firms of the group that were observed in every year from :math:`t_0` to
    :math:`t_1`, the projected series and its coverage are

    .. math:: T_t = \sum_{i \in P} V_{i,t}, \quad t_0 \le t \le t_1; \qquad
        \mathrm{coverage} = \frac{T_{t_1}}{\sum_i V_{i,t_1}}

    Reading: the median and band of what these firms make if they go on as they did, and the chance that they alone
    reach the target. A coverage of 0.6 says that two fifths of the last year's total are of firms outside the panel.

    Limits: those of ``clusters.outlook.project``. Firms that came later or left are not in it, so it is no forecast of
    the cluster. A panel of one or two firms is the outlook of these firms.

    References
    ----------
    .. [1] Baltagi, B. H. (2021). "Econometric Analysis of Panel Data", 6th ed. Cham: Springer.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> made = panel_outlook(load_reference(), horizon=2, rng=np.random.default_rng(1))
    >>> made.years, made.totals.index.tolist(), made.outlook.bands.index.tolist()
    ((2019, 2020, 2021), [2019, 2020, 2021], [2021, 2022, 2023])
    """
    if years is not None:
        _check_years(years)
    years = panel_years(dataset) if years is None else years
    totals, firms = _panel(panel_totals(dataset), years, tuple(subsectors), district_id, place)
    outlook, problem = None, _problem(totals, years)
    if problem is None:
        outlook = project(totals, horizon=horizon, rng=rng, target=target_cny, strictly=strictly, draws=draws)
    return PanelOutlook(
        outlook=outlook,
        problem=problem,
        totals=totals,
        years=years,
        firms=firms,
        coverage=_coverage(dataset, totals, years, tuple(subsectors), district_id, place),
        evidence=dataset.evidence,
        data_version=dataset.version,
        place=place,
    )


def panel_series(dataset: Dataset, by: list[str], *, place: Place = "registered") -> pd.DataFrame:
    """Totals of the longest panel of each group, for ``clusters.outlook.backtest``.

    Parameters
    ----------
    dataset : Dataset
    by : list of str
        Columns that form the groups: subsector_id, district_id or both.
    place : 'registered' or 'operating'

    Returns
    -------
    DataFrame
        Indexed by ``by``, one column a year, CNY, NaN where the panel does not reach. Of each group the panel of the
        most years, of those the latest; groups with a total of zero or below are left out.
    """
    table = panel_totals(dataset)
    table = table[table[c.PLACE] == place]
    panel = [*by, c.BASE_YEAR, c.LAST_YEAR]
    wide = table.pivot_table(index=panel, columns=c.YEAR, values=c.PANEL_CNY, aggfunc="sum")
    wide = wide[~(wide <= 0).any(axis=1)].reset_index([c.BASE_YEAR, c.LAST_YEAR])
    wide = wide.assign(**{c.INTERVALS: wide[c.LAST_YEAR] - wide[c.BASE_YEAR]})
    wide = wide.sort_values([c.INTERVALS, c.LAST_YEAR], kind="stable")
    found = wide.groupby(by).tail(1).sort_index().drop(columns=[c.BASE_YEAR, c.LAST_YEAR, c.INTERVALS])
    seen = [int(year) for year in found.columns]
    return found.reindex(columns=range(min(seen, default=0), max(seen, default=-1) + 1)).astype(float)


def _panel(
    table: pd.DataFrame, years: tuple[int, ...], subsectors: tuple[str, ...], district_id: str | None, place: Place
) -> tuple[pd.Series, int]:
    """Totals by year, and the number of firms."""
    first, last = (years[0], years[-1]) if years else (None, None)
    keep = (table[c.PLACE] == place) & (table[c.BASE_YEAR] == first) & (table[c.LAST_YEAR] == last)
    keep &= table[c.SUBSECTOR_ID].isin(subsectors) if subsectors else True
    keep &= True if district_id is None else table[c.DISTRICT_ID] == district_id
    held = counted_once(table[keep]).groupby(c.YEAR)[[c.PANEL_CNY, c.PANEL_FIRMS]].sum()
    return held[c.PANEL_CNY], int(held[c.PANEL_FIRMS].max()) if len(held) else 0


def _check_years(years: tuple[int, ...]) -> None:
    if not FEWEST_YEARS <= len(years) <= MOST_YEARS or years != tuple(range(years[0], years[0] + len(years))):
        raise BadValue("years", years, f"{FEWEST_YEARS} to {MOST_YEARS} consecutive years, ascending")


def _problem(totals: pd.Series, years: tuple[int, ...]) -> Problem | None:
    if len(years) < FEWEST_YEARS:
        return "too_few_years"
    if not len(totals):
        return "no_firms"
    return None if (totals > 0).all() else "not_positive"


def _coverage(
    dataset: Dataset,
    totals: pd.Series,
    years: tuple[int, ...],
    subsectors: tuple[str, ...],
    district_id: str | None,
    place: Place,
) -> float:
    if not len(totals):
        return np.nan
    where: Mapping[str, object] = {"subsectors": subsectors, "district_id": district_id, "place": place}
    everything = cube_totals(cube_of(dataset), [c.YEAR], year=years[-1], **where)[c.TOTAL_CNY].sum()  # type: ignore[arg-type]
    return float(totals[years[-1]] / everything) if everything > 0 else np.nan
