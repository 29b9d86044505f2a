"""Points of the firms keep to the same choices as the pages."""

from dataclasses import replace

import numpy as np
import pytest

from data import columns as c
from data.dataset import Dataset, firm_districts
from data.errors import UnknownChoice
from data.firm_points import FirmPoints, firm_points


@pytest.fixture(scope="module")
def points(dataset: Dataset) -> FirmPoints:
    return firm_points(dataset)


def drawn(points: FirmPoints, **choices: object) -> set[str]:
    mask = points.pyramid.kept(points.choose(**choices))  # type: ignore[arg-type]
    rows = points.pyramid.points if mask is None else points.pyramid.points[mask]
    return set(points.firm_ids[rows])


def test_every_firm_with_a_place_is_a_point(points: FirmPoints, dataset: Dataset) -> None:
    placed = dataset.firms[dataset.firms[c.LON].notna()]
    assert drawn(points) == set(placed.index)
    assert (len(points.pyramid), points.pyramid.left_out) == (66, 4)
    assert points.pyramid.years == tuple(dataset.years)


def test_each_choice_keeps_what_the_tables_say(points: FirmPoints, dataset: Dataset) -> None:
    firms = dataset.firms[dataset.firms[c.LON].notna()]
    usable = dataset.usable
    for subsector in ("S01", "S03", "S05"):
        assert drawn(points, subsectors=[subsector]) == set(firms.index[firms[c.SUBSECTOR_ID] == subsector])
    for year in dataset.years:
        assert drawn(points, year=year) == set(usable[usable[c.YEAR] == year][c.FIRM_ID]) & set(firms.index)
    for precision in ("park", "street", "district", "exact"):
        expected = set(firms.index[firms[c.LOCATION_PRECISION] == precision])
        assert drawn(points, precisions=[precision]) == expected
    for place in ("registered", "operating"):
        where = firm_districts(firms, place)
        for district in dataset.districts.index:
            assert drawn(points, place=place, district=district) == set(firms.index[where == district])
    inside = firm_districts(firms, "operating") != c.OUTSIDE
    assert drawn(points, place="operating") == set(firms.index[inside])
    assert 0 < inside.sum() < len(firms)


def test_choices_go_together_and_none_keeps_nothing(points: FirmPoints) -> None:
    both = drawn(points, subsectors=["S09", "S10"], year=2021, precisions=["street"])
    assert both == drawn(points, subsectors=["S09", "S10"]) & drawn(points, year=2021) & drawn(
        points, precisions=["street"]
    )
    assert both
    assert drawn(points, subsectors=[]) == set()


def test_values_are_the_revenues(points: FirmPoints, dataset: Dataset) -> None:
    usable = dataset.usable[dataset.usable[c.FIRM_ID].isin(drawn(points))]
    expected = usable.groupby(c.YEAR)[c.REVENUE_CNY].sum().to_dict()
    found = {year: int(values.sum()) for year, values in points.pyramid.values.items()}
    assert {year: cny for year, cny in found.items() if cny} == expected  # 2024 is known of no firm with a place


def test_a_category_is_the_position_of_the_subsector(points: FirmPoints, dataset: Dataset) -> None:
    assert points.subsectors == tuple(f"S{i:02d}" for i in range(1, 13))
    named = np.array(points.subsectors)[points.pyramid.attributes["category"]]
    assert named.tolist() == dataset.firms[c.SUBSECTOR_ID].iloc[points.pyramid.points].tolist()


@pytest.mark.parametrize(
    "choices", [{"subsectors": ["S99"]}, {"year": 1999}, {"precisions": ["near"]}, {"district": "1"}, {"place": "x"}]
)
def test_what_nobody_knows_is_refused(points: FirmPoints, choices: dict[str, object]) -> None:
    with pytest.raises(UnknownChoice, match="expected one of"):
        points.choose(**choices)  # type: ignore[arg-type]


def test_firms_without_columns_of_place_are_all_left_out(four_towns: Dataset) -> None:
    points = firm_points(four_towns)
    assert (len(points.pyramid), points.pyramid.left_out) == (0, 7)


def test_a_subsector_beyond_the_plan_gets_a_code_of_its_own(dataset: Dataset) -> None:
    firms = dataset.firms.copy()
    firms.loc[firms.index[5], c.SUBSECTOR_ID] = "X01"
    firms.loc[firms.index[6], c.SUBSECTOR_ID] = None
    points = firm_points(replace(dataset, firms=firms))
    assert points.subsectors[12:] == ("X01",)
    assert drawn(points, subsectors=["X01"]) == {firms.index[5]}
    assert firms.index[6] not in drawn(points, subsectors=points.subsectors)
    assert firms.index[6] in drawn(points)
