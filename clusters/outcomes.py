"""What official figures say about a goal: which of them are of the goal's own scope, and what came out.

Only sourced figures of a whole year count. Figures of one metric in several scopes are several series, never one; a
goal that names its scope is decided in that scope alone, and one that names none only when there is no choice.

Newly built carriers arrive as totals, counted from the plan's first year on, or as a list with one row for each; a
total is taken before a list, year by year. What was built stays built, so a goal of new carriers may be met early.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from clusters.growth import compound_growth_rate
from clusters.plan_records import LevelTarget, NewCountTarget, QuantifiedTarget
from data import columns as c
from data.dataset import Dataset, Status
from data.indicator_checks import amounts, is_carrier
from data.indicator_names import CNY_PER_UNIT, COUNT_UNITS, indicator_names
from data.once import once_per_dataset

_NEEDED = (c.INDICATOR, c.SCOPE, c.AREA_ID, c.YEAR, c.VALUE, c.UNIT, c.STATUS, c.SOURCE, c.NOTE)


class Figure(NamedTuple):
    """A figure with its year: CNY for a level, else a count."""

    year: int
    value: int


@dataclass(frozen=True)
class Fact:
    """One official figure as a row gave it.

    Attributes
    ----------
    year : int
    value : int
        CNY for a level, else a count.
    scope : str or None
        Scope (口径) as its row states it.
    area_id : str
    source : str or None
    note : str or None
        Remark of the row; of a carrier on a list its name.
    """

    year: int
    value: int
    scope: str | None
    area_id: str
    source: str | None
    note: str | None


@dataclass(frozen=True)
class Series:
    """Official figures that may stand on one axis.

    Attributes
    ----------
    scope : str or None
        The goal's own scope where the figures are of it, else theirs.
    decides : bool
        Whether the goal is decided by them.
    facts : tuple of Fact
        One a year, ascending.
    carriers : tuple of Fact
        Newly built things by name, by year; empty for a level.
    points : mapping of int to int
        Figure by year: CNY for a level, else the total since the plan began.
    """

    scope: str | None
    decides: bool
    facts: tuple[Fact, ...]
    carriers: tuple[Fact, ...]
    points: Mapping[int, int]


def official_series(dataset: Dataset, target: QuantifiedTarget, area_id: str, *, since: int) -> tuple[Series, ...]:
    """Official figures of a target's metric in an area, by scope, the one that decides first.

    Parameters
    ----------
    dataset : Dataset
    target : QuantifiedTarget
        A level or a number of new things; of any other there are none.
    area_id : str
        A carrier in a district counts in the city too; a district's total does not.
    since : int
        First year of the plan; what was built before is not new.

    Returns
    -------
    tuple of Series
        None of them decides when the target names no scope and there are several.
    """
    if not isinstance(target, LevelTarget | NewCountTarget):
        return ()
    asked, known = (type(target), target.metric, getattr(target, "basis", None), area_id, since), _known_series(dataset)
    if asked not in known:
        known[asked] = _official_series(dataset, target, area_id, since)
    return known[asked]


@once_per_dataset
def _known_series(dataset: Dataset) -> dict[tuple[object, ...], tuple[Series, ...]]:
    """What was asked already: boards of every year and place ask again, and the series hang on neither."""
    return {}


def _official_series(
    dataset: Dataset, target: LevelTarget | NewCountTarget, area_id: str, since: int
) -> tuple[Series, ...]:
    rows = _rows(dataset, target, area_id)
    own = getattr(target, "basis", None)
    scope = rows[c.SCOPE].astype(object).where(rows[c.SCOPE].notna(), "")
    if own:
        scope = scope.where(~scope.str.contains(own, regex=False), own)
    groups = {str(name): rows[scope == name] for name in dict.fromkeys(scope)}
    several = not own and len(groups) > 1
    found = [
        _series(name or None, group, since, own, decides=name == own if own else not several)
        for name, group in groups.items()
    ]
    return tuple(sorted((s for s in found if s.points), key=lambda s: (not s.decides, s.scope or "")))


def outcome_of(target: QuantifiedTarget, points: Mapping[int, int]) -> Figure | None:
    """Figure that decides a goal: that of the year in which it is due, or of an earlier one that new things reached.

    Examples
    --------
    >>> new = NewCountTarget(id="T5", kind="count_new", geography="440300", metric="载体", operator="=", value=10,
    ...                      unit="家", by=2023)
    >>> outcome_of(new, {2021: 4, 2022: 11}), outcome_of(new, {2021: 4, 2022: 9}), outcome_of(new, {2021: 4, 2023: 9})
    (Figure(year=2022, value=11), None, Figure(year=2023, value=9))
    """
    if target.by in points:
        return Figure(target.by, points[target.by])
    early = [year for year in sorted(points) if year < target.by and target.is_met_by(points[year])]
    return Figure(early[0], points[early[0]]) if early and isinstance(target, NewCountTarget) else None


def growth_since(series: Series | None, base_year: int | None, outcome: Figure | None) -> float | None:
    """Compound growth a year from a base year to the outcome, 0.065 is 6.5 %; of figures of one scope only."""
    facts = {fact.year: fact for fact in series.facts} if series else {}
    base, end = facts.get(base_year or 0), facts.get(outcome.year) if outcome else None
    if (
        base is None
        or end is None
        or base.scope != end.scope
        or base.year >= end.year
        or min(base.value, end.value) <= 0
    ):
        return None
    return compound_growth_rate(base.value, end.value, end.year - base.year)


def latest_figures(dataset: Dataset, area_id: str) -> list[tuple[str, Fact]]:
    """Latest sourced figure of each amount of money that we know by name, in each of its scopes, of one area.

    Returns
    -------
    list of (str, Fact)
        Name of the indicator and its figure in CNY, in the order of the table of names, then by scope.
    """
    rows = _sourced(dataset.indicators[dataset.indicators[c.AREA_ID] == area_id])
    found = []
    for name in (name for name in indicator_names() if not name.is_count):
        facts = _facts(rows[(rows[c.INDICATOR] == name.name) & rows[c.UNIT].isin(CNY_PER_UNIT)])
        latest = {fact.scope: fact for fact in sorted(facts, key=lambda fact: fact.year)}
        found += [(name.name, latest[scope]) for scope in sorted(latest, key=lambda scope: scope or "")]
    return found


def _rows(dataset: Dataset, target: LevelTarget | NewCountTarget, area_id: str) -> pd.DataFrame:
    rows = _sourced(dataset.indicators[dataset.indicators[c.INDICATOR] == target.metric])
    here = rows[c.AREA_ID] == area_id
    if isinstance(target, LevelTarget):
        return rows[here & rows[c.UNIT].isin(CNY_PER_UNIT)]
    if area_id == dataset.city_adcode:
        here |= is_carrier(rows) & rows[c.AREA_ID].isin(dataset.districts.index)
    return rows[here & rows[c.UNIT].isin(COUNT_UNITS)]


def _sourced(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with a number for a whole year that was read at its source."""
    rows = rows.reindex(columns=list(_NEEDED))
    return rows[(rows[c.STATUS] == Status.SOURCED) & rows[c.YEAR].notna() & rows[c.VALUE].notna()]


def _series(scope: str | None, rows: pd.DataFrame, since: int, own: str | None, *, decides: bool) -> Series:
    listed = is_carrier(rows) & (not own)  # a level is no list, whatever its remark
    totals = _facts(rows[~listed])
    # of two figures for a year the one in the very scope counts, then the later row
    by_year = {fact.year: fact for fact in sorted(totals, key=lambda fact: fact.scope == scope)}
    carriers = tuple(sorted((f for f in _facts(rows[listed]) if f.year >= since), key=lambda fact: fact.year))
    points = _running_total(carriers) | {year: fact.value for year, fact in by_year.items()}
    facts = tuple(by_year[year] for year in sorted(by_year))
    return Series(scope, decides, facts, carriers, dict(sorted(points.items())))


def _running_total(carriers: tuple[Fact, ...]) -> dict[int, int]:
    if not carriers:
        return {}
    years = range(carriers[0].year, carriers[-1].year + 1)
    return {year: sum(fact.value for fact in carriers if fact.year <= year) for year in years}


def _facts(rows: pd.DataFrame) -> list[Fact]:
    text = rows[[c.SCOPE, c.SOURCE, c.NOTE]].astype(object)
    text = text.where(text.notna(), None)
    columns = (rows[c.YEAR], amounts(rows), text[c.SCOPE], rows[c.AREA_ID], text[c.SOURCE], text[c.NOTE])
    return [Fact(int(y), round(v), scope, str(a), s, n) for y, v, scope, a, s, n in zip(*columns, strict=True)]
