"""The verb that ranks parks, as a terminal has it."""

import json
import sys
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import box

import cli


def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *asked: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["cli.py", "sites", *asked])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capfd.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_parks_are_ranked_and_the_same_seed_ranks_alike(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = ("--subsector", "高端软件", "--draws", "100", "--weight", "near_metro=5", "--json")
    code, out, err = run(monkeypatch, capfd, *asked)
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert (document["subsector"], document["year"], document["draws"]) == ("S01", 2021, 100)
    ranks = [site["score_rank"] for site in document["sites"]]
    assert ranks[:3] == [1, 2, 3]
    assert run(monkeypatch, capfd, *asked)[1] == out


def test_a_district_and_a_hub_within_reach(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        monkeypatch,
        capfd,
        "--subsector",
        "S12",
        "--district",
        "福田区",
        "--within",
        "metro=1500",
        "--draws",
        "0",
        "--json",
    )
    assert code == 0
    document = json.loads(out)
    assert {site["district_id"] for site in document["sites"]} == {"440304"}
    assert {each["condition"] for each in document["excluded"]} == {"near_metro"}
    assert document["draws"] == 0
    code, out, _ = run(monkeypatch, capfd, "--subsector", "S12", "--near-m", "1000", "--top", "2", "--lang", "en")
    assert code == 0
    assert "Sites for Digital creative" in out


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (("--subsector", "S99"), "S99"),
        (("--subsector", "S01", "--weight", "sun=1"), "sun"),
        (("--subsector", "S01", "--weight", "near_metro"), "near_metro=3"),
        (("--subsector", "S01", "--near-m", "0"), "近邻距离"),
        (("--subsector", "S01", "--rent", "0"), "最高租金"),
        (("--subsector", "S01", "--area", "0"), "需要的面积"),
        (("--subsector", "S01", "--within", "moon=3"), "moon"),
        (("--subsector", "S01", "--year", "1999"), "1999"),
        (("--subsector", "S01", "--place", "moon"), "moon"),
    ],
)
def test_bad_input_ends_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], asked: tuple[str, ...], named: str
) -> None:
    code, out, err = run(monkeypatch, capfd, *asked)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert named in err


# ---------------------------------------------------------------- squares


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet"])
def test_squares_are_written_instead_with_their_stamp(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"squares.{suffix}"
    code, out, err = run(
        monkeypatch, capfd, "--subsector", "S01", "--grid", str(file), "--cell-m", "5000", "--json"
    )  # fmt: skip
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["indicative"], told["mask"], told["ruled_out"]) == (True, None, 0)
    table = gpd.read_parquet(file) if suffix == "parquet" else gpd.read_file(file)
    assert len(table) == told["squares"]
    assert table.crs == "EPSG:4326"
    assert table["score"].notna().sum() == told["scored"]
    assert {"cell_id", "district_id", "suitability_class", "near_metro", "data_version", "weights"} <= set(table)


def test_a_mask_rules_squares_out_or_keeps_them_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    mask = tmp_path / "红线.geojson"
    gpd.GeoDataFrame(geometry=[box(114.25, 22.3, 115.6, 23.2)], crs="EPSG:4326").to_file(mask, engine="pyogrio")
    asked = ("--subsector", "S01", "--cell-m", "5000", "--mask", str(mask), "--json")
    written = ("--grid", str(tmp_path / "s.geojson"), "--mask-datum", "wgs84")
    banned, allowed = (json.loads(run(monkeypatch, capfd, *asked, *written, *more)[1]) for more in ((), ("--allowed",)))
    assert banned["ruled_out"] + allowed["ruled_out"] == banned["squares"]
    assert 0 < banned["ruled_out"] < banned["squares"]
    assert not banned["indicative"]
    assert "红线.geojson" in banned["note"]
    code, _, err = run(monkeypatch, capfd, *asked, *written[:2])
    assert code == 2, "nobody told the datum"
    assert err.count("\n") == 1
    code, _, err = run(monkeypatch, capfd, *asked)
    assert (code, err.count("\n")) == (2, 1)
