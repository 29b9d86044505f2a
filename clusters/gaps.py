"""What closes a gap: the smallest mixes of growth of the firms that are there and new firms of typical size.

A mix takes one growth a year and asks how many new firms the rest of the gap needs. Growth is that of matched firms,
with its interval, or stated; the size of a new firm is the median of the observed firms with its quartiles, or stated.
So the answer is a range, and every number that it rests on stands beside it with its n. Where a district has too few
firms, those of the city's cluster stand in and it says so. What new firms need in floor area is held against the vacant
area of the parks; where nobody entered any, room is unknown, which is not none.

Left out: that large firms grow unlike small ones, closures, and what a park's room costs.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusters.dependence import observed_total
from clusters.errors import BadValue, UnknownDistrict
from clusters.gap_records import Area, GapClosing, Mix, ParkRoom, Room, TypicalFirm
from clusters.growth import required_path
from clusters.growth_interval import FEWEST_FIRMS, GrowthInterval, growth_interval
from clusters.outlook import Outlook, project
from clusters.panel_outlook import PanelOutlook, panel_outlook, panel_years
from clusters.standing import check_year
from clusters.tiers import THRESHOLD_CNY, next_tier
from data import columns as c
from data.dataset import Dataset, Place
from data.firm_years import firm_sizes
from data.matched import matched_pairs


def close_gap(
    dataset: Dataset,
    *,
    until: int,
    rng: np.random.Generator,
    subsector_id: str | None = None,
    district_id: str | None = None,
    year: int | None = None,
    place: Place = "registered",
    target_cny: int | None = None,
    growth: float | GrowthInterval | None = None,
    firm_cny: int | None = None,
    floor_m2_per_firm: float | None = None,
    draws: int = 1_999,
) -> GapClosing:
    r"""What would close the gap of a cluster, a district or the city by a year, as ranges with their assumptions.

    Parameters
    ----------
    dataset : Dataset
    until : int
        Year by which the gap is to close, after ``year``.
    rng : Generator
    subsector_id, district_id : str, optional
        A cluster, a district, or a cluster's part in a district; neither is the whole city.
    year : int, optional
        The data's default year when left out.
    place : 'registered' or 'operating'
    target_cny : int, optional
        The next tier's threshold when left out. It is reached at equality.
    growth : float or GrowthInterval, optional
        Growth a year to take instead of that of matched firms, above -1; or theirs, where somebody kept it: the walk
        over all firms that finds it takes seconds of a million.
    firm_cny : int, optional
        Revenue of a new firm to take instead of the observed sizes, above 0.
    floor_m2_per_firm : float, optional
        Floor area that a new firm needs, above 0; nobody measured it, so without it room is unknown.
    draws : int
        Of the interval and of the outlook, at least 999.

    Returns
    -------
    GapClosing

    Raises
    ------
    UnknownYear, UnknownDistrict
    BadValue
        When a choice is out of its range.

    Notes
    -----
    With the total T, the target B, n years, growth g and the size s of a new firm, the smallest mixes are

    .. math:: m(g, s) = \left\lceil \frac{\max\left(B - T(1+g)^{n},\, 0\right)}{s} \right\rceil,
        \qquad g \in \{0, g_{\mathrm{low}}, \hat g, g_{\mathrm{high}}\}, \quad s \in \{q_{75}, q_{50}, q_{25}\}

    where :math:`\hat g` is the growth of matched firms with its 95 % interval and q are quartiles of the observed
    firms' revenue. One firm fewer at the same growth does not do.

    Reading: "0 to 3 firms at the middle growth" says that the cluster gets there by itself if its firms go on as they
    did and new ones are large, and needs three if they are small. Where the low growth needs many firms, the goal rests
    on the growth of a few.

    Limits: arithmetic on assumptions, no forecast; new firms are taken to be in full operation by then. Observed firms
    are mostly large, so a typical newcomer is smaller than their median. Fewer than five firms give no interval. The
    chance of crossing is that of the panel's few years (see ``clusters.outlook.project``).

    References
    ----------
    .. [1] Davis, S. J., Haltiwanger, J. C. and Schuh, S. (1996). "Job Creation and Destruction". MIT Press.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> gap = close_gap(load_reference(), until=2023, subsector_id="S05", growth=0.0, firm_cny=10**9,
    ...                 target_cny=10**12, rng=np.random.default_rng(1))
    >>> mix = gap.mixes[0]
    >>> mix.typical == -(-gap.gap_cny // 10**9), mix.room
    (True, 'unknown')
    """
    year = dataset.default_year if year is None else check_year(dataset, year)
    _check(dataset, year, until, district_id, target_cny, growth, firm_cny, floor_m2_per_firm)
    total = observed_total(dataset, year=year, subsector_id=subsector_id, district_id=district_id, place=place)
    withheld = total is not None and bool(np.isnan(total[c.TOTAL_CNY]))
    now = None if total is None or withheld else int(total[c.TOTAL_CNY])
    if target_cny is None and not withheld and (tier := next_tier(now)) is not None:
        target_cny = THRESHOLD_CNY[tier]
    gap = None if withheld or target_cny is None else max(target_cny - (now or 0), 0)
    where = _Where(dataset, subsector_id, district_id, place)
    base_year = _base_year(dataset, year)
    stated = growth if isinstance(growth, float | int) else None
    seen, growth_area = _growth(where, growth, base_year, year, rng, draws)
    size = where.size(year) if firm_cny is None else TypicalFirm(firm_cny, firm_cny, firm_cny, 0, "stated")
    room = park_room(dataset.parks, district_id)
    subsectors = [] if subsector_id is None else [subsector_id]
    panel = panel_outlook(dataset, horizon=0, rng=rng, subsectors=subsectors, district_id=district_id, place=place)
    rates = _rates(seen) if stated is None else {"stated": float(stated)}
    return GapClosing(
        year=year, until=until, place=place, total_cny=now, withheld=withheld,
        firms=0 if total is None else int(total[c.FIRMS]), target_cny=target_cny,
        required=required_path(now, target_cny, now_year=year, target_year=until)
        if gap and now is not None and now > 0 and target_cny is not None else None,
        growth=None if withheld else seen, growth_from=base_year, growth_area=growth_area,
        size=None if withheld else size, room=room,
        mixes=tuple(_mix(now or 0, target_cny, until - year, rate, name, size, room, floor_m2_per_firm)
                    for name, rate in sorted(rates.items(), key=lambda each: each[1]))
        if gap and target_cny is not None else (),
        panel=panel, outlook=None if withheld else _outlook(panel, until, target_cny, rng, draws),
    )  # fmt: skip


@dataclass(frozen=True)
class _Where:
    """A cluster or area of a dataset; what has too few firms there is asked of the whole city's cluster."""

    dataset: Dataset
    subsector_id: str | None
    district_id: str | None
    place: Place

    def growth(
        self, base_year: int | None, year: int, rng: np.random.Generator, draws: int
    ) -> tuple[GrowthInterval | None, Area]:
        if base_year is None:
            return None, "here"
        pairs = matched_pairs(self.dataset, base_year=base_year, year=year, place=self.place)
        if self.subsector_id is not None:
            pairs = pairs[pairs[c.SUBSECTOR_ID] == self.subsector_id]
        mine = pairs if self.district_id is None else pairs[pairs[c.DISTRICT_ID] == self.district_id]
        area: Area = "here"
        if mine[c.FIRM_ROW].nunique() < FEWEST_FIRMS <= pairs[c.FIRM_ROW].nunique():
            mine, area = pairs, "city"
        sums = mine.groupby(c.FIRM_ROW)[[c.BASE_CNY, c.MATCHED_CNY]].sum().astype(float)
        if not len(sums):
            return None, area
        begin, end = (sums[name].to_numpy() for name in (c.BASE_CNY, c.MATCHED_CNY))
        return growth_interval(begin, end, year - base_year, rng=rng, draws=draws), area

    def size(self, year: int) -> TypicalFirm | None:
        sizes = firm_sizes(self.dataset)
        keys = [(self.place, area, self.subsector_id or c.TOTAL, year) for area in (self.district_id, c.TOTAL) if area]
        found = [sizes.loc[key] for key in keys if key in sizes.index]  # type: ignore[index]
        if not found:
            return None
        row = found[0] if found[0][c.FIRMS] >= FEWEST_FIRMS else found[-1]
        area: Area = "here" if self.district_id is None or row.name == keys[0] else "city"
        lower, median, upper = (round(row[name]) for name in (c.LOWER_QUARTILE_CNY, c.MEDIAN_CNY, c.UPPER_QUARTILE_CNY))
        return TypicalFirm(lower, median, upper, int(row[c.FIRMS]), area)


def _growth(
    where: _Where, given: float | GrowthInterval | None, base_year: int | None, year: int, rng: np.random.Generator,
    draws: int,
) -> tuple[GrowthInterval | None, Area]:  # fmt: skip
    if given is None:
        return where.growth(base_year, year, rng, draws)
    return (given, "here") if isinstance(given, GrowthInterval) else (None, "stated")


def _rates(seen: GrowthInterval | None) -> dict[str, float]:
    told = {} if seen is None else {"low": seen.low, "middle": seen.growth, "high": seen.high}
    return {"none": 0.0} | {name: rate for name, rate in told.items() if not np.isnan(rate)}


def _mix(
    now: int, target: int, years: int, rate: float, name: str, size: TypicalFirm | None, room: ParkRoom,
    floor_m2_per_firm: float | None,
) -> Mix:  # fmt: skip
    grown = round(now * (1 + rate) ** years) if rate else now
    missing = max(target - grown, 0)
    fewest, typical, most = (
        None if cny is None or (cny <= 0 and missing) else -(-missing // cny) if missing else 0
        for cny in ((size.upper_cny, size.median_cny, size.lower_cny) if size else (None, None, None))
    )
    floor = None if floor_m2_per_firm is None or typical is None else typical * floor_m2_per_firm
    fits: Room = "unknown"
    if floor is not None and room.vacant_m2 is not None:
        fits = "enough" if floor <= room.vacant_m2 else "short"
    return Mix(rate, name, grown, missing, fewest, typical, most, floor, fits)  # type: ignore[arg-type]


def park_room(parks: pd.DataFrame, district_id: str | None) -> ParkRoom:
    """Vacant area of the parks of a district, or of all; see `ParkRoom`."""
    mine = parks if district_id is None or c.DISTRICT_ID not in parks else parks[parks[c.DISTRICT_ID] == district_id]
    known = pd.to_numeric(mine[c.VACANT_M2]).dropna() if c.VACANT_M2 in mine else pd.Series(dtype=float)
    return ParkRoom(len(mine), len(known), float(known.sum()) if len(known) else None)


def _outlook(
    panel: PanelOutlook, until: int, target_cny: int | None, rng: np.random.Generator, draws: int
) -> Outlook | None:
    """Outlook of the panel, to its own share of the target."""
    if panel.problem is not None or target_cny is None or until < panel.years[-1] or not panel.coverage > 0:
        return None
    target = target_cny * panel.coverage
    return project(panel.totals, horizon=until - panel.years[-1], rng=rng, target=target, draws=draws)


def _base_year(dataset: Dataset, year: int) -> int | None:
    """First year of the run of well covered years before the year; else the latest well covered one before it."""
    before = [each for each in panel_years(dataset) if each < year]
    others = [each for each in dataset.years if each < year and dataset.is_well_covered(each)]
    return min(before) if before else max(others, default=None)


def _check(
    dataset: Dataset, year: int, until: int, district_id: str | None, target_cny: int | None,
    growth: float | GrowthInterval | None, firm_cny: int | None, floor_m2_per_firm: float | None,
) -> None:  # fmt: skip
    if district_id is not None and district_id not in dataset.districts.index:
        raise UnknownDistrict(district_id, list(dataset.districts.index))
    if until <= year:
        raise BadValue("until", until, f"a year after {year}")
    if isinstance(growth, float | int) and not (np.isfinite(growth) and growth > -1):
        raise BadValue("growth", growth, "a rate a year above -1")
    for name, value in (
        ("target_cny", target_cny), ("firm_cny", firm_cny), ("floor_m2_per_firm", floor_m2_per_firm),
    ):  # fmt: skip
        if value is not None and not (np.isfinite(value) and value > 0):
            raise BadValue(name, value, "a positive number")
