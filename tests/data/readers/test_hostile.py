"""Files that want more than to be read. Each refusal has a control: a reader without walls does what the file asks."""

import http.server
import json
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from data.readers import Limits, read_file

Make = Callable[..., Path]
Reason = Callable[..., str]

POINT = {"type": "Point", "coordinates": [114.1, 22.5]}


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the server that no upload may show."""
    path = tmp_path / "secret.csv"
    path.write_text("name,code\nsecret,1\n", "utf-8")
    return path


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """Address of a server in this process, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


NAIVE = "import sys, pyogrio; print(pyogrio.read_dataframe(sys.argv[1]).to_dict())"


def read_naively(path: Path) -> str:
    """What a reader without walls says, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", NAIVE, str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout


def vrt(source: str) -> str:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource relativeToVRT="0">{source}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


# ---------------------------------------------------------------- files that point at other files


@pytest.mark.parametrize(
    "name", ["a.vrt", "a.csv", "a.geojson", "a.json", "a.kml", "a.gpkg", "a.shp", "a.txt", "a.xlsx", "a.parquet"]
)
def test_a_vrt_is_refused_under_every_name(make: Make, secret: Path, reason_of_child: Reason, name: str) -> None:
    assert reason_of_child(make(vrt(str(secret)), name)) == "points_elsewhere"


def test_a_naive_reader_shows_the_file_that_a_vrt_points_at(make: Make, secret: Path) -> None:
    assert "secret" in read_naively(make(vrt(str(secret)), "a.csv"))


def test_a_vrt_inside_a_zip_is_no_layer(packed: Make, secret: Path, reason_of_child: Reason) -> None:
    archive = packed({"a.vrt": vrt(str(secret)).encode()})
    assert "secret" in read_naively(archive)
    assert reason_of_child(archive) == "no_layer"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_vrt_does_not_hide_behind_a_mark_or_blanks(
    make: Make, secret: Path, reason_of_child: Reason, codec: str
) -> None:
    assert reason_of_child(make(("\n\n  " + vrt(str(secret))).encode(codec))) == "points_elsewhere"


def test_a_shapefile_made_of_a_vrt_is_not_opened(packed: Make, secret: Path, reason_of_child: Reason) -> None:
    """Only the driver list is left to refuse it: its name and its archive are in order."""
    text = vrt(str(secret)).encode()
    assert reason_of_child(packed({"a.shp": text, "a.dbf": bytes(32) + b"\r"})) == "damaged"


def gdalg(source: str) -> str:
    return json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {source}"})


@pytest.mark.parametrize("name", ["a.gdalg.json", "a.json", "a.geojson", "a.csv"])
def test_a_gdalg_is_refused_under_every_name(make: Make, secret: Path, reason_of_child: Reason, name: str) -> None:
    assert reason_of_child(make(gdalg(str(secret)), name)) == "points_elsewhere"


def test_a_naive_reader_shows_the_file_that_a_gdalg_points_at(make: Make, secret: Path) -> None:
    assert "secret" in read_naively(make(gdalg(str(secret)), "a.gdalg.json"))


def test_a_gdalg_that_calls_itself_a_feature_is_refused(make: Make, secret: Path, reason_of_child: Reason) -> None:
    text = gdalg(str(secret))[:-1] + ', "x": {"type": "Feature"}}'
    assert reason_of_child(make(text)) == "points_elsewhere"
    hidden = text.replace("gdal_streamed_alg", "gdal\\u005fstreamed_alg")
    assert reason_of_child(make(hidden)) in {"damaged", "no_rows"}


# ---------------------------------------------------------------- files that point at a server


def test_no_request_is_sent_for_a_file_that_points_at_a_server(
    make: Make, listener: tuple[str, list[str]], reason_of_child: Reason
) -> None:
    address, asked = listener
    remote = make(vrt(f"/vsicurl/{address}/vrt.geojson"), "a.vrt")
    service = make(f"<OGRWFSDataSource><URL>{address}/wfs</URL></OGRWFSDataSource>", "a.xml")
    for path in (remote, service):
        assert reason_of_child(path) == "points_elsewhere"
    assert asked == []
    for path in (remote, service):
        read_naively(path)
    assert any("vrt.geojson" in path for path in asked)
    assert any("wfs" in path for path in asked)


def collection(crs: object, *, deep: bool = False) -> str:
    feature = {"type": "Feature", "properties": {"a": 1}, "geometry": POINT | ({"crs": crs} if deep else {})}
    return json.dumps({"type": "FeatureCollection", "features": [feature], **({} if deep else {"crs": crs})})


def test_no_request_is_sent_for_a_crs_that_is_a_link(
    make: Make, listener: tuple[str, list[str]], reason: Reason, reason_of_child: Reason
) -> None:
    address, asked = listener
    link = {"type": "link", "properties": {"href": f"{address}/crs", "type": "ogcwkt"}}
    at_the_top = collection(link)
    disguised = [
        at_the_top,
        collection(link, deep=True),
        at_the_top.replace('"crs"', '"\\u0063rs"'),
        at_the_top.replace('"crs": ', '"crs"\n:\t'),
        at_the_top.replace('"type": "link"', '"type": "name", "type": "link"'),
        at_the_top.replace('"type": "link"', '"type": "link", "type": "name"'),
        at_the_top.replace('"type": "link"', '"type": "l\\u0069nk"'),
        at_the_top.replace('"link"', '"EPSG"'),
    ]
    assert reason_of_child(make(at_the_top, "a.geojson")) == "crs_link"
    for text in disguised:
        assert reason(make(text, "b.geojson")) == "crs_link"
    assert asked == []
    read_naively(make(at_the_top, "a.geojson"))
    assert asked


def test_links_of_a_kml_are_not_followed(make: Make, listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    text = f"""<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
    <NetworkLink><Link><href>{address}/link.kml</href></Link></NetworkLink>
    <Placemark><name>甲</name><styleUrl>{address}/style.kml#s</styleUrl></Placemark></Document></kml>"""
    assert read_file(make(text, "a.kml")).cells["0"].to_pylist() == ["甲"]
    assert asked == []


# ---------------------------------------------------------------- XML


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;">',
        f'<!ENTITY x "{"a" * 10_000}">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;',
    ],
)
def test_a_kml_with_entities_is_refused(make: Make, reason_of_child: Reason, entities: str) -> None:
    text = f"<!DOCTYPE kml [{entities}]><kml><Placemark><name>&x;</name></Placemark></kml>"
    assert reason_of_child(make(text, "a.kml")) == "document_type"


def test_gml_and_other_xml_are_not_read(make: Make, reason_of_child: Reason) -> None:
    assert reason_of_child(make('<gml:FeatureCollection xmlns:gml="x"/>', "a.gml")) == "unsupported"


# ---------------------------------------------------------------- archives


@pytest.mark.parametrize(
    "name", ["../a.shp", "a/../../a.shp", "..\\a.shp", "/a.shp", "C:\\a.shp", "C:a.shp", "\\a.shp"]
)
def test_a_name_that_leads_out_of_the_archive_is_refused(packed: Make, reason_of_child: Reason, name: str) -> None:
    assert reason_of_child(packed({name: b"x", "a.dbf": b"x"})) == "unsafe_member"


def test_a_link_in_an_archive_is_refused(tmp_path: Path, reason_of_child: Reason) -> None:
    link = zipfile.ZipInfo("a.dbf")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.shp", b"x")
        archive.writestr(link, "/etc/passwd")
    assert reason_of_child(tmp_path / "a.zip") == "linked_member"


def test_a_member_that_swells_is_refused_by_the_list_of_the_archive(packed: Make, reason_of_child: Reason) -> None:
    assert reason_of_child(packed({"a.shp": b"x", "a.dbf": bytes(32 << 20)})) == "unpacks_too_large"


def test_an_archive_that_lies_about_its_sizes_is_damaged(packed: Make, reason_of_child: Reason) -> None:
    archive = packed({"a.shp": b"x", "a.dbf": bytes(32 << 20)})
    true, told = (32 << 20).to_bytes(4, "little"), (1 << 16).to_bytes(4, "little")
    archive.write_bytes(archive.read_bytes().replace(true, told))
    assert reason_of_child(archive) == "damaged"


@pytest.mark.parametrize(
    ("members", "limits", "why"),
    [
        ({f"{i}.txt": b"" for i in range(5)}, Limits(members=4), "too_many_members"),
        ({"a.shp": bytes(600), "a.dbf": bytes(600)}, Limits(unpacked_bytes=1000), "unpacks_too_large"),
        ({"a.zip": b"PK", "b.shp": b"x"}, None, "nested_archive"),
        ({"a.shp": b"x", "A.SHP": b"y"}, None, "repeated_member"),
        ({}, None, "no_layer"),
        ({"content.xml": b"", "mimetype": b""}, None, "unsupported"),
    ],
)
def test_an_archive_is_judged_by_its_list(
    packed: Make, reason: Reason, members: dict[str, bytes], limits: Limits | None, why: str
) -> None:
    assert reason(packed(members), limits) == why


def test_a_member_with_a_password_is_refused(packed: Make, reason: Reason) -> None:
    archive = packed({"a.shp": b"x"})
    content = bytearray(archive.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    archive.write_bytes(content)
    assert reason(archive) == "encrypted"


# ---------------------------------------------------------------- databases


def geopackage(path: Path, *statements: str) -> Path:
    gpd.GeoDataFrame({"名称": ["甲"]}, geometry=[shapely.Point(114.1, 22.5)], crs=4326).to_file(
        path, layer="企业", driver="GPKG"
    )
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


VIEW_IN_CONTENTS = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('v', 'attributes', 'v', 4326)"
)


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE VIEW v AS SELECT load_extension('/tmp/evil.so') AS x", VIEW_IN_CONTENTS),
        ("CREATE VIEW v AS SELECT LOAD_EXTENSION('x'), \"writefile\"('a', 'b')",),
        ("CREATE TRIGGER t AFTER INSERT ON 企业 BEGIN SELECT load_extension('x'); END",),
        ("CREATE VIRTUAL TABLE d USING dbstat",),
    ],
)
def test_a_schema_that_would_run_something_is_refused(
    tmp_path: Path, reason_of_child: Reason, statements: tuple[str, ...]
) -> None:
    assert reason_of_child(geopackage(tmp_path / "a.gpkg", *statements)) == "unsafe_sql"


def test_a_view_is_no_layer(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg", "CREATE VIEW v AS SELECT * FROM 企业", VIEW_IN_CONTENTS)
    assert "v" in {name for name, _ in pyogrio.list_layers(path)}
    assert read_file(path).facts["layers"] == "企业"


def test_another_sqlite_file_is_not_read(tmp_path: Path, reason_of_child: Reason) -> None:
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as database:
        database.execute("CREATE TABLE a (x)")
    assert reason_of_child(tmp_path / "a.gpkg") == "unsupported"


# ---------------------------------------------------------------- broken files


def test_a_deep_json_ends_in_one_sentence(make: Make, reason_of_child: Reason) -> None:
    deep = '{"type":"FeatureCollection","features":' + "[" * 100_000 + "]" * 100_000 + "}"
    assert reason_of_child(make(deep)) in {"damaged", "no_rows"}
    assert reason_of_child(make('{"type":"Feature","crs":{"type":"name","a":' + "[" * 30_000)) in {
        "crs_link",
        "damaged",
    }


@pytest.fixture
def whole_files(tmp_path: Path, packed: Make) -> dict[str, bytes]:
    table = gpd.GeoDataFrame({"a": range(500)}, geometry=[shapely.Point(i / 10, 1) for i in range(500)], crs=4326)
    table.to_file(tmp_path / "w.gpkg", driver="GPKG")
    table.to_file(tmp_path / "w.fgb", driver="FlatGeobuf")
    table.to_file(tmp_path / "w.geojson", driver="GeoJSON")
    table.to_parquet(tmp_path / "w.parquet")
    table.to_file(tmp_path / "w.shp")
    packed({f"w{s}": (tmp_path / f"w{s}").read_bytes() for s in (".shp", ".dbf", ".prj")}, "w.zip")
    return {kind: (tmp_path / f"w.{kind}").read_bytes() for kind in ("gpkg", "fgb", "geojson", "parquet", "zip")}


@pytest.mark.parametrize("kind", ["gpkg", "fgb", "geojson", "parquet", "zip"])
def test_half_a_file_is_refused(make: Make, whole_files: dict[str, bytes], reason_of_child: Reason, kind: str) -> None:
    whole = whole_files[kind]
    assert len(read_file(make(whole, f"whole.{kind}")).rows) == 500
    assert reason_of_child(make(whole[: len(whole) // 2], f"half.{kind}")) == "damaged"


def test_broken_parquet_is_damaged(make: Make, reason_of_child: Reason) -> None:
    assert reason_of_child(make(b"PAR1" + b"\xff" * 200 + b"PAR1")) == "damaged"
    assert reason_of_child(make(b"PARE" + bytes(100))) == "encrypted"


def test_a_column_that_unpacks_beyond_the_memory_is_refused(tmp_path: Path, reason_of_child: Reason) -> None:
    """One long text a million times over takes a kilobyte in Parquet."""
    table = pa.table({"a": pa.DictionaryArray.from_arrays([0] * 60_000, ["x" * 100_000])})
    pq.write_table(table, tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 200_000
    assert reason_of_child(tmp_path / "a.parquet") in {"damaged", "too_much_memory", "unpacks_too_large"}
