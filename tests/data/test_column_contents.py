"""What cells look like, where no heading says it."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import columns as c
from data.column_contents import SAMPLE, easting_first, guess_column, is_numeric, median, sample, share_with_money_unit
from data.mapping import TableKind


def test_a_sample_is_spread_over_the_filled_cells_and_never_larger_than_told() -> None:
    column = pa.chunked_array([[None, *range(500)], [*range(500, 1000), None]], pa.int64())
    taken = sample(column).to_pylist()
    assert len(taken) == SAMPLE
    assert (taken[0], taken[-1]) == ("0", "999")
    assert sample(pa.array(["a", None], pa.string())).to_pylist() == ["a"]
    assert sample(pa.nulls(3)).to_pylist() == []
    assert sample(pa.array([1.5])).to_pylist() == ["1.5"]


def test_numbers_are_told_from_words_and_units_are_counted() -> None:
    assert is_numeric(pa.array(["1", "2.5万元", "x"]))
    assert not is_numeric(pa.array(["一", "二", "3"]))
    assert share_with_money_unit(pa.array(["3亿元", "4", "5万", "x"])) == 0.5
    assert share_with_money_unit(pa.array([], pa.string())) == 0
    assert median(pa.array(["1", "2", "9"])) == 2
    assert median(pa.array(["a", "b", "9"])) != median(pa.array(["a", "b", "9"]))  # not a number


@given(st.floats(73, 136), st.floats(4, 53))
def test_degrees_in_china_have_one_order(lon: float, lat: float) -> None:
    assert easting_first(lon, lat) is True
    assert easting_first(lat, lon) is False


@given(st.floats(2.2e5, 7.8e5), st.sampled_from([0, *range(25, 46)]), st.floats(1.2e6, 5.9e6))
def test_metres_have_one_order_where_the_northing_is_too_large_for_an_easting(
    east: float, zone: int, north: float
) -> None:
    assert easting_first(zone * 1e6 + east, north) is True
    assert easting_first(north, zone * 1e6 + east) is False


def test_a_place_that_both_orders_make_or_none_is_not_decided() -> None:
    assert easting_first(500_000.0, 500_000.0) is None
    assert easting_first(20_000.0, 110_000.0) is None
    assert easting_first(float("nan"), 22.5) is None


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        (["91350100M000100Y43", "9.14403E+17"], c.FIRM_ID),
        (["2021", "2022年"], c.YEAR),
        (["113.93", "114.05"], c.LON),
        (["22.53", "22°30'0\""], c.LAT),
        (["S01", "S12"], c.SUBSECTOR_ID),
        (["南山区", "福田区"], c.REGISTERED_DISTRICT_ID),
        (["甲有限公司", "B Co., Ltd.", "丙研究院"], c.NAME),
        (["南山区科技路1号", "深圳市福田区深南大道2号"], c.ADDRESS),
        (["甲科技园", "乙大厦B座"], c.PARK),
        (["12", "13"], None),
        (["x", "y"], None),
        ([], None),
    ],
)
def test_cells_look_like_a_column(cells: list[str], column: str | None) -> None:
    found = guess_column(pa.array(cells, pa.string()), TableKind.FIRMS)
    assert (found and found[0]) == column


def test_names_of_firms_and_parks_are_other_columns_in_a_table_of_parks() -> None:
    assert guess_column(pa.array(["甲有限公司"]), TableKind.PARKS) == (c.OPERATOR, 1.0)
    assert guess_column(pa.array(["甲科技园"]), TableKind.PARKS) == (c.NAME, 1.0)
