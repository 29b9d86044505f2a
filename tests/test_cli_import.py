"""``check`` and ``import`` from a terminal: every format, every refusal, one sentence and no traceback."""

import json
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

import cli
from data import columns as c
from data.dataset import Dataset
from data.mapping import TableKind
from data.settings import settings
from data.templates import template_suffix, write_sample

FIRMS = 40
REVENUE_CNY = sum(100 + i for i in range(FIRMS)) * 10_000
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a verb in this process and a workspace of its own: exit code, stdout, stderr."""
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path / "home"))
    settings.cache_clear()

    def call(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cli.py", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    yield call
    settings.cache_clear()


@pytest.fixture(scope="session")
def every_format(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same firms in every format that is read."""
    import xlwt

    folder = tmp_path_factory.mktemp("formats")
    firms = dataset.firms[dataset.firms[c.LON].notna()].head(FIRMS)
    table = pd.DataFrame(
        {
            "name": firms[c.NAME].to_numpy(),
            "firm_id": firms[c.FIRM_ID].to_numpy(),
            "district": firms[c.REGISTERED_DISTRICT_ID].map(dataset.districts[c.NAME]).to_numpy(),
            "address": firms[c.ADDRESS].to_numpy(),
            "year": 2022,
            "rev_wan": [100.0 + i for i in range(FIRMS)],
        }
    ).rename(
        columns={
            "district": "所属区",
            "address": "地址",
            "name": "名称",
            "firm_id": "企业代码",
            "year": "年份",
            "rev_wan": "营收(万元)",
        }
    )
    plain = table.assign(经度=firms[c.LON].to_numpy(), 纬度=firms[c.LAT].to_numpy())
    layer = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(firms[c.LON], firms[c.LAT]), crs=4326)
    plain.to_csv(folder / "f.csv", index=False, encoding="gb18030")
    plain.to_csv(folder / "f.tsv", index=False, sep="\t", encoding="utf-16")
    plain.to_excel(folder / "f.xlsx", index=False)
    book = xlwt.Workbook()
    sheet = book.add_sheet("名录")
    for at, name in enumerate(plain.columns):
        sheet.write(0, at, name)
        for row, value in enumerate(plain[name], start=1):
            sheet.write(row, at, getattr(value, "item", lambda v=value: v)())
    book.save(str(folder / "f.xls"))
    plain.to_parquet(folder / "f.parquet")
    layer.to_parquet(folder / "geo.parquet")
    for name in ("f.geojson", "f.gpkg", "f.fgb"):
        layer.to_file(folder / name)
    layer.rename(columns={"营收(万元)": "营收万元"}).to_file(folder / "layer.shp", encoding="gb18030")
    with zipfile.ZipFile(folder / "f.zip", "w") as archive:
        for path in sorted(folder.glob("layer.*")):
            archive.write(path, path.name)
    marks = "".join(
        f"<Placemark><name>{row['名称']}</name><ExtendedData>"
        + "".join(
            f'<Data name="{k}"><value>{row[k]}</value></Data>'
            for k in ("企业代码", "所属区", "地址", "年份", "营收(万元)")
        )
        + f"</ExtendedData><Point><coordinates>{row['经度']},{row['纬度']}</coordinates></Point></Placemark>"
        for row in plain.to_dict("records")
    )
    (folder / "f.kml").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>',
        "utf-8",
    )
    return {
        p.suffix[1:] if p.stem != "geo" else "geoparquet": p for p in sorted(folder.iterdir()) if p.stem in ("f", "geo")
    }


FORMATS = ("csv", "tsv", "xlsx", "xls", "parquet", "geoparquet", "geojson", "gpkg", "fgb", "zip", "kml")


def checked(run: Run, *words: str | Path) -> dict[str, Any]:
    code, out, err = run("check", *words, "--json")
    assert (code, err) == (0, "")
    document: dict[str, Any] = json.loads(out)
    return document


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_gives_the_same_rows(name: str, every_format: dict[str, Path], run: Run) -> None:
    told = checked(run, every_format[name])
    assert (told["accepted"], told["repaired"], told["refused"]) == (FIRMS, 0, 0), told["rows"]
    assert told["questions"] == []
    assert (told["kind"], told["totals"]["firms"]) == ("firms", FIRMS)
    assert told["totals"]["revenue_cny"] == {"2022": REVENUE_CNY}
    assert told["datum"]["datum"] == "wgs84"


def test_a_file_with_faults_counts_them_and_says_why_in_both_languages(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("企业名称,年份,营收（万元）\n甲公司,2021,1\n乙公司,2021,约2\n丙公司,2021,３\n", "utf-8")
    for lang, word in (("zh", "需要数字"), ("en", "number")):
        told = checked(run, path, "--kind", "firms", "--lang", lang)
        assert (told["accepted"], told["repaired"], told["refused"]) == (1, 1, 1)
        refused = next(row for row in told["rows"] if row["effect"] == "refused")
        assert (refused["row"], refused["column"], refused["before"]) == (3, "revenue_cny", "约2")
        assert word in refused["reason"]


def test_refused_rows_and_the_mapping_are_written_on_demand(run: Run, tmp_path: Path) -> None:
    path, rows, kept = tmp_path / "x.csv", tmp_path / "refused.xlsx", tmp_path / "m.toml"
    path.write_text("企业名称,年份,营收（万元）\n甲公司,2021,1\n乙公司,2021,约2\n", "utf-8")
    code, out, err = run("check", path, "--kind", "firms", "--refused", rows, "--save-mapping", kept)
    assert (code, err) == (0, "")
    assert "第 3 行" in out
    table = pd.read_excel(rows, engine="calamine", dtype=str)
    assert table.to_dict("records") == [
        {
            "企业名称": "乙公司",
            "年份": "2021",
            "营收（万元）": "约2",
            "行号": "3",
            "原因": "“营业收入”写作“约2”，需要数字",
        }
    ]
    assert 'kind = "firms"' in kept.read_text("utf-8")
    assert run("check", path, "--mapping", kept)[0] == 0


def test_an_import_is_a_version_and_undo_takes_it_back(run: Run, every_format: dict[str, Path]) -> None:
    code, out, err = run("import", every_format["csv"], "--json")
    assert (code, err) == (0, "")
    record = json.loads(out)
    assert (record["id"], record["firms"], record["accepted"], record["file_name"]) == ("1", FIRMS, FIRMS, "f.csv")
    assert json.loads(run("versions", "--json")[1])["current"] == "1"
    assert json.loads(run("goals", "--json")[1])["data_version"].startswith("1")
    assert run("undo")[0] == 0
    assert json.loads(run("versions", "--json")[1])["current"] == "0"
    assert run("use", "1")[0] == 0


def test_an_open_question_ends_an_import_with_its_answer_in_the_sentence(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("企业名称,年份,营收\n甲公司,2021,1\n乙公司,2021,2\n", "utf-8")
    code, out, err = run("import", path, "--kind", "firms")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "营收" in err
    assert "万元" in err
    (tmp_path / "m.toml").write_text('kind = "firms"\n[units]\n"营收" = "万元"\n', "utf-8")
    assert run("import", path, "--mapping", tmp_path / "m.toml")[:2] == (0, "1\n")


@pytest.mark.parametrize("kind", list(TableKind))
def test_every_sample_is_taken_without_a_question(kind: TableKind, run: Run, tmp_path: Path) -> None:
    path = tmp_path / f"sample{template_suffix(kind)}"
    write_sample(kind, path)
    told = checked(run, path)
    assert (told["kind"], told["refused"], told["questions"]) == (kind.value, 0, [])
    code, _, err = run("import", path, "--merge")
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "nothing.csv"), "nothing.csv"),
        (("check", "x.vrt"), "x.vrt"),
        (("check", "x.csv", "--kind", "cats"), "cats"),
        (("check", "x.csv", "--datum", "北京54"), "54"),
        (("check", "x.csv", "--mapping", "bad.toml"), "bad.toml"),
        (("import", "empty.csv"), "empty.csv"),
    ],
)
def test_bad_input_is_one_sentence(
    words: tuple[str, ...], said: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("企业名称,年份\n甲公司,2021\n", "utf-8")
    (tmp_path / "x.vrt").write_text("<OGRVRTDataSource><OGRVRTLayer name='a'/></OGRVRTDataSource>", "utf-8")
    (tmp_path / "bad.toml").write_text("kind = [", "utf-8")
    (tmp_path / "empty.csv").write_bytes(b"")
    for lang in ("zh", "en"):
        code, out, err = run(*words, "--lang", lang)
        assert (code, out, err.count("\n")) == (2, "", 1), err
        assert said in err
        assert "Traceback" not in err
    assert {path.name for path in (tmp_path / "home").glob("*")} <= {"audit"}  # that it was asked is noted


def test_a_copy_in_another_folder_is_read_the_same(run: Run, every_format: dict[str, Path], tmp_path: Path) -> None:
    named_wrongly = tmp_path / "workbook.csv"
    shutil.copy(every_format["xlsx"], named_wrongly)
    assert checked(run, named_wrongly)["file_kind"] == "xlsx"
