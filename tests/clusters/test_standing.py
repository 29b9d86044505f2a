"""Where the clusters stand: four towns on paper, then sums and ranks as properties, then the files themselves."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.errors import UnknownYear
from clusters.goals import tally_goals
from clusters.plan import Plan
from clusters.standing import (
    check_year,
    cluster_totals,
    coverage,
    district_clusters,
    observed_firms,
    select,
)
from clusters.tiers import scale_tier
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset, Place
from data.sources import REFERENCE

YI = 10**8
A, B, C, D = "440391", "440392", "440393", "440394"
PLACES: tuple[Place, ...] = ("registered", "operating")


def cells(firms: list[str], subsector: object, district: object, revenue: list[int]) -> pd.DataFrame:
    """Cells of one firm each."""
    return pd.DataFrame(
        {
            c.PLACE: "registered",
            c.YEAR: 2021,
            c.SUBSECTOR_ID: subsector,
            c.DISTRICT_ID: district,
            c.FIRMS: 1,
            c.TOTAL_CNY: revenue,
            c.TOP_FIRM_ID: firms,
            c.TOP1_CNY: revenue,
        }
    )


def totals_yi(parts: pd.DataFrame) -> dict[tuple[str, str], float]:
    return {key: cny / YI for key, cny in parts[c.TOTAL_CNY].items()}


# ---------------------------------------------------------------- four towns by hand


def test_totals_of_the_four_towns(four_towns: Dataset) -> None:
    """S01 is a1 60 + a2 50 + b1 15; S02 is b2 950 + a3 80 + n1 10; S05 is known from memory only."""
    clusters = cluster_totals(cube_of(four_towns), year=2021)
    assert clusters[[c.TOTAL_CNY, c.FIRMS, c.TOP_FIRM_ID, c.TOP1_CNY, c.TIER, c.GAP_CNY]].to_dict("index") == {
        "S01": {
            "total_cny": 125 * YI,
            "firms": 3,
            "top_firm_id": "a1",
            "top1_cny": 60 * YI,
            "tier": "CNY_1E10",
            "gap_to_next_cny": 875 * YI,
        },
        "S02": {
            "total_cny": 1040 * YI,
            "firms": 3,
            "top_firm_id": "b2",
            "top1_cny": 950 * YI,
            "tier": "CNY_1E11",
            "gap_to_next_cny": 0,
        },
    }
    assert clusters[c.TOP1_SHARE].to_dict() == pytest.approx({"S01": 60 / 125, "S02": 950 / 1040})


def test_parts_of_the_four_towns_under_both_readings_of_place(four_towns: Dataset) -> None:
    registered = district_clusters(cube_of(four_towns), year=2021)
    operating = district_clusters(cube_of(four_towns), year=2021, place="operating")
    assert totals_yi(registered) == {
        ("S01", A): 110,  # a1 and a2
        ("S01", B): 15,
        ("S02", A): 80,
        ("S02", B): 950,
        ("S02", "unplaced"): 10,
    }
    assert totals_yi(operating) == {
        ("S01", A): 60,
        ("S01", B): 65,  # a2's office, and b1 whose office is not known
        ("S02", B): 950,  # a3 has left the city
        ("S02", "unplaced"): 10,
    }


def test_shares_and_ranks_of_the_four_towns(four_towns: Dataset) -> None:
    parts = district_clusters(cube_of(four_towns), year=2021)
    assert parts[c.CITY_SHARE].to_dict() == pytest.approx(
        {
            ("S01", A): 110 / 125,
            ("S01", B): 15 / 125,
            ("S02", A): 80 / 1040,
            ("S02", B): 950 / 1040,
            ("S02", "unplaced"): 10 / 1040,
        }
    )
    placed = parts.drop(index=("S02", "unplaced"))
    assert placed[c.RANK].tolist() == [1, 2, 2, 1]
    assert placed[c.RANKED].tolist() == [2, 2, 2, 2]  # the unplaced firm is no district
    assert parts.loc[("S02", "unplaced"), [c.RANK, c.RANKED]].isna().all()


def test_a_memory_row_never_enters_and_its_firm_stays_known(four_towns: Dataset) -> None:
    observed = observed_firms(four_towns)
    assert len(observed) == len(four_towns.observations) - 1
    assert observed[observed[c.FIRM_ID] == "d1"][[c.YEAR, c.REVENUE_CNY]].values.tolist() == [[2020, 8 * YI]]
    assert "d1" in four_towns.firms.index


def test_coverage_of_the_four_towns(four_towns: Dataset) -> None:
    """2021: 6 of 7 firms, 1165 亿元; sourced 60 + 15 + 950 + 10; office elsewhere a2 50 + a3 80; n1 unplaced."""
    assert coverage(four_towns, year=2021) == {
        "firms": 6,
        "of_firms": 7,
        "sourced_firms": 4,
        "share": pytest.approx(6 / 7),
        "sourced_share": pytest.approx(1035 / 1165),
        "elsewhere_share": pytest.approx(130 / 1165),
        "unplaced_firms": 1,
        "place": "registered",
    }


def test_coverage_of_the_four_towns_at_their_offices(four_towns: Dataset) -> None:
    """a3 is gone: 5 firms, 1085 亿元; what lies elsewhere is told of all revenue, so it stays 130 of 1165."""
    found = coverage(four_towns, year=2021, place="operating")
    assert (found["firms"], found["unplaced_firms"], found["place"]) == (5, 1, "operating")
    assert found["sourced_share"] == pytest.approx(1035 / 1085)
    assert found["elsewhere_share"] == pytest.approx(130 / 1165)


def test_coverage_of_one_town_speaks_of_its_own_firms(plan: Plan, four_towns: Dataset) -> None:
    """甲: a1 60, a2 50, a3 80, all of its three firms; 丙: one firm, nothing usable; 丁: no firm at all."""
    jia = tally_goals(plan, four_towns, district_id=A).coverage
    assert (jia["firms"], jia["of_firms"], jia["share"], jia["unplaced_firms"]) == (3, 3, 1.0, 0)
    assert jia["sourced_share"] == pytest.approx(60 / 190)
    assert jia["elsewhere_share"] == pytest.approx(130 / 190)
    bing = tally_goals(plan, four_towns, district_id=C).coverage
    assert (bing["firms"], bing["of_firms"], bing["share"]) == (0, 1, 0.0)
    assert (bing["sourced_share"], bing["elsewhere_share"]) == (None, None)
    ding = tally_goals(plan, four_towns, district_id=D).coverage
    assert (ding["firms"], ding["of_firms"], ding["share"]) == (0, 0, None)


def test_known_firms_of_a_cluster_are_those_of_the_area_shown(plan: Plan, four_towns: Dataset) -> None:
    def known(**area: str) -> dict[str, int]:
        clusters = tally_goals(plan, four_towns, **area).clusters  # type: ignore[arg-type]
        return clusters.loc[["S01", "S02", "S03", "S05"], c.KNOWN_FIRMS].to_dict()

    assert known() == {"S01": 3, "S02": 3, "S03": 0, "S05": 1}
    assert known(district_id=A) == {"S01": 2, "S02": 1, "S03": 0, "S05": 0}
    assert known(district_id=B, place="operating") == {"S01": 2, "S02": 1, "S03": 0, "S05": 0}
    assert known(district_id=C) == {"S01": 0, "S02": 0, "S03": 0, "S05": 1}


def test_selecting_takes_one_year_and_only_the_subsectors_named(four_towns: Dataset) -> None:
    observed = observed_firms(four_towns)
    assert set(select(observed, year=2020)[c.FIRM_ID]) == {"a1", "a2", "a3", "b2", "n1", "d1"}
    assert set(select(observed, year=2021, subsectors=["S01"])[c.FIRM_ID]) == {"a1", "a2", "b1"}
    assert set(select(observed, year=2021, subsectors=iter(["S01", "S05"]))[c.FIRM_ID]) == {"a1", "a2", "b1"}
    assert len(select(observed, year=2021, subsectors=["S03"])) == 0


def test_a_year_without_observations_is_unknown(four_towns: Dataset) -> None:
    assert check_year(four_towns, 2020) == 2020
    with pytest.raises(UnknownYear) as caught:
        check_year(four_towns, 1999)
    assert (caught.value.year, list(caught.value.known)) == (1999, [2020, 2021])


def test_a_year_known_from_memory_only_is_unknown(four_towns: Dataset) -> None:
    memory = four_towns.observations.query("status == 'memory'").assign(**{c.YEAR: 2030})
    later = replace(four_towns, observations=pd.concat([four_towns.observations, memory], ignore_index=True))
    assert later.years == [2020, 2021]
    with pytest.raises(UnknownYear):
        check_year(later, 2030)


@pytest.mark.parametrize(("firms_2021", "expected"), [(10, 2021), (8, 2021), (7, 2020)])
def test_the_default_year_needs_four_fifths_of_the_best_years_firms(
    four_towns: Dataset, firms_2021: int, expected: int
) -> None:
    rows = [(f"f{i}", 2020, 1, "sourced") for i in range(10)] + [
        (f"f{i}", 2021, 1, "sourced" if i < firms_2021 else "memory") for i in range(10)
    ]
    observations = pd.DataFrame(rows, columns=[c.FIRM_ID, c.YEAR, c.REVENUE_CNY, c.STATUS])
    assert replace(four_towns, observations=observations).default_year == expected


# ---------------------------------------------------------------- groups in general


def test_equal_firms_give_the_first_id_as_the_largest() -> None:
    rows = cells(["z", "b", "m"], "S", "X", [5, 5, 5])
    assert cluster_totals(rows, year=2021)[c.TOP_FIRM_ID].tolist() == ["b"]


def test_districts_that_tie_share_the_better_rank() -> None:
    parts = district_clusters(cells(list("abcd"), "S", list("XYZW"), [5, 5, 9, 1]), year=2021).droplevel(0)
    assert parts[c.RANK].to_dict() == {"X": 2, "Y": 2, "Z": 1, "W": 4}
    assert set(parts[c.RANKED]) == {4}


def test_a_cluster_without_revenue_has_no_shares() -> None:
    part = district_clusters(cells(["a"], "S", "X", [0]), year=2021).iloc[0]
    assert np.isnan(part[c.TOP1_SHARE])
    assert np.isnan(part[c.CITY_SHARE])
    assert (part[c.FIRMS], part[c.TIER], part[c.GAP_CNY]) == (1, "BELOW", 100 * YI)


few = settings(max_examples=30)
SAMPLES = st.lists(
    st.tuples(st.sampled_from(["S1", "S2"]), st.sampled_from(["X", "Y", "unplaced"]), st.integers(1, 3 * 10**11)),
    min_size=1,
    max_size=15,
).map(lambda rows: cells([f"f{i:02d}" for i in range(len(rows))], *map(list, zip(*rows, strict=True))))


@few
@given(SAMPLES)
def test_parts_always_add_up_to_the_city(sample: pd.DataFrame) -> None:
    parts, city = district_clusters(sample, year=2021), cluster_totals(sample, year=2021)
    assert parts[c.TOTAL_CNY].groupby(c.SUBSECTOR_ID).sum().equals(city[c.TOTAL_CNY])
    assert parts[c.FIRMS].groupby(c.SUBSECTOR_ID).sum().equals(city[c.FIRMS])
    assert city[c.TOTAL_CNY].sum() == sample[c.TOTAL_CNY].sum()
    assert parts[c.CITY_SHARE].groupby(c.SUBSECTOR_ID).sum().to_numpy() == pytest.approx(1)


@few
@given(SAMPLES)
def test_the_largest_firm_holds_between_an_equal_part_and_everything(sample: pd.DataFrame) -> None:
    for _, row in cluster_totals(sample, year=2021).iterrows():
        assert 1 / row[c.FIRMS] - 1e-12 <= row[c.TOP1_SHARE] <= 1
        assert row[c.TIER] is scale_tier(int(row[c.TOTAL_CNY]))


@few
@given(SAMPLES, st.randoms())
def test_the_order_of_rows_changes_nothing_and_the_input_stays(sample: pd.DataFrame, rng: object) -> None:
    order = list(range(len(sample)))
    rng.shuffle(order)  # type: ignore[attr-defined]
    before = sample.copy()
    found, expected = (district_clusters(rows, year=2021) for rows in (sample.iloc[order], sample))
    pd.testing.assert_frame_equal(found, expected)
    pd.testing.assert_frame_equal(sample, before)


@few
@given(SAMPLES)
def test_ranks_follow_the_totals(sample: pd.DataFrame) -> None:
    for _, parts in district_clusters(sample, year=2021).groupby(c.SUBSECTOR_ID):
        ranked = parts[parts[c.RANK].notna()]
        assert "unplaced" not in ranked.index.get_level_values(c.DISTRICT_ID)
        assert (ranked[c.RANKED] == len(ranked)).all()
        larger = [int((ranked[c.TOTAL_CNY] > cny).sum()) for cny in ranked[c.TOTAL_CNY]]
        assert ranked[c.RANK].tolist() == [count + 1 for count in larger]


# ---------------------------------------------------------------- the bundled set against its files


def files(year: int) -> pd.DataFrame:
    """Rows of the two CSV files for one year, joined without our loader."""
    firms = pd.read_csv(REFERENCE / "firms.csv", dtype=str)
    revenue = pd.read_csv(REFERENCE / "revenue.csv", dtype={"stock_code": str})
    return revenue.query("year == @year and not status.str.contains('memory')").merge(firms, on="stock_code")


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2022, 2023, 2024])
def test_totals_equal_a_one_liner_over_the_files(plan: Plan, dataset: Dataset, year: int) -> None:
    expected = files(year).groupby("subsector")["revenue_yi"].sum().mul(1e8).round().astype("int64").to_dict()
    clusters = tally_goals(plan, dataset, year=year).clusters
    named = {plan.subsector(s).short_name: int(cny) for s, cny in clusters[c.TOTAL_CNY].dropna().items()}
    assert named == expected
    assert len(clusters) == 12


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2022, 2023, 2024])
def test_district_totals_equal_a_one_liner_over_the_files(plan: Plan, dataset: Dataset, year: int) -> None:
    rows = files(year)
    where = rows["district"].str.replace("(前海)", "", regex=False).fillna("unplaced")
    expected = rows.groupby(["subsector", where])["revenue_yi"].sum().mul(1e8).round().astype("int64").to_dict()
    names = {**dataset.districts[c.NAME].to_dict(), "unplaced": "unplaced"}
    parts = tally_goals(plan, dataset, year=year).districts[c.TOTAL_CNY]
    assert {(plan.subsector(s).short_name, names[d]): cny for (s, d), cny in parts.items()} == expected


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("year", [2019, 2020, 2021, 2022, 2023, 2024])
def test_districts_add_up_to_the_city_in_every_year_and_place(
    plan: Plan, dataset: Dataset, year: int, place: Place
) -> None:
    board = tally_goals(plan, dataset, year=year, place=place)
    city = board.clusters[c.TOTAL_CNY].dropna().astype("int64")
    assert board.districts[c.TOTAL_CNY].dtype == "int64"
    assert board.districts[c.TOTAL_CNY].groupby(c.SUBSECTOR_ID).sum().to_dict() == city.to_dict()


@pytest.mark.parametrize(("year", "place"), [(2021, "operating"), (2023, "registered")])
def test_the_boards_of_all_districts_and_the_unplaced_make_the_city(
    plan: Plan, dataset: Dataset, year: int, place: Place
) -> None:
    board = tally_goals(plan, dataset, year=year, place=place)
    city = board.clusters[c.TOTAL_CNY].dropna().astype("int64")
    parts = [tally_goals(plan, dataset, year=year, place=place, district_id=d) for d in dataset.districts.index]
    placed = sum(int(part.clusters[c.TOTAL_CNY].sum()) for part in parts)
    unplaced = board.districts[board.districts.index.get_level_values(c.DISTRICT_ID) == "unplaced"][c.TOTAL_CNY].sum()
    assert placed + unplaced == city.sum()


def test_the_two_firms_with_offices_in_beijing_leave_under_operating_only(dataset: Dataset) -> None:
    registered, operating = (observed_firms(dataset, place=place) for place in PLACES)
    assert set(registered[c.FIRM_ID]) - set(operating[c.FIRM_ID]) == {"000034", "000555"}
    assert set(operating[c.FIRM_ID]) <= set(registered[c.FIRM_ID])


def test_firms_that_moved_within_the_city_move_their_revenue(plan: Plan, dataset: Dataset) -> None:
    """东方嘉盛 (002889) from 南山 to 福田 and 丝路视觉 (300556) from 罗湖 to 福田, 27.6132 and 13.8893 亿元."""
    registered, operating = (tally_goals(plan, dataset, year=2021, place=p).districts[c.TOTAL_CNY] for p in PLACES)
    assert operating["S11", "440304"] - registered["S11", "440304"] == 2_761_320_000
    assert registered["S11", "440305"] - operating["S11", "440305"] == 2_761_320_000
    assert registered["S12", "440303"] == 1_388_930_000
    assert ("S12", "440303") not in operating
    assert operating["S12", "440304"] - registered["S12", "440304"] == 1_388_930_000


def test_coverage_of_the_bundled_year_agrees_with_the_files(plan: Plan, dataset: Dataset) -> None:
    rows = files(2021)
    sourced = rows.loc[rows["status"] == "sourced", "revenue_yi"].sum()
    elsewhere = rows.loc[rows["stock_code"].isin(["000034", "000555", "002889", "300556"]), "revenue_yi"].sum()
    found = tally_goals(plan, dataset).coverage
    assert (found["firms"], found["of_firms"]) == (len(rows), 70) == (58, 70)
    assert found["sourced_share"] == pytest.approx(sourced / rows["revenue_yi"].sum())
    assert found["elsewhere_share"] == pytest.approx(elsewhere / rows["revenue_yi"].sum())
