"""What a scenario comes to: totals, tiers and goals before and after its changes, whole CNY, for any reader.

Of what is withheld from the reader only released sums are used: a cluster's withheld cells are one bucket, which the
released city total leaves beside the others, and where that total is withheld nothing follows from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from clusters.errors import BadScenario, UnknownDistrict, UnknownFirm, UnknownSubsector, WithheldFirm
from clusters.plan import Plan
from clusters.plan_records import ClusterCountTarget
from clusters.roles import read_viewer
from clusters.rounding import round_largest_remainder
from clusters.scenarios import STEPS, Attract, Grow, Relocate, Scenario
from clusters.standing import check_year, cluster_totals
from clusters.tiers import gap_to_next_cny, scale_tier
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset
from data.firm_years import FirmYear, firm_year
from data.lookup import firm
from data.reference import subsector_ids


@dataclass(frozen=True, eq=False)
class ScenarioResult:
    """Before and after. Money is whole CNY; ``None`` is withheld from the reader, or rests on what is.

    Attributes
    ----------
    scenario : Scenario
    cells : DataFrame
        Indexed by subsector_id and district_id: baseline_cny, scenario_cny, change_cny. ``'unplaced'`` is among the
        districts; ``'withheld'`` is the sum of a cluster's cells that are withheld one by one.
    clusters : DataFrame
        Indexed by subsector_id: the same of the city, tier and scenario_tier, gap_to_next_cny and scenario_gap_cny.
    districts : DataFrame
        Indexed by district_id: the same money over all subsectors, ``None`` where a cell is.
    """

    scenario: Scenario
    cells: pd.DataFrame
    clusters: pd.DataFrame
    districts: pd.DataFrame


def play_scenario(dataset: Dataset, scenario: Scenario) -> ScenarioResult:
    r"""Totals and tiers before and after a scenario's changes.

    Parameters
    ----------
    dataset : Dataset
        Of a dataset made for a reader only released figures are used.
    scenario : Scenario

    Returns
    -------
    ScenarioResult

    Raises
    ------
    UnknownYear, UnknownDistrict, UnknownSubsector, UnknownFirm
        When the data do not have what a change names.
    WithheldFirm
        When the figures of a firm that would move are not for the reader.
    BadScenario
        When a firm that would move was not observed in the year, lies outside the city, or is there already; or growth
        that meets in a cell falls to -1 or below.

    Notes
    -----
    With :math:`V_{k,d}` the observed total of cluster k in district d, :math:`g_{k,d}` the growth a year that meets
    there, n the years, :math:`M` what moves in and out, and :math:`A` what is attracted,

    .. math:: V'_{k,d} = \left[ V_{k,d} (1 + g_{k,d})^{n} \right] + M^{\mathrm{in}}_{k,d} - M^{\mathrm{out}}_{k,d}
        + A_{k,d} \min\!\left(1, \tfrac{n}{r}\right),
        \qquad \sum_d M^{\mathrm{in}}_{k,d} = \sum_d M^{\mathrm{out}}_{k,d}

    where r is the years until full operation and :math:`[\cdot]` rounds to whole CNY by largest remainders.

    Reading: the change of a cluster is what the assumptions bring, to the yuan; a move shows in two districts with
    opposite signs and nowhere else. Without changes the scenario is the baseline.

    Limits: arithmetic on stated assumptions and no forecast. The observed year is a total of observed firms, so of a
    sample it is a sample's. Any number of firms.

    References
    ----------
    .. [1] Isard, W. et al. (1998). "Methods of Interregional and Regional Analysis". Ashgate.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> data = load_reference()
    >>> moved = play_scenario(data, Scenario(2021, 2021, changes=(Relocate("000034", "440307"),)))
    >>> set(moved.clusters["change_cny"]), sum(moved.districts["change_cny"])
    ({0}, 0)
    """
    check_year(dataset, scenario.year)
    moves = [_move(dataset, scenario, change) for change in scenario.changes if isinstance(change, Relocate)]
    baseline = _baseline(dataset, scenario)
    _check_known(dataset, scenario, set(baseline))
    for change in scenario.changes:
        if isinstance(change, Attract):
            baseline.setdefault(change.subsector_id, _Cluster({}, set(), {}))
    played = {k: _played(k, cluster, scenario, moves) for k, cluster in sorted(baseline.items())}
    return ScenarioResult(
        scenario,
        cells=_cells(baseline, played),
        clusters=_clusters(baseline, played),
        districts=_districts(baseline, played),
    )


def scenario_goals(plan: Plan, result: ScenarioResult) -> pd.DataFrame:
    """Clusters over each threshold that the plan counts the city's clusters by, before and after.

    Parameters
    ----------
    plan : Plan
    result : ScenarioResult

    Returns
    -------
    DataFrame
        Indexed by target_id and nesting (``'disjoint'``: a cluster counts in its own tier only; ``'nested'``: in the
        lower ones too, see reading A2): goal, baseline, scenario; ``None`` while a cluster's total is withheld. Counts
        of a sample are a sample's and no verdict.
    """
    rows: dict[tuple[str, str], dict[str, object]] = {}
    counted = [each for each in plan.quantified_targets if isinstance(each, ClusterCountTarget)]
    counted = [each for each in counted if each.geography == plan.city.adcode]
    for target in counted:
        larger = [each.cluster_threshold.value_cny for each in counted]
        larger = [cny for cny in larger if cny > target.cluster_threshold.value_cny]
        for nesting, upper in (("disjoint", min(larger, default=None)), ("nested", None)):
            threshold = target.cluster_threshold.value_cny
            rows[target.id, nesting] = {
                c.GOAL: target.goal,
                c.BASELINE: _between(result.clusters[c.BASELINE_CNY], threshold, upper),
                c.SCENARIO: _between(result.clusters[c.SCENARIO_CNY], threshold, upper),
            }
    index = pd.MultiIndex.from_tuples(list(rows), names=[c.TARGET_ID, c.NESTING])
    return pd.DataFrame(list(rows.values()), index=index, dtype=object)


def change_from_moves(dataset: Dataset, scenario: Scenario) -> int:
    """What the moves of a scenario change in the city: CNY over all clusters whose total is known, and always 0.

    It is computed and not asserted: the scenario is played with its moves and without them.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> change_from_moves(load_reference(), Scenario(2021, 2023, changes=(Relocate("00700.HK", "440304"), Grow(0.1))))
    0
    """
    stays = replace(scenario, changes=tuple(each for each in scenario.changes if not isinstance(each, Relocate)))
    moved, stayed = (play_scenario(dataset, each).clusters[c.SCENARIO_CNY].dropna() for each in (scenario, stays))
    return int(sum(moved) - sum(stayed))


@dataclass(frozen=True)
class _Cluster:
    """A cluster by buckets: districts whose total is known, and one for those that are withheld if their sum is known.

    ``known`` empty of the last though ``withheld`` is not means that the city's total is withheld.
    """

    known: dict[str, int]
    withheld: set[str]
    steps: dict[str, int]

    @property
    def city(self) -> int | None:
        return None if self.withheld and c.NOT_RELEASED not in self.known else sum(self.known.values())

    def bucket(self, district_id: str) -> str | None:
        """Where a district's money is counted; ``None`` where nobody may know."""
        if district_id not in self.withheld:
            return district_id
        return c.NOT_RELEASED if c.NOT_RELEASED in self.known else None


_Move = tuple[FirmYear, str]


def _baseline(dataset: Dataset, scenario: Scenario) -> dict[str, _Cluster]:
    cube, steps = cube_of(dataset), [change for change in scenario.changes if isinstance(change, Grow)]
    by: list[str] = [c.SUBSECTOR_ID, c.DISTRICT_ID]
    cells = cluster_totals(cube, by, year=scenario.year, place=scenario.place)[c.TOTAL_CNY]
    city = cluster_totals(cube, year=scenario.year, place=scenario.place)[c.TOTAL_CNY]
    found = {}
    for subsector_id, total in city.items():
        mine = cells.loc[str(subsector_id)]
        known = {str(district_id): int(cny) for district_id, cny in mine.dropna().items()}
        withheld = {str(district_id) for district_id in mine.index[mine.isna()]}
        if withheld and total == total:
            known[c.NOT_RELEASED] = int(total) - sum(known.values())
        of_cells = {
            str(district_id): sum(
                change.steps
                for change in steps
                if change.subsector_id in (None, subsector_id) and change.district_id in (None, district_id)
            )
            for district_id in mine.index
        }
        if slow := [district_id for district_id, of_cell in of_cells.items() if of_cell <= -STEPS]:
            raise BadScenario(
                of_cells[slow[0]] / STEPS, f"growth in {subsector_id}, {slow[0]} that adds up to above -1"
            )
        found[str(subsector_id)] = _Cluster(known, withheld, of_cells)
    return found


def _played(subsector_id: str, before: _Cluster, scenario: Scenario, moves: list[_Move]) -> _Cluster:
    after = _grown(before, scenario.years)
    known = dict(after.known)
    for moving, target in moves:
        if subsector_id in moving.parts:
            out, into = after.bucket(moving.district_id), after.bucket(target)
            cny = _taken_along(before, after, moving, subsector_id, scenario.years)
            for bucket, sign in ((out, -1), (into, 1)):
                if bucket is not None:
                    known[bucket] = known.get(bucket, 0) + sign * cny
    for change in scenario.changes:
        if not isinstance(change, Attract) or change.subsector_id != subsector_id:
            continue
        if (bucket := after.bucket(change.district_id)) is not None:
            known[bucket] = known.get(bucket, 0) + change.revenue_after(scenario.years)
    return _Cluster(known, before.withheld, before.steps)


def _grown(cluster: _Cluster, years: int) -> _Cluster:
    """Cells grown; the sum of withheld cells only where all of them grow alike, else nobody knows it any more."""
    of_withheld = {cluster.steps[district_id] for district_id in cluster.withheld}
    rest = dict.fromkeys((c.NOT_RELEASED,), *of_withheld) if len(of_withheld) == 1 else {}
    steps = {district_id: (cluster.steps | rest)[district_id] for district_id in cluster.known
             if district_id != c.NOT_RELEASED or rest}  # fmt: skip
    unit = STEPS**years
    grown = [cluster.known[district_id] * (STEPS + step) ** years for district_id, step in steps.items()]
    whole = [cny // unit for cny in round_largest_remainder(grown, unit)]
    return _Cluster(dict(zip(steps, whole, strict=True)), cluster.withheld, cluster.steps)


def _taken_along(before: _Cluster, after: _Cluster, moving: FirmYear, subsector_id: str, years: int) -> int:
    """Grown revenue of a firm: its share in its grown cell, so that never more leaves than is there."""
    part, bucket = moving.parts[subsector_id], before.bucket(moving.district_id)
    if bucket is not None and bucket in after.known and before.known[bucket]:
        return after.known[bucket] * part // before.known[bucket]
    factor, unit = (STEPS + before.steps[moving.district_id]) ** years, STEPS**years
    return int((2 * part * factor + unit) // (2 * unit))


def _move(dataset: Dataset, scenario: Scenario, change: Relocate) -> _Move:
    row = firm(dataset, change.firm_id)
    if row is None:
        raise UnknownFirm(change.firm_id, ["firms of the data"])
    if dataset.release is not None:
        viewer = read_viewer(dataset.release.audience)
        if viewer.hidden_firms(pd.DataFrame([row]))[0]:
            raise WithheldFirm(change.firm_id)
    moving = firm_year(dataset, change.firm_id, year=scenario.year, place=scenario.place)
    if moving is None or not moving.parts:
        raise BadScenario(change.firm_id, f"a firm of a subsector that was observed in {scenario.year}")
    if moving.district_id in (c.OUTSIDE, change.district_id):
        raise BadScenario(change.firm_id, f"a firm of the city outside {change.district_id}")
    return moving, change.district_id


def _check_known(dataset: Dataset, scenario: Scenario, subsectors: set[str]) -> None:
    for change in scenario.changes:
        if change.district_id is not None and change.district_id not in dataset.districts.index:
            raise UnknownDistrict(change.district_id, list(dataset.districts.index))
        subsector_id = getattr(change, "subsector_id", None)
        if subsector_id is not None and subsector_id not in subsectors | set(subsector_ids()):
            raise UnknownSubsector(subsector_id, sorted(subsectors | set(subsector_ids())))


def _cells(before: Mapping[str, _Cluster], after: Mapping[str, _Cluster]) -> pd.DataFrame:
    rows: dict[object, tuple[int | None, int | None]] = {}
    for subsector_id, then in before.items():
        now = after[subsector_id]
        alone = {c.NOT_RELEASED} if len(then.withheld) == 1 else set()  # of one cell the rest would be its figure
        for district_id in sorted({*then.known, *now.known, *then.withheld} - alone):
            gone = district_id in then.withheld or (district_id == c.NOT_RELEASED and district_id not in now.known)
            begin = None if district_id in then.withheld else then.known.get(district_id, 0)
            rows[subsector_id, district_id] = (begin, None if gone else now.known.get(district_id, 0))
    return _before_and_after(rows, [c.SUBSECTOR_ID, c.DISTRICT_ID])


def _clusters(before: Mapping[str, _Cluster], after: Mapping[str, _Cluster]) -> pd.DataFrame:
    table = _before_and_after({k: (then.city, after[k].city) for k, then in before.items()}, [c.SUBSECTOR_ID])
    absent = [k for k, then in before.items() if not then.known and not then.withheld]
    begin = [None if k in absent else cny for k, cny in table[c.BASELINE_CNY].items()]
    return table.assign(
        **{
            c.TIER: pd.Series([scale_tier(cny) for cny in begin], index=table.index, dtype=object),
            c.SCENARIO_TIER: pd.Series(
                [scale_tier(cny) for cny in table[c.SCENARIO_CNY]], index=table.index, dtype=object
            ),
            c.GAP_CNY: pd.Series([gap_to_next_cny(cny) for cny in begin], index=table.index, dtype=object),
            c.SCENARIO_GAP_CNY: pd.Series(
                [gap_to_next_cny(cny) for cny in table[c.SCENARIO_CNY]], index=table.index, dtype=object
            ),
        }
    )


def _districts(before: Mapping[str, _Cluster], after: Mapping[str, _Cluster]) -> pd.DataFrame:
    hidden = {district_id for cluster in before.values() for district_id in cluster.withheld}
    names = {d for cluster in (*before.values(), *after.values()) for d in cluster.known} | hidden
    rows: dict[object, tuple[int | None, int | None]] = {}
    for district_id in sorted(names - {c.NOT_RELEASED}):
        sums = [sum(cluster.known.get(district_id, 0) for cluster in each.values()) for each in (before, after)]
        rows[district_id] = (None, None) if district_id in hidden else (sums[0], sums[1])
    return _before_and_after(rows, [c.DISTRICT_ID])


def _before_and_after(rows: Mapping[object, tuple[int | None, int | None]], by: list[str]) -> pd.DataFrame:
    change = [None if None in pair else pair[1] - pair[0] for pair in rows.values()]  # type: ignore[operator]
    columns = {
        c.BASELINE_CNY: [then for then, _ in rows.values()],
        c.SCENARIO_CNY: [now for _, now in rows.values()],
        c.CHANGE_CNY: change,
    }
    keys = [key if isinstance(key, tuple) else (key,) for key in rows]
    index: pd.Index = pd.MultiIndex.from_arrays(
        [list(level) for level in zip(*keys, strict=True)] or [[] for _ in by], names=by
    )
    index = index if len(by) > 1 else index.get_level_values(0)
    return pd.DataFrame({name: pd.Series(each, index=index, dtype=object) for name, each in columns.items()}, index)


def _between(totals: pd.Series, threshold: int, upper: int | None) -> int | None:
    if totals.isna().any():
        return None
    return sum(bool(total >= threshold and (upper is None or total < upper)) for total in totals)
