"""``synthesize`` and ``locate`` from a terminal."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import cli

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
