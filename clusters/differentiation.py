"""Which of the plan's paths of development does a district's mix of firms fit?

The plan asks the districts for paths that differ (差异化发展路径) and names them; it assigns no subsector to any. Which
subsectors stand under a path is data (``derived_paths`` of the plan's file), ours, each with the words of the text that
it rests on, and one may stand under several: so the paths are compared with the city one by one, not with each other.
Firms are counted, each once, since of revenue one giant would be the profile. Left out: what the firms of a subsector
really do, which no register tells.
"""

from dataclasses import dataclass

import pandas as pd

from clusters.errors import UnknownDistrict
from clusters.plan import Plan
from clusters.plan_records import DevelopmentPath
from clusters.profile import Finding, finding
from clusters.specialization_intervals import location_quotient_interval
from clusters.standing import check_year
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, Place


@dataclass(frozen=True)
class PathFit:
    """A district's mix of firms against one path.

    Attributes
    ----------
    path : DevelopmentPath
    firms, of_firms : int
        Firms of the path's subsectors and all firms with a subsector, in the district.
    city_firms, city_of_firms : int
        The same in the city, which contains the district.
    share, city_share : float
        Of the path in all firms, 0–1; NaN without firms.
    quotient, lower, upper : float
        Share over the city's, with limits of 95 %; NaN where not defined.
    finding : Finding
        ``above`` says that the district fits the path; ``few`` that too few firms stand behind it to say anything.
    """

    path: DevelopmentPath
    firms: int
    of_firms: int
    city_firms: int
    city_of_firms: int
    share: float
    city_share: float
    quotient: float
    lower: float
    upper: float
    finding: Finding

    @property
    def fits(self) -> bool:
        """Whether the interval allows to say that the path is more of this district than of the city."""
        return self.finding is Finding.ABOVE


def path_fits(
    plan: Plan, dataset: Dataset, district_id: str, *, year: int, place: Place = "registered"
) -> tuple[PathFit, ...]:
    """A district's mix against each path of the plan, in the order of the plan.

    Parameters
    ----------
    plan : Plan
    dataset : Dataset
    district_id : str
    year : int
    place : 'registered' or 'operating'

    Returns
    -------
    tuple of PathFit
        Empty when the plan names no paths.

    Raises
    ------
    UnknownYear, UnknownDistrict

    Notes
    -----
    Of ``location_quotient_interval`` (nested, delta) on numbers of firms; a firm with parts in several subsectors of a
    path counts once.

    Reading: 1.5 with limits from 1.1 to 2.0 says that the path's subsectors are half again as frequent among the firms
    of the district as in the city: it fits. Limits on both sides of 1, or fewer than five firms, say nothing.

    Limits: which subsectors belong to a path is ours and no sentence of the plan; three paths that share subsectors
    rise and fall together.

    Examples
    --------
    >>> from clusters.plan import open_plan
    >>> from data.reference import load_reference
    >>> plan = open_plan("shenzhen-digital-economy-2021-2023")
    >>> [(fit.path.name, fit.firms, str(fit.finding)) for fit in path_fits(plan, load_reference(), "440305", year=2021)]
    [('前沿创新', 14, 'above'), ('应用融合', 23, 'open'), ('新兴领域拓展', 18, 'open')]
    """
    check_year(dataset, year)
    if district_id not in dataset.districts.index:
        raise UnknownDistrict(district_id, list(dataset.districts.index))
    if not plan.derived_paths:
        return ()
    every = _firms(dataset, [s.id for s in plan.subsectors], year, place)
    of_path = {path.id: _firms(dataset, path.subsectors, year, place) for path in plan.derived_paths}
    here = pd.Series({name: int(firms.get(district_id, 0)) for name, firms in of_path.items()})
    city = pd.Series({name: int(firms.sum()) for name, firms in of_path.items()})
    of_firms, city_of_firms = int(every.get(district_id, 0)), int(every.sum())
    found = location_quotient_interval(here, city, total=of_firms, base_total=city_of_firms)
    nan = float("nan")
    return tuple(
        PathFit(
            path=path,
            firms=int(here[path.id]),
            of_firms=of_firms,
            city_firms=int(city[path.id]),
            city_of_firms=city_of_firms,
            share=here[path.id] / of_firms if of_firms else nan,
            city_share=city[path.id] / city_of_firms if city_of_firms else nan,
            quotient=float(row[c.LOCATION_QUOTIENT]),
            lower=float(row[c.LOWER_LIMIT]),
            upper=float(row[c.UPPER_LIMIT]),
            finding=finding(float(row[c.LOWER_LIMIT]), float(row[c.UPPER_LIMIT]), int(here[path.id])),
        )
        for path, (_, row) in zip(plan.derived_paths, found.loc[list(of_path)].iterrows(), strict=True)
    )


def _firms(dataset: Dataset, subsectors: "list[str] | tuple[str, ...]", year: int, place: Place) -> "pd.Series[int]":
    """Firms of some subsectors by district, each once."""
    totals = cube_totals(cube_of(dataset), [c.DISTRICT_ID], year=year, place=place, subsectors=subsectors)
    return pd.Series(totals[c.FIRMS])
