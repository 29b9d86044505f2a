"""Files to mutate: a small honest one of each format, and hostile ones that point at a secret and at a listener."""

import io
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from data.dataset import Dataset
from data.exporting import write_table
from data.synthetic import synthesize

ROWS = 12
SEED = 3


def honest_files(folder: Path, reference: Dataset) -> dict[str, bytes]:
    """One file of each format, by its name."""
    register = synthesize(ROWS, SEED, reference)
    plain = register.drop(columns=["synthetic"]).assign(address="深圳市南山区粤海街道科技园路1号")
    shapes = gpd.GeoDataFrame(plain, geometry=gpd.points_from_xy(plain["lon"], plain["lat"]), crs="EPSG:4326")
    for suffix in ("csv", "xlsx", "geojson", "gpkg", "parquet"):
        write_table(shapes, folder / f"firms.{suffix}", {})
    shapes.rename(columns={"name": "名称"}).to_file(folder / "firms.fgb", driver="FlatGeobuf")
    shapes[["firm_id", "name", "geometry"]].to_file(folder / "layer.shp", driver="ESRI Shapefile", encoding="gb18030")
    districts = reference.districts[["name", "geometry"]]
    districts.to_file(folder / "districts.geojson", driver="GeoJSON")
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in KEPT}
    found["gb18030.csv"] = plain.to_csv(index=False).encode("gb18030")
    found["utf16.csv"] = plain.to_csv(index=False, sep="\t").encode("utf-16")
    found["layer.zip"] = zipped({path.name: path.read_bytes() for path in folder.glob("layer.*")})
    found["firms.xls"] = legacy_workbook(plain)
    found["places.kml"] = kml(plain)
    return found


KEPT = {".csv", ".xlsx", ".geojson", ".gpkg", ".parquet", ".fgb"}


def hostile_files(secret: Path, port: int) -> dict[str, bytes]:
    """Files that would make a trusting reader open ``secret`` or send a request to a port of this machine."""
    vrt = (
        f"<OGRVRTDataSource><OGRVRTLayer name='{secret.stem}'><SrcDataSource>{secret}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    far = vrt.replace(str(secret), f"/vsicurl/http://127.0.0.1:{port}/x.csv")
    link = (
        '{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"http://127.0.0.1:PORT/crs",'
        '"type":"ogcwkt"}},"features":[{"type":"Feature","properties":{"name":"a"},'
        '"geometry":{"type":"Point","coordinates":[114,22]}}]}'
    ).replace("PORT", str(port))
    gdalg = '{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read FILE"}'.replace(
        "FILE", str(secret)
    )
    entity = (
        f"<?xml version='1.0'?><!DOCTYPE kml [<!ENTITY x SYSTEM 'file://{secret}'>]>"
        "<kml xmlns='http://www.opengis.net/kml/2.2'><Document><Placemark><name>&x;</name>"
        "<Point><coordinates>114,22</coordinates></Point></Placemark></Document></kml>"
    )
    laughs = (
        "<!DOCTYPE l [<!ENTITY a 'ha'>"
        + "".join(f"<!ENTITY a{i} '&a{i - 1 if i else ''};&a{i - 1 if i else ''};'>" for i in range(30))
        + "]><kml>&a29;</kml>"
    )
    return {
        "vrt.csv": vrt.encode(),
        "vrt.geojson": vrt.encode(),
        "vrt.kml": vrt.encode(),
        "far.gpkg": far.encode(),
        "link.geojson": link.encode(),
        "gdalg.json": gdalg.encode(),
        "entity.kml": entity.encode(),
        "laughs.kml": laughs.encode(),
        "vrt.zip": zipped({"layer.shp": vrt.encode(), "layer.dbf": vrt.encode(), "layer.shx": b""}),
        "climb.zip": zipped({"../../layer.shp": b"x", "layer.dbf": b"x"}),
        "nested.zip": zipped({"inner.zip": zipped({"layer.shp": b"x"})}),
        "bomb.zip": zipped({"layer.shp": b"x", "layer.dbf": bytes(60 << 20)}),
        "deep.json": b"[" * 100_000,
        "formula.csv": '名称,经度,纬度\n=HYPERLINK("http://127.0.0.1:%d"),114.0,22.5\n'.encode() % port,
        "jinja.csv": "名称,经度,纬度\n{{ cycler.__init__.__globals__.os.getcwd() }},114.0,22.5\n".encode(),
    }


def zipped(members: dict[str, bytes]) -> bytes:
    """An archive of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def legacy_workbook(table: pd.DataFrame) -> bytes:
    """A table as .xls."""
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("名录")
    for column, name in enumerate(table.columns):
        sheet.write(0, column, name)
        for row, value in enumerate(table[name].astype(object).where(table[name].notna(), None), start=1):
            sheet.write(row, column, getattr(value, "item", lambda v=value: v)())
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def kml(table: pd.DataFrame) -> bytes:
    """Points of a table as KML."""
    marks = "".join(
        f"<Placemark><name>{row.name}</name><Point><coordinates>{row.lon},{row.lat}</coordinates></Point></Placemark>"
        for row in table[["name", "lon", "lat"]].rename_axis(None).itertuples(index=False, name="Row")
    )
    return f"<?xml version='1.0' encoding='UTF-8'?><kml xmlns='http://www.opengis.net/kml/2.2'><Document>{marks}</Document></kml>".encode()


TOKENS = (
    b"",
    b"\0",
    b"\n",
    b'"',
    b",",
    b"\xff\xfe",
    b"<!DOCTYPE x>",
    b"{{7*7}}",
    b"1e309",
    b"NaN",
    b"..\\..\\",
    b"PK\3\4",
    b"PAR1",
    b"'" * 40,
)


def mutated(data: bytes, others: list[bytes], rng: np.random.Generator) -> bytes:
    """A file after one to four accidents: bits, bytes, blocks, tokens, lengths, another file's piece, an early end."""
    made = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        if not made:
            break
        at = int(rng.integers(len(made)))
        size = int(rng.integers(1, 64))
        match int(rng.integers(8)):
            case 0:
                made[at] ^= 1 << int(rng.integers(8))
            case 1:
                made[at : at + size] = rng.bytes(size)
            case 2:
                del made[at : at + size]
            case 3:
                made[at:at] = made[at : at + size] * int(rng.integers(1, 50))
            case 4:
                made[at:at] = TOKENS[int(rng.integers(len(TOKENS)))]
            case 5:
                made[at : at + 4] = int(rng.integers(2**32)).to_bytes(4, "little")
            case 6:
                other = others[int(rng.integers(len(others)))]
                start = int(rng.integers(len(other)))
                made[at:at] = other[start : start + int(rng.integers(1, 4096))]
            case _:
                made = made[:at]
    return bytes(made)


def remade(data: bytes, others: list[bytes], rng: np.random.Generator) -> bytes:
    """A mutated file; of an archive, often a sound archive with one mutated member, which is looked into further."""
    if data[:4] == b"PK\3\4" and rng.random() < 0.7:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist() if info.file_size < 1 << 20}
        if members:
            name = list(members)[int(rng.integers(len(members)))]
            members[name] = mutated(members[name], others, rng)
            return zipped(members)
    return mutated(data, others, rng)
