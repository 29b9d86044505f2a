"""The district's Monday briefing: everything that its government asks first, as data with the n behind each figure.

Nothing is computed here that has a home elsewhere: this module asks and gathers. What the numbers do not allow is left
out or undetermined, never guessed: a quadrant needs an interval on one side of 1, a path five firms, a difference of
versions a reader from whom nothing is withheld. Left out: advice.
"""

import numpy as np
import pandas as pd

from clusters.accounts import accounts
from clusters.briefing_records import Briefing, Dependence, ParkFacts, Progress, QuadrantPoint
from clusters.cautions import RULES, Caution, cautions_of_growth, cautions_of_size
from clusters.dependence import without_largest
from clusters.differentiation import path_fits
from clusters.district_duties import district_duties
from clusters.errors import UnknownDistrict
from clusters.gaps import park_room
from clusters.goals import Board, tally_goals
from clusters.growth import matched_growth
from clusters.headlines import headlines
from clusters.pace import pace_of_clusters, revenue_rate
from clusters.plan import Plan
from clusters.profile import DistrictProfile, Finding, Quadrant, district_profile
from clusters.prospects import district_growth
from clusters.standing import cluster_totals
from clusters.tiers import scale_tier
from clusters.version_changes import district_changes
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset, Place
from data.known_firms import firms_at_places
from data.matched import matched_firms
from data.ranking import largest_in_district

MOST_TOP_FIRMS = 5
SHARE = "share"


def district_briefing(
    plan: Plan,
    dataset: Dataset,
    district_id: str,
    *,
    year: int | None = None,
    place: Place = "registered",
    previous: Dataset | None = None,
) -> Briefing:
    """Briefing of a district.

    Parameters
    ----------
    plan : Plan
    dataset : Dataset
    district_id : str
    year : int, optional
        The data's default year when left out.
    place : 'registered' or 'operating'
    previous : Dataset, optional
        The version before this one, as the same reader may see it.

    Returns
    -------
    Briefing
        A district without a firm has a briefing too, of its parks, duties and nothing else.

    Raises
    ------
    UnknownYear, UnknownDistrict

    Examples
    --------
    >>> from clusters.plan import open_plan
    >>> from data.reference import load_reference
    >>> found = district_briefing(open_plan("shenzhen-digital-economy-2021-2023"), load_reference(), "440304")
    >>> [str(each.kind) for each in found.headlines]
    ['total', 'leading', 'nearest', 'growth', 'path', 'dependence', 'room']
    >>> [fit.path.name for fit in found.fitting_paths]
    ['新兴领域拓展']
    """
    if district_id not in dataset.districts.index:
        raise UnknownDistrict(district_id, list(dataset.districts.index))
    city = tally_goals(plan, dataset, year=year, place=place)
    board = tally_goals(plan, dataset, year=city.year, place=place, district_id=district_id)
    profile = district_profile(dataset, district_id, year=city.year, place=place)
    grown = _grown(board)
    progress = _progress(board, city, grown)
    points = _points(board, profile)
    paths = path_fits(plan, dataset, district_id, year=city.year, place=place)
    dependence = _dependence(board)
    # figures of another year in an earlier version would compare nothing
    comparable = previous is not None and city.year in previous.years and district_id in previous.districts.index
    changes = (
        district_changes(previous, dataset, district_id, year=city.year, place=place)
        if comparable and previous is not None
        else None
    )
    room = park_room(dataset.parks, district_id)
    there = board.clusters[board.clusters[c.FIRMS] > 0].sort_values(c.TOTAL_CNY, ascending=False, na_position="last")
    return Briefing(
        board=board,
        city=city,
        accounts=accounts(dataset, year=city.year, place=place),
        profile=profile,
        headlines=headlines(board, city, progress, profile, points, paths, dependence, changes, room),
        points=points,
        progress=progress,
        changes=changes,
        top_firms=_top_firms(board, dependence),
        dependence=dependence,
        parks=_parks(dataset, district_id),
        room=room,
        duties=district_duties(plan, district_id, [str(s) for s in there.index]),
        paths=paths,
        cautions=_cautions(dependence, _of_district(grown, district_id)),
        unjudged=tuple(str(s) for s, row in there.iterrows() if np.isnan(row[c.TOTAL_CNY])),
    )


def _base_year(board: Board) -> int | None:
    """Base of growth; none when the year does not lie after it."""
    base = board.plan.period.base_year_assumed
    return base if base is not None and base < board.year else None


def _grown(board: Board) -> pd.DataFrame:
    """Matched growth of all districts and the city with intervals; empty without a base year."""
    return district_growth(board.dataset, base_year=_base_year(board) or board.year, year=board.year, place=board.place)


def _of_district(grown: pd.DataFrame, district_id: str) -> pd.DataFrame:
    """Rows of one district by subsector."""
    rows = grown[grown.index.get_level_values(c.DISTRICT_ID) == district_id]
    return rows.droplevel(c.DISTRICT_ID)


def _progress(board: Board, city: Board, grown: pd.DataFrame) -> Progress:
    cube, base_year, rate = cube_of(board.dataset), _base_year(board), revenue_rate(board.plan)
    here, whole = (
        cluster_totals(cube, [c.YEAR], year=board.year, place=board.place, district_id=district_id)
        for district_id in (board.area_id, None)
    )
    total = float(here[c.TOTAL_CNY].iloc[0]) if len(here) else np.nan
    of_city = float(whole[c.TOTAL_CNY].iloc[0]) if len(whole) else np.nan
    matched = matched_firms(board.dataset)
    mine = matched[(matched[c.PLACE] == board.place) & (matched[c.DISTRICT_ID] == board.area_id)]
    of_firms = _of_district(grown, board.area_id)
    row = pd.Series(of_firms.loc[c.TOTAL]) if c.TOTAL in of_firms.index else None
    path = np.nan
    if base_year is not None and rate is not None and row is not None:
        paced = matched_growth(mine, base_year=base_year, year=board.year, by=[c.DISTRICT_ID], annual_rate=rate)
        path = float(paced[c.PATH_CNY].iloc[0])
    return Progress(
        total_cny=None if np.isnan(total) else int(here[c.TOTAL_CNY].iloc[0]),
        share=total / of_city if of_city > 0 else np.nan,
        firms=int(here[c.FIRMS].iloc[0]) if len(here) else 0,
        base_year=base_year,
        matched_firms=0 if row is None else int(row[c.MATCHED_FIRMS]),
        growth=np.nan if row is None else float(row[c.GROWTH]),
        lower=np.nan if row is None else float(row[c.GROWTH_LOW]),
        upper=np.nan if row is None else float(row[c.GROWTH_HIGH]),
        city_growth=float(grown[c.GROWTH].get((c.TOTAL, c.TOTAL), np.nan)),
        planned_rate=rate,
        matched_cny=np.nan if row is None else float(row[c.MATCHED_CNY]),
        path_cny=path,
        clusters=pace_of_clusters(board.plan, mine, year=board.year, base_year=base_year),
    )


def _points(board: Board, profile: DistrictProfile) -> tuple[QuadrantPoint, ...]:
    """Presence by revenue, specialization by firms."""
    points = []
    for subsector_id in (str(s) for s in board.clusters.index if s in profile.of_firms.index):
        row, revenue = (pd.Series(table.loc[subsector_id]) for table in (profile.of_firms, profile.of_revenue))
        points.append(
            QuadrantPoint(
                subsector_id=subsector_id,
                presence=float(revenue[c.CITY_SHARE]),
                quotient=float(row[c.LOCATION_QUOTIENT]),
                lower=float(row[c.LOWER_LIMIT]),
                upper=float(row[c.UPPER_LIMIT]),
                firms=int(row[c.COUNT]),
                finding=Finding(row[c.FINDING]),
                quadrant=Quadrant(revenue[c.QUADRANT]) if isinstance(revenue[c.QUADRANT], str) else None,
            )
        )
    return tuple(points)


def _dependence(board: Board) -> tuple[Dependence, ...]:
    """Of the whole district, then of each cluster's part, the largest first; what is withheld is left out."""
    totals = board.clusters[(board.clusters[c.FIRMS] > 0) & board.clusters[c.TOTAL_CNY].notna()]
    ranked = totals.sort_values(c.TOTAL_CNY, ascending=False).index
    found = [_without_first(board, None), *(_without_first(board, str(s)) for s in ranked)]
    return tuple(each for each in found if each is not None)


def _without_first(board: Board, subsector_id: str | None) -> Dependence | None:
    left = without_largest(
        board.dataset, year=board.year, subsector_id=subsector_id, district_id=board.area_id, place=board.place, most=1
    )
    if left.empty:
        return None
    first = left.iloc[0]
    top, rest = int(first[c.REVENUE_CNY]), int(first[c.WITHOUT_CNY])
    firms = int(board.clusters[c.FIRMS][subsector_id]) if subsector_id else int(board.coverage["firms"])  # type: ignore[call-overload]
    return Dependence(
        subsector_id=subsector_id,
        total_cny=top + rest,
        firms=firms,
        top_firm_id=str(first[c.FIRM_ID]),
        top1_cny=top,
        top1_share=top / (top + rest) if top + rest > 0 else np.nan,
        without_cny=rest,
        tier=scale_tier(top + rest) if subsector_id else None,
        tier_without=scale_tier(rest) if subsector_id else None,
    )


def _top_firms(board: Board, dependence: tuple[Dependence, ...]) -> pd.DataFrame:
    """The largest firms with their share of the district; none where the largest is withheld."""
    whole = next((each for each in dependence if each.subsector_id is None), None)
    columns: list[str] = [c.SUBSECTOR_ID, c.REVENUE_CNY, SHARE]
    if whole is None:
        return pd.DataFrame(columns=columns)
    ranked = largest_in_district(
        board.dataset,
        board.area_id,
        year=board.year,
        subsectors=board.clusters.index,
        place=board.place,
        most=MOST_TOP_FIRMS,
    )
    top = ranked[ranked[c.REVENUE_CNY].notna()].head(MOST_TOP_FIRMS).astype({c.REVENUE_CNY: "int64"})
    top[SHARE] = top[c.REVENUE_CNY] / whole.total_cny if whole.total_cny > 0 else np.nan
    return top[columns]


def _parks(dataset: Dataset, district_id: str) -> tuple[ParkFacts, ...]:
    parks = dataset.parks
    if c.DISTRICT_ID not in parks:
        return ()
    at = firms_at_places(dataset)
    inside = at[at[c.LOCATION_PRECISION] == "park"].set_index(c.PLACE_ID)[c.KNOWN_FIRMS]
    found = [
        ParkFacts(
            park_id=str(park_id),
            name=str(row[c.NAME]),
            operator=_text(row.get(c.OPERATOR)),
            focus=_text(row.get(c.FOCUS)),
            firms=int(inside[str(park_id)]) if park_id in inside.index else None,
            floor_area_m2=_number(row.get(c.FLOOR_AREA_M2)),
            vacant_m2=_number(row.get(c.VACANT_M2)),
        )
        for park_id, row in parks[parks[c.DISTRICT_ID] == district_id].iterrows()
    ]
    return tuple(sorted(found, key=lambda park: (-(park.vacant_m2 or 0), park.name)))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    number = pd.to_numeric(pd.Series([value]), errors="coerce").iloc[0]
    return None if pd.isna(number) else float(number)


def _cautions(dependence: tuple[Dependence, ...], of_district: pd.DataFrame) -> tuple[Caution, ...]:
    """By kind in the order of ``RULES``, and within a kind the district before its clusters, the larger ones first."""
    found = [
        *(
            caution
            for each in dependence
            for caution in cautions_of_size(
                each.subsector_id,
                total_cny=each.total_cny,
                firms=each.firms,
                top_firm_id=each.top_firm_id,
                top1_cny=each.top1_cny,
            )
        ),
        *cautions_of_growth(of_district.loc[of_district.index[::-1]]),  # 'total' is the last in the order of names
    ]
    kinds = list(RULES)
    return tuple(sorted(found, key=lambda caution: kinds.index(caution.kind)))
