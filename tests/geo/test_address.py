"""Addresses of the bundled firms, and addresses that mislead, read by the gazetteer of the bundled tables.

The bundled districts have no label point, so that each district stands here at the first corner of an invented grid
(longitude 100 and up, far from Shenzhen): a district coordinate cannot be taken for a park's or a street's.
"""

import csv
from collections import Counter, defaultdict
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.address import READ_CHARACTERS, Gazetteer, Place, Placement, normalize_address
from geo.errors import CoordinateError, GeoError

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
DA_PENG, SHEN_SHAN = "440307-DP", "441521-SS"


def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _degrees(text: str) -> float | None:
    return float(text) if text else None


def _bundled_places() -> list[Place]:
    aliases: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in _rows("gazetteer_aliases.csv"):
        aliases[row["place_kind"], row["name"]].append(row["alias"])
    districts = {row["name_zh"]: row["area_id"] for row in _rows("districts.csv")}
    places = [
        Place(area, name, "district", 100.0 + at, 10.0, area, tuple(aliases["district", name]))
        for at, (name, area) in enumerate(districts.items())
    ]
    for kind, file, column in (("street", "streets.csv", "street"), ("park", "parks.csv", "name")):
        places.extend(
            Place(
                row[column],
                row[column],
                kind,
                _degrees(row["lon"]),
                _degrees(row["lat"]),
                districts.get(row["district"].split("/")[0]),  # 跨区 lies in none, 宝安区/前海 in 宝安区
                tuple(aliases[kind, row[column]]),
            )
            for row in _rows(file)
        )
    return places


PLACES = _bundled_places()
COORDINATES = {(place.lon, place.lat) for place in PLACES if place.lon is not None}
GAZETTEER = Gazetteer(PLACES)
FIRMS = {row["stock_code"]: row for row in _rows("firms.csv")}


def _place_firm(stock_code: str) -> Placement:
    firm = FIRMS[stock_code]
    return GAZETTEER.place(firm["address"], park=firm["park"], district=firm["district"])


# Worked by eye: the address, then what a reader of it would point at.
ADDRESSES = [
    # parks of the bundled firms
    ("深圳市南山区深圳湾科技生态园9栋B4座23楼", "park", "深圳湾科技生态园", "440305"),
    ("深圳市南山区粤海街道沙河西路深圳湾科技生态园一区2栋A座5层", "park", "深圳湾科技生态园", "440305"),
    ("深圳市福田保税区市花路 10 号东方嘉盛大厦 6 楼", "park", "福田保税区", "440304"),
    ("广东省深圳市南山区学苑大道1001号南山智园B1栋21-23楼", "park", "南山智园", "440305"),
    ("深圳市福田区天安数码城天祥大厦AB座10A", "park", "天安数码城(福田)", "440304"),
    ("深圳市南山区粤海街道海天二路软件产业基地5栋D座10楼", "park", "深圳市软件产业基地", "440305"),
    ("深圳市龙华区观澜高新技术产业园英飞拓厂房", "park", "观澜高新园", "440309"),
    ("深圳市龙华新区观澜街道高新技术产业园汇川技术总部大厦", "park", "观澜高新园", "440309"),
    (
        "深圳市前海深港合作区南山街道梦海大道5033号卓越前海壹号3号楼L28-04单元",
        "park",
        "前海合作区",
        "440305",
    ),
    # streets of the bundled firms
    (
        "广东省深圳市福田区梅林街道梅都社区中康路126号卓越梅林中心广场（南区）卓悦汇B2206A",
        "street",
        "梅林街道",
        "440304",
    ),
    ("深圳市光明区玉塘街道田寮社区同观大道3号证通电子产业园", "street", "玉塘街道", "440311"),
    ("广东省深圳市福田区华富街道莲花一村社区彩田路7018号新浩壹都A4201", "street", "华富街道", "440304"),
    ("深圳市南山区西丽打石一路深圳国际创新谷1栋A座15楼", "street", "西丽街道", "440305"),
    ("深圳市南山区西丽街道西丽社区打石一路深圳国际创新谷六栋A座", "street", "西丽街道", "440305"),
    ("深圳市龙华区龙华街道东环二路二号富士康科技园C1栋二层", "street", "龙华街道", "440309"),
    ("深圳市福田区福田街道福安社区福华一路1号", "street", "福田街道", "440304"),
    ("广东省深圳市福田区华强北街道福强社区深南中路2070号", "street", "华强北街道", "440304"),
    # districts of the bundled firms: roads, towers and an unspecified part of 高新区 are no places of ours
    ("深圳市福田区华强北路华强广场A座5楼", "district", "440304", "440304"),
    ("深圳市南山区科技园科技路1 号桑达科技大厦15－17 层", "district", "440305", "440305"),
    ("深圳市南山区沙河西路3157号南山智谷产业园B座15-20层", "district", "440305", "440305"),
    ("深圳市南山区高新区科技中二路软件园2栋6楼", "district", "440305", "440305"),
    ("深圳市南山区高新技术产业园南区科技南十二路2号金蝶软件园", "district", "440305", "440305"),
    ("深圳市南山区深南大道市高新技术园R2厂房B区3a层", "district", "440305", "440305"),
    ("深圳市南山区 (street not found)", "district", "440305", "440305"),
    ("中国深圳 (press-release dateline; street address not found)", "none", None, None),
    # 大鹏 and 深汕, which off-the-shelf parsers lose
    ("深圳市大鹏新区葵涌街道延安路1号", "street", "葵涌街道", DA_PENG),
    ("广东省深圳市大鹏新区大鹏街道鹏飞路", "street", "大鹏街道", DA_PENG),
    ("深圳市龙岗区大鹏新区坝光", "district", DA_PENG, DA_PENG),
    ("深圳市大鹏新区海洋生物产业园2栋", "park", "大鹏海洋生物产业园", DA_PENG),
    ("深圳市深汕特别合作区鹅埠镇创新大道", "district", SHEN_SHAN, SHEN_SHAN),
    ("广东省汕尾市海丰县鹅埠镇深汕特别合作区创业路", "district", SHEN_SHAN, SHEN_SHAN),
    ("深汕合作区小漠镇", "district", SHEN_SHAN, SHEN_SHAN),
    ("深圳市龙岗区深汕路100号", "district", "440307", "440307"),
    ("深圳市深汕路100号", "none", None, None),
    ("甘肃省甘南藏族自治州合作市", "none", None, None),
    # 前海 is an overlay
    ("深圳市前海深港合作区前湾一路1号A栋201室", "park", "前海合作区", "440305"),
    ("深圳市宝安区前海合作区新安街道", "street", "新安街道", "440306"),
    # old names, other spellings
    ("深圳市光明新区公明街道", "street", "公明街道", "440311"),
    ("坪山新区", "district", "440310", "440310"),
    ("深圳市　龙岗区，星河ＷＯＲＬＤ【Ａ座】", "park", "星河WORLD", "440307"),
    ("福海-沙井先进制造业园区", "district", "440306", "440306"),
    # the longest name, and names inside other names
    ("深圳市龙岗天安数码城", "park", "龙岗天安数码城", "440307"),
    ("深圳市龙岗区龙城街道黄阁路天安数码城1栋", "park", "龙岗天安数码城", "440307"),
    ("深圳市福田区龙岗天安数码城", "district", "440304", "440304"),
    ("深圳市宝安区天安数码城", "district", "440306", "440306"),
    ("深圳市天安数码城", "none", None, None),
    ("盐田区沙头角街道", "street", "沙头角街道", "440308"),
    ("南山区深圳科技园", "park", "深圳科技园(高新区中区)", "440305"),
    ("南山区深圳科技园南区", "district", "440305", "440305"),
    ("南山区天安云谷", "district", "440305", "440305"),
    ("坂田街道天安云谷", "park", "天安云谷", "440307"),
    ("龙岗区天安云谷路", "district", "440307", "440307"),
    # bare names
    ("西丽街道", "street", "西丽街道", "440305"),
    ("西丽", "none", None, None),
    ("深圳市西丽", "none", None, None),
    ("南山区西丽", "street", "西丽街道", "440305"),
    ("南山区西丽路12号", "district", "440305", "440305"),
    ("南山区西丽湖路", "district", "440305", "440305"),
    ("南山区西丽地铁站", "district", "440305", "440305"),
    ("南山区南山大道", "district", "440305", "440305"),
    ("福田区沙头角", "district", "440304", "440304"),
    ("福田区莲花一村景田路", "district", "440304", "440304"),
    ("南山区招商证券大厦", "district", "440305", "440305"),
    ("罗湖区东门中路", "district", "440303", "440303"),
    ("龙岗区布吉镇", "district", "440307", "440307"),
    ("龙岗区坂田雪岗路2018号", "street", "坂田街道", "440307"),
    ("龙岗", "none", None, None),
    ("福田路", "none", None, None),
    ("深圳市福田", "district", "440304", "440304"),
    ("深圳南山科技园科苑路15号", "district", "440305", "440305"),
    ("深圳南山粤海街道科苑路", "street", "粤海街道", "440305"),
    ("深圳市宝安南路2014号", "none", None, None),  # lies in 罗湖区
    ("深圳市宝安广场", "none", None, None),  # lies in 罗湖区
    ("深圳市龙岗大道", "none", None, None),
    ("光明区域中心", "none", None, None),
    # parks without a coordinate
    ("深圳市南山区深圳湾创新科技中心2栋", "district", "440305", "440305"),
    ("深圳湾创新科技中心", "district", "440305", "440305"),
    ("宝安区石岩街道石岩先进制造业园区", "street", "石岩街道", "440306"),
    # other cities
    ("海口市龙华区国贸路", "none", None, None),
    ("黑龙江省鹤岗市南山区", "none", None, None),
    ("江苏省盐城市南湖街道", "none", None, None),
    ("盐城市亭湖区新安街道", "none", None, None),
    ("车公庙市场福田区", "district", "440304", "440304"),
    ("南山市民中心福田区", "district", "440304", "440304"),
    ("广州市花都区新华街道光明区", "none", None, None),
]


@pytest.mark.parametrize(("address", "precision", "place_id", "district"), ADDRESSES)
def test_address_is_placed_where_a_reader_would_point(
    address: str, precision: str, place_id: str | None, district: str | None
) -> None:
    placed = GAZETTEER.place(address)
    assert (placed.precision, placed.place_id, placed.district) == (precision, place_id, district)
    assert placed.conflicts == ()


@pytest.mark.parametrize(
    "text", ["440305", "南山区", "南山", "深圳市南山区", "南山区(前海)", "南山区（前海）", " 南 山 区 "]
)
def test_declared_district_is_understood_by_code_and_by_name(text: str) -> None:
    placed = GAZETTEER.place("", district=text)
    assert (placed.precision, placed.district, placed.evidence) == ("district", "440305", ("declared:440305",))


@pytest.mark.parametrize(
    ("text", "district"),
    [
        ("龙华新区", "440309"),
        ("大鹏新区", DA_PENG),
        ("大鹏", DA_PENG),
        (DA_PENG, DA_PENG),
        ("深汕特别合作区", SHEN_SHAN),
        ("深汕", SHEN_SHAN),
        ("宝安区/前海", "440306"),
        ("跨区", None),
        ("前海", None),  # an overlay over two districts is not a district
        ("南山区和福田区", None),
        ("", None),
        (None, None),
    ],
)
def test_declared_district_is_one_of_ours_or_nothing(text: str | None, district: str | None) -> None:
    assert GAZETTEER.place("", district=text).district == district


@pytest.mark.parametrize(
    ("stock_code", "conflicts"),
    [("002889", ("declared 440305, address 440304",)), ("300556", ("declared 440303, address 440304",))],
)
def test_address_wins_over_the_declared_district_and_the_conflict_is_told(
    stock_code: str, conflicts: tuple[str, ...]
) -> None:
    placed = _place_firm(stock_code)
    assert (placed.precision, placed.place_id, placed.district) == ("park", "福田保税区", "440304")
    assert placed.conflicts == conflicts
    assert placed.evidence[0] == "park:福田保税区"


@pytest.mark.parametrize(
    ("address", "park", "district", "place_id", "conflicts"),
    [
        ("", "天安数码城(福田)", None, "天安数码城(福田)", ()),
        ("", "天安数码城（福田）", None, "天安数码城(福田)", ()),
        ("", "天安数码城", "福田区", "天安数码城(福田)", ()),
        ("龙岗区", "天安数码城", "龙岗区", "龙岗天安数码城", ()),
        ("", "天安数码城", None, None, ()),
        ("", "天安数码城", "宝安区", "440306", ()),
        ("", "南山智园", "福田区", "南山智园", ("declared 440304, park 440305",)),
        ("福田区彩田路", "南山智园", None, "南山智园", ("park 440305, address 440304",)),
        (
            "深圳市南山区深圳软件园",
            "南山智园",
            "南山区",
            "南山智园",
            ("declared park:南山智园, address park:深圳软件园",),
        ),
        ("", "深圳湾创新科技中心", None, "440305", ()),
        ("粤海街道", "深圳湾创新科技中心", None, "粤海街道", ()),
        ("", "深圳国家高新区(全区)", None, None, ()),
        ("", "深圳国家高新区/科技园 (unspecified part)", "南山区", "440305", ()),
        ("", "南山", None, None, ()),
    ],
)
def test_declared_park_comes_first_when_it_is_one_of_ours(
    address: str, park: str, district: str | None, place_id: str | None, conflicts: tuple[str, ...]
) -> None:
    placed = GAZETTEER.place(address, park=park, district=district)
    assert (placed.place_id, placed.conflicts) == (place_id, conflicts)


@pytest.mark.parametrize(
    ("address", "district", "place_id", "conflicts"),
    [
        ("坂田街道雪岗路2018号", "龙华区", "坂田街道", ("declared 440309, address 440307",)),
        ("宝安区观澜街道观光路", None, "观澜街道", ("address 440309, address 440306",)),
        ("福田区彩田路（原龙岗区）", None, "440304", ("address 440304, address 440307",)),
        ("龙岗区葵涌街道", DA_PENG, "葵涌街道", ("address 440307-DP, address 440307",)),
        ("北京市海淀区上地九街九号", "南山区", "440305", ("declared 440305, address 北京市",)),
        ("东莞市天安数码城", "福田区", "440304", ("declared 440304, address 东莞市",)),
    ],
)
def test_statements_that_disagree_are_listed(
    address: str, district: str | None, place_id: str, conflicts: tuple[str, ...]
) -> None:
    placed = GAZETTEER.place(address, district=district)
    assert (placed.place_id, placed.conflicts) == (place_id, conflicts)


def test_evidence_names_everything_that_was_recognized_most_precise_first() -> None:
    placed = _place_firm("300348")
    assert placed.evidence == ("park:深圳湾科技生态园", "street:粤海街道", "district:440305", "declared:440305")


def test_park_without_a_coordinate_stays_in_the_evidence() -> None:
    without = [place for place in PLACES if place.kind == "park" and place.lon is None]
    assert len(without) == 11
    for place in without:
        placed = GAZETTEER.place("", park=place.name)
        assert placed.evidence == (f"park:{place.name}",)
        assert placed.precision == ("none" if place.district is None else "district")


def test_name_of_several_parks_is_said_to_be_ambiguous() -> None:
    assert GAZETTEER.place("天安数码城3号").evidence == ("ambiguous:天安数码城",)


def test_another_city_is_named_in_the_evidence() -> None:
    assert GAZETTEER.place("海口市龙华区").evidence == ("elsewhere:海口市",)


def test_every_bundled_place_is_found_by_its_own_name() -> None:
    for place in PLACES:
        placed = GAZETTEER.place(place.name)
        if place.lon is not None:
            assert placed.place_id == place.place_id
        assert placed.conflicts == ()


def test_every_alias_belongs_to_a_bundled_place_and_names_it_within_its_district() -> None:
    by_name = {(place.kind, place.name): place for place in PLACES}
    names = {district.place_id: district.name for district in PLACES if district.kind == "district"}
    for row in _rows("gazetteer_aliases.csv"):
        place = by_name[row["place_kind"], row["name"]]
        assert row["source"]
        assert row["status"]
        if place.kind == "park":
            found = GAZETTEER.place(f"{names[place.district or '']}{row['alias']}").evidence
            assert f"park:{place.name}" in found
        else:
            assert GAZETTEER.place("", district=row["alias"]).district == place.place_id


def test_seventy_firms_by_precision() -> None:
    # Each of the 70 was read by eye. The four without a place have neither address, park nor district.
    placed = {code: _place_firm(code) for code in FIRMS}
    assert len(placed) == 70
    assert Counter(p.precision for p in placed.values()) == {"park": 17, "street": 26, "district": 23, "none": 4}
    assert {code for code, p in placed.items() if p.precision == "none"} == {"688132", "688343", "920680", "01119.HK"}
    assert {code for code, p in placed.items() if p.conflicts} == {"002889", "300556"}


def test_declared_parks_add_three_to_what_the_addresses_alone_name() -> None:
    # 300333 (a tower), 300532 (a road) and 301381 (a tower) name their park in its column only.
    alone = {code: GAZETTEER.place(firm["address"]) for code, firm in FIRMS.items()}
    assert Counter(p.precision for p in alone.values()) == {"park": 14, "street": 28, "district": 23, "none": 5}


def test_unspecified_part_of_the_high_tech_zone_is_no_point() -> None:
    unspecified = [code for code, firm in FIRMS.items() if "unspecified" in firm["park"]]
    assert len(unspecified) == 10
    assert {_place_firm(code).precision for code in unspecified} == {"street", "district"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n\u3000",
        "{{ 7*7 }}",
        "{% include 'x' %}<script>alert(1)</script>",
        "😀🏭" * 50,
        "\x00\x1b[31m\u202e\ud800\ufeff",
        "'; DROP TABLE firms; --",
        "南" * 1_000_000,
        "((((" * 10_000,
        "ﷺ" * 10_000,
        "12345",
        "区街道路",
        "nan",
    ],
    ids=lambda text: f"{len(text)} characters",
)
def test_hostile_text_is_nowhere(text: str) -> None:
    for placed in (GAZETTEER.place(text), GAZETTEER.place(text, park=text, district=text)):
        assert (placed.lon, placed.lat, placed.precision, placed.place_id) == (None, None, "none", None)
        assert (placed.district, placed.evidence, placed.conflicts) == (None, (), ())


def test_control_characters_inside_a_name_do_not_hide_it() -> None:
    assert GAZETTEER.place("南\u200b山\x00智 园").place_id == "南山智园"


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert GAZETTEER.place("x" * READ_CHARACTERS + "南山智园").precision == "none"
    assert GAZETTEER.place("南山智园" + "x" * 1_000_000).place_id == "南山智园"


PIECES = st.one_of(
    st.sampled_from([name for place in PLACES for name in (place.name, *place.aliases)]),
    st.sampled_from(["深圳市", "广东省", "海口市", "路", "大道", "一路", "社区", "(", ")", " ", "西丽", "区"]),
    st.text(max_size=5),
)


@settings(derandomize=True, database=None, deadline=None, max_examples=500)
@given(
    pieces=st.lists(PIECES, max_size=8),
    park=st.one_of(st.none(), PIECES),
    district=st.one_of(st.none(), PIECES),
)
def test_coordinate_is_always_one_of_the_gazetteer(pieces: list[str], park: str | None, district: str | None) -> None:
    placed = GAZETTEER.place("".join(pieces), park=park, district=district)
    if placed.precision == "none":
        assert (placed.lon, placed.lat, placed.place_id) == (None, None, None)
    else:
        assert (placed.lon, placed.lat) in COORDINATES
        assert [place.kind for place in PLACES if place.place_id == placed.place_id] == [placed.precision]


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(text=st.lists(PIECES, max_size=8).map("".join))
def test_normal_form_holds_no_space_and_no_second_bracket(text: str) -> None:
    normal = normalize_address(text)
    assert len(normal) <= READ_CHARACTERS
    assert not set(normal) & set(" \t\n\u3000（）【】[]{}")


def test_order_of_the_places_does_not_matter() -> None:
    turned = Gazetteer(reversed(PLACES))
    for address, district in product([row[0] for row in ADDRESSES], (None, "福田区")):
        assert turned.place(address, district=district) == GAZETTEER.place(address, district=district)


def test_gazetteer_of_another_city_reads_its_own_addresses() -> None:
    here = Place("460106", "龙华区", "district", 110.33, 20.03, "460106", ("龙华",))
    haikou = Gazetteer([here], city="海口市", province="海南省")
    assert haikou.place("海南省海口市龙华区国贸路").place_id == "460106"
    assert haikou.place("海口龙华国贸路").place_id == "460106"
    assert haikou.place("深圳市龙华区").evidence == ("elsewhere:深圳市",)


def test_district_without_a_label_point_is_known_but_not_placed() -> None:
    placed = Gazetteer([Place("1", "甲区", "district", district="1")]).place("深圳市甲区")
    assert (placed.lon, placed.precision, placed.place_id, placed.district) == (None, "none", None, "1")
    assert placed.evidence == ("district:1",)


@pytest.mark.parametrize(("lon", "lat"), [(114.0, None), (None, 22.5), (float("nan"), 22.5), (181.0, 0.0), (0.0, 91.0)])
def test_place_needs_a_whole_coordinate_or_none(lon: float | None, lat: float | None) -> None:
    with pytest.raises(CoordinateError):
        Place("1", "甲园", "park", lon, lat)


@pytest.mark.parametrize(
    "places",
    [
        [Place("1", "甲园", "park"), Place("1", "乙园", "park")],
        [Place("1", "甲", "park")],
        [Place("1", "甲园", "park", aliases=(" ",))],
        [Place("1", "甲区", "district")],
    ],
)
def test_gazetteer_refuses_places_that_it_cannot_tell_apart(places: list[Place]) -> None:
    with pytest.raises(GeoError):
        Gazetteer(places)
