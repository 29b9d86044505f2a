"""What is written can be read back, carries its provenance on every row, and runs nothing in a spreadsheet."""

import csv
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from shapely import Point

from clusters.goals import Board
from clusters.standing import select
from data import columns as c
from data.errors import TooLongForCell, TooManyRows, UnknownFormat
from data.exporting import SUFFIXES, write_table
from views.export_tables import EXPORTS
from views.provenance import stamp
from views.words import words

STAMP = {"data_version": "0 (abc)", "plan": "p (def)", "basis": "样本", "notice": "示意图"}
FORMULAS = ["=1+1", '=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"]
HARMLESS = [
    "腾讯",
    "a=b",
    "3-1",
    "{{ 7*7 }}",
    "<img src=x onerror=alert(1)>",
    "`${1}`",
    "</script>",
    "'quoted'",
    "a,b\nc",
    "a\r=1",
]


def read_csv(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    return pd.DataFrame(rows, columns=head)


def read_xlsx(path: Path) -> pd.DataFrame:
    head, *rows = load_workbook(path).active.values
    return pd.DataFrame(rows, columns=list(head))


READ: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": read_csv,
    ".xlsx": read_xlsx,
    ".geojson": gpd.read_file,
    ".gpkg": gpd.read_file,
    ".parquet": gpd.read_parquet,
}


def sheet_xml(path: Path) -> str:
    with zipfile.ZipFile(path) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/"))


def names(*values: object) -> pd.DataFrame:
    return pd.DataFrame({"name": list(values), "n": range(len(values))})


# ---------------------------------------------------------------- round trips of the real tables


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("what", EXPORTS)
def test_each_table_comes_back_from_each_format(board: Board, tmp_path: Path, what: str, suffix: str) -> None:
    table = EXPORTS[what](board)
    provenance = stamp(board, words("zh"))
    path = tmp_path / f"{what}{suffix}"
    write_table(table, path, provenance)
    back = READ[suffix](path)

    assert len(back) == len(table) > 0
    for column, value in provenance.items():
        assert value
        assert set(back[column]) == {value}, column
    geographic = suffix not in (".csv", ".xlsx")
    lost = set(table.columns) - set(back.columns)
    assert lost == (set() if geographic else {"geometry"} & set(table.columns))

    keys = {"firms": [c.FIRM_ID], "parks": [c.PARK_ID], "districts": [c.DISTRICT_ID], "clusters": CELL}
    keys["ground-clusters"] = [c.TOP_FIRM_ID]
    key = keys.get(what, [c.SOURCE])
    assert back[key].values.tolist() == table[key].astype(str).values.tolist()  # codes stay text: 000032, 440307-DP
    if geographic:
        assert back.crs.to_epsg() == 4326
        ours = shapes_of(table)
        assert list(back.geometry.isna()) == list(ours.isna())
        assert ours.notna().any() == (what not in ("observations", "indicators"))
        # GeoJSON turns outlines counter-clockwise; no digit is lost
        assert back.geometry.normalize().geom_equals_exact(ours.normalize(), 0)[ours.notna().to_numpy()].all()


CELL = [c.SUBSECTOR_ID, c.DISTRICT_ID]


def shapes_of(table: pd.DataFrame) -> gpd.GeoSeries:
    if isinstance(table, gpd.GeoDataFrame):
        return gpd.GeoSeries(table.geometry.array, crs="EPSG:4326")
    if c.LON not in table:
        return gpd.GeoSeries([None] * len(table), crs="EPSG:4326")
    points = [None if pd.isna(x) else Point(x, y) for x, y in zip(table[c.LON], table[c.LAT], strict=True)]
    return gpd.GeoSeries(points, crs="EPSG:4326")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_money_comes_back_to_the_last_yuan_and_missing_money_stays_missing(
    board: Board, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"firms{suffix}"
    write_table(EXPORTS["firms"](board), path, STAMP)
    back = READ[suffix](path).set_index(c.FIRM_ID)
    for year in board.dataset.years:
        column = back[c.of_year(c.REVENUE_CNY, year)]
        written = {firm: int(cny) for firm, cny in column.items() if not pd.isna(cny) and cny != ""}
        known = select(board.dataset.usable, year=year)
        assert written == dict(zip(known[c.FIRM_ID], known[c.REVENUE_CNY], strict=True))
        if year == 2021:
            assert written["00700.HK"] == 560_118_000_000
            assert len(written) == 58


def test_csv_opens_as_utf8_in_excel_and_has_no_index_column(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "parks.csv"
    write_table(EXPORTS["parks"](board), path, STAMP)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file))[0] == c.PARK_ID


def test_a_table_is_left_as_it_was(tmp_path: Path) -> None:
    table = names("=1+1", "b\0c")
    before = table.copy()
    for suffix in SUFFIXES:
        write_table(table, tmp_path / f"t{suffix}", STAMP)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet"])
def test_a_table_without_places_gets_rows_without_a_place(tmp_path: Path, suffix: str) -> None:
    write_table(names("a", "b"), tmp_path / f"t{suffix}", STAMP)
    back = READ[suffix](tmp_path / f"t{suffix}")
    assert list(back["name"]) == ["a", "b"]
    assert isinstance(back, pd.DataFrame)
    assert "geometry" not in back or back["geometry"].isna().all()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_existing_file_is_replaced_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    places = gpd.GeoSeries([Point(114, 22.5)] * 3, crs="EPSG:4326")
    write_table(gpd.GeoDataFrame(names("a", "b", "c"), geometry=places), path, STAMP)
    write_table(gpd.GeoDataFrame(names("z"), geometry=places[:1]), path, STAMP)
    assert list(READ[suffix](path)["name"]) == ["z"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("stem", ["my firms (2021)", "2021-firms", "企业.v2", ".hidden", "a'b"])
def test_a_file_may_have_any_name(tmp_path: Path, stem: str, suffix: str) -> None:
    path = tmp_path / f"{stem}{suffix}"
    write_table(names("a"), path, STAMP)
    assert list(READ[suffix](path)["name"]) == ["a"]


def test_the_layer_of_a_geopackage_goes_by_the_name_of_the_file(tmp_path: Path) -> None:
    for stem, layer in (("firms", "firms"), ("my firms", "my_firms")):
        write_table(names("a"), tmp_path / f"{stem}.gpkg", STAMP)
        assert gpd.list_layers(tmp_path / f"{stem}.gpkg")["name"].tolist() == [layer]


def test_a_suffix_may_be_in_capitals(tmp_path: Path) -> None:
    write_table(names("a"), tmp_path / "T.CSV", STAMP)
    assert list(read_csv(tmp_path / "T.CSV")["name"]) == ["a"]


@pytest.mark.parametrize("name", ["t.pdf", "t", "t.csv.exe"])
def test_an_unknown_suffix_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("mine", "utf-8")
    with pytest.raises(UnknownFormat) as caught:
        write_table(names("a"), path, STAMP)
    assert caught.value.suffix == path.suffix
    assert caught.value.known == SUFFIXES
    assert path.read_text("utf-8") == "mine"


# ---------------------------------------------------------------- formulas and odd characters


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_looks_like_a_formula_is_text_in_xlsx(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.xlsx"
    write_table(names(text), path, STAMP)
    xml = sheet_xml(path)
    assert "<f>" not in xml
    assert "<f " not in xml
    cell = load_workbook(path).active["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


def test_the_search_for_formulas_would_find_one(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"] = "=1+1"
    book.save(tmp_path / "live.xlsx")
    assert "<f>" in sheet_xml(tmp_path / "live.xlsx")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe_in_csv(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.csv"
    write_table(names(text), path, STAMP)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert next(iter(csv.DictReader(file)))["name"] == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_any_other_text_comes_back_as_it_was(tmp_path: Path, suffix: str, text: str) -> None:
    path = tmp_path / f"t{suffix}"
    write_table(names(text, "b"), path, STAMP)
    back = READ[suffix](path)
    assert len(back) == 2
    assert back["name"][0] == text


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet"])
def test_formats_that_run_no_formulas_keep_the_text_untouched(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    write_table(names(*FORMULAS), path, STAMP)
    assert list(READ[suffix](path)["name"]) == FORMULAS


def test_negative_numbers_stay_numbers(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"lon": [-1.5, None], "cny": pd.array([-5, None], dtype="Int64"), "mixed": ["-1", -1], "whole": [-7, 8]}
    )
    write_table(table, tmp_path / "t.csv", STAMP)
    write_table(table, tmp_path / "t.xlsx", STAMP)
    text = read_csv(tmp_path / "t.csv")
    assert text[["lon", "cny", "mixed", "whole"]].values.tolist() == [["-1.5", "-5", "'-1", "-7"], ["", "", "-1", "8"]]
    rows = list(load_workbook(tmp_path / "t.xlsx").active.iter_rows(min_row=2, max_col=4))
    assert [[cell.value for cell in row] for row in rows] == [[-1.5, -5, "-1", -7], [None, None, -1, 8]]
    assert [cell.data_type for cell in rows[0]] == ["n", "n", "s", "n"]


def test_characters_that_xml_does_not_know_leave_an_xlsx_that_opens(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_table(names("a\0\x01\x0b\x1fb", "c\ufffe\uffffd", "tab\tline\nend"), path, STAMP)
    assert list(read_xlsx(path)["name"]) == ["ab", "cd", "tab\tline\nend"]


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg"])
def test_a_nul_does_not_end_a_name_early(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    write_table(names("a\0b"), path, STAMP)
    assert list(READ[suffix](path)["name"]) == ["ab"]


@pytest.mark.parametrize(("text", "length"), [("长" * 32_768, 32_768), ("𠮷" * 16_384, 32_768)])
def test_a_text_longer_than_a_cell_is_refused_with_its_row_and_column(tmp_path: Path, text: str, length: int) -> None:
    path = tmp_path / "t.xlsx"
    write_table(names("mine"), path, STAMP)
    with pytest.raises(TooLongForCell, match=r"t\.xlsx, row 3, column name: .*csv") as caught:
        write_table(names("a", text, text), path, STAMP)
    assert (caught.value.row, caught.value.column, caught.value.length) == (3, "name", length)
    assert list(read_xlsx(path)["name"]) == ["mine"]
    write_table(names("a", text[:16_383]), path, STAMP)
    assert read_xlsx(path)["name"][1] == text[:16_383]


def test_more_rows_than_a_sheet_holds_are_refused_and_the_way_out_is_named(tmp_path: Path) -> None:
    table = pd.DataFrame({"n": np.arange(2**20)})
    with pytest.raises(TooManyRows, match=r"t\.xlsx .*1,048,576 rows.*csv or \.parquet"):
        write_table(table, tmp_path / "t.xlsx", STAMP)
    assert not list(tmp_path.iterdir())


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=50)
@given(TEXTS)
def test_no_text_at_all_becomes_a_formula_or_a_broken_file(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    write_table(names(text), folder / "t.xlsx", STAMP)
    write_table(names(text), folder / "t.csv", STAMP)
    assert "<f" not in sheet_xml(folder / "t.xlsx")
    cell = load_workbook(folder / "t.xlsx").active["A2"]
    assert cell.value is None or cell.data_type in ("s", "inlineStr")
    with (folder / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        written = next(iter(csv.DictReader(file)))["name"]
    assert written in (text, f"'{text}")
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
