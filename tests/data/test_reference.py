"""The bundled set is what its files say: each row, its source and status, money to the last yuan, places as decided."""

import csv
import re
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import data.reference
from data import columns as c
from data.dataset import Basis, Dataset, firm_districts
from data.errors import BadTable
from data.reference import load_reference
from data.sources import REFERENCE

STATUSES = {"sourced", "secondary", "unverified", "memory"}


def raw(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the reference folder that the loader reads instead."""
    copy = tmp_path / "reference"
    shutil.copytree(REFERENCE, copy)
    monkeypatch.setattr(data.reference, "REFERENCE", copy)
    return copy


def reload() -> Dataset:
    return load_reference.__wrapped__()


def append(path: Path, row: str) -> None:
    text = path.read_text("utf-8")
    path.write_text(text + ("" if text.endswith("\n") else "\n") + row + "\n", "utf-8")


# ---------------------------------------------------------------- nothing is lost, nothing is added


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("districts", 11),
        ("parks", 66),
        ("streets", 74),
        ("hubs", 115),
        ("firms", 70),
        ("observations", 174),
        ("indicators", 107),
    ],
)
def test_every_row_of_the_file_is_a_row_of_the_table(dataset: Dataset, table: str, rows: int) -> None:
    file = {"observations": "revenue.csv", "indicators": "facts.csv"}.get(table, f"{table}.csv")
    assert len(getattr(dataset, table)) == rows == len(raw(file))


def test_only_the_55_parks_with_a_published_coordinate_have_a_point(dataset: Dataset) -> None:
    pointed = {row["name"] for row in raw("parks.csv") if row["lon"]}
    assert len(pointed) == 55
    assert set(dataset.parks.loc[dataset.parks[c.LON].notna(), c.NAME]) == pointed
    assert dataset.parks[c.LON].isna().equals(dataset.parks[c.LAT].isna())


def test_ids_are_unique_and_index_their_tables(dataset: Dataset) -> None:
    for table, column in [
        (dataset.firms, c.FIRM_ID),
        (dataset.parks, c.PARK_ID),
        (dataset.streets, c.STREET_ID),
        (dataset.hubs, c.HUB_ID),
        (dataset.districts, c.DISTRICT_ID),
    ]:
        assert table[column].is_unique, column
        assert list(table.index) == list(table[column]), column


def test_a_firm_has_one_observation_a_year(dataset: Dataset) -> None:
    assert not dataset.observations.duplicated([c.FIRM_ID, c.YEAR]).any()


def test_version_0_is_a_sample_of_listed_firms_of_shenzhen(dataset: Dataset) -> None:
    assert (dataset.version, dataset.city_adcode, dataset.basis) == ("0", "440300", Basis.LISTED_SAMPLE)
    assert re.fullmatch(r"[0-9a-f]{8}", dataset.digest)
    assert load_reference() is dataset  # one object for all readers


# ---------------------------------------------------------------- source and status


@pytest.mark.parametrize("table", ["observations", "indicators", "parks", "streets", "hubs"])
def test_every_row_names_its_source_and_status(dataset: Dataset, table: str) -> None:
    rows = getattr(dataset, table)
    assert rows[c.SOURCE].map(lambda s: isinstance(s, str) and bool(s.strip())).all()
    assert set(rows[c.STATUS]) <= STATUSES
    assert all(type(s) is str for s in rows[c.STATUS])  # plain text, so that every writer can write it


def test_every_district_names_the_source_and_status_of_its_area(dataset: Dataset) -> None:
    assert dataset.districts[c.AREA_SOURCE].str.strip().ne("").all()
    written = {row["area_id"]: row["area_status"] for row in raw("districts.csv")}
    assert written.pop("441521-SS") == "secondary source"
    assert set(written.values()) == {"sourced"}
    assert dict(dataset.districts[c.AREA_STATUS]) == {**dict.fromkeys(written, "sourced"), "441521-SS": "secondary"}


def test_every_firm_says_where_its_address_and_its_subsector_come_from(dataset: Dataset) -> None:
    firms = dataset.firms
    assert firms[c.SUBSECTOR_BASIS].str.contains("judged|source", regex=True).all()
    # no address, no source; and the row says that none was found
    assert firms[c.SOURCE].isna().equals(firms[c.ADDRESS].isna())
    assert set(firms.loc[firms[c.ADDRESS].isna(), c.OFFICE_NOTE]) == {"no office address in source"}
    assert set(firms[c.CONFIDENTIALITY]) == {"public_record"}


def test_statuses_are_read_and_never_raised(dataset: Dataset) -> None:
    """Counted in the files by the first word; a status read as a better one would show here."""
    rank = {"sourced": "sourced", "secondary": "secondary", "from": "memory"}
    for table, file in [("observations", "revenue.csv"), ("indicators", "facts.csv"), ("hubs", "hubs.csv")]:
        written = Counter(rank[row["status"].split()[0]] for row in raw(file))
        assert Counter(getattr(dataset, table)[c.STATUS]) == written
    assert Counter(dataset.observations[c.STATUS]) == {"secondary": 162, "sourced": 11, "memory": 1}
    assert Counter(dataset.parks[c.STATUS]) == {"secondary": 55, "unverified": 11}


def test_a_row_from_memory_is_kept_but_never_usable(dataset: Dataset) -> None:
    remembered = dataset.observations[dataset.observations[c.STATUS] == "memory"]
    assert remembered[[c.FIRM_ID, c.YEAR, c.REVENUE_CNY]].values.tolist() == [["00700.HK", 2020, 482_064_000_000]]
    usable = dataset.usable
    assert len(usable) == 173
    assert not ((usable[c.FIRM_ID] == "00700.HK") & (usable[c.YEAR] == 2020)).any()


# ---------------------------------------------------------------- figures


def test_money_is_the_files_decimal_text_to_the_last_yuan(dataset: Dataset) -> None:
    written = {(r["stock_code"], int(r["year"])): Decimal(r["revenue_yi"]) * 10**8 for r in raw("revenue.csv")}
    assert all(cny == cny.to_integral_value() for cny in written.values())
    read = dataset.observations.set_index([c.FIRM_ID, c.YEAR])[c.REVENUE_CNY]
    assert read.dtype == "int64"
    assert read.to_dict() == {key: int(cny) for key, cny in written.items()}


def test_the_default_year_is_the_last_well_covered_one(dataset: Dataset) -> None:
    firms = dataset.usable.groupby(c.YEAR)[c.FIRM_ID].nunique().to_dict()
    assert firms == {2019: 50, 2020: 56, 2021: 58, 2022: 4, 2023: 4, 2024: 1}
    assert dataset.years == sorted(firms)
    assert dataset.default_year == 2021


def test_official_areas_are_the_published_figures_in_square_metres(dataset: Dataset) -> None:
    areas = dataset.districts[c.OFFICIAL_AREA_M2]
    for row in raw("districts.csv"):
        assert areas[row["area_id"]] == pytest.approx(float(row["official_area_km2"]) * 1e6), row["area_id"]
    facts = {r["area"]: float(r["value"]) for r in raw("facts.csv") if r["indicator"] == "土地面积"}
    by_name = dataset.districts.set_index(c.NAME)[c.OFFICIAL_AREA_M2] / 1e6
    assert {name: round(by_name[name], 2) for name in facts} == facts
    assert len(facts) == 10


def test_a_scope_in_brackets_leaves_the_name_of_an_indicator(dataset: Dataset) -> None:
    narrow = dataset.indicators[dataset.indicators[c.INDICATOR] == "数字经济产业增加值"]
    assert set(narrow[c.SCOPE]) == {"市统计局口径, 狭义"}
    assert set(narrow[c.PERIOD]) == {"2019", "2020Q1"}
    whole_year = narrow[narrow[c.YEAR].notna()]
    assert whole_year[[c.YEAR, c.VALUE, c.UNIT, c.AREA_ID]].values.tolist() == [[2019, 1596.59, "亿元", "440300"]]


def test_a_figure_that_is_no_plain_number_keeps_its_text_and_has_no_value(dataset: Dataset) -> None:
    said = dataset.indicators.set_index(c.VALUE_TEXT)[c.VALUE]
    for text in ("约12000", ">9000", "约9000"):
        assert pd.isna(said[text]), text
    assert list(dataset.indicators[c.VALUE_TEXT]) == [row["value"] for row in raw("facts.csv")]


def test_goals_of_the_plan_are_never_mistaken_for_outcomes(dataset: Dataset) -> None:
    """The file repeats the plan's goals; only their full name keeps them apart from a figure that was reached."""
    city = dataset.indicators[dataset.indicators[c.AREA_ID] == "440300"]
    assert city[c.INDICATOR].str.contains("目标").sum() >= 8
    assert not city[c.INDICATOR].isin(["软件业务收入", "信息传输、软件和信息技术服务业营业收入"]).any()


# ---------------------------------------------------------------- places


def test_the_districts_are_nine_districts_and_two_zones_and_qianhai_is_none(dataset: Dataset) -> None:
    districts = dataset.districts
    assert dict(districts[c.NAME]) == {row["area_id"]: row["name_zh"] for row in raw("districts.csv")}
    zones = districts[districts[c.KIND] == "功能区"]
    assert list(zones.index) == ["440307-DP", "441521-SS"]
    assert list(zones[c.ADCODE]) == [None, None]  # they have no code and borrow none
    assert list(zones[c.PARENT_ADCODE]) == ["440307", "441521"]
    assert not districts[[c.NAME, c.LABEL_ZH]].apply(lambda names: names.str.contains("前海")).any(axis=None)
    assert districts[[c.LABEL_ZH, c.LABEL_EN, c.NAME_EN]].notna().all(axis=None)
    assert districts.crs.to_epsg() == 4326


def test_every_place_named_lies_in_one_of_the_eleven_districts(dataset: Dataset) -> None:
    known = set(dataset.districts.index)
    firms = dataset.firms
    assert set(firms[c.REGISTERED_DISTRICT_ID].dropna()) <= known
    assert set(firms[c.OPERATING_DISTRICT_ID].dropna()) <= known | {"outside"}
    assert set(dataset.parks[c.DISTRICT_ID].dropna()) <= known
    assert set(dataset.streets[c.DISTRICT_ID]) <= known
    assert set(firms[c.PLACE_ID].dropna()) <= known | set(dataset.parks.index) | set(dataset.streets.index)


def test_a_firm_of_qianhai_counts_in_nanshan(dataset: Dataset) -> None:
    written = {row["stock_code"]: row["district"] for row in raw("firms.csv")}
    qianhai = [code for code, district in written.items() if "前海" in district]
    assert len(qianhai) == 2
    assert set(dataset.firms.loc[qianhai, c.REGISTERED_DISTRICT_ID]) == {"440305"}


@pytest.mark.parametrize(
    ("firm_id", "registered", "operating"),
    [
        ("000034", "440305", "outside"),  # 神州数码: office in 北京
        ("000555", "440305", "outside"),  # 神州信息: office in 北京
        ("002889", "440305", "440304"),  # 东方嘉盛: 前海 on paper, office in 福田保税区
        ("300556", "440303", "440304"),  # 丝路视觉: 罗湖 on paper, office in 福田保税区
        ("002197", "440311", "440311"),  # 证通: both in 光明
        ("000004", "440304", None),  # its one address is the registered one
        ("688132", None, None),  # no address at all
    ],
)
def test_registered_and_operating_places_are_kept_apart(
    dataset: Dataset, firm_id: str, registered: str | None, operating: str | None
) -> None:
    firm = dataset.firms.loc[firm_id]
    assert (firm[c.REGISTERED_DISTRICT_ID], firm[c.OPERATING_DISTRICT_ID]) == (registered, operating)


def test_two_places_that_disagree_are_both_named(dataset: Dataset) -> None:
    conflicts = dataset.firms[c.PLACE_CONFLICT]
    assert dict(conflicts[conflicts != ""]) == {
        "002889": "declared 440305, address 440304",
        "300556": "declared 440303, address 440304",
    }


def test_the_precision_of_each_firms_place_is_kept(dataset: Dataset) -> None:
    firms = dataset.firms
    assert Counter(firms[c.LOCATION_PRECISION]) == {"park": 17, "street": 26, "district": 23, "none": 4}
    placed = firms[firms[c.LOCATION_PRECISION] != "none"]
    assert placed[[c.LON, c.LAT, c.PLACE_ID]].notna().all(axis=None)
    assert (placed[c.PLACE_EVIDENCE] != "").all()
    assert firms.loc[firms[c.LOCATION_PRECISION] == "none", [c.LON, c.LAT, c.PLACE_ID]].isna().all(axis=None)


def test_a_firm_stands_exactly_on_the_place_that_lends_its_point(dataset: Dataset) -> None:
    tables = {
        "park": dataset.parks[[c.LON, c.LAT]],
        "street": dataset.streets[[c.LON, c.LAT]],
        "district": dataset.districts[[c.LABEL_LON, c.LABEL_LAT]],
    }
    for precision, places in tables.items():
        firms = dataset.firms[dataset.firms[c.LOCATION_PRECISION] == precision]
        assert (firms[[c.LON, c.LAT]].to_numpy() == places.loc[firms[c.PLACE_ID]].to_numpy()).all(), precision


def test_firm_districts_fall_back_as_the_readings_say(four_towns: Dataset) -> None:
    registered = firm_districts(four_towns.firms, "registered")
    operating = firm_districts(four_towns.firms, "operating")
    assert dict(registered) == {
        "a1": "440391",
        "a2": "440391",
        "a3": "440391",
        "b1": "440392",
        "b2": "440392",
        "n1": "unplaced",
        "d1": "440393",
    }
    assert dict(operating) == {**registered, "a2": "440392", "a3": "outside"}  # b1: office unknown, stays
    assert registered.name == operating.name == c.DISTRICT_ID


def test_eleven_of_the_twelve_subsectors_have_a_firm(dataset: Dataset) -> None:
    ids = {row["short_name"]: row["subsector_id"] for row in raw("subsectors.csv")}
    assert dict(dataset.firms[c.SUBSECTOR_ID]) == {r["stock_code"]: ids[r["subsector"]] for r in raw("firms.csv")}
    assert set(ids.values()) - set(dataset.firms[c.SUBSECTOR_ID]) == {"S03"}


def test_the_tables_hold_no_personal_data(dataset: Dataset) -> None:
    """Companies, business addresses and figures only: no person, telephone or mail address."""
    personal = re.compile(
        r"(?<![a-z])(?:person|contact|phone|mobile|tel|e?mail|legal_rep|chair|gender|birth)"
        r"|id_?card|法人代表|法定代表人|联系|电话|邮箱|身份证"
    )
    mail_or_mobile = re.compile(r"[\w.]+@[\w-]+\.(?:com|cn|net|org)\b|(?<!\d)1[3-9]\d{9}(?!\d)")
    assert personal.search("contact_name")
    assert mail_or_mobile.search("call 13800138000")
    for name in ("firms", "observations", "indicators", "parks", "streets", "hubs", "districts"):
        table = getattr(dataset, name)
        assert not [column for column in table.columns if personal.search(column)], name
        cells = [cell for column in table.columns for cell in table[column] if isinstance(cell, str)]
        assert cells, name
        assert not [cell for cell in cells if mail_or_mobile.search(cell)], name
    for path in REFERENCE.glob("*.csv"):
        lines = path.read_text("utf-8").splitlines()
        heading = next(line for line in lines if not line.startswith("#"))
        assert not personal.search(heading), path.name


# ---------------------------------------------------------------- damaged files


def test_an_unknown_status_is_named_with_the_known_ones(shelf: Path) -> None:
    append(shelf / "revenue.csv", "000032,2022,1.5,hearsay,rumoured")
    with pytest.raises(BadTable, match=r"^revenue\.csv: status 'rumoured' is not one of .*'sourced'") as caught:
        reload()
    assert caught.value.table == "revenue.csv"


def test_all_unknown_statuses_are_listed_at_once(shelf: Path) -> None:
    append(shelf / "revenue.csv", "000032,2022,1.5,hearsay,rumoured\n000034,2022,1.5,hearsay,")
    with pytest.raises(BadTable) as caught:
        reload()
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("file", ["facts.csv", "streets.csv", "hubs.csv"])
def test_the_status_of_every_table_is_checked(shelf: Path, file: str) -> None:
    path = shelf / file
    text = path.read_text("utf-8")
    assert "secondary source" in text
    path.write_text(text.replace("secondary source", "rumoured", 1), "utf-8")
    with pytest.raises(BadTable, match=rf"^{re.escape(file)}: status 'rumoured"):
        reload()


def test_revenue_of_a_firm_that_nobody_knows_is_refused(shelf: Path) -> None:
    append(shelf / "revenue.csv", "999999,2021,1.5,hearsay,sourced")
    with pytest.raises(BadTable, match=r"^revenue\.csv: stock_code 999999 is not in firms\.csv$"):
        reload()


def test_two_revenues_of_one_firm_and_year_are_refused(shelf: Path) -> None:
    append(shelf / "revenue.csv", "000032,2021,1.5,hearsay,sourced")
    with pytest.raises(BadTable, match=r"^revenue\.csv: 000032 has two rows for 2021$"):
        reload()


def test_a_firm_of_a_subsector_that_the_plan_does_not_name_is_refused(shelf: Path) -> None:
    path = shelf / "firms.csv"
    path.write_text(path.read_text("utf-8").replace(",信息安全,", ",造船,", 1), "utf-8")
    with pytest.raises(BadTable, match=r"^firms\.csv: subsector '造船' of .* is none of the plan's$"):
        reload()


def test_every_firm_says_how_well_it_is_known(dataset: Dataset) -> None:
    assert dict(Counter(dataset.firms[c.STATUS])) == {"secondary": 66, "unverified": 4}


def test_an_area_without_a_boundary_rule_is_refused(shelf: Path) -> None:
    append(shelf / "districts.csv", "440399,440399,,前海区,Qianhai,行政区,440300,440300,1,x,sourced,,")
    with pytest.raises(BadTable, match=r"^districts\.csv: area 440399 has no row or no boundary rule$"):
        reload()


def test_a_firm_may_be_called_na(shelf: Path) -> None:
    append(shelf / "firms.csv", "900001,NA,nan,SZSE,福田区,深圳市福田区某路1号,注册地址: x,,云计算,judged,,")
    firm = reload().firms.loc["900001"]
    assert (firm[c.NAME], firm[c.SHORT_NAME], firm[c.REGISTERED_DISTRICT_ID]) == ("NA", "nan", "440304")


def test_the_untouched_copy_loads_like_the_original(shelf: Path, dataset: Dataset) -> None:
    again = reload()
    assert again is not dataset
    for table in ("firms", "observations", "indicators", "parks", "streets", "hubs"):
        pd.testing.assert_frame_equal(getattr(again, table), getattr(dataset, table))
