"""What is a district specialized in, and how sure is that? Its firms and its revenue held against the whole city's.

Each quotient comes with an interval and with the number of firms behind it, since most cells of a sample hold fewer
than five. Counts of firms always have an interval; revenue has one where the firms can be drawn again, and where they
cannot, ``revenue_basis`` says why. All districts of a year are computed at once and kept with the dataset. The base is
the city *within the data*: of a sample of listed firms every quotient is one among listed firms.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
import pandas as pd

from clusters.concentration import herfindahl_index
from clusters.errors import UnknownDistrict
from clusters.specialization import krugman_index, location_quotient
from clusters.specialization_bootstrap import bootstrap_location_quotient
from clusters.specialization_intervals import location_quotient_interval
from clusters.standing import check_year, cluster_totals
from clusters.strength import cluster_mapping_strength
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, Place, firm_districts
from data.once import once_per_dataset
from data.parts import firm_parts, observed_parts

FEWEST_FIRMS = 5
"""Below this many firms in a cell the limits of its quotient are rough, and nothing is concluded from them."""

RevenueBasis = Literal["firms_drawn", "many_firms", "withheld", "negative"]


class Finding(StrEnum):
    """What an interval of a quotient allows to say: it lies above 1, below 1, around 1; or there are too few firms."""

    ABOVE = "above"
    BELOW = "below"
    OPEN = "open"
    FEW = "few"


class Quadrant(StrEnum):
    """Presence × specialization: a large part of the city's cluster or a small one, a quotient above 1 or below."""

    PILLAR = "pillar"
    NICHE = "niche"
    BULK = "bulk"
    MINOR = "minor"


@dataclass(frozen=True, eq=False)
class Mix:
    """How the activity of an area spreads over the subsectors.

    Attributes
    ----------
    herfindahl : float
        Of the shares of the subsectors, 1/subsectors to 1; NaN without activity, or where a part is withheld.
    krugman : float
        Distance of the mix from that of the rest of the city, 0–2; NaN likewise, and without a rest.
    city_herfindahl : float
    """

    herfindahl: float
    krugman: float
    city_herfindahl: float


@dataclass(frozen=True, eq=False)
class DistrictProfile:
    """A district against its city in one year.

    Attributes
    ----------
    district_id, year, place
    firms, city_firms : int
        Firms with an observation that have a subsector, each once.
    city_counts : Series
        Firms of the city by subsector.
    of_firms : DataFrame
        By subsector: location_quotient, lower_limit, upper_limit (95 %, the base contains the district), count,
        region_count, finding.
    of_revenue : DataFrame
        By subsector: location_quotient, lower_limit, upper_limit (95 %, firms drawn again), quotient_without_largest,
        draws, finding, top1_share, city_share, quadrant; rank, quotient needed and ``strong`` of the published rule.
        A cell that holds every firm of its subsector is never found ``above``: no draw puts a firm elsewhere.
    mix_of_firms, mix_of_revenue : Mix
    revenue_basis : str
        ``'firms_drawn'``, or why revenue has no interval: ``'many_firms'`` (too many to draw again on a page),
        ``'withheld'`` (quotients are of released sums alone), ``'negative'`` (an amount below 0 is no share).
    """

    district_id: str
    year: int
    place: Place
    firms: int
    city_firms: int
    city_counts: pd.Series
    of_firms: pd.DataFrame
    of_revenue: pd.DataFrame
    mix_of_firms: Mix
    mix_of_revenue: Mix
    revenue_basis: RevenueBasis


def district_profile(dataset: Dataset, district_id: str, *, year: int, place: Place = "registered") -> DistrictProfile:
    """Specialization and mix of a district, with an interval or a number of firms beside each value.

    Parameters
    ----------
    dataset : Dataset
    district_id : str
    year : int
    place : 'registered' or 'operating'

    Returns
    -------
    DistrictProfile
        Every subsector that the city has a firm in. What is not defined, or rests on a figure that is withheld, is NaN.

    Raises
    ------
    UnknownYear, UnknownDistrict
        When the data hold nothing of that year, or no such district.

    Notes
    -----
    Quotients: ``location_quotient``, ``location_quotient_interval`` (nested, delta), ``bootstrap_location_quotient``
    (2,000 draws, seeded from the data, year and place, so that one version always shows the same limits). Rule of
    strength: ``cluster_mapping_strength`` on revenue with at least five firms. Presence × specialization: ``quadrant``.

    Reading: a finding of ``above`` says that the interval lies above 1 and five firms or more stand behind it. A
    district with a quotient of 2 and an interval from 0.6 to 4 has no finding.

    Limits: among the firms of the data alone. Of twelve subsectors about one in two districts shows an interval that
    strays from 1 by chance.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> found = district_profile(load_reference(), "440305", year=2021)
    >>> found.of_firms.loc["S10", ["location_quotient", "lower_limit", "upper_limit"]].astype(float).round(2).tolist()
    [0.85, 0.5, 1.44]
    >>> found.firms, found.city_firms, found.of_firms.loc["S10", "finding"]
    (38, 58, 'open')
    """
    check_year(dataset, year)
    if district_id not in dataset.districts.index:
        raise UnknownDistrict(district_id, list(dataset.districts.index))
    kept = _kept(dataset)
    if (year, place) not in kept:
        kept[year, place] = _city_profile(dataset, year, place)
    return kept[year, place].of(district_id)


def seeded(dataset: Dataset, *more: object) -> np.random.Generator:
    """A generator that is the same for the same data and the same question."""
    told = "/".join(map(str, (dataset.firms_stamp, *more)))
    return np.random.default_rng(int.from_bytes(hashlib.sha256(told.encode()).digest()[:8]))


def finding(lower: float, upper: float, firms: int) -> Finding:
    """What an interval of a quotient allows to say.

    An interval below 1 of a cell without any firm is exact and counts; cells of one to four firms give no finding.

    Examples
    --------
    >>> [str(finding(*each)) for each in ((1.2, 2.0, 5), (1.2, 2.0, 4), (0.0, 0.8, 0), (0.6, 1.4, 9), (0.0, 3.0, 0))]
    ['above', 'few', 'below', 'open', 'few']
    """
    if not lower <= upper:  # not defined
        return Finding.FEW
    if 0 < firms < FEWEST_FIRMS or (firms == 0 and upper >= 1):
        return Finding.FEW
    return Finding.ABOVE if lower > 1 else Finding.BELOW if upper < 1 else Finding.OPEN


def quadrant(city_share: float, found: Finding, districts: int) -> Quadrant | None:
    """Presence × specialization of a cell; ``None`` where either is not known or the cell is empty.

    Presence is the district's share of the revenue of the city's cluster, large from an equal part (1 / districts) on.
    Specialization is what the interval of the quotient of *firms* allows to say. Of one measure the two would tell the
    same: a quotient is that share over the district's share of the whole city, so one rises with the other.

    Examples
    --------
    >>> str(quadrant(0.5, Finding.ABOVE, 11)), str(quadrant(0.05, Finding.ABOVE, 11)), quadrant(0.5, Finding.OPEN, 11)
    ('pillar', 'niche', None)
    """
    if not city_share > 0 or found not in (Finding.ABOVE, Finding.BELOW):
        return None
    large = city_share >= 1 / districts
    if found is Finding.ABOVE:
        return Quadrant.PILLAR if large else Quadrant.NICHE
    return Quadrant.BULK if large else Quadrant.MINOR


@dataclass(frozen=True, eq=False)
class _City:
    """All districts of one year: tables by district and subsector, and the sums that they rest on."""

    year: int
    place: Place
    of_firms: pd.DataFrame
    of_revenue: pd.DataFrame
    firms: "_Sums"
    revenue: "_Sums"
    basis: RevenueBasis

    def of(self, district_id: str) -> DistrictProfile:
        return DistrictProfile(
            district_id,
            self.year,
            self.place,
            int(self.firms.total[district_id]),
            int(self.firms.base_total),
            self.firms.base.astype(int),
            pd.DataFrame(self.of_firms.xs(district_id)),
            pd.DataFrame(self.of_revenue.xs(district_id)),
            self.firms.mix(district_id),
            self.revenue.mix(district_id),
            self.basis,
        )


@dataclass(frozen=True, eq=False)
class _Sums:
    """Cells (district × subsector), and the totals of districts, subsectors and city; NaN where it is not known."""

    cells: pd.DataFrame
    total: pd.Series
    base: pd.Series
    base_total: float

    @classmethod
    def of(cls, name: str, dataset: Dataset, year: int, place: Place) -> "_Sums":
        cube = cube_of(dataset)
        of_year = cube[(cube[c.YEAR] == year) & (cube[c.PLACE] == place)]
        listed = sorted(set(of_year[c.SUBSECTOR_ID].dropna()) - {c.NOT_RELEASED})
        some = listed if of_year[c.SUBSECTOR_ID].isna().any() else ()  # all of them: margins may be released

        def sums(*by: str, subsectors: Iterable[str] = some) -> pd.Series:
            return pd.Series(cube_totals(cube, list(by), year=year, place=place, subsectors=subsectors)[name])

        cells = sums(c.DISTRICT_ID, c.SUBSECTOR_ID, subsectors=listed)
        total, base, base_total = (sums(by) for by in (c.DISTRICT_ID, c.SUBSECTOR_ID, c.YEAR))
        districts = list(dataset.districts.index)
        every = pd.MultiIndex.from_product([districts, listed])
        amounts = cells.reindex(every, fill_value=0).to_numpy(float).reshape(len(districts), len(listed))
        return cls(
            pd.DataFrame(amounts, index=districts, columns=listed),
            total.reindex(districts, fill_value=0).astype(float),
            base.reindex(listed).astype(float),
            float(base_total.sum(skipna=False)) if len(base_total) else 0.0,
        )

    @property
    def known(self) -> "_Sums":
        """The same with nothing but sums of at least 0: what else there is becomes NaN."""
        base_total = self.base_total if self.base_total >= 0 else np.nan
        cells = pd.DataFrame(self.cells.where(self.cells.ge(0)))
        return _Sums(cells, self.total.where(self.total.ge(0)), self.base.where(self.base.ge(0)), base_total)

    @property
    def quotients(self) -> pd.DataFrame:
        """Location quotients; NaN where one of the four sums is not known."""
        if np.isnan(self.base_total):
            return self.cells * np.nan
        rows, columns = self.total.notna().to_numpy(), self.base.notna().to_numpy()
        answered = self.cells.notna() & (rows[:, np.newaxis] & columns)
        found = location_quotient(
            self.cells.where(answered, 0),
            self.base.fillna(0),
            total=self.total.fillna(0),
            base_total=self.base_total,
        )
        return found.where(answered)

    def mix(self, district_id: str) -> Mix:
        here = pd.Series(self.cells.xs(district_id))
        city = herfindahl_index(self.base) if self.base.notna().all() else np.nan
        if here.isna().any():
            return Mix(np.nan, np.nan, city)
        rest = (self.base - here).to_numpy(float)
        distance = krugman_index(here.to_numpy(float), rest) if (rest >= 0).all() else np.nan
        return Mix(herfindahl_index(here), float(distance), city)


@once_per_dataset
def _kept(dataset: Dataset) -> dict[tuple[int, Place], _City]:
    return {}


def _city_profile(dataset: Dataset, year: int, place: Place) -> _City:
    firms = _Sums.of(c.FIRMS, dataset, year, place)
    revenue = _Sums.of(c.TOTAL_CNY, dataset, year, place).known
    counted = location_quotient_interval(
        firms.cells, firms.base, total=firms.total, base_total=firms.base_total, relation="nested", method="delta"
    )
    counted[c.FINDING] = _findings(counted, counted[c.COUNT])
    basis, earned = _revenue(dataset, year, place, revenue, counted)
    return _City(year, place, counted, earned, firms, revenue, basis)


def _revenue(
    dataset: Dataset, year: int, place: Place, sums: _Sums, counted: pd.DataFrame
) -> tuple[RevenueBasis, pd.DataFrame]:
    """Quotients of revenue with what is known beside them, on the index of the quotients of firms."""
    counts = pd.Series(counted[c.COUNT])
    limits = (c.LOWER_LIMIT, c.UPPER_LIMIT, c.WITHOUT_LARGEST)
    table = pd.DataFrame({c.LOCATION_QUOTIENT: sums.quotients.stack(future_stack=True).reindex(counts.index)})
    basis: RevenueBasis = "firms_drawn"
    if dataset.release is not None:
        basis = "withheld"
    elif dataset.has_many_firms:
        basis = "many_firms"
    drawn = _drawn(dataset, year, place) if basis == "firms_drawn" else None
    if basis == "firms_drawn" and drawn is None:
        basis = "negative"
    for name in limits:
        table[name] = np.nan if drawn is None else drawn[name].reindex(counts.index)
    table[c.DRAWS] = 0 if drawn is None else drawn[c.DRAWS].reindex(counts.index, fill_value=0).astype(int)
    empty = counts == 0
    table.loc[empty, list(limits)] = np.nan  # drawing firms again can fill no empty cell, and no largest one leaves it
    alone = counts == counts.groupby(level=1).transform("sum")  # no draw puts a firm elsewhere, so all stay above 1
    table[c.FINDING] = _findings(table.assign(**{c.LOWER_LIMIT: table[c.LOWER_LIMIT].mask(alone, 0.0)}), counts)
    cells = cluster_totals(cube_of(dataset), [c.DISTRICT_ID, c.SUBSECTOR_ID], year=year, place=place)
    table[c.TOP1_SHARE] = cells[c.TOP1_SHARE].reindex(counts.index).astype(float)
    table[c.CITY_SHARE] = sums.cells.div(sums.base.where(sums.base > 0)).stack(future_stack=True).reindex(counts.index)
    table[c.QUADRANT] = [
        quadrant(share, Finding(of_firms), len(sums.cells))
        for share, of_firms in zip(table[c.CITY_SHARE], counted[c.FINDING], strict=True)
    ]
    return basis, table.join(_strength(sums, counts)[_RULE])


_RULE: list[str] = [c.QUOTIENT_RANK, c.REGIONS_RANKED, c.QUOTIENT_NEEDED, c.STRONG]


def _strength(sums: _Sums, counts: pd.Series) -> pd.DataFrame:
    """The rule on the subsectors whose every sum is known; the others are missing."""
    whole = sums.cells.columns[sums.cells.notna().all() & sums.base.notna()]
    if sums.total.isna().any() or np.isnan(sums.base_total):
        whole = whole[:0]
    if not len(whole):
        return pd.DataFrame(np.nan, counts.index, _RULE)
    found = cluster_mapping_strength(
        sums.cells[whole],
        sums.base[whole],
        total=sums.total,
        base_total=sums.base_total,
        establishments=counts.unstack().reindex(index=sums.cells.index, columns=whole),
        least_establishments=FEWEST_FIRMS,
    )
    return found.reindex(counts.index)


def _drawn(dataset: Dataset, year: int, place: Place) -> pd.DataFrame | None:
    """Limits from drawing the year's firms again; ``None`` when one of them has an amount below 0."""
    parts = firm_parts(dataset.firms)
    observed = observed_parts(dataset, parts)
    district = firm_districts(parts.firms, place).to_numpy(object)[observed.firm]
    subsector = parts.firms[c.SUBSECTOR_ID].to_numpy(object)[observed.firm]
    keep = (observed.year == year) & (district != c.OUTSIDE) & pd.notna(subsector)
    revenue = observed.revenue[keep]
    if (revenue < 0).any():
        return None
    return bootstrap_location_quotient(
        revenue,
        district[keep],
        subsector[keep],
        firm=dataset.firms.index.to_numpy(object)[parts.firm[observed.firm[keep]]],
        rng=seeded(dataset, "location_quotient", year, place),
    )


def _findings(limits: pd.DataFrame, counts: pd.Series) -> list[Finding]:
    ends = zip(limits[c.LOWER_LIMIT], limits[c.UPPER_LIMIT], counts, strict=True)
    return [finding(lower, upper, int(n)) for lower, upper, n in ends]
