"""Fit to the plan's paths, worked by hand; and that the file of the plan holds together."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.differentiation import path_fits
from clusters.errors import PlanError, UnknownDistrict
from clusters.plan import Plan
from clusters.profile import Finding
from clusters.specialization_intervals import location_quotient_interval
from data import columns as c
from data.dataset import Dataset

JIA, YI_TOWN = "440391", "440392"
SUBSECTOR = ["S01"] * 6 + ["S09"] * 2 + ["S01"] * 2 + ["S09"] * 10
TOWN = [JIA] * 8 + [YI_TOWN] * 12


def world(four_towns: Dataset, subsectors: list[str], towns: list[str]) -> Dataset:
    """Firms of one observation each."""
    ids = [f"f{n:02}" for n in range(len(subsectors))]
    table = pd.DataFrame(
        {c.FIRM_ID: ids, c.NAME: ids, c.SHORT_NAME: ids, c.SUBSECTOR_ID: subsectors,
         c.REGISTERED_DISTRICT_ID: towns, c.OPERATING_DISTRICT_ID: None}
    )  # fmt: skip
    seen = pd.DataFrame(
        {c.FIRM_ID: ids, c.YEAR: 2021, c.REVENUE_CNY: 10, c.STATUS: "sourced", c.SOURCE: "", c.SCOPE: ""}
    )
    return replace(
        four_towns, firms=table.set_index(c.FIRM_ID, drop=False).rename_axis(None), observations=seen, digest="paths"
    )


def test_a_district_fits_the_path_that_it_has_more_of_than_the_city(plan: Plan, four_towns: Dataset) -> None:
    # 甲: 6 of 8 firms in 高端软件 (前沿创新), the city 8 of 20: 0.75 / 0.4
    frontier, fusion, emerging = path_fits(plan, world(four_towns, SUBSECTOR, TOWN), JIA, year=2021)
    assert (frontier.firms, frontier.of_firms, frontier.city_firms, frontier.city_of_firms) == (6, 8, 8, 20)
    assert frontier.quotient == pytest.approx(1.875)
    assert frontier.fits
    # 应用融合: 2 of 8 against 12 of 20; two firms are too few for a finding
    assert fusion.quotient == pytest.approx(0.25 / 0.6)
    assert fusion.finding is Finding.FEW
    # 新兴领域拓展: nobody anywhere, so no quotient
    assert (emerging.firms, emerging.city_firms, emerging.finding) == (0, 0, Finding.FEW)


def test_quotient_and_limits_are_those_of_the_measure(plan: Plan, dataset: Dataset) -> None:
    for fit in path_fits(plan, dataset, "440305", year=2021):
        found = location_quotient_interval(
            [fit.firms], [fit.city_firms], total=fit.of_firms, base_total=fit.city_of_firms
        )
        assert [fit.quotient, fit.lower, fit.upper] == pytest.approx(
            found[[c.LOCATION_QUOTIENT, c.LOWER_LIMIT, c.UPPER_LIMIT]].iloc[0].tolist()
        )


def test_a_firm_with_parts_in_two_subsectors_of_a_path_counts_once(plan: Plan, four_towns: Dataset) -> None:
    both = world(four_towns, SUBSECTOR, TOWN)
    weights = ["S01:0.5;S02:0.5", *[None] * 19]
    split = replace(both, firms=both.firms.assign(**{c.SUBSECTOR_WEIGHTS: weights}), digest="split")
    frontier = path_fits(plan, split, JIA, year=2021)[0]
    assert (frontier.firms, frontier.of_firms) == (6, 8)


@settings(max_examples=5)
@given(towns=st.lists(st.sampled_from([JIA, YI_TOWN]), min_size=20, max_size=20))
def test_shares_of_two_towns_mix_to_that_of_the_city(plan: Plan, four_towns: Dataset, towns: list[str]) -> None:
    made = world(four_towns, SUBSECTOR, towns)
    fits = [path_fits(plan, made, town, year=2021)[0] for town in (JIA, YI_TOWN)]
    assert sum(fit.firms for fit in fits) == fits[0].city_firms == 8
    assert sum(fit.of_firms for fit in fits) == fits[0].city_of_firms == 20
    assert not all(fit.fits for fit in fits)


def test_a_plan_without_paths_has_no_fit(dataset: Dataset, write_plan: Callable[..., Plan]) -> None:
    own = write_plan(["{id: N1, kind: qualitative, geography: '440305', quote: x}"])
    assert path_fits(own, dataset, "440305", year=2021) == ()
    with pytest.raises(UnknownDistrict):
        path_fits(own, dataset, "440300", year=2021)


def test_every_path_of_the_plan_is_named_by_its_layout_task(plan: Plan) -> None:
    (layout,) = [task for task in plan.tasks if task.spatial]
    assert tuple(path.name for path in plan.derived_paths) == layout.differentiation_types


def test_a_path_with_an_unknown_or_repeated_subsector_is_refused(write_plan: Callable[..., Plan]) -> None:
    head = "{id: N1, kind: qualitative, geography: '440305', quote: x}\nsubsectors:\n  - {id: X1, name: 甲产业}\n"
    head += "derived_paths:\n"
    path = "  - {{id: P1, name: x, section: y, quote: z, fields: [{}]}}"
    field = "{{subsector: {}, section: a, quote: b}}"
    with pytest.raises(PlanError, match="X9, which is no subsector"):
        write_plan([head + path.format(field.format("X9"))])
    with pytest.raises(PlanError, match="a subsector twice"):
        write_plan([head + path.format(", ".join([field.format("X1")] * 2))])
