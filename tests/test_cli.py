"""The house from a terminal: documents on stdout, one sentence on stderr, files that are whole or as they were."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, BinaryIO

import geopandas as gpd
import pandas as pd
import pytest

import cli
import data.exporting
import data.settings
from data.sources import REFERENCE

ROOT = Path(__file__).parents[1]
HAN = re.compile(r"[\u4e00-\u9fff]")
Run = Callable[..., "Done"]

FUTIAN_PLAN = """\
schema: cluster-plan/0.1
plan:
  id: futian-example
  title: 福田区示例方案
  city: {name: 深圳市, adcode: "440300"}
  period: {start: 2021, end: 2025}
  extends: shenzhen-digital-economy-2021-2023
targets:
  - id: F1
    kind: firm_count
    geography: "440304"
    metric: 年营收超过10亿元的企业
    firm_threshold: {metric: 年营收, operator: ">", value: 10, unit: 亿元}
    operator: ">="
    value: 9
    unit: 家
    by: 2025
"""


class Done:
    """How a run ended and what it said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def document(self) -> dict[str, Any]:
        assert (self.code, self.err) == (0, "")
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line of a refusal."""
        assert (self.code, self.out) == (2, "")
        assert self.err.endswith("\n")
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert "Traceback" not in lines[0]
        return lines[0]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a verb in this process, through the same door as a terminal."""
    for name in os.environ:
        if name.startswith("JIQUN_"):
            monkeypatch.delenv(name)

    def call(*words: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["cli.py", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capfd.readouterr()
        return Done(ended.value.code or 0, said.out, said.err)  # type: ignore[arg-type]

    return call


def terminal(*words: str, **environment: str) -> Done:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JIQUN_")}
    done = subprocess.run(
        [sys.executable, "cli.py", *words],
        cwd=ROOT,
        env=clean | {"PYTHONUTF8": "1"} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


# ---------------------------------------------------------------- a real terminal


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return terminal("goals", "--year", "2021", "--json").document


def test_a_real_terminal_gets_one_sentence_for_bad_input() -> None:
    said = terminal("goals", "--year", "1999", "--json").sentence
    assert "1999" in said
    assert "2019, 2020, 2021, 2022, 2023, 2024" in said


# ---------------------------------------------------------------- the document of goals


def is_money(value: object) -> bool:
    return type(value) is int


def test_the_document_has_the_parts_that_others_rely_on(document: dict[str, Any]) -> None:
    assert {"plan", "year", "data_version", "basis", "coverage", "targets", "clusters"} <= set(document)
    assert document["plan"] == "shenzhen-digital-economy-2021-2023"
    assert (document["year"], document["data_version"], document["basis"]) == (2021, "0", "listed_sample")
    assert document["basis_note"] == "上市公司样本，合并营收口径，非计划完成情况"
    assert document["coverage"] | {"firms": 58, "of_firms": 70} == document["coverage"]


def test_the_document_gives_every_quantified_target_undecided(document: dict[str, Any]) -> None:
    targets = {target["id"]: target for target in document["targets"]}
    assert {name: (target["goal"], target["actual"]) for name, target in targets.items()} == {
        "T1": (190_000_000_000, None),
        "T2": (900_000_000_000, None),
        "T3": (1_000_000_000_000, None),
        "T5": (10, None),
        "T9": (15, 11),
        "T10": (70, 38),
        "T11": (3, 3),
        "T12": (6, 3),
    }
    for target in targets.values():
        assert type(target["goal"]) is int
        assert target["met"] is None
        assert target["official"] is True
        assert "label" not in target
        assert [reading["default"] for reading in target["readings"]].count(True) == 1
        for reading in target["readings"]:
            assert {"id", "choices", "actual", "met", "status", "why"} <= set(reading)
            assert (reading["met"], reading["status"]) == (None, "undetermined")
            assert reading["actual"] is None or type(reading["actual"]) is int
    path = targets["T1"]["readings"][0]["path"]
    assert list(path) == ["2020", "2021", "2022", "2023"]
    assert all(is_money(cny) for cny in path.values())
    assert targets["T1"]["points"] == {"2019": 159_659_000_000}


def test_the_document_gives_twelve_clusters_with_whole_yuan(document: dict[str, Any]) -> None:
    clusters = {cluster["id"]: cluster for cluster in document["clusters"]}
    assert list(clusters) == [f"S{i:02d}" for i in range(1, 13)]
    blockchain = clusters.pop("S03")
    assert blockchain["firms"] == 0
    assert blockchain["districts"] == []
    empty = ("total_cny", "tier", "top1_share", "gap_to_next_cny")
    assert {blockchain[key] for key in empty} == {None}
    for cluster in clusters.values():
        assert is_money(cluster["total_cny"])
        assert is_money(cluster["gap_to_next_cny"])
        assert type(cluster["firms"]) is int
        assert cluster["tier"] in ("CNY_1E11", "CNY_1E10", "BELOW")
        assert 0 < cluster["top1_share"] <= 1
        assert sum(part["total_cny"] for part in cluster["districts"]) == cluster["total_cny"]
        assert sum(part["firms"] for part in cluster["districts"]) == cluster["firms"]
        assert all(is_money(part["total_cny"]) for part in cluster["districts"])


def test_totals_of_the_document_equal_a_one_liner_over_the_files(document: dict[str, Any]) -> None:
    revenue = pd.read_csv(REFERENCE / "revenue.csv", dtype={"stock_code": str})
    rows = revenue.query("year == 2021").merge(pd.read_csv(REFERENCE / "firms.csv", dtype=str), on="stock_code")
    expected = rows.groupby("subsector")["revenue_yi"].sum().mul(1e8).round().astype("int64").to_dict()
    totals = {
        c["name"].removesuffix("产业"): c["total_cny"] for c in document["clusters"] if c["total_cny"] is not None
    }
    assert totals == expected


def test_firms_without_a_place_stand_under_unplaced_and_the_sum_holds(run: Run) -> None:
    clusters = {c["id"]: c for c in run("goals", "--year", "2023", "--json").document["clusters"]}
    parts = {part["district_id"]: part for part in clusters["S02"]["districts"]}
    assert parts["unplaced"]["total_cny"] == 506_000_000  # 云天励飞, whose address nobody gave
    assert (parts["unplaced"]["rank"], parts["unplaced"]["ranked"]) == (None, None)
    assert sum(part["total_cny"] for part in parts.values()) == clusters["S02"]["total_cny"] == 1_561_000_000


@pytest.mark.parametrize("asked", ["440304", "福田区", "福田", "Futian", "Futian District"])
def test_a_district_goes_by_its_id_and_by_its_names(run: Run, asked: str) -> None:
    found = run("goals", "--district", asked, "--json").document
    assert found["area_id"] == "440304"
    for target in found["targets"]:
        assert target["goal"] is None
        assert target["met"] is None
        assert target["official"] is False
        assert target["label"] == "参考分解，非官方指标"
        assert type(target["city_goal"]) is int
    assert len(found["clusters"]) == 12
    assert {part["district_id"] for cluster in found["clusters"] for part in cluster["districts"]} == {"440304"}


def test_a_districts_own_plan_is_official_from_the_terminal(run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "futian.yaml"
    plan.write_text(FUTIAN_PLAN, "utf-8")
    found = run("goals", "--plan", plan, "--district", "福田区", "--json").document
    assert found["plan"] == "futian-example"
    (target,) = found["targets"]
    assert (target["goal"], target["actual"], target["official"], target["met"]) == (9, 7, True, None)
    assert "label" not in target


def test_a_plan_in_the_workspace_goes_by_its_id(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "mine.yaml").write_text(FUTIAN_PLAN, "utf-8")
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    data.settings.settings.cache_clear()
    try:
        found = run("goals", "--plan", "futian-example", "--json").document
    finally:
        monkeypatch.undo()
        data.settings.settings.cache_clear()
    assert [target["id"] for target in found["targets"]] == ["F1"]


def test_the_place_of_revenue_is_an_option(run: Run) -> None:
    found = run("goals", "--place", "operating", "--json").document
    assert found["place"] == "operating"
    assert {t["id"]: t["actual"] for t in found["targets"]}["T11"] == 2
    assert {c["id"]: c["tier"] for c in found["clusters"]}["S05"] == "CNY_1E10"


def test_without_json_the_board_is_text_for_a_reader(run: Run) -> None:
    said = run("goals")
    assert (said.code, said.err) == (0, "")
    assert "云计算" in said.out
    assert "1,697.3 亿元" in said.out
    assert "70 家" in said.out
    with pytest.raises(json.JSONDecodeError):
        json.loads(said.out)


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["goals", "--year", "1999"], "没有 1999 年的数据；可选年份：2019, 2020, 2021, 2022, 2023, 2024。"),
        (["goals", "--year", "1999", "--json"], "没有 1999 年的数据；可选年份：2019, 2020, 2021, 2022, 2023, 2024。"),
        (["goals", "--year", "1999", "--lang", "en"], "no|There are no data for 1999"),
        (["goals", "--year", "1999", "--lang=en"], "no|There are no data for 1999"),
        (["goals", "--plan", "nowhere-2099"], "没有规划“nowhere-2099”"),
        (["goals", "--plan", "missing.yaml"], "missing.yaml"),
        (["goals", "--district", "前海"], "没有区“前海”"),
        (["goals", "--place", "moon"], "moon"),
        (["goals", "--lang", "fr"], "fr"),
        (["goals", "--year", "soon"], "--year"),
        (["goals", "--nonsense"], "--nonsense"),
        (["nonsense"], "nonsense"),
        (["export", "firms"], "--output"),
        (["export", "people", "-o", "x.csv"], "people"),
        (["map", "-o", "x.html", "--subsector", "钢铁"], "没有领域“钢铁”"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_ends_in_one_sentence_that_repeats_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    sentence = run(*words).sentence
    assert re.search(said.removeprefix("no|"), sentence)
    if said.startswith("no|"):
        assert not HAN.search(sentence)
    assert list(tmp_path.iterdir()) == []


def test_the_language_of_a_refusal_may_come_from_the_environment() -> None:
    assert not HAN.search(terminal("goals", "--year", "1999", JIQUN_LANG="en").sentence)


def test_a_setting_that_means_nothing_is_named_in_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIQUN_PORT", "many")
    data.settings.settings.cache_clear()
    try:
        sentence = run("goals").sentence
    finally:
        monkeypatch.undo()
        data.settings.settings.cache_clear()
    assert "JIQUN_PORT" in sentence
    assert "many" in sentence


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("value: 9", "value: many", "targets[F1].value"),
        ("kind: firm_count", "kind: firms", "targets[F1]"),
        ("id: futian-example", "id: Futian Example", "plan.id"),
        ("targets:", "targets: [", "line"),
    ],
)
def test_a_broken_plan_is_told_with_file_and_field(run: Run, tmp_path: Path, old: str, new: str, field: str) -> None:
    path = tmp_path / "broken.yaml"
    assert old in FUTIAN_PLAN
    path.write_text(FUTIAN_PLAN.replace(old, new), "utf-8")
    sentence = run("goals", "--plan", path, "--json").sentence
    assert "broken.yaml" in sentence
    assert field in sentence


def test_help_is_no_refusal(run: Run) -> None:
    said = run("--help")
    assert said.code == 0
    for verb in ("goals", "map", "export", "serve"):
        assert verb in said.out


# ---------------------------------------------------------------- the map


class Loads(HTMLParser):
    """What a page would load from elsewhere as soon as it opens."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        for name, value in attrs:
            if (
                tag != "a"
                and name in ("src", "href", "srcset", "data")
                and not (value or "").startswith(("data:", "#"))
            ):
                self.outside.append(f"{tag} {name}={value}")


def loads(html: str) -> Loads:
    parser = Loads()
    parser.feed(html)
    return parser


def test_a_link_to_elsewhere_would_be_seen() -> None:
    page = '<link href="https://x/a.css"><script src="//x/a.js"></script><img src="data:,"><a href="https://x">x</a>'
    assert loads(page).outside == ["link href=https://x/a.css", "script src=//x/a.js"]


def test_the_map_is_one_file_that_needs_no_other(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    report = run("map", "-o", path, "--json").document
    assert report == {"file": str(path), "bytes": path.stat().st_size, "year": 2021}
    assert [file.name for file in tmp_path.iterdir()] == ["map.html"]
    assert 100_000 < path.stat().st_size < 2_000_000
    html = path.read_text("utf-8")
    found = loads(html)
    assert found.outside == []
    assert found.scripts > 0
    assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", html)
    for name in ("南山", "腾讯", "深圳湾科技生态园", "示意图"):
        assert name in html or json.dumps(name).strip('"') in html, name


def test_the_map_shows_what_was_asked_for(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    options = ["--year", "2020", "--subsector", "云计算产业", "--district", "福田", "--lang", "en"]
    assert run("map", "-o", path, *options, "--json").document["year"] == 2020
    title = re.search(r"<title>(.*?)</title>", path.read_text("utf-8"), re.S)
    assert title
    assert "Futian" in title.group(1)
    assert "2020" in title.group(1)
    assert "Cloud" in title.group(1)
    assert not HAN.search(title.group(1))


# ---------------------------------------------------------------- exports


@pytest.mark.parametrize(
    ("what", "suffix", "rows"),
    [
        ("firms", ".csv", 70),
        ("firms", ".geojson", 70),
        ("observations", ".csv", 174),
        ("indicators", ".xlsx", 107),
        ("parks", ".xlsx", 66),
        ("parks", ".parquet", 66),
        ("districts", ".gpkg", 11),
        ("clusters", ".CSV", 24),
    ],
)
def test_a_table_is_exported_by_the_suffix_of_the_file(
    run: Run, tmp_path: Path, what: str, suffix: str, rows: int
) -> None:
    path = tmp_path / f"out{suffix}"
    report = run("export", what, "-o", path, "--json").document
    assert report == {"file": str(path), "rows": rows}
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    read = {".csv": pd.read_csv, ".xlsx": partial(pd.read_excel, engine="calamine"), ".parquet": gpd.read_parquet}
    back = read.get(suffix.lower(), gpd.read_file)(path)
    assert len(back) == rows
    assert set(back["plan"]) == {back["plan"].iloc[0]}
    assert back["plan"].iloc[0].startswith("shenzhen-digital-economy-2021-2023 (")
    assert back["data_version"].iloc[0].startswith("0 (")
    assert back["basis"].iloc[0] == "上市公司样本，合并营收口径，非计划完成情况"


def test_an_export_follows_year_place_and_language(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "clusters.csv"
    run("export", "clusters", "-o", path, "--year", "2023", "--place", "operating", "--lang", "en", "--json")
    back = pd.read_csv(path)
    assert set(back["year"]) == {2023}
    assert "unplaced" in set(back["district_id"].astype(str))
    assert not HAN.search(back["basis"].iloc[0])


@pytest.mark.parametrize(("name", "suffix"), [("firms.pdf", r"\.pdf"), ("firms", "")])
def test_an_unknown_suffix_is_refused_and_the_file_stays(run: Run, tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / name
    path.write_text("mine", "utf-8")
    sentence = run("export", "firms", "-o", path).sentence
    assert re.search(suffix + ".*csv.*xlsx.*geojson.*gpkg.*parquet", sentence)
    assert ".part" not in sentence
    assert path.read_text("utf-8") == "mine"
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_write_that_fails_half_way_keeps_the_old_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(columns: object, file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device", file.name)

    path = tmp_path / "firms.csv"
    path.write_text("mine", "utf-8")
    monkeypatch.setattr(data.exporting, "write_csv", half)
    sentence = run("export", "firms", "-o", path).sentence
    assert "No space left on device" in sentence
    assert str(path) in sentence
    assert path.read_text("utf-8") == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["firms.csv"]


@pytest.mark.parametrize("verb", [["map"], ["export", "firms"]])
def test_a_folder_that_is_not_there_is_named(run: Run, tmp_path: Path, verb: list[str]) -> None:
    path = tmp_path / "nowhere" / "out.csv"
    assert str(path.parent) in run(*verb, "-o", path).sentence
    assert not path.parent.exists()


def test_a_folder_is_no_file_to_write(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    assert "out.csv" in run("export", "parks", "-o", tmp_path / "out.csv").sentence
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]
