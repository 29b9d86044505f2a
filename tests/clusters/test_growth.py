"""Growth is of the firms observed in both years; a newcomer is coverage, not growth."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.errors import BadValue
from clusters.growth import compound_growth_rate, distance_to_path, matched_growth, required_path
from data import columns as c
from data.dataset import Dataset
from data.matched import matched_firms
from data.sources import REFERENCE

YI = 10**8


BY = [c.DISTRICT_ID]
Rows = list[tuple[str, int, int]]
Register = Callable[..., Dataset]


@pytest.fixture(scope="session")
def register(four_towns: Dataset) -> Register:
    """Make a register of firms by district: rows of firm, year and revenue."""

    def make(**districts: Rows) -> Dataset:
        home = {firm: district for district, rows in districts.items() for firm, *_ in rows}
        firms = pd.DataFrame(
            {
                c.FIRM_ID: list(home),
                c.SUBSECTOR_ID: "S01",
                c.REGISTERED_DISTRICT_ID: list(home.values()),
                c.OPERATING_DISTRICT_ID: None,
            },
            dtype=object,
        )
        seen = [row for rows in districts.values() for row in rows]
        observations = pd.DataFrame(seen, columns=[c.FIRM_ID, c.YEAR, c.REVENUE_CNY]).assign(**{c.STATUS: "sourced"})
        observations = observations.astype({c.FIRM_ID: object, c.YEAR: int, c.REVENUE_CNY: int})
        return replace(
            four_towns, firms=firms.set_index(c.FIRM_ID, drop=False).rename_axis(None), observations=observations
        )

    return make


def registered(dataset: Dataset) -> pd.DataFrame:
    matched = matched_firms(dataset)
    return matched[matched[c.PLACE] == "registered"]


# ---------------------------------------------------------------- compound growth


@pytest.mark.parametrize(
    ("begin", "end", "intervals", "rate"),
    [(100, 121, 2, 0.1), (100, 100, 7, 0.0), (100, 50, 1, -0.5), (5871.6, 9000, 3, 0.153)],
)
def test_compound_growth_by_hand(begin: float, end: float, intervals: int, rate: float) -> None:
    assert compound_growth_rate(begin, end, intervals) == pytest.approx(rate, abs=5e-5)


@pytest.mark.parametrize(("begin", "end", "intervals"), [(0, 1, 1), (1, 0, 1), (-1, 1, 1), (1, 1, 0), (1, 1, -2)])
def test_growth_from_nothing_or_over_no_time_is_refused(begin: float, end: float, intervals: int) -> None:
    with pytest.raises(ValueError, match=r"^(begin|end|intervals) must be a .*; got (0|-1|-2)$"):
        compound_growth_rate(begin, end, intervals)


@given(st.floats(1, 1e12), st.floats(-0.9, 5), st.integers(1, 12))
def test_growing_at_the_rate_arrives_at_the_end(begin: float, rate: float, intervals: int) -> None:
    end = begin * (1 + rate) ** intervals
    assert begin * (1 + compound_growth_rate(begin, end, intervals)) ** intervals == pytest.approx(end, rel=1e-9)


@given(st.floats(1, 1e9), st.floats(1, 1e9), st.integers(1, 12), st.floats(1e-3, 1e3))
def test_the_unit_of_money_does_not_matter(begin: float, end: float, intervals: int, unit: float) -> None:
    rate = compound_growth_rate(begin, end, intervals)
    assert compound_growth_rate(begin * unit, end * unit, intervals) == pytest.approx(rate, rel=1e-6, abs=1e-9)


# ---------------------------------------------------------------- required paths


def test_a_required_path_by_hand() -> None:
    """From 80 to 160 in 3 years: g = 2 ** (1/3) - 1 = 0.259921; 80 more in 3 years; 160 / 1.1 ** 3 = 120.210368."""
    asked = required_path(80, 160, 3, annual_rate=0.1)
    assert asked.required_growth == pytest.approx(0.25992104989487, abs=1e-12)
    assert asked.path.tolist() == pytest.approx([80, 100.79368399159, 126.99208415746, 160], rel=1e-12)
    assert asked.path.index.tolist() == [0, 1, 2, 3]
    assert (asked.gap, asked.gap_share, asked.linear_pace) == (80, 0.5, pytest.approx(80 / 3))
    assert asked.implied_base == pytest.approx(120.2103681442525, rel=1e-12)
    assert np.isnan(required_path(80, 160, 3).implied_base)


def test_a_target_that_is_passed_asks_for_no_growth() -> None:
    asked = required_path(200, 160, now_year=2021, target_year=2023)
    assert asked.required_growth < 0 > asked.gap
    assert asked.path.index.tolist() == [2021, 2022, 2023]


@given(st.floats(1, 1e12), st.floats(0.01, 100), st.integers(1, 12), st.floats(1e-3, 1e3))
def test_a_path_leads_from_now_to_the_target_in_any_unit(now: float, times: float, n: int, unit: float) -> None:
    target = now * times
    asked, scaled = required_path(now, target, n), required_path(now * unit, target * unit, n)
    assert asked.path.iloc[[0, -1]].tolist() == pytest.approx([now, target], rel=1e-9)
    assert scaled.path.to_numpy() == pytest.approx(asked.path.to_numpy() * unit, rel=1e-9)
    assert now + n * asked.linear_pace == pytest.approx(target, rel=1e-9, abs=1e-9 * now)
    stated = required_path(now, target, n, annual_rate=asked.required_growth)
    assert stated.implied_base == pytest.approx(now, rel=1e-9)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"now": 0}, "now must be a positive amount.*; got 0"),
        ({"now": float("nan")}, "now must be a positive amount.*; got nan"),
        ({"target": -1}, "target must be a positive amount.*; got -1"),
        ({"target": float("inf")}, "target must be a positive amount.*; got inf"),
        ({"intervals": 0}, "intervals must be a whole number of years, at least 1; got 0"),
        ({"intervals": 1.5}, r"intervals must be a whole number of years, at least 1; got 1\.5"),
        ({"intervals": None}, "intervals must be given, or else both now_year and target_year; got nothing"),
        ({"now_year": 2021, "target_year": 2025}, "intervals must be 4, the years from 2021 to 2025; got 3"),
        ({"annual_rate": -1}, "annual_rate must be a growth a year above -1; got -1"),
        ({"annual_rate": float("nan")}, "annual_rate must be a growth a year above -1; got nan"),
        ({"intervals": None, "now_year": 2023, "target_year": 2021}, "intervals must be a whole number.*; got -2"),
    ],
)
def test_no_path_from_or_to_what_is_no_level(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(BadValue, match=said):
        required_path(**{"now": 80, "target": 160, "intervals": 3} | wrong)


def test_distance_to_a_path_by_hand() -> None:
    path = required_path(100, 121, now_year=2021, target_year=2023).path
    table = distance_to_path(pd.Series({2020: 50, 2023: 132, 2022: 99}), path)
    assert table.index.tolist() == [2022, 2023]
    assert table[c.AHEAD_CNY].tolist() == pytest.approx([-11, 11])
    assert table[c.AHEAD_SHARE].tolist() == pytest.approx([-0.1, 1 / 11])


@pytest.mark.parametrize(
    ("actual", "path"),
    [({2021: float("nan")}, {2021: 1}), ({2021: 1}, {2021: 0}), ({2021: 1}, {2021: float("inf")})],
)
def test_no_distance_to_what_is_no_level(actual: dict[int, float], path: dict[int, float]) -> None:
    with pytest.raises(BadValue, match="2021"):
        distance_to_path(pd.Series(actual), pd.Series(path))
    with pytest.raises(BadValue, match="once"):
        distance_to_path(pd.Series([1, 2], [2021, 2021]), pd.Series({2021: 1.0}))


# ---------------------------------------------------------------- matched firms


def test_a_firm_of_one_year_only_takes_no_part(register: Register) -> None:
    """a: 40 to 60, b: 10 to 50; the newcomer's 900 and the 700 of a firm that left are not growth."""
    rows = [("a", 2020, 40), ("a", 2021, 60), ("b", 2020, 10), ("b", 2021, 50), ("new", 2021, 900), ("old", 2020, 700)]
    assert matched_growth(registered(register(X=rows)), base_year=2020, year=2021, by=BY).loc["X"].to_dict() == {
        "matched_firms": 2,
        "base_cny": 50,
        "matched_cny": 110,
        "growth": pytest.approx(1.2),
    }


def test_growth_over_two_years_is_a_rate_a_year_and_the_year_between_does_not_count(register: Register) -> None:
    rows = [("a", 2019, 100), ("a", 2020, 999), ("a", 2021, 121), ("b", 2020, 5), ("b", 2021, 5)]
    matched = registered(register(X=rows))
    row = matched_growth(matched, base_year=2019, year=2021, by=BY, annual_rate=0.2).loc["X"]
    assert row[c.MATCHED_FIRMS] == 1
    assert row[c.GROWTH] == pytest.approx(0.1)
    assert row[c.PATH_CNY] == pytest.approx(144)


def test_groups_are_kept_apart_and_one_without_a_match_is_absent(register: Register) -> None:
    made = register(X=[("a", 2020, 10), ("a", 2021, 11)], Y=[("b", 2020, 10), ("b", 2021, 9)], Z=[("z", 2021, 10)])
    growth = matched_growth(registered(made), base_year=2020, year=2021, by=BY)[c.GROWTH]
    assert growth.to_dict() == {"X": pytest.approx(0.1), "Y": pytest.approx(-0.1)}


def test_growth_from_zero_is_missing_while_the_firms_are_counted(register: Register) -> None:
    matched = registered(register(X=[("a", 2020, 0), ("a", 2021, 7)]))
    row = matched_growth(matched, base_year=2020, year=2021, by=BY).loc["X"]
    assert (row[c.MATCHED_FIRMS], row[c.MATCHED_CNY]) == (1, 7)
    assert np.isnan(row[c.GROWTH])


@pytest.mark.parametrize("base_year", [2021, 2022])
def test_the_base_year_lies_before_the_year(register: Register, base_year: int) -> None:
    with pytest.raises(ValueError, match=f"base_year must be a year before 2021; got {base_year}"):
        matched_growth(registered(register(X=[("a", 2021, 1)])), base_year=base_year, year=2021, by=BY)


def test_without_a_matched_firm_the_answer_is_empty(register: Register) -> None:
    for nothing in ([], [("a", 2020, 10)], [("a", 2020, 10), ("b", 2021, 10)]):
        matched = registered(register(X=nothing))
        result = matched_growth(matched, base_year=2020, year=2021, by=BY, annual_rate=0.1)
        assert len(result) == 0
        assert c.GROWTH in result


def test_money_is_summed_in_whole_yuan(register: Register) -> None:
    rows = [("a", 2020, 560_118_000_001), ("a", 2021, 560_118_000_003), ("b", 2020, 1), ("b", 2021, 1)]
    result = matched_growth(registered(register(X=rows)), base_year=2020, year=2021, by=BY)
    assert result[[c.BASE_CNY, c.MATCHED_CNY]].dtypes.astype(str).tolist() == ["int64", "int64"]
    assert result.loc["X", [c.BASE_CNY, c.MATCHED_CNY]].tolist() == [560_118_000_002, 560_118_000_004]


few = settings(max_examples=30)
ROWS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from([2020, 2021]), st.integers(1, 10**12)),
    unique_by=lambda row: row[:2],
    max_size=12,
)


@few
@given(ROWS, st.randoms())
def test_the_order_of_rows_does_not_matter_and_the_input_stays(register: Register, rows: Rows, rng: object) -> None:
    shuffled = list(rows)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    made = register(X=rows)
    before = made.observations.copy()
    pd.testing.assert_frame_equal(matched_firms(made), matched_firms(register(X=shuffled)))
    pd.testing.assert_frame_equal(made.observations, before)


@few
@given(ROWS)
def test_matched_sums_agree_with_plain_python(register: Register, rows: Rows) -> None:
    then = {firm: cny for firm, year, cny in rows if year == 2020}
    now = {firm: cny for firm, year, cny in rows if year == 2021}
    both = sorted(then.keys() & now.keys())
    result = matched_growth(registered(register(X=rows)), base_year=2020, year=2021, by=BY)
    if not both:
        assert len(result) == 0
        return
    row = result.loc["X"]
    assert row[c.MATCHED_FIRMS] == len(both)
    assert row[c.BASE_CNY] == sum(then[firm] for firm in both)
    assert row[c.MATCHED_CNY] == sum(now[firm] for firm in both)


# ---------------------------------------------------------------- the bundled set


def test_growth_of_the_internet_cluster_leaves_tencent_out(dataset: Dataset) -> None:
    """腾讯's 2020 is from memory; so 互联网 is 002654 and 300242: 41.5982 + 69.9702 to 44.1118 + 65.2901 亿元."""
    result = matched_growth(registered(dataset), base_year=2020, year=2021, by=[c.SUBSECTOR_ID])
    row = result.loc["S07"]
    assert row[c.MATCHED_FIRMS] == 2
    assert (row[c.BASE_CNY], row[c.MATCHED_CNY]) == (11_156_840_000, 10_940_190_000)
    assert row[c.GROWTH] == pytest.approx(109.4019 / 111.5684 - 1)
    assert row[c.GROWTH] == pytest.approx(-0.0194, abs=5e-5)


@pytest.mark.parametrize(("base_year", "year"), [(2019, 2020), (2019, 2021), (2020, 2021), (2021, 2023)])
def test_growth_agrees_with_the_reference_files(dataset: Dataset, base_year: int, year: int) -> None:
    """An inner join of the two years' rows of the CSV, without our loader."""
    revenue = pd.read_csv(REFERENCE / "revenue.csv", dtype={"stock_code": str}).query(
        "not status.str.contains('memory')"
    )
    subsector = pd.read_csv(REFERENCE / "firms.csv", dtype=str).set_index("stock_code")["subsector"]
    ids = pd.read_csv(REFERENCE / "subsectors.csv").set_index("short_name")["subsector_id"]
    then, now = (revenue[revenue["year"] == y].set_index("stock_code")["revenue_yi"] for y in (base_year, year))
    both = pd.concat([then.rename("then"), now.rename("now")], axis=1, join="inner")
    sums = both.groupby(subsector.map(ids).reindex(both.index)).sum()
    expected = (sums["now"] / sums["then"]) ** (1 / (year - base_year)) - 1
    result = matched_growth(registered(dataset), base_year=base_year, year=year, by=[c.SUBSECTOR_ID])
    assert len(result) > 0
    assert result[c.GROWTH].to_dict() == pytest.approx(expected.to_dict(), rel=1e-9)
