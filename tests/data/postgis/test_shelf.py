"""A store that several machines share: the same versions, seen by all, whatever is lost beside the database."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pytest
import shapely
from pandas.testing import assert_frame_equal
from shapely import box
from typer.testing import CliRunner

import cli
import data.settings
from bench.postgis_server import PASSWORD, Server
from clusters.kept_plans import keep_plan, kept_plan, plan_digest
from clusters.plan import Plan
from data import columns as c
from data import store
from data.brought import About, Brought
from data.dataset import Dataset
from data.errors import BadSetting, StoreAway, StoreError, UnfitStore
from data.findings import SCHEMA
from data.masks import Mask, keep_mask, kept_mask
from data.postgis import pointer, schema
from data.postgis.database import Database, database_of
from data.postgis.shelf import PostgisShelf
from data.shelf import shelf_of
from data.store import (
    check_reachable,
    check_store,
    commit,
    current_dataset,
    current_version,
    list_versions,
    open_version,
)
from data.version_files import FIRMS, RECORD, VersionRecord
from tests.data.store_worlds import Import

PARKS = Brought(About("parks", "p.csv", "", note="a\0b"), parks=pd.DataFrame({c.NAME: ["新园"]}))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The workspace of another machine."""
    return tmp_path / "elsewhere"


@pytest.fixture
def away(postgis: str, postgis_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bool], None]]:
    """Let the database go away, and come back."""
    name = postgis.rpartition("/")[2]
    monkeypatch.setattr(pointer, "RETRY_S", 0.0)

    def go(gone: bool) -> None:
        postgis_server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {not gone}")
        if gone:
            postgis_server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608

    yield go
    go(False)


def brought(dataset: Dataset) -> list[Brought]:
    """Imports of every kind, firms first, boundaries last."""
    refused = pa.table({"row": [3], "0": ["x\0"]})
    firms = pa.table({c.FIRM_ID: ["b", "a"], c.NAME: ["乙\0\n\\.\n", '"甲",'], c.SUBSECTOR_ID: ["S01", "S02"],
                      c.LON: [114.05, None], c.LAT: [22.55, None], c.ADDRESS: ["", None]})  # fmt: skip
    seen = pa.table({c.FIRM_ID: ["a", "b", "b"], c.YEAR: [2020, 2020, 2021], c.REVENUE_CNY: [5, None, 7],
                     c.EMPLOYEES: [None, 3, 4]})  # fmt: skip
    found = pa.table([[3], ["name"], ["code"], ["refused"], ["\0"], [None]], schema=SCHEMA)
    about = About("firms", "f.csv", "00", accepted=2, refused=1, mapping='name = "企业"\n')
    park = {c.NAME: ["新园"], c.AREA_M2: [12.5], "geometry": [b"\x01" + dataset.districts.geometry.iloc[0].wkb[1:]]}
    areas = gpd.GeoDataFrame(dataset.districts.drop(columns=[c.LABEL_LON, c.LABEL_LAT]).reset_index(drop=True))
    return [
        Brought(about, firms, seen, findings=found, refused=refused),
        Brought(About("parks", "p.csv", "01"), parks=pd.DataFrame(park), merge=True),
        Brought(About("indicators", "i.csv", "02"), indicators=pd.DataFrame({c.INDICATOR: ["x"], c.VALUE: [0.1]})),
        Brought(About("hubs", "h.csv", "03"), hubs=pd.DataFrame(
            {c.NAME: ["站"], c.KIND: ["metro"], c.LON: [114.0], c.LAT: [22.5]}), merge=True),
        Brought(About("boundaries", "b.geojson", "04"), districts=areas),
    ]  # fmt: skip


TABLES = ("firms", "observations", "parks", "districts", "indicators", "hubs")


def test_every_kind_comes_back_on_another_machine_as_from_files(
    dataset: Dataset, tmp_path: Path, elsewhere: Path, request: pytest.FixtureRequest
) -> None:
    for one in brought(dataset):
        commit(tmp_path, dataset, one)
    told = [(r, store.mapping_of(tmp_path, r.id), store.findings_of(tmp_path, r.id), store.refused_rows(tmp_path, r.id),
             open_version(tmp_path, r.id, dataset)) for r in list_versions(tmp_path, dataset)[1:]]  # fmt: skip
    request.getfixturevalue("postgis")
    for one in brought(dataset):
        commit(tmp_path, dataset, one)
    assert [r.id for r in list_versions(elsewhere, dataset)[1:]] == [r.id for r, *_ in told] == list("12345")
    for record, mapping, findings, refused, expected in told:
        found = store.version_record(elsewhere, record.id)
        assert {**vars(found), "created": ""} == {**vars(record), "created": ""}
        assert store.mapping_of(elsewhere, record.id) == mapping
        assert store.findings_of(elsewhere, record.id).equals(findings)
        assert store.refused_rows(elsewhere, record.id).equals(refused)
        again = open_version(elsewhere, record.id, dataset)
        assert (again.digest, again.firms_stamp, again.years) == (expected.digest, expected.firms_stamp, expected.years)
        for name in TABLES:
            mine, theirs = getattr(again, name), getattr(expected, name)
            assert_frame_equal(mine, theirs, check_exact=True)
            assert mine.dtypes.to_dict() == theirs.dtypes.to_dict()
    assert set(again.firms[c.NAME]) == {"乙\0\n\\.\n", '"甲",'}


@pytest.mark.usefixtures("postgis")
def test_what_an_import_did_not_bring_is_its_parents_very_part(
    dataset: Dataset, taken_in: Import, tmp_path: Path, elsewhere: Path
) -> None:
    taken_in()
    commit(tmp_path, dataset, PARKS)
    parts = database_of(data.settings.settings().store).ask(
        "SELECT version, kind, part FROM version_parts ORDER BY version, kind"
    )
    assert parts == [(1, "firms", 1), (2, "firms", 1), (2, "parks", 2)]
    open_version(elsewhere, "1", dataset), open_version(elsewhere, "2", dataset)
    folder = shelf_of(elsewhere).folder
    assert (folder / "1" / FIRMS).samefile(folder / "2" / FIRMS)
    assert store.version_record(elsewhere, "2").note == "a␀b"


def test_views_show_the_current_version_as_rows_and_geometry(postgis: str, dataset: Dataset, tmp_path: Path) -> None:
    for one in brought(dataset):
        commit(tmp_path, dataset, one)
    with psycopg.connect(postgis) as gis:
        told = gis.execute(
            "SELECT f.firm_id, year, revenue_cny FROM jiqun.current_observations o"
            " JOIN jiqun.current_firms f USING (part, firm_id) ORDER BY 1, 2"
        ).fetchall()
        assert told == [("a", 2020, 5), ("b", 2020, None), ("b", 2021, 7)]
        inside = gis.execute(
            "SELECT firm_id FROM jiqun.current_firms WHERE geom && public.st_makeenvelope(114, 22.5, 114.1, 22.6, 4326)"
        )
        assert inside.fetchall() == [("b",)]
        areas = gis.execute("SELECT district_id, public.st_asbinary(geometry) FROM jiqun.current_districts").fetchall()
        assert len(areas) == len(dataset.districts)
        assert {one: shapely.from_wkb(wkb) for one, wkb in areas} == dict(dataset.districts.geometry)
        assert gis.execute("SELECT count(*) FROM jiqun.current_parks").fetchone() == (len(dataset.parks) + 1,)
        store.use_version(tmp_path, "0")
        assert gis.execute("SELECT count(*) FROM jiqun.current_firms").fetchone() == (0,)


@pytest.mark.usefixtures("postgis")
@pytest.mark.parametrize("damage", ["cut off", "gone", "no record", "another's record", "same length", "no folder"])
def test_a_copy_that_is_damaged_is_made_again(damage: str, dataset: Dataset, taken_in: Import, tmp_path: Path) -> None:
    taken_in()
    whole = open_version(tmp_path, "1", dataset)
    copy = shelf_of(tmp_path).folder / "1"
    size = (copy / FIRMS).stat().st_size
    if damage == "no folder":
        copy.rename(tmp_path / "aside")
    elif damage in ("cut off", "same length"):
        (copy / FIRMS).unlink()  # who has it mapped keeps it
        (copy / FIRMS).write_bytes(bytes(size // 2 if damage == "cut off" else size))
    elif damage == "another's record":
        told = json.loads((copy / RECORD).read_text())
        (copy / RECORD).write_text(json.dumps(told | {"firms": 41}))
    else:
        (copy / (FIRMS if damage == "gone" else RECORD)).unlink()
    assert_frame_equal(open_version(tmp_path, "1", dataset).firms, whole.firms)


def test_readers_keep_what_they_hold_while_the_database_is_away(
    away: Callable[[bool], None], here: Path, taken_in: Import, dataset: Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    taken_in()
    held = current_dataset()
    away(True)
    with caplog.at_level(logging.WARNING):
        assert all(current_dataset() is held for _ in range(5))
        assert store.dataset_of("1") is held
    assert [r.getMessage()[:24] for r in caplog.records] == ["version 1 stays in use: "]
    assert PASSWORD not in caplog.text
    for ask in (check_reachable, lambda home: list_versions(home, dataset), lambda home: store.use_version(home, "0")):
        with pytest.raises(StoreAway, match=r"does not serve: .*not currently accepting connections") as refused:
            ask(here)
        assert "\n" not in str(refused.value)
    with pytest.raises(StoreAway):
        commit(here, dataset, PARKS)
    away(False)
    assert commit(here, dataset, PARKS).id == "2"
    assert current_dataset().version == "2"
    assert "is back" in caplog.text
    check_reachable(here)


class Breaks:
    """A connection that is lost at COMMIT, before the server got it or after."""

    def __init__(self, connection: Any, *, after: bool) -> None:
        self.connection, self.after = connection, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, query: Any, *values: Any) -> Any:
        if query != "COMMIT":
            return self.connection.execute(query, *values)
        if self.after:
            self.connection.execute(query)
        self.connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")


@pytest.mark.usefixtures("postgis")
@pytest.mark.parametrize("after", [True, False])
def test_a_connection_that_breaks_at_commit_leaves_no_doubt(
    after: bool, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = PostgisShelf.alone

    @contextmanager
    def breaking(self: PostgisShelf) -> Iterator[Any]:
        with told(self) as turn:
            turn.connection = Breaks(turn.connection, after=after)
            yield turn

    monkeypatch.setattr(PostgisShelf, "alone", breaking)
    if after:
        assert commit(tmp_path, dataset, PARKS).id == "1"
    else:
        with pytest.raises(StoreAway, match="server closed the connection"):
            commit(tmp_path, dataset, PARKS)
    assert current_version(tmp_path) == ("1" if after else "0")
    monkeypatch.undo()


@pytest.mark.usefixtures("postgis")
def test_what_must_be_the_same_for_everybody_is_the_firsts(
    dataset: Dataset, taken_in: Import, tmp_path: Path, elsewhere: Path
) -> None:
    taken_in()
    for home, text in ((tmp_path, "one"), (elsewhere, "other")):
        open_version(home, "1", dataset)
        path = shelf_of(home).folder / "1" / "released-x.parquet"
        shelf_of(home).keep_first(path, lambda file, text=text: file.write_text(text))
        assert path.read_text() == "one"
        assert [left.name for left in path.parent.glob(".*")] == []


@pytest.mark.usefixtures("postgis")
def test_a_mask_and_the_text_of_a_plan_open_on_another_machine(tmp_path: Path, elsewhere: Path, plan: Plan) -> None:
    mask = Mask("红线.geojson", "wgs84", np.array([box(114, 22.5, 114.1, 22.6)], object))
    keep_mask(mask, tmp_path)
    keep_plan(plan, tmp_path)
    for home in (elsewhere, elsewhere):  # from the database, then from its own copy
        found = kept_mask(mask.digest, home)
        assert found is not None
        assert (found.name, found.digest) == (mask.name, mask.digest)
        again = kept_plan(plan_digest(plan), home, plan_id=plan.id)
        assert again is not None
        assert again.origin.sha256 == plan.origin.sha256
    assert kept_mask("0" * 16, elsewhere) is None


@pytest.mark.usefixtures("postgis")
def test_of_shared_files_the_oldest_go(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path)
    for number in range(4):
        shelf.share("masks", f"{number}/x", bytes([number]), most=2)
    assert [shelf.shared("masks", str(number)) for number in range(4)] == [{}, {}, {"x": b"\2"}, {"x": b"\3"}]


def test_a_version_that_was_told_of_and_cannot_be_had_leaves_the_one_before(
    away: Callable[[bool], None], here: Path, taken_in: Import, monkeypatch: pytest.MonkeyPatch, elsewhere: Path
) -> None:
    taken_in()
    held = current_dataset()
    taken_in(2)
    told = PostgisShelf.at

    def gone(self: PostgisShelf, record: VersionRecord) -> Path:
        away(True)
        return told(self, record)

    monkeypatch.setattr(PostgisShelf, "at", gone)
    assert current_dataset() is held
    monkeypatch.setattr(PostgisShelf, "at", told)
    away(False)
    assert current_dataset().version == "2"


@pytest.mark.usefixtures("postgis")
def test_who_finds_a_version_being_copied_shows_the_one_before(
    here: Path, taken_in: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in()
    held = current_dataset()
    taken_in(2)
    monkeypatch.setattr(store, "COPYING_S", 0.0)
    with store._here.lock:
        assert current_dataset() is held
    assert current_dataset().version == "2"


# ---------------------------------------------------------------- a database that is not ready


@pytest.fixture
def bare(postgis_server: Server, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """An empty database without PostGIS, and a role that may not bring it: its name, its address."""
    name = "bare_" + tmp_path.name[-8:].replace("-", "_")
    postgis_server.run(f"CREATE DATABASE {name}")
    postgis_server.run(f"CREATE ROLE {name} LOGIN PASSWORD 'pw-of-role'")
    postgis_server.run(f"GRANT CREATE ON DATABASE {name} TO {name}")
    yield name, postgis_server.url(name).replace(f"postgres:{PASSWORD}", f"{name}:pw-of-role")
    database_of(postgis_server.url(name)).close()
    postgis_server.run(f"DROP DATABASE {name} WITH (FORCE)")
    postgis_server.run(f"DROP ROLE {name}")


def test_a_database_is_made_ready_once_postgis_is_there(
    bare: tuple[str, str], postgis_server: Server, tmp_path: Path
) -> None:
    name, url = bare
    database = Database(url)
    shelf = PostgisShelf(tmp_path, database)
    assert (shelf.current(), shelf.records()) == ("0", [])
    with pytest.raises(UnfitStore, match=r"it has no PostGIS: .* CREATE EXTENSION postgis") as refused:
        shelf.check()
    assert "pw-of-role" not in str(refused.value)
    with psycopg.connect(postgis_server.url(name), autocommit=True) as administrator:
        administrator.execute("CREATE SCHEMA maps")
        administrator.execute("CREATE EXTENSION postgis SCHEMA maps")
        administrator.execute(f"GRANT USAGE ON SCHEMA maps TO {name}")
    assert shelf.make() == ("", schema.REVISIONS[-1])
    assert shelf.make() == (schema.REVISIONS[-1], schema.REVISIONS[-1])
    shelf.check()
    with shelf.alone() as turn:
        assert turn.next_id() == "1"
    with database.session() as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'later'")
    database.close()
    with pytest.raises(UnfitStore, match="at step later, which a later release made"):
        Database(url).is_made()
    database.close()


def test_an_older_schema_waits_for_the_start_of_a_server(postgis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "REVISIONS", ("0001", "0002"))
    with pytest.raises(UnfitStore, match=r"at step 0001, this release needs 0002: run cli\.py migrate"):
        Database(postgis).is_made()


def test_the_last_step_is_the_one_that_the_release_names() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parents[1] / "migrations"))
    steps = ScriptDirectory.from_config(config)
    assert tuple(step.revision for step in steps.walk_revisions())[::-1] == schema.REVISIONS


def test_a_wrong_password_is_said_without_it(postgis_server: Server, postgis: str, tmp_path: Path) -> None:
    url = postgis_server.url(postgis.rpartition("/")[2], password="wrong-one")  # noqa: S106
    with pytest.raises(StoreAway, match="password authentication failed") as refused:
        PostgisShelf(tmp_path, Database(url)).check()
    assert "wrong-one" not in repr(refused.value)
    with pytest.raises(StoreAway, match="refused"):
        Database("postgresql://u:hidden@127.0.0.1:1/x").is_made()


@pytest.mark.parametrize("url", ["mysql://u:hidden@h/x", "postgresql://u:hidden@h:port:2/x?y"])
def test_an_address_that_is_none_is_said_without_its_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIQUN_STORE", url)
    data.settings.settings.cache_clear()
    try:
        with pytest.raises((BadSetting, StoreError)) as refused:
            check_store(Path("nowhere"))
        assert "hidden" not in f"{refused.value!r} {data.settings.Settings.model_construct(store=url)!r}"
    finally:
        monkeypatch.undo()
        data.settings.settings.cache_clear()


def test_verbs_work_on_the_database(postgis: str, here: Path, taken_in: Import) -> None:
    taken_in(), taken_in(2)

    def said(*verb: str) -> Any:
        done = CliRunner().invoke(cli.app, [*verb, "--json"], catch_exceptions=False)
        assert done.exit_code == 0
        return json.loads(done.stdout)

    assert said("migrate") == {"before": "0001", "after": "0001"}
    assert [version["id"] for version in said("versions")["versions"]] == ["0", "1", "2"]
    assert said("undo") == {"version": "1"}
    assert said("use", "2") == {"version": "2"}
    assert postgis.rpartition("/")[2] not in str(list(here.iterdir()))
