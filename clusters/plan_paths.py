"""The path that a plan's level target asks for, under each base year in which its words can be read.

The text names a growth a year and a goal, never the level or year that they start from (ambiguity A3). So one table
says what base each reading implies and, beside observed figures of the same scope, what growth is really required.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clusters.errors import NoRequiredPath
from clusters.growth import distance_to_path
from clusters.growth import required_path as path_from
from clusters.plan import Plan, required_path
from clusters.plan_records import LevelTarget
from data import columns as c


def required_growth_by_reading(
    plan: Plan, target_id: str, *, figures: Mapping[int, float] | None = None
) -> pd.DataFrame:
    """What a level target asks for, one row a base year.

    Parameters
    ----------
    plan : Plan
    target_id : str
        A level target with a growth a year.
    figures : mapping of int to float, optional
        Observed CNY by year, of the target's scope.

    Returns
    -------
    DataFrame
        Indexed by base_year, the default reading first: is_default, intervals, annual_rate (stated), implied_base_cny,
        actual_cny (observed in the base year), required_growth (from it to the goal), linear_pace_cny, gap_cny (goal
        minus it); the last four are missing without a positive figure of the base year.

    Raises
    ------
    UnknownTarget
        When the plan has no such target.
    NoRequiredPath
        When the target has no level or growth rate, or no base year before its year.

    Examples
    --------
    >>> from clusters.plan import open_plan
    >>> plan = open_plan("shenzhen-digital-economy-2021-2023")
    >>> table = required_growth_by_reading(plan, "T1", figures={2020: 1601e8})
    >>> (table["implied_base_cny"] / 1e8).round(1).to_dict(), round(float(table.loc[2020, "required_growth"]), 4)
    ({2020: 1572.9, 2019: 1476.9, 2021: 1675.2}, 0.0587)
    """
    target, rate = _growing_level(plan, target_id)
    rows = {}
    for place, base_year in enumerate(_base_years(plan, target)):
        actual = (figures or {}).get(base_year, np.nan)
        asked = path_from(actual, target.goal, now_year=base_year, target_year=target.by) if actual > 0 else None
        rows[base_year] = {
            c.IS_DEFAULT: place == 0,
            c.INTERVALS: target.by - base_year,
            c.ANNUAL_RATE: rate,
            c.IMPLIED_BASE_CNY: required_path(target, base_year)[base_year],
            c.ACTUAL_CNY: actual,
            c.REQUIRED_GROWTH: asked.required_growth if asked else np.nan,
            c.LINEAR_PACE_CNY: asked.linear_pace if asked else np.nan,
            c.GAP_CNY: asked.gap if asked else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(c.BASE_YEAR)


def paths_by_reading(plan: Plan, target_id: str, *, figures: Mapping[int, float] | None = None) -> pd.DataFrame:
    """Path of a level target year by year under each base year, with observed figures beside it.

    Parameters
    ----------
    plan, target_id, figures
        As in `required_growth_by_reading`.

    Returns
    -------
    DataFrame
        Indexed by base_year and year, the default reading first: path_cny, actual_cny, ahead_cny, ahead_of_path
        (missing without a figure).

    Raises
    ------
    UnknownTarget, NoRequiredPath
        As in `required_growth_by_reading`.

    Examples
    --------
    >>> from clusters.plan import open_plan
    >>> plan = open_plan("shenzhen-digital-economy-2021-2023")
    >>> paths_by_reading(plan, "T1", figures={2022: 1800e8}).loc[(2020, 2022)].round(4).tolist()
    [178403755869.0, 180000000000.0, 1596244131.0, 0.0089]
    """
    target, _ = _growing_level(plan, target_id)
    seen, tables = pd.Series(figures or {}, dtype=float), {}
    for base_year in _base_years(plan, target):
        path = pd.Series(required_path(target, base_year), dtype=float)
        beside = distance_to_path(seen, path).reindex(path.index)
        tables[base_year] = beside.assign(**{c.PATH_CNY: path})
    found = pd.concat(tables, names=[c.BASE_YEAR, c.YEAR])
    return found[[c.PATH_CNY, c.ACTUAL_CNY, c.AHEAD_CNY, c.AHEAD_OF_PATH]]


def _growing_level(plan: Plan, target_id: str) -> tuple[LevelTarget, float]:
    """A target with a level and its growth a year."""
    target = plan.target(target_id)
    if not isinstance(target, LevelTarget) or target.cagr_pct is None:
        raise NoRequiredPath(target_id, "it names no amount of money with a yearly growth")
    return target, target.cagr_pct / 100


def _base_years(plan: Plan, target: LevelTarget) -> list[int]:
    """Base years of the readings, the default first; that which is assumed when the plan leaves nothing open."""
    read = [reading.base_year for reading in plan.readings(target.id)]
    years = read if any(read) else [plan.period.base_year_assumed]
    found = [year for year in dict.fromkeys(years) if year is not None and year < target.by]
    if not found:
        raise NoRequiredPath(target.id, f"no base year before {target.by} is named")
    return found
