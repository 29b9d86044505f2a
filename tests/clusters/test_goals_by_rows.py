"""A board from the small tables equals one that walks over every row in plain Python, for any register."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusters.goals import Board, tally_goals
from clusters.pace import pace_of_clusters
from clusters.plan import Plan
from data import columns as c
from data.dataset import Basis, Dataset, Place
from data.matched import matched_firms

YI = 10**8
A, B, C = "440391", "440392", "440393"
PLACES: tuple[Place, ...] = ("registered", "operating")


class Firm(NamedTuple):
    """A firm by its id."""

    id: str
    subsector: str | None
    registered: str | None
    operating: str | None


class Row(NamedTuple):
    """An observation."""

    firm: int
    year: int
    revenue: int
    status: str


FIRMS = st.lists(
    st.tuples(
        st.sampled_from(["S01", "S02", "S05", None]),
        st.sampled_from([A, B, C, None]),
        st.sampled_from([A, B, "outside", None]),
    ),
    min_size=6,
    max_size=6,
).map(lambda rows: [Firm(f"f{i}", *row) for i, row in zip((3, 1, 5, 0, 2, 4), rows, strict=True)])
AMOUNTS = st.sampled_from([-3, 0, YI - 1, YI, 9 * YI, 10 * YI, 10 * YI + 1, 50 * YI, 51 * YI, 99 * YI, 950 * YI])
ROWS = st.lists(
    st.builds(
        Row,
        st.integers(0, 5),
        st.sampled_from([2019, 2020, 2021]),
        AMOUNTS,
        st.sampled_from(["sourced", "secondary", "memory"]),
    ),
    max_size=24,
).map(lambda rows: [Row(0, 2020, 5, "sourced"), Row(0, 2021, 5, "sourced"), *rows])


def made(like: Dataset, firms: list[Firm], rows: list[Row], *, many: bool) -> Dataset:
    """The firms as a register; ``many`` takes the way of a large one."""
    names = [c.FIRM_ID, c.SUBSECTOR_ID, c.REGISTERED_DISTRICT_ID, c.OPERATING_DISTRICT_ID]
    table = pd.DataFrame(firms, columns=names, dtype=object)
    written = [(firms[r.firm].id, *r[1:]) for r in rows]
    seen = pd.DataFrame(written, columns=[c.FIRM_ID, c.YEAR, c.REVENUE_CNY, c.STATUS])
    dataset = replace(
        like,
        basis=Basis.REGISTER,
        firms=table.set_index(c.FIRM_ID, drop=False).rename_axis(None),
        observations=seen,
        indicators=like.indicators.head(0),  # what official figures say is asked elsewhere, and is dear
    )
    vars(dataset)["has_many_firms"] = many
    return dataset


class Walk:
    """Every figure by a walk over the rows of one area."""

    def __init__(self, firms: list[Firm], rows: Iterable[Row], place: Place, area: str | None) -> None:
        self.where = {i: (f.registered if place == "registered" else f.operating or f.registered) or "unplaced"
                      for i, f in enumerate(firms)}  # fmt: skip
        self.firms, self.area = firms, area
        self.all = [r for r in rows if r.status != "memory" and area in (None, self.where[r.firm])]
        self.rows = [r for r in self.all if self.where[r.firm] != "outside"]

    def totals(self, year: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.rows:
            subsector = self.firms[row.firm].subsector
            if row.year == year and subsector:
                found[subsector] = found.get(subsector, 0) + row.revenue
        return found

    def revenue(self, year: int) -> dict[int, int]:
        found: dict[int, int] = {}
        for row in self.rows:
            if row.year == year:
                found[row.firm] = found.get(row.firm, 0) + row.revenue
        return found

    def firms_over(self, year: int, low: int, high: int | None, base: int | None) -> int | None:
        now = self.revenue(year)
        if not now:
            return None

        def between(revenue: dict[int, int], among: set[int]) -> int:
            return sum(revenue[f] > low and (high is None or revenue[f] <= high) for f in among)

        if base is None:
            return between(now, set(now))
        then = self.revenue(base)
        both = set(now) & set(then)
        return between(now, both) - between(then, both) if then and base < year else None

    def clusters_from(self, year: int, low: int, high: int | None) -> int | None:
        if not self.revenue(year):
            return None
        return sum(total >= low and (high is None or total < high) for total in self.totals(year).values())

    def coverage(self, year: int) -> dict[str, object]:
        rows = [r for r in self.rows if r.year == year]
        known = [d for d in self.where.values() if self.area in (None, d)]
        everything = [r for r in self.all if r.year == year]
        total, whole = sum(r.revenue for r in rows), sum(r.revenue for r in everything)
        seen = {r.firm for r in rows}
        moved = {i for i, f in enumerate(self.firms) if f.operating and f.operating != f.registered}
        return {
            "firms": len(seen),
            "of_firms": len(known),
            "share": len(seen) / len(known) if known else None,
            "sourced_firms": len({r.firm for r in rows if r.status == "sourced"}),
            "sourced_share": sum(r.revenue for r in rows if r.status == "sourced") / total if total else None,
            "elsewhere_share": sum(r.revenue for r in everything if r.firm in moved) / whole if whole else None,
            "unplaced_firms": sum(self.where[f] == "unplaced" for f in seen),
        }

    def matched(self, base: int, year: int) -> dict[str, tuple[int, int, int]]:
        then, now = self.revenue(base), self.revenue(year)
        found: dict[str, tuple[int, int, int]] = {}
        for firm in set(then) & set(now):
            if subsector := self.firms[firm].subsector:
                n, old, new = found.get(subsector, (0, 0, 0))
                found[subsector] = (n + 1, old + then[firm], new + now[firm])
        return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(FIRMS, ROWS, st.booleans(), st.sampled_from([None, A, B]), st.sampled_from([2020, 2021]))
def test_any_board_equals_a_walk(
    plan: Plan, four_towns: Dataset, firms: list[Firm], rows: list[Row], many: bool, area: str | None, year: int
) -> None:
    dataset = made(four_towns, firms, rows, many=many)
    boards = {place: tally_goals(plan, dataset, year=year, place=place, district_id=area) for place in PLACES}
    walks = {place: Walk(firms, rows, place, area) for place in PLACES}
    for place, board in boards.items():
        walk = walks[place]
        assert board.clusters[c.TOTAL_CNY].dropna().astype(int).to_dict() == walk.totals(year)
        found = {key: value for key, value in board.coverage.items() if key != "place"}
        assert found == pytest.approx(walk.coverage(year))
        known = [f.subsector for i, f in enumerate(firms) if f.subsector and area in (None, walk.where[i])]
        assert board.clusters[c.KNOWN_FIRMS].sum() == len(known)
        check_counts(board, walks, well_covered=dataset.is_well_covered(year))
        matched = matched_firms(dataset)
        of_area = (matched[c.DISTRICT_ID] == area) | (area is None)
        here = matched[(matched[c.PLACE] == place) & of_area]
        pace = pace_of_clusters(plan, here, year=year)
        sums = {s: tuple(row) for s, *row in pace[[c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY]].itertuples(name=None)}
        assert sums == (walk.matched(2020, year) if year > 2020 else {})


def check_counts(board: Board, walks: dict[Place, Walk], *, well_covered: bool) -> None:
    """Each reading of the targets that count firms (over 50 and over 10 亿元) and clusters (from 1000 and 100 亿元)."""
    for target, low, high in (("T9", 50, None), ("T10", 10, 50), ("T11", 1000, None), ("T12", 100, 1000)):
        for each in board.tally(target).readings:
            choices, walk = dict(each.reading), walks[each.reading["place"]]  # type: ignore[index]
            upper = high * YI if high and "disjoint" in choices.values() else None
            if target in ("T9", "T10"):
                base = int(choices["base_year"]) if choices["counting"] == "net_new" else None
                expected = walk.firms_over(board.year, low * YI, upper, base)
            else:
                expected = walk.clusters_from(board.year, low * YI, upper) if choices["measure"] == "revenue" else None
            assert each.actual == (expected if well_covered else None), (target, choices)
