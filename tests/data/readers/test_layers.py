"""Formats of features: what comes out, read by the child as a server would."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from data.errors import RefusedFile
from data.readers import Limits, read_file
from data.readers.raw_table import BadRow, FileKind, RawTable, ReadOptions

Read = Callable[..., RawTable]
Make = Callable[..., Path]
Reason = Callable[..., str]

FIRMS = gpd.GeoDataFrame(
    {"企业名称": ["深圳市甲公司", "乙公司", "丙"], "营收": [1.5, 2.0, np.nan], "人数": [3, 4, 5]},
    geometry=gpd.points_from_xy([114.1, 114.2, 114.3], [22.5, 22.6, 22.7]),
    crs=4490,
)


def shapefile(folder: Path, table: gpd.GeoDataFrame = FIRMS, encoding: str = "GBK") -> dict[str, bytes]:
    """Parts of a Shapefile by suffix."""
    folder.mkdir(exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table.to_file(folder / "layer.shp", encoding=encoding)
    parts = {path.suffix: path.read_bytes() for path in folder.iterdir()}
    dbf = bytearray(parts[".dbf"])
    dbf[29] = 0  # the byte that names a code page, which most writers leave out
    return parts | {".dbf": bytes(dbf)}


def columns(raw: RawTable) -> list[list[object]]:
    return [column.to_pylist() for column in raw.cells.columns]


def points(raw: RawTable) -> list[tuple[float, float] | None]:
    shapes = shapely.from_wkb(np.asarray(raw.geometry, object))
    return [None if shape is None else (shape.x, shape.y) for shape in shapes]


def assert_firms(raw: RawTable) -> None:
    assert raw.headings == ("企业名称", "营收", "人数")
    assert columns(raw) == [["深圳市甲公司", "乙公司", "丙"], ["1.5", "2", None], ["3", "4", "5"]]
    assert points(raw) == [(114.1, 22.5), (114.2, 22.6), (114.3, 22.7)]
    assert raw.rows.tolist() == [1, 2, 3]


# ---------------------------------------------------------------- Shapefile


@pytest.mark.parametrize(("encoding", "found"), [("GBK", "gb18030"), ("UTF-8", "utf-8")])
def test_a_dbf_without_cpg_is_read_in_the_encoding_that_it_is_in(
    tmp_path: Path, packed: Make, encoding: str, found: str
) -> None:
    parts = shapefile(tmp_path / "s", encoding=encoding)
    del parts[".cpg"]
    raw = read_file(packed({f"企业/深圳{suffix}": part for suffix, part in parts.items()}))
    assert raw.headings[0] == {"GBK": "企业名称", "UTF-8": "企业名"}[encoding], "a name has ten bytes"
    assert columns(raw) == [["深圳市甲公司", "乙公司", "丙"], ["1.5", "2", None], ["3", "4", "5"]]
    assert points(raw) == [(114.1, 22.5), (114.2, 22.6), (114.3, 22.7)]
    assert (raw.file_kind, raw.crs) == (FileKind.SHAPEFILE, "EPSG:4490")
    assert raw.facts == {
        "layer": "企业/深圳", "layers": "企业/深圳", "encoding": found, "encoding_by": "strict"
    }  # fmt: skip


def test_a_cpg_that_is_wrong_is_not_believed(tmp_path: Path, packed: Make) -> None:
    parts = shapefile(tmp_path / "s") | {".cpg": b"ISO-8859-1"}
    assert_firms(read_file(packed({f"a{suffix}": part for suffix, part in parts.items()})))


def test_names_of_members_in_gbk_are_read(tmp_path: Path, packed: Make) -> None:
    parts = shapefile(tmp_path / "s")
    archive = packed({f"XXXX{suffix}": part for suffix, part in parts.items()})
    archive.write_bytes(archive.read_bytes().replace(b"XXXX", "企业".encode("gbk")))
    assert read_file(archive).facts["layer"] == "企业"


def test_a_missing_index_is_made_again_and_a_missing_prj_is_no_crs(tmp_path: Path, packed: Make) -> None:
    parts = shapefile(tmp_path / "s")
    raw = read_file(packed({f"a{suffix}": parts[suffix] for suffix in (".shp", ".dbf")}))
    assert_firms(raw)
    assert raw.crs is None


def test_without_its_dbf_a_layer_is_refused(tmp_path: Path, packed: Make, reason_of_child: Reason) -> None:
    parts = shapefile(tmp_path / "s")
    assert reason_of_child(packed({f"a{s}": parts[s] for s in (".shp", ".shx", ".prj")})) == "no_dbf"
    assert reason_of_child(packed({"readme.txt": b"x"})) == "no_layer"
    lone = tmp_path / "a.shp"
    lone.write_bytes(parts[".shp"])
    assert reason_of_child(lone) == "lone_shapefile"


def test_of_several_layers_the_first_that_is_filled_is_read_unless_one_is_named(
    tmp_path: Path, packed: Make, reason_of_child: Reason
) -> None:
    empty, full = shapefile(tmp_path / "e", FIRMS.iloc[:0]), shapefile(tmp_path / "f")
    other = shapefile(tmp_path / "o", FIRMS.iloc[1:2])
    members = {
        f"{name}{s}": p for name, parts in (("空", empty), ("子/满", full), ("另", other)) for s, p in parts.items()
    }
    archive = packed(members)
    raw = read_file(archive)
    assert (raw.facts["layer"], raw.facts["layers"]) == ("子/满", "空\n子/满\n另")
    assert_firms(raw)
    assert columns(read_file(archive, ReadOptions(layer="另")))[0] == ["乙公司"]
    with pytest.raises(RefusedFile) as refused:
        read_file(archive, ReadOptions(layer="无"))
    assert refused.value.values == {"layer": "无", "known": "空, 子/满, 另"}
    assert reason_of_child(archive, layer="空") == "no_rows"


def test_a_name_cut_in_the_middle_of_a_character_keeps_the_rest(tmp_path: Path, packed: Make) -> None:
    table = FIRMS.assign(企业名称=["深" * 26 + "圳", "乙公司", "丙"])
    parts = shapefile(tmp_path / "s", table, encoding="UTF-8")
    del parts[".cpg"]
    raw = read_file(packed({f"a{s}": p for s, p in parts.items()}))
    assert raw.facts["encoding"] == "utf-8"
    assert raw.cells["0"][0].as_py().startswith("深" * 26)


@pytest.mark.parametrize("wild", [(np.nan, 22.5), (1e308, 22.5), (np.inf, 0)])
def test_a_point_that_no_place_has_is_set_aside_with_its_number(
    tmp_path: Path, packed: Make, wild: tuple[float, float]
) -> None:
    parts = shapefile(tmp_path / "s")
    shape = bytearray(parts[".shp"])
    second = 100 + 28 + 8 + 4  # header, first record, its own header, its type
    shape[second : second + 16] = np.array(wild, "<f8").tobytes()
    raw = read_file(packed({f"a{s}": p for s, p in (parts | {".shp": bytes(shape)}).items()}))
    assert raw.rows.tolist() == [1, 3]
    assert raw.bad_rows == (BadRow(2, "bad_coordinates", ("乙公司", "2", "4")),)


# ---------------------------------------------------------------- GeoJSON


def geojson(*features: dict[str, object], **more: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}, ensure_ascii=False)


def feature(geometry: object = None, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


POINT = {"type": "Point", "coordinates": [114.1, 22.5]}


def test_a_geojson_that_names_no_crs_declares_none(make: Make) -> None:
    raw = read_file(make("\ufeff" + geojson(feature(POINT, 名称="甲", 营收=2.0), feature(None, 名称="乙")), "a.csv"))
    assert (raw.file_kind, raw.headings, raw.crs) == (FileKind.GEOJSON, ("名称", "营收"), None)
    assert columns(raw) == [["甲", "乙"], ["2", None]]
    assert points(raw) == [(114.1, 22.5), None]


def test_a_geojson_that_names_its_crs_declares_it(make: Make) -> None:
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    assert read_file(make(geojson(feature(POINT, a=1), crs=named))).crs == "EPSG:4490"


def test_lists_and_objects_of_a_geojson_stay_text(make: Make) -> None:
    raw = read_file(make(geojson(feature(POINT, a=[1, 2], b={"x": "深"}, c=True, d="2021-03-05"))))
    assert columns(raw) == [["[1, 2]"], ['{ "x": "深" }'], ["TRUE"], ["2021-03-05"]]


def test_other_json_is_refused(make: Make, reason_of_child: Reason) -> None:
    assert reason_of_child(make('{"name": "x"}')) == "not_geojson"
    assert reason_of_child(make('[{"name": "x"}]')) == "not_geojson"
    assert reason_of_child(make(geojson(feature(POINT, 名="甲")).encode("gbk"))) == "not_utf8"
    assert reason_of_child(make(geojson())) == "no_rows"


def test_too_many_features_are_refused(make: Make, reason_of_child: Reason) -> None:
    many = make(geojson(*[feature(POINT, a=1)] * 3))
    assert reason_of_child(many, Limits(features=2)) == "too_many_features"
    assert reason_of_child(many, Limits(columns=0)) == "too_many_columns"


# ---------------------------------------------------------------- GeoPackage, FlatGeobuf


def test_a_geopackage_of_several_layers(tmp_path: Path, reason_of_child: Reason) -> None:
    path = tmp_path / "a.gpkg"
    FIRMS.iloc[:0].to_file(path, layer="空", driver="GPKG")
    FIRMS.to_file(path, layer="企业", driver="GPKG")
    FIRMS.iloc[:1].to_file(path, layer="园区", driver="GPKG")
    raw = read_file(path)
    assert_firms(raw)
    assert (raw.file_kind, raw.crs) == (FileKind.GEOPACKAGE, "EPSG:4490")
    assert raw.facts == {"layer": "企业", "layers": "空\n企业\n园区"}
    assert len(read_file(path, ReadOptions(layer="园区")).rows) == 1
    assert reason_of_child(path, layer="无") == "no_such_layer"


def test_a_flatgeobuf(tmp_path: Path) -> None:
    FIRMS.to_file(tmp_path / "a.fgb", driver="FlatGeobuf", SPATIAL_INDEX="NO")
    raw = read_file(tmp_path / "a.fgb")
    assert_firms(raw)
    assert (raw.file_kind, raw.crs) == (FileKind.FLATGEOBUF, "EPSG:4490")


# ---------------------------------------------------------------- Parquet


def test_parquet_keeps_numbers_and_truth_values_and_decodes_dictionaries(tmp_path: Path, read_here: Read) -> None:
    table = pa.table(
        {
            "名称": [" 甲 ", "", None],
            "营收": pa.array([1.5, None, 2.0]),
            "人数": pa.array([1, 2, None], pa.int32()),
            "上市": [True, False, None],
            "区": pa.array(["南山", "福田", "南山"]).dictionary_encode(),
            "年": pa.array([2021, 2022, 2021]).dictionary_encode(),
            "成立": pa.array([0, 1, None], pa.date32()),
            "标签": [["a"], [], None],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=2)
    raw = read_here(tmp_path / "a.parquet")
    assert (raw.file_kind, raw.geometry, raw.crs) == (FileKind.PARQUET, None, None)
    assert raw.cells.schema.types == [
        pa.large_string(), pa.float64(), pa.int32(), pa.bool_(), pa.large_string(), pa.int64(), pa.large_string(),
        pa.large_string(),
    ]  # fmt: skip
    assert columns(raw)[0] == ["甲", None, None]
    assert columns(raw)[4:] == [
        ["南山", "福田", "南山"], [2021, 2022, 2021], ["1970-01-01", "1970-01-02", None], ['["a"]', "[]", None]
    ]  # fmt: skip


def test_geoparquet_gives_its_geometry_and_its_crs(tmp_path: Path, read_here: Read) -> None:
    FIRMS.to_parquet(tmp_path / "a.parquet", write_covering_bbox=True)
    raw = read_here(tmp_path / "a.parquet")
    assert raw.headings == ("企业名称", "营收", "人数")
    assert points(raw) == [(114.1, 22.5), (114.2, 22.6), (114.3, 22.7)]
    assert raw.crs == "EPSG:4490"
    FIRMS.set_crs(None, allow_override=True).to_parquet(tmp_path / "b.parquet")
    assert read_here(tmp_path / "b.parquet").crs is None


def test_geoparquet_in_another_encoding_than_wkb_is_refused(tmp_path: Path, reason: Reason) -> None:
    FIRMS.to_parquet(tmp_path / "a.parquet", geometry_encoding="geoarrow", schema_version="1.1.0")
    assert reason(tmp_path / "a.parquet") == "geometry_encoding"


def test_limits_of_parquet_are_read_from_its_summary(tmp_path: Path, reason: Reason) -> None:
    pq.write_table(pa.table({"a": ["x" * 100] * 1000, "b": range(1000)}), tmp_path / "a.parquet")
    for limits, why in (
        (Limits(rows=999), "too_many_rows"),
        (Limits(columns=1), "too_many_columns"),
        (Limits(unpacked_bytes=10), "unpacks_too_large"),
        (Limits(cell_chars=99), "cell_too_long"),
    ):
        assert reason(tmp_path / "a.parquet", limits) == why


# ---------------------------------------------------------------- KML

KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>文档</name>
<Folder><name>南山</name>
<Placemark><name>甲</name><description><![CDATA[<b>x</b>]]></description>
<ExtendedData><Data name="营收"><displayName>R</displayName><value>12</value></Data></ExtendedData>
<Point><coordinates>114.1,22.5,0</coordinates></Point></Placemark></Folder>
<Placemark><name>乙</name><ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="区">福田</SimpleData></SchemaData>
</ExtendedData><MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>
0,0 4,0 4,4 0,4 0,0</coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>
1,1 2,1 2,2 1,1</coordinates></LinearRing></innerBoundaryIs></Polygon><Polygon><outerBoundaryIs><LinearRing>
<coordinates>5,5 6,5 6,6 5,5</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark>
<Placemark><name>丙</name></Placemark>
<Placemark><name>丁</name><Point><coordinates>114.1,x</coordinates></Point></Placemark>
<Placemark><name>戊</name><Point><coordinates>nan,22.5</coordinates></Point></Placemark>
</Document></kml>"""


def test_placemarks_of_a_kml_are_rows_and_their_data_columns(read_here: Read, make: Make) -> None:
    raw = read_here(make(KML, "a.kml"))
    assert raw.file_kind is FileKind.KML
    assert raw.headings == ("folder", "name", "description", "营收", "区")
    assert columns(raw) == [
        ["南山", None, None], ["甲", "乙", "丙"], ["<b>x</b>", None, None], ["12", None, None], [None, "福田", None]
    ]  # fmt: skip
    shapes = shapely.from_wkb(np.asarray(raw.geometry, object))
    assert [shape and shape.geom_type for shape in shapes] == ["Point", "MultiPolygon", None]
    assert shapes[1].area == 16 - 0.5 + 0.5
    assert (raw.crs, raw.rows.tolist()) == (None, [1, 2, 3])
    assert [(bad.row, bad.reason) for bad in raw.bad_rows] == [(4, "bad_coordinates"), (5, "bad_coordinates")]


def test_a_kmz_is_a_kml_in_a_zip(read_here: Read, packed: Make) -> None:
    assert read_here(packed({"doc.kml": KML.encode(), "images/a.png": b"x"}, "a.kmz")).file_kind is FileKind.KML


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (KML.replace("<kml", "<!DOCTYPE kml><kml", 1).encode(), "document_type"),
        (KML.replace("<kml", '<!DOCTYPE k [<!ENTITY a "x">]><kml', 1).encode(), "document_type"),
        (KML.encode("utf-16"), "not_utf8"),
        (KML.encode("utf-16-le"), "binary"),
        (KML.replace("UTF-8", "UTF-16").encode(), "not_utf8"),
        (KML.replace("UTF-8", "GBK").encode("gbk"), "not_utf8"),
        (KML[:-20].encode(), "damaged"),
        (b"<kml>" + b"<a>" * 300, "damaged"),
        (b"<x><kml></kml></x>", "unsupported"),
        (b"<kml></kml>", "no_rows"),
    ],
)
def test_a_kml_that_could_hide_something_is_refused(reason: Reason, make: Make, text: bytes, why: str) -> None:
    assert reason(make(text, "a.kml")) == why


def test_limits_of_kml(reason: Reason, make: Make) -> None:
    assert reason(make(KML, "a.kml"), Limits(features=2)) == "too_many_features"
    assert reason(make(KML, "a.kml"), Limits(columns=2)) == "too_many_columns"
