"""A row keeps its own point, else it stands where its words say; polygons give a second opinion and move nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import columns as c
from data.dataset import Dataset
from data.placing import QIANHAI, TOLERANCE_M, Placed, place_firms
from data.reference import gazetteer_of
from geo.errors import CoordinatesOutOfRange

NAN = float("nan")
FUTIAN, NANSHAN, BAOAN, LONGGANG = "440304", "440305", "440306", "440307"
IN_FUTIAN, IN_NANSHAN, IN_DAPENG, IN_DONGGUAN = (114.05, 22.54), (113.945, 22.548), (114.495, 22.59), (113.75, 23.02)


def texts(*values: str | None) -> pa.Array:
    return pa.array(values, pa.large_string())


def place(
    dataset: Dataset,
    *,
    point: tuple[float, float] = (NAN, NAN),
    address: str | None = None,
    park: str | None = None,
    district: str | None = None,
) -> Placed:
    """One row."""
    lon, lat = point
    return place_firms([lon], [lat], texts(address), texts(park), texts(district), dataset)


def one(column: pa.Array) -> str | None:
    (value,) = column.to_pylist()
    return value


# ---------------------------------------------------------------- where a row stands


@pytest.mark.parametrize(
    ("said", "precision", "name"),
    [
        ({"address": "深圳市南山区学苑大道1001号南山智园A1栋"}, "park", "南山智园"),
        ({"address": "科技路8号", "park": "南山智园"}, "park", "南山智园"),
        ({"address": "深圳市南山区西丽打石一路"}, "street", "西丽街道"),
        ({"address": "深圳市福田区彩田路6001号"}, "district", "福田区"),
        ({"district": "盐田"}, "district", "盐田区"),
        ({"address": "海口市龙华区国贸路1号"}, "none", None),
        ({}, "none", None),
        ({"address": "  ", "district": ""}, "none", None),
    ],
)
def test_a_row_without_a_point_stands_at_what_its_words_name(
    dataset: Dataset, said: dict[str, str], precision: str, name: str | None
) -> None:
    placed = place(dataset, **said)  # type: ignore[arg-type]
    assert one(placed.location_precision) == precision
    known = {place.place_id: place for place in gazetteer_of(dataset).places}
    if name is None:
        assert one(placed.place_id) is None
        assert np.isnan([placed.lon[0], placed.lat[0]]).all()
    else:
        found = known[str(one(placed.place_id))]
        assert found.name == name
        assert (placed.lon[0], placed.lat[0]) == (found.lon, found.lat)


def test_a_row_with_a_point_keeps_it_whatever_its_words_name(dataset: Dataset) -> None:
    placed = place(dataset, point=IN_NANSHAN, address="深圳市南山区学苑大道1001号南山智园")
    assert (placed.lon[0], placed.lat[0]) == IN_NANSHAN
    assert one(placed.location_precision) == "exact"
    assert one(placed.place_id) is None
    assert one(placed.place_evidence) == "coordinates; park:南山智园; district:440305"
    assert one(placed.place_conflict) == ""


def test_half_a_point_is_none(dataset: Dataset) -> None:
    assert one(place(dataset, point=(114.05, NAN), district="福田").location_precision) == "district"


def test_the_firms_of_the_bundled_set_stand_where_they_stood(dataset: Dataset) -> None:
    """The park of a row is not in the table that is kept, so only rows that are placed without one are compared."""
    firms = dataset.firms
    columns = (c.ADDRESS, c.REGISTERED_DISTRICT_ID)
    address, district = (pa.array(firms[name].to_list(), pa.large_string()) for name in columns)
    nothing = np.full(len(firms), NAN)
    placed = place_firms(nothing, nothing, address, None, district, dataset)
    same = np.array(placed.place_id.to_pylist(), object) == firms[c.PLACE_ID].to_numpy(object)
    assert same.mean() > 0.8
    assert np.array_equal(placed.lon[same], firms[c.LON].to_numpy(float)[same], equal_nan=True)
    evidence = np.array(placed.place_evidence.to_pylist(), object)[same]
    assert (evidence == firms[c.PLACE_EVIDENCE].to_numpy(object)[same]).all()


# ---------------------------------------------------------------- the district


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("440305", NANSHAN),
        (" 南山区 ", NANSHAN),
        ("南山", NANSHAN),
        ("深圳市南山区", NANSHAN),
        ("Nanshan", NANSHAN),
        ("NANSHAN DISTRICT", NANSHAN),
        ("Bao'an", BAOAN),
        ("Bao’an District", BAOAN),
        ("baoan", BAOAN),
        ("南山区(前海)", NANSHAN),
        ("南山（前海）", NANSHAN),
        ("前海(南山)", NANSHAN),
        ("宝安区/前海", BAOAN),
        ("大鹏", "440307-DP"),
        ("大鹏新区", "440307-DP"),
        ("Dapeng", "440307-DP"),
        ("深汕", "441521-SS"),
        ("深汕特别合作区", "441521-SS"),
        ("441521-SS", "441521-SS"),
        ("龙华新区", "440309"),
    ],
)
def test_a_declared_district_is_read_in_every_form(dataset: Dataset, written: str, expected: str) -> None:
    placed = place(dataset, district=written)
    assert one(placed.registered_district_id) == one(placed.named_district) == expected
    assert not placed.unknown_district[0]


def test_a_district_that_is_none_of_ours_is_told_and_not_guessed(dataset: Dataset) -> None:
    placed = place(dataset, district="天河区")
    assert placed.unknown_district[0]
    assert one(placed.registered_district_id) is None


def test_the_declared_district_comes_before_the_address_and_the_address_before_the_point(dataset: Dataset) -> None:
    address = "深圳市南山区西丽打石一路"
    assert one(place(dataset, point=IN_DAPENG, address=address, district="福田").registered_district_id) == FUTIAN
    assert one(place(dataset, point=IN_DAPENG, address=address).registered_district_id) == NANSHAN
    assert one(place(dataset, point=IN_DAPENG).registered_district_id) == "440307-DP"
    assert one(place(dataset).registered_district_id) is None


def test_a_bare_qianhai_is_a_park_that_contradicts_no_point(dataset: Dataset) -> None:
    for written in ("前海", "前海合作区", "前海深港现代服务业合作区", "Qianhai"):
        placed = place(dataset, district=written)
        assert one(placed.place_evidence) == f"park:{QIANHAI}"
        assert one(placed.registered_district_id) == NANSHAN
        assert one(placed.named_district) is None
        assert not placed.unknown_district[0]
    assert not place(dataset, point=(113.852, 22.69), district="前海").disagrees[0]


def test_an_address_says_more_than_a_bare_qianhai(dataset: Dataset) -> None:
    placed = place(dataset, address="深圳市宝安区新安街道海天路15号", district="前海")
    assert (one(placed.location_precision), one(placed.registered_district_id)) == ("street", BAOAN)


# ---------------------------------------------------------------- the second opinion


def test_a_point_in_another_district_than_the_row_names_is_told(dataset: Dataset) -> None:
    placed = place(dataset, point=IN_FUTIAN, district="南山区")
    assert placed.disagrees[0]
    assert not placed.outside[0]
    assert one(placed.place_conflict) == "point 440304, named 440305"
    assert one(placed.registered_district_id) == NANSHAN


def test_the_conflicts_of_the_words_stand_behind_that_of_the_point(dataset: Dataset) -> None:
    placed = place(dataset, point=IN_DAPENG, address="深圳市福田区彩田路6001号", district="南山区")
    assert one(placed.place_conflict) == "point 440307-DP, named 440305; declared 440305, address 440304"


def test_a_point_that_agrees_or_has_nothing_to_agree_with_is_not_told(dataset: Dataset) -> None:
    assert not place(dataset, point=IN_FUTIAN, district="福田").disagrees[0]
    assert not place(dataset, point=IN_FUTIAN).disagrees[0]
    assert not place(dataset, district="福田").disagrees[0]


def test_dapeng_lies_in_longgang_but_longgang_not_in_dapeng(dataset: Dataset) -> None:
    assert not place(dataset, point=IN_DAPENG, district="龙岗区").disagrees[0]
    assert place(dataset, point=(114.262, 22.714), district="大鹏新区").disagrees[0]


def test_a_point_beyond_the_city_is_outside_and_in_no_other_district(dataset: Dataset) -> None:
    placed = place(dataset, point=IN_DONGGUAN, district="南山区")
    assert placed.outside[0]
    assert not placed.disagrees[0]
    assert one(placed.registered_district_id) == NANSHAN
    assert place(dataset, point=(-170.0, -80.0)).outside[0]
    assert not place(dataset, district="南山区").outside[0]


def test_an_edge_does_not_cry_wolf(four_towns: Dataset) -> None:
    """甲镇 and 乙镇 meet at 114.1 E; a degree of longitude is 102.9 km at 22.55 N, the city ends at 22.5 N."""
    near, far = (share * TOLERANCE_M / 102_900 for share in (0.95, 1.05))
    lon = [114.1 + near, 114.1 + far, 114.05, 114.05, 114.15]
    lat = [22.55, 22.55, 22.5 - 0.9 * TOLERANCE_M / 110_700, 22.5 - 1.1 * TOLERANCE_M / 110_700, 22.499]
    placed = place_firms(lon, lat, None, None, texts(*["甲镇"] * 5), four_towns)
    assert placed.named_district.to_pylist() == ["440391"] * 5
    assert placed.disagrees.tolist() == [False, True, False, False, False]  # the last is in no district
    assert placed.outside.tolist() == [False, False, False, True, False]
    assert placed.place_conflict.to_pylist() == ["", "point 440392, named 440391", "", "", ""]


# ---------------------------------------------------------------- anchors


def test_a_park_or_street_anchors_a_row_and_a_district_or_a_contradiction_does_not(dataset: Dataset) -> None:
    park = place(dataset, point=IN_FUTIAN, address="深圳市南山区南山智园")
    assert (park.anchor_lon[0], park.anchor_lat[0]) == (114.00084, 22.59643)
    assert not np.isnan(place(dataset, address="深圳市南山区西丽打石一路").anchor_lon[0])
    for said in ({"address": "深圳市福田区彩田路6001号"}, {"address": "深圳市南山区南山智园", "district": "盐田"}):
        assert np.isnan(place(dataset, **said).anchor_lon[0])  # type: ignore[arg-type]


# ---------------------------------------------------------------- tables


def test_columns_may_be_missing_chunked_or_dictionaries(dataset: Dataset) -> None:
    nothing = [NAN, NAN]
    plain = place_firms(nothing, nothing, None, None, texts("南山", None), dataset)
    chunked = pa.chunked_array([texts("南山").cast(pa.string()), pa.nulls(1, pa.string())])
    coded = texts("南山", None).dictionary_encode()
    for column in (chunked, coded):
        again = place_firms(nothing, nothing, pa.nulls(2), None, column, dataset)
        assert again.registered_district_id.to_pylist() == plain.registered_district_id.to_pylist()
    assert place_firms([], [], None, None, None, dataset).lon.size == 0


def test_numbers_that_are_no_position_are_refused(dataset: Dataset) -> None:
    with pytest.raises(CoordinatesOutOfRange):
        place(dataset, point=(22.5, 114.0))


def test_parks_without_a_name_to_read_do_not_stop_a_gazetteer(dataset: Dataset) -> None:
    parks = dataset.parks.assign(**{c.NAME: ["A", None, *dataset.parks[c.NAME].iloc[2:]]})
    found = gazetteer_of(replace(dataset, parks=pd.DataFrame(parks)))
    assert len(found.places) == len(gazetteer_of(dataset).places) - 2


ROWS = st.tuples(
    st.sampled_from([None, "深圳市南山区西丽打石一路{}号", "福田区华强北路{}号", "海口市{}", "龙岗区坂田街道{}", "{}"]),
    st.integers(0, 99),
    st.sampled_from([None, "南山", "前海", "火星区", "440307"]),
    st.sampled_from([(NAN, NAN), IN_FUTIAN, IN_DAPENG, IN_DONGGUAN]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(ROWS, max_size=8))
def test_rows_are_placed_one_by_one(
    dataset: Dataset, rows: list[tuple[str | None, int, str | None, tuple[float, float]]]
) -> None:
    """What stands in other rows, their order and their house numbers change nothing."""
    addresses = [None if text is None else text.format(door) for text, door, *_ in rows]
    lon, lat = ([point[i] for *_, point in rows] for i in (0, 1))
    districts = texts(*(district for *_, district, _ in rows))
    together = place_firms(lon, lat, texts(*addresses), None, districts, dataset)
    for i, (address, (_, _, district, point)) in enumerate(zip(addresses, rows, strict=True)):
        alone = place(dataset, point=point, address=address, district=district)
        for name in Placed.__dataclass_fields__:
            found, expected = getattr(together, name)[i : i + 1], getattr(alone, name)
            if isinstance(expected, pa.Array):
                assert found.to_pylist() == expected.to_pylist(), name
            else:
                np.testing.assert_array_equal(found, expected)
