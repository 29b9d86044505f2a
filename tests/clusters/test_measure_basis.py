"""The tables behind figures that are no totals, worked by hand in the four towns."""

from dataclasses import replace

from clusters.measure_basis import matched_behind, observations_behind, points_behind, years_behind
from clusters.provenance import figure_provenance
from clusters.release import release
from clusters.roles import Role, Viewer
from data import columns as c
from data.dataset import Dataset


def test_growth_rests_on_firms_of_both_years(four_towns: Dataset) -> None:
    years = four_towns.years
    found = matched_behind(four_towns, base_year=years[0], year=2021)
    pairs = four_towns.usable.pivot_table(index=c.FIRM_ID, columns=c.YEAR, values=c.REVENUE_CNY, aggfunc="first")
    both = pairs[[years[0], 2021]].dropna()
    assert found[c.MATCHED_FIRMS].sum() == len(both)
    assert found[c.BASE_CNY].sum() == both[years[0]].sum()
    assert found[c.MATCHED_CNY].sum() == both[2021].sum()
    some = str(found.index[0])
    assert matched_behind(four_towns, base_year=years[0], year=2021, subsectors=[some]).index.tolist() == [some]
    assert matched_behind(four_towns, base_year=years[0], year=2021, district_id="440394").empty


def test_each_year_is_the_total_of_that_year(four_towns: Dataset) -> None:
    found = years_behind(four_towns, district_id="440391")
    for year, row in found.iterrows():
        told = figure_provenance(four_towns, year=int(str(year)), district_id="440391")
        assert (row[c.FIRMS], row[c.TOTAL_CNY]) == (told.n, told.total_cny)
    assert years_behind(four_towns, district_id="440394").empty


def test_points_are_counted_by_how_exact_they_are(dataset: Dataset) -> None:
    found = points_behind(dataset)
    of_kind = found.groupby(c.KIND)[c.COUNT].sum().to_dict()
    assert of_kind == {"parks": len(dataset.parks), "hubs": len(dataset.hubs), "firms": len(dataset.firms)}
    parks = found[found[c.KIND] == "parks"]
    assert parks.loc[parks[c.LOCATION_PRECISION].notna(), c.COUNT].sum() == dataset.parks[c.LON].notna().sum()


def test_a_firm_tells_each_year_with_status_and_source(four_towns: Dataset) -> None:
    found = observations_behind(four_towns, "a1")
    mine = four_towns.observations[four_towns.observations[c.FIRM_ID] == "a1"]
    assert found.columns.tolist() == [c.YEAR, c.REVENUE_CNY, c.STATUS, c.SOURCE]
    assert found[c.YEAR].tolist() == sorted(mine[c.YEAR])
    assert observations_behind(four_towns, "nobody").empty


def test_who_may_not_see_a_firm_is_told_nothing_of_it(dataset: Dataset) -> None:
    firms = dataset.firms.assign(**{c.CONFIDENTIALITY: "statistical"})
    seen = release(replace(dataset, firms=firms, digest="secret01"), Viewer(Role.PUBLIC))
    assert all(observations_behind(seen, str(firm)).empty for firm in (*dataset.firms.index[:5], *seen.firms.index[:5]))
    assert matched_behind(seen, base_year=2020, year=2021).empty
    assert years_behind(seen)[c.TOTAL_CNY].isna().any()


def test_of_many_firms_the_same_tables_answer(many_firms: Dataset) -> None:
    year = many_firms.default_year
    earlier = [one for one in many_firms.years if one < year][-1]
    found = matched_behind(many_firms, base_year=earlier, year=year)
    assert found[c.MATCHED_CNY].is_monotonic_decreasing
    firm = str(many_firms.usable[c.FIRM_ID].iloc[0])
    assert len(observations_behind(many_firms, firm)) >= 1
    assert points_behind(many_firms).query("kind == 'firms'")[c.COUNT].sum() == len(many_firms.firms)
