"""``synthesize`` and ``locate`` from a terminal."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import cli
from data.settings import settings

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a verb in this process: exit code, stdout, stderr."""

    def call(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cli.py", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_a_made_up_register_is_located_where_it_says(run: Run, tmp_path: Path) -> None:
    made, found = tmp_path / "made.parquet", tmp_path / "found.parquet"
    code, out, err = run("synthesize", "--firms", "300", "--seed", "4", "-o", made, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"file": str(made), "rows": 300, "seed": 4, "synthetic": True}
    code, out, err = run("locate", made, "-o", found, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    table = pd.read_parquet(found)
    assert (told["rows"], told["located"]) == (300, 300)
    assert (table["district_id"] == table["registered_district_id"]).all()
    assert table["synthetic"].all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["found.parquet", "made.parquet"]


def test_a_file_may_be_located_in_place(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "made.parquet"
    run("synthesize", "--firms", "20", "-o", file)
    assert run("locate", file, "-o", file)[0] == 0
    assert "park_ids" in pd.read_parquet(file)


@pytest.mark.parametrize(
    "words",
    [
        ("synthesize", "--firms", "0", "-o", "x.parquet"),
        ("synthesize", "--firms", "3", "--seed", "-1", "-o", "x.parquet"),
        ("synthesize", "--firms", "3", "-o", "x.xlsx"),
        ("synthesize", "-o", "x.parquet"),
        ("locate", "nothing.parquet", "-o", "x.parquet"),
        ("locate", "no.parquet", "-o", "x.parquet"),
        ("locate", "made.parquet", "-o", "x.parquet", "--lon", "name"),
        ("locate", "made.parquet", "-o", "x.parquet", "--lat", "nothing"),
        ("locate", "made.parquet", "-o", "nowhere/x.parquet"),
    ],
)
def test_bad_input_ends_in_one_sentence_and_writes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    run("synthesize", "--firms", "5", "-o", tmp_path / "made.parquet")
    (tmp_path / "no.parquet").write_text("no")
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.parquet", "no.parquet"]


def test_a_register_in_partitions_is_made_located_and_counted(run: Run, tmp_path: Path) -> None:
    made, found, cube = tmp_path / "made", tmp_path / "found", tmp_path / "cube.csv"
    code, out, err = run("synthesize", "--firms", "300", "--partitions", "3", "-o", made, "--json")
    assert (code, err) == (0, "")
    assert {**json.loads(out), "bytes": 0} == {
        "folder": str(made), "files": 3, "rows": 300, "bytes": 0, "seed": 0, "synthetic": True,
    }  # fmt: skip
    code, out, err = run("locate", made, "-o", found, "--json")
    assert (code, err) == (0, "")
    assert (json.loads(out)["files"], json.loads(out)["located"]) == (3, 300)
    assert json.loads(run("locate", made, "-o", found, "--json")[1])["files_kept"] == 3

    register = pd.concat(map(pd.read_parquet, sorted(found.iterdir())))
    code, out, err = run("totals", made, "-o", cube, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["rows"], told["partitions"], told["synthetic"], told["year"]) == (300, 3, True, 2023)
    assert told["each_firm_in_one_partition"]
    assert told["outside"] == {"firms": 0, "total_cny": 0}
    expected = register.groupby("district_id")["revenue_cny"].sum()
    assert {row["district_id"]: row["total_cny"] for row in told["districts"]} == expected.to_dict()
    assert sum(row["total_cny"] for row in told["subsectors"]) == register["revenue_cny"].sum()
    kept = pd.read_csv(cube)
    assert kept["synthetic"].all()
    assert kept.loc[kept["year"] == 2019, "total_cny"].sum() == register["revenue_2019_cny"].sum()

    for lang, said in (("zh", "合成数据"), ("en", "Synthetic data")):
        text = run("totals", made, "--year", "2020", "--lang", lang)[1]
        assert text.startswith(said)
        assert "2020" in text
        assert "南山区" in text


def test_a_register_may_be_counted_by_the_counties_of_a_region(run: Run, tmp_path: Path) -> None:
    made = tmp_path / "made"
    run("synthesize", "--firms", "200", "--partitions", "1", "--region", "440600", "-o", made)
    told = json.loads(run("totals", made, "--region", "440600", "--json")[1])
    assert [row["name"] for row in told["districts"]] == ["禅城区", "南海区", "顺德区", "三水区", "高明区"]
    told = json.loads(run("totals", made, "--json")[1])
    assert (told["districts"], told["outside"]["firms"]) == ([], 200)


@pytest.mark.parametrize(
    "words",
    [
        ("synthesize", "--firms", "3", "--partitions", "0", "-o", "r"),
        ("synthesize", "--firms", "3", "--region", "440000", "-o", "r.parquet"),
        ("synthesize", "--firms", "3", "--partitions", "1", "--region", "999999", "-o", "r"),
        ("locate", "empty", "-o", "r"),
        ("totals", "empty"),
        ("totals", "no.parquet"),
        ("totals", "nothing"),
        ("totals", "made.parquet", "--year", "1999"),
        ("totals", "made.parquet", "-o", "cube.txt"),
    ],
)
def test_bad_input_for_partitions_ends_in_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    run("synthesize", "--firms", "5", "-o", tmp_path / "made.parquet")
    (tmp_path / "no.parquet").write_text("no")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "made.parquet", "no.parquet"]


def test_an_engine_that_is_none_or_not_there_ends_in_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("synthesize", "--firms", "5", "-o", tmp_path / "made.parquet")
    monkeypatch.setattr("data.dask_engine.CONNECT_S", 0.2)
    for engine, said in (("spark", "JIQUN_ENGINE"), ("tcp://127.0.0.1:9", "tcp://127.0.0.1:9")):
        monkeypatch.setenv("JIQUN_ENGINE", engine)
        settings.cache_clear()
        code, out, err = run("totals", tmp_path / "made.parquet")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert said in err
    settings.cache_clear()


def test_ctrl_c_ends_a_verb_with_a_sentence(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    run("synthesize", "--firms", "5", "-o", tmp_path / "made.parquet")
    monkeypatch.setattr("data.partition_cube.count_partitions", interrupted)
    code, out, err = run("totals", tmp_path / "made.parquet", "--lang", "en")
    assert (code, out) == (130, "")
    assert err == "\nStopped. Files that are finished stay; nothing is half written.\n"
