"""An import replaces its own kind or is laid over it; everything else is the parent's, in the same files."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

import data.dataset
from data import columns as c
from data.brought import About, Brought
from data.cube import cube_of
from data.dataset import Basis, Dataset
from data.errors import BadTable
from data.findings import Effect, Findings
from data.firm_points import firm_points
from data.store import commit, findings_of, mapping_of, open_version, refused_rows, use_version
from data.version_files import VersionRecord

Commit = Callable[..., tuple[VersionRecord, Dataset]]

FIRMS = pa.table(
    {
        c.FIRM_ID: ["A", "B", "C"],
        c.NAME: ["甲公司", "乙公司", "丙公司"],
        c.SUBSECTOR_ID: ["S01", "S02", "S02"],
        c.REGISTERED_DISTRICT_ID: ["440305", "440303", None],
        c.LON: [113.95, None, 114.06],
        c.LAT: [22.54, None, 22.54],
        c.ADDRESS: ["一路", "二路", None],
    }
)
SEEN = pa.table(
    {
        c.FIRM_ID: ["B", "A", "A", "C"],
        c.YEAR: [2021, 2021, 2020, 2021],
        c.REVENUE_CNY: [20, 10, 9, None],
        c.EMPLOYEES: [None, 5, None, 7],
        c.STATUS: ["sourced", None, "sourced", None],
        c.SOURCE: ["年报", None, None, None],
    }
)
ABOUT = About("firms", "名录.csv", "ab" * 32, accepted=3)


@pytest.fixture
def bring(dataset: Dataset, tmp_path: Path) -> Commit:
    """Commit tables and open what came of it."""

    def one(about: About = ABOUT, **tables: object) -> tuple[VersionRecord, Dataset]:
        record = commit(tmp_path, dataset, Brought(about, **tables))  # type: ignore[arg-type]
        return record, open_version(tmp_path, record.id, dataset)

    return one


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data.dataset, "MANY_FIRMS", 0)


def files(home: Path, version_id: str) -> dict[str, int]:
    """Every file of a version and its number on the disk."""
    folder = home / "versions" / version_id
    return {path.relative_to(folder).as_posix(): path.stat().st_ino for path in folder.rglob("*") if path.is_file()}


def revenue(dataset: Dataset) -> dict[tuple[str, int], int]:
    table = dataset.observations
    known = table[table[c.REVENUE_CNY].notna()]
    return {
        (str(f), int(y)): int(r) for f, y, r in zip(known[c.FIRM_ID], known[c.YEAR], known[c.REVENUE_CNY], strict=True)
    }


# ---------------------------------------------------------------- firms and observations


def test_firms_replace_firms_and_what_is_unknown_stays_so(bring: Commit, dataset: Dataset) -> None:
    record, now = bring(firms=FIRMS, observations=SEEN)
    assert (record.id, record.parent, record.basis, record.firms, record.observations) == (
        "1",
        "0",
        Basis.REGISTER,
        3,
        4,
    )
    assert (record.kind, record.file_name, record.accepted, record.years) == ("firms", "名录.csv", 3, (2020, 2021))
    assert now.firms[c.REGISTERED_DISTRICT_ID].tolist() == ["440305", "440303", "440304"]  # the last by its point
    assert now.firms[c.ADDRESS].tolist() == ["一路", "二路", None]
    assert now.firms[c.LOCATION_PRECISION].tolist() == ["exact", "none", "exact"]
    assert revenue(now) == {("A", 2020): 9, ("A", 2021): 10, ("B", 2021): 20}
    by_row = now.observations.set_index([c.FIRM_ID, c.YEAR])
    assert by_row[c.EMPLOYEES].dropna().to_dict() == {("A", 2021): 5, ("C", 2021): 7}
    assert by_row[c.STATUS].tolist() == ["sourced", "unverified", "sourced", "unverified"]
    assert (now.parks is dataset.parks, now.districts is dataset.districts) == (True, True)


def test_an_observation_without_revenue_enters_no_figure(bring: Commit) -> None:
    _, now = bring(firms=FIRMS, observations=SEEN)
    assert len(now.usable) == 3
    assert now.usable[c.REVENUE_CNY].dtype == np.int64
    assert cube_of(now)[c.TOTAL_CNY].sum() == 2 * 39  # under both readings of place
    only = SEEN.slice(3)
    with pytest.raises(BadTable, match="no row with revenue"):
        bring(firms=FIRMS, observations=only)


@pytest.mark.usefixtures("few_are_many")
def test_an_observation_without_revenue_enters_no_figure_of_many(bring: Commit) -> None:
    _, now = bring(firms=FIRMS, observations=SEEN)
    assert now.observations[c.EMPLOYEES].dtype == pd.Int64Dtype()
    assert revenue(now) == {("A", 2020): 9, ("A", 2021): 10, ("B", 2021): 20}
    assert cube_of(now)[c.TOTAL_CNY].sum() == 2 * 39
    assert firm_points(now).pyramid.years == (2020, 2021)


def test_firms_without_observations_keep_those_that_were_known(bring: Commit) -> None:
    bring(firms=FIRMS, observations=SEEN)
    record, now = bring(firms=FIRMS.slice(0, 1))
    assert revenue(now) == {("A", 2020): 9, ("A", 2021): 10}
    assert record.observations == 2
    with pytest.raises(BadTable, match="no row with revenue"):
        bring(firms=FIRMS.set_column(0, c.FIRM_ID, [["X", "Y", "Z"]]))


def test_observations_alone_replace_those_of_known_firms(bring: Commit) -> None:
    bring(firms=FIRMS, observations=SEEN)
    new = pa.table({c.FIRM_ID: ["A"], c.YEAR: [2022], c.REVENUE_CNY: [11]})
    record, now = bring(About("observations", "营收.csv", "cd"), observations=new)
    assert (record.firms, record.parent, record.kind) == (3, "1", "observations")
    assert revenue(now) == {("A", 2022): 11}
    assert now.firms[c.NAME].tolist() == ["甲公司", "乙公司", "丙公司"]
    with pytest.raises(BadTable, match=r"firm_id 'Q' of a revenue is none of the firms \(1 rows\)"):
        bring(observations=new.set_column(0, c.FIRM_ID, [["Q"]]))
    with pytest.raises(BadTable, match="firm_id 'A' has two rows for 2022"):
        bring(observations=pa.concat_tables([new, new]))


def test_firms_are_laid_over_firms_by_id(bring: Commit) -> None:
    bring(firms=FIRMS, observations=SEEN)
    new = pa.table({c.FIRM_ID: ["D", "A"], c.NAME: ["丁公司", "甲公司（新）"], c.SUBSECTOR_ID: ["S03", None],
                    c.ADDRESS: [None, None], c.LON: [114.06, 114.06], c.LAT: [22.54, 22.54]})  # fmt: skip
    seen = pa.table({c.FIRM_ID: ["A", "D"], c.YEAR: [2021, 2021], c.REVENUE_CNY: [100, 1]})
    record, now = bring(firms=new, observations=seen, merge=True)
    assert (record.firms, record.parent) == (4, "1")
    firm = now.firms.loc["A"]
    assert (firm[c.NAME], firm[c.SUBSECTOR_ID], firm[c.ADDRESS], firm[c.LON]) == ("甲公司（新）", "S01", "一路", 114.06)
    assert firm[c.REGISTERED_DISTRICT_ID] == "440305"  # was declared: the polygon of the new point does not overrule it
    assert now.firms[c.REGISTERED_DISTRICT_ID]["D"] == "440304"
    assert revenue(now) == {("A", 2020): 9, ("A", 2021): 100, ("B", 2021): 20, ("D", 2021): 1}
    seen_now = now.observations.set_index([c.FIRM_ID, c.YEAR])
    assert seen_now[c.EMPLOYEES][("A", 2021)] == 5
    assert seen_now[c.STATUS].to_dict()[("A", 2021)] == "unverified"


def test_a_firm_of_an_unknown_id_is_known_by_name_and_district(bring: Commit) -> None:
    bring(firms=FIRMS, observations=SEEN)
    new = pa.table({c.FIRM_ID: ["code-1", "code-2", None], c.NAME: ["甲公司", "乙公司", "丙公司"],
                    c.REGISTERED_DISTRICT_ID: ["440305", "440304", "440304"], c.ADDRESS: ["新路"] * 3})  # fmt: skip
    seen = pa.table({c.FIRM_ID: ["code-1", "code-2"], c.YEAR: [2022, 2022], c.REVENUE_CNY: [7, 8]})
    _, now = bring(firms=new, observations=seen, merge=True)
    assert now.firms[c.ADDRESS].to_dict() == {"A": "新路", "B": "二路", "C": "新路", "code-2": "新路"}
    assert revenue(now)[("A", 2022)] == 7  # under the id that the firm was known by
    assert revenue(now)[("code-2", 2022)] == 8  # the same name in another district is another firm


def test_two_rows_for_one_known_firm_are_refused(bring: Commit) -> None:
    bring(firms=FIRMS, observations=SEEN)
    with pytest.raises(BadTable, match="2 rows of one firm"):
        bring(firms=pa.table({c.FIRM_ID: ["A", "A"], c.NAME: ["x", "y"]}), merge=True)
    seen = pa.table({c.FIRM_ID: ["A", "A"], c.YEAR: [2021, 2021], c.REVENUE_CNY: [1, 2]})
    with pytest.raises(BadTable, match="2 rows of one firm in one year"):
        bring(observations=seen, merge=True)


def test_a_sample_stays_a_sample_until_somebody_declares_more(bring: Commit, dataset: Dataset) -> None:
    record, now = bring(firms=FIRMS, observations=SEEN, merge=True)
    assert (record.basis, record.firms) == (Basis.LISTED_SAMPLE, 73)
    kept = now.firms.loc[dataset.firms.index, dataset.firms.columns]
    for name in dataset.firms.columns:
        now_and_then = [[one if one and one == one else None for one in table[name]] for table in (kept, dataset.firms)]
        assert now_and_then[0] == now_and_then[1], name
    old = {key: value for key, value in revenue(now).items() if key[0] not in "ABC"}
    assert old == revenue(dataset)
    record, _ = bring(replace(ABOUT, basis=Basis.STATISTICAL), firms=FIRMS, observations=SEEN, merge=True)
    assert record.basis is Basis.STATISTICAL


# ---------------------------------------------------------------- parks, boundaries, indicators


def square(lon: float, lat: float, size: float = 0.01) -> shapely.Polygon:
    return shapely.box(lon, lat, lon + size, lat + size)


@pytest.mark.usefixtures("few_are_many")
def test_parks_leave_the_firms_their_files(bring: Commit, dataset: Dataset, tmp_path: Path) -> None:
    first, before = bring(firms=FIRMS, observations=SEEN)
    parks = pd.DataFrame({c.NAME: ["新园", "深圳湾科技生态园"], c.VACANT_M2: [1000.0, None],
                          "geometry": [shapely.to_wkb(square(114.05, 22.53)), None],
                          c.CONTACT: [None, "招商部"]})  # fmt: skip
    record, now = bring(About("parks", "园区.xlsx", "ef"), parks=parks)
    assert (record.kind, record.basis, record.firms, record.years) == ("parks", Basis.REGISTER, 3, first.years)
    assert now.parks[c.NAME].to_dict() == {"P67": "新园", "P01": "深圳湾科技生态园"}  # a known name keeps its id
    assert now.parks[c.DISTRICT_ID].tolist() == ["440304", None]
    assert shapely.from_wkb(now.parks["geometry"].iloc[0]).equals(square(114.05, 22.53))
    assert set(dataset.parks.columns) < set(now.parks.columns)
    old, new = files(tmp_path, "1"), files(tmp_path, "2")
    shared = set(old) - {"version.json"}
    assert {name: new[name] for name in shared} == {name: old[name] for name in shared}
    assert set(new) - set(old) == {"parks.parquet"}
    assert (firm_points(now).stamp, firm_points(now).firm_ids.tolist()) == (firm_points(before).stamp, ["A", "B", "C"])
    assert now.digest != before.digest


def test_parks_are_laid_over_parks_by_name(bring: Commit, dataset: Dataset) -> None:
    name = dataset.parks[c.NAME].iloc[4]
    _, now = bring(parks=pd.DataFrame({c.NAME: [name, "新园"], c.RENT_CNY_M2_MONTH: [60.0, 70.0]}), merge=True)
    assert len(now.parks) == len(dataset.parks) + 1
    park, known = now.parks.iloc[4], dataset.parks.iloc[4]
    assert (park[c.PARK_ID], park[c.RENT_CNY_M2_MONTH]) == (known[c.PARK_ID], 60.0)
    assert (park[c.OPERATOR], str(park[c.LON])) == (known[c.OPERATOR], str(known[c.LON]))
    assert now.parks.index[-1] == "P67"
    assert now.firms is dataset.firms


def test_indicators_replace_or_are_laid_over_indicators(bring: Commit, dataset: Dataset) -> None:
    known = dataset.indicators.iloc[0]
    rows = pd.DataFrame({c.INDICATOR: [known[c.INDICATOR], "新指标"], c.AREA_ID: ["440300", "440305"],
                         c.YEAR: [2021, 2024], c.VALUE: [1.5, 2.5], c.UNIT: ["亿元", "个"]})  # fmt: skip
    _, merged = bring(About("indicators", "指标.csv", "01"), indicators=rows, merge=True)
    assert len(merged.indicators) == len(dataset.indicators) + 1
    assert merged.indicators[c.VALUE].iloc[[0, -1]].tolist() == [1.5, 2.5]
    assert merged.indicators.iloc[1:-1].equals(dataset.indicators.astype(merged.indicators.dtypes).iloc[1:])
    _, replaced = bring(About("indicators", "指标.csv", "01"), indicators=rows)
    assert replaced.indicators[c.PERIOD].tolist() == ["2021", "2024"]
    assert replaced.indicators.dtypes[[c.YEAR, c.VALUE]].tolist() == [dataset.indicators[c.YEAR].dtype, float]


def test_new_boundaries_place_again_what_a_polygon_had_placed(bring: Commit, dataset: Dataset) -> None:
    bring(firms=FIRMS, observations=SEEN)
    areas = gpd.GeoDataFrame({c.DISTRICT_ID: ["440305", "X1"], c.NAME: ["南山区", "新区"]},
                             geometry=[square(113.9, 22.5, 0.1), square(114.0, 22.5, 0.1)], crs=4326)  # fmt: skip
    record, now = bring(About("boundaries", "区界.geojson", "23"), districts=areas)
    # A declared 南山区 and keeps it; B's 罗湖区 is gone and it has no point; C was placed by its point
    assert now.firms[c.REGISTERED_DISTRICT_ID].to_dict() == {"A": "440305", "B": None, "C": "X1"}
    assert list(now.districts.index) == ["440305", "X1"]
    assert now.districts[c.LABEL_LON].between(113.9, 114.1).all()
    assert now.districts.crs == dataset.districts.crs
    assert set(now.parks[c.DISTRICT_ID].dropna()) <= {"440305", "X1"}
    assert len(now.parks) == len(dataset.parks)
    assert (record.kind, record.observations) == ("boundaries", 4)
    _, again = bring(
        firms=FIRMS.take([0, 2]), observations=SEEN.slice(1)
    )  # the next register is placed by the boundaries of now
    assert again.firms[c.REGISTERED_DISTRICT_ID].tolist() == ["440305", "X1"]


def test_boundaries_over_the_bundled_set_leave_its_firms_where_they_said(bring: Commit, dataset: Dataset) -> None:
    record, now = bring(districts=gpd.GeoDataFrame(dataset.districts))
    assert (record.basis, record.firms, len(record.parts)) == (Basis.LISTED_SAMPLE, 70, 3)
    kept = now.firms.loc[dataset.firms.index]
    for name in (c.REGISTERED_DISTRICT_ID, c.OPERATING_DISTRICT_ID):
        assert kept[name].equals(dataset.firms[name]), name
    assert now.districts.geometry.geom_equals(dataset.districts.geometry).all()
    assert cube_of(now).equals(cube_of(dataset))


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"firms": FIRMS.drop_columns([c.NAME])}, "no column name"),
        ({"firms": FIRMS.append_column("profit", [[1, 2, 3]])}, "'profit' came as int64; expected no such column"),
        ({"observations": SEEN.drop_columns([c.YEAR])}, "no column year"),
        ({"parks": pd.DataFrame({c.NAME: ["a", "a"]})}, "name 'a' stands twice"),
        ({"parks": pd.DataFrame({c.OPERATOR: ["a"]})}, "no column 'name'"),
        ({"parks": pd.DataFrame({c.NAME: ["a"], c.LON: [500.0], c.LAT: [1.0]})}, "no place in degrees"),
        ({"parks": pd.DataFrame({c.NAME: ["a"], "geometry": [b"no"]})}, "no outline"),
        ({"parks": pd.DataFrame({c.NAME: ["a"], c.DISTRICT_ID: ["?"]})}, r"district_id '\?' is none of 440303"),
        ({"indicators": pd.DataFrame({c.INDICATOR: [None]})}, "1 rows without indicator"),
        ({"indicators": pd.DataFrame({c.INDICATOR: ["x"], c.STATUS: ["?"]})}, "is none of sourced"),
        (
            {
                "districts": gpd.GeoDataFrame(
                    {c.DISTRICT_ID: ["outside"], c.NAME: ["x"]}, geometry=[shapely.Point(1, 1)]
                )
            },
            "(?s)without a coordinate system.*'outside' is kept.*no valid polygon",
        ),
    ],
)
def test_a_table_with_a_fault_is_refused_and_leaves_nothing(
    bring: Commit, tmp_path: Path, tables: dict[str, object], said: str
) -> None:
    with pytest.raises(BadTable, match=said) as refused:
        bring(**tables)
    assert refused.value.table == "名录.csv"
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- what an import leaves beside its tables


def test_findings_refused_rows_and_mapping_are_those_of_their_import(
    bring: Commit, dataset: Dataset, tmp_path: Path
) -> None:
    found, refused = Findings(), pa.table({"0": ["约12"], "1": ["甲"]})
    found.add("unreadable_number", Effect.REFUSED, [17], c.REVENUE_CNY, before=["约12"])
    about = replace(ABOUT, repaired=1, refused=1, datum="gcj02", mapping='kind = "firms"', note="试")
    record, _ = bring(about, firms=FIRMS, observations=SEEN, findings=found.table(), refused=refused)
    assert findings_of(tmp_path, "1").equals(found.table())
    assert refused_rows(tmp_path, "1").equals(refused)
    assert mapping_of(tmp_path, "1") == 'kind = "firms"'
    assert (record.repaired, record.refused, record.datum, record.note) == (1, 1, "gcj02", "试")
    bring(parks=pd.DataFrame({c.NAME: ["新园"]}))
    assert (len(findings_of(tmp_path, "2")), len(refused_rows(tmp_path, "2"))) == (0, 0)


def test_the_digest_changes_with_how_a_file_was_read_and_with_what_it_is_laid_over(
    bring: Commit, tmp_path: Path
) -> None:
    one, _ = bring(firms=FIRMS, observations=SEEN)
    two, _ = bring(replace(ABOUT, mapping="x"), firms=FIRMS, observations=SEEN)
    three, _ = bring(firms=FIRMS, observations=SEEN, merge=True)
    use_version(tmp_path, "1")
    four, _ = bring(firms=FIRMS, observations=SEEN, merge=True)
    use_version(tmp_path, "1")
    again, _ = bring(firms=FIRMS, observations=SEEN, merge=True)
    assert len({one.digest, two.digest, three.digest, four.digest}) == 4
    assert four.digest == again.digest


def test_progress_is_told_in_order(dataset: Dataset, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    commit(tmp_path, dataset, Brought(ABOUT, firms=FIRMS, observations=SEEN), progress=lambda *step: told.append(step))
    assert told == [("check", 0, 4), ("write", 1, 4), ("derive", 2, 4), ("record", 3, 4), ("done", 4, 4)]
