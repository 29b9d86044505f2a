"""Tables come back from the database exactly as they went: values, types, order, and what SQL has no word for."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from data import columns as c
from data.dataset import Dataset
from data.errors import DamagedVersion
from data.postgis.database import Connection, Database
from data.postgis.rows import content, read_rows, write_rows
from data.register import TEXT
from tests.conftest import TRICKY


@pytest.fixture
def connection(postgis: str) -> Iterator[Connection]:
    with Database(postgis).session() as connection:
        connection.execute("INSERT INTO parts (kind, digest) VALUES ('firms', 'x')")
        yield connection


def there_and_back(connection: Connection, name: str, table: pa.Table, folder: Path) -> pa.Table:
    write_rows(connection, 1, name, table)
    return read_rows(connection, 1, name, "1", folder / "rows.csv")


NASTY = [*TRICKY, "a\0b", "\0", "␀", "", "a\n\\.\nb", "\\.", "\\N", "\r", "a\r\nb", " x ", "x" * 300_000, None, None]


def test_firms_come_back_whatever_their_texts_hold(connection: Connection, tmp_path: Path) -> None:
    many = len(NASTY)
    codes = pa.DictionaryArray.from_arrays(
        pa.array([None if i % 5 == 0 else i % 3 for i in range(many)], pa.int8()), pa.array(["b", "a\0", "never", "z"])
    )
    table = pa.table({
        c.FIRM_ID: pa.array([f"f{i}" for i in range(many)], TEXT),
        c.NAME: pa.array([text or "n" for text in NASTY], TEXT),
        c.NOTES: pa.array(NASTY, TEXT),
        c.SUBSECTOR_ID: codes.dictionary_decode().dictionary_encode(),
        c.STATUS: codes,
        c.LON: pa.array([float("nan") if i % 3 else 114.05 + i / 7 for i in range(many)]),
        c.LAT: pa.array([None if i % 3 else 1 / (i + 3) for i in range(many)]),
        c.SYNTHETIC: pa.array([bool(i % 2) for i in range(many)]),
        "of the file": pa.array([None if i % 2 else f'{i}"\0' for i in range(many)]),
        "a day": pa.array([np.datetime64("2021-03-04", "us")] * many),
    })  # fmt: skip
    back = there_and_back(connection, "firms", table, tmp_path)
    assert back.schema.equals(table.schema, check_metadata=True)
    assert content(back) == content(table)
    for name in table.column_names:
        if name != c.LON:
            assert back[name].to_pylist() == table[name].to_pylist(), name
    assert repr(back[c.LON].to_pylist()) == repr(table[c.LON].to_pylist())
    assert back[c.STATUS].chunk(0).dictionary.equals(codes.dictionary)
    assert not list(tmp_path.iterdir())
    rows = connection.execute("SELECT notes, lon, further->>'of the file' FROM firms ORDER BY row").fetchall()
    assert (rows[len(TRICKY)][0], rows[1][1], rows[0][2]) == ("a␀b", None, '0"␀')


@pytest.mark.parametrize("name", ["districts", "parks", "indicators", "hubs"])
def test_small_tables_come_back_as_the_files_that_they_were(
    name: str, connection: Connection, dataset: Dataset, tmp_path: Path
) -> None:
    file = io.BytesIO()
    getattr(dataset, name).to_parquet(file)
    table = pq.read_table(file)
    back = there_and_back(connection, name, table, tmp_path)
    assert back.equals(table, check_metadata=True)
    assert connection.execute(f"SELECT count(*) FROM {name} WHERE further IS NOT NULL").fetchone() == (0,)  # noqa: S608


def test_points_and_outlines_are_geometry_that_a_map_can_read(
    connection: Connection, dataset: Dataset, tmp_path: Path
) -> None:
    outline = [shapely.to_wkb(shapely.box(114, 22.5, 114.1, 22.6)), None]
    parks = pa.table({c.PARK_ID: ["P1", "P2"], c.NAME: ["甲", "乙"], c.LON: [114.05, None], c.LAT: [22.55, None],
                      "geometry": pa.array(outline)})  # fmt: skip
    assert there_and_back(connection, "parks", parks, tmp_path).equals(parks)
    told = connection.execute(
        "SELECT public.st_astext(geom), public.st_srid(geom), public.st_area(geometry) FROM parks ORDER BY row"
    ).fetchall()
    assert told == [("POINT(114.05 22.55)", 4326, pytest.approx(0.01)), (None, None, None)]


def test_an_outline_that_would_come_back_as_other_bytes_is_kept_as_it_is(
    connection: Connection, tmp_path: Path
) -> None:
    flat, high = shapely.box(0, 0, 1, 1), shapely.from_wkt("POINT Z (1 2 3)")
    for part, wkb in ((1, shapely.to_wkb(flat, byte_order=0)), (2, shapely.to_wkb(high))):
        table = pa.table({c.PARK_ID: ["P1"], c.NAME: ["甲"], "geometry": pa.array([wkb])})
        if part == 2:
            connection.execute("INSERT INTO parts (kind, digest) VALUES ('parks', 'y')")
        write_rows(connection, part, "parks", table)
        assert read_rows(connection, part, "parks", "1", tmp_path / "x.csv").equals(table)


def test_a_table_without_rows_keeps_its_columns(connection: Connection, tmp_path: Path) -> None:
    table = pa.table({"row": pa.array([], pa.int64()), "0": pa.array([], TEXT)})
    assert there_and_back(connection, "refused", table, tmp_path).schema.equals(table.schema)


def test_refused_rows_keep_the_columns_of_their_file(connection: Connection, tmp_path: Path) -> None:
    table = pa.table({"row": [3, 9], "part": ["x", None], "企业 名称": ["a\0", "=1"]})
    assert there_and_back(connection, "refused", table, tmp_path).equals(table)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE observations SET revenue_cny = 8 WHERE row = 0", "somebody changed rows of observations"),
        ("UPDATE observations SET scope = 'other' WHERE row = 1", "none of those that were written"),
        ("DELETE FROM observations WHERE row = 1", "rows are missing"),
        ("DELETE FROM observations", "somebody changed rows"),
        ("DELETE FROM part_tables", "no table observations of part 1"),
    ],
)
def test_rows_that_somebody_changed_are_not_shown_as_the_version(
    change: str, said: str, connection: Connection, tmp_path: Path
) -> None:
    firm, year = pa.array([0, 1, 2], pa.int32()), pa.array([2020, 2021, 2022], pa.int16())
    scope = pa.array(["s", None, "s"]).dictionary_encode()
    table = pa.table({c.FIRM_NUMBER: firm, c.YEAR: year, c.REVENUE_CNY: [7, None, -3], c.SCOPE: scope})
    assert there_and_back(connection, "observations", table, tmp_path).equals(table)
    connection.execute(change)
    with pytest.raises(DamagedVersion, match=said):
        read_rows(connection, 1, "observations", "1", tmp_path / "x.csv")


def test_another_program_reads_the_rows(connection: Connection, postgis: str, dataset: Dataset, tmp_path: Path) -> None:
    file = io.BytesIO()
    dataset.parks.to_parquet(file)
    write_rows(connection, 1, "parks", pq.read_table(file))
    with psycopg.connect(postgis) as other:
        rows = other.execute("SELECT park_id, name, public.st_x(geom) FROM jiqun.parks ORDER BY row").fetchall()
    known = dataset.parks[[c.PARK_ID, c.NAME, c.LON]].astype(object)
    assert rows == [tuple(row) for row in known.where(known.notna(), None).itertuples(index=False)]
