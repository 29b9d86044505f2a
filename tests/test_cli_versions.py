"""``import``, ``versions`` and ``use`` from a terminal, and what the other verbs say of synthetic data."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

import cli
import data.settings
from data import columns as c
from data.dataset import Dataset
from data.synthetic import synthesize, write_register

Run = Callable[..., tuple[int, str, str]]
FIRMS = 60


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    """Run a verb in this process, in a workspace of its own: exit code, stdout, stderr."""
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path / "home"))
    data.settings.settings.cache_clear()

    def call(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cli.py", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    yield call
    monkeypatch.undo()
    data.settings.settings.cache_clear()


@pytest.fixture
def register(tmp_path: Path, dataset: Dataset) -> Path:
    write_register(synthesize(FIRMS, 2, dataset), tmp_path / "made.parquet")
    return tmp_path / "made.parquet"


def test_a_register_comes_in_and_the_bundled_set_comes_back(run: Run, register: Path) -> None:
    assert run("import", register) == (0, "1\n", "")
    told = json.loads(run("import", register, "--json")[1])
    assert (told["id"], told["firms"], told["basis"], told["synthetic"]) == ("2", FIRMS, "register", True)
    listed = json.loads(run("versions", "--json")[1])
    assert (listed["current"], [v["id"] for v in listed["versions"]]) == ("2", ["0", "1", "2"])
    assert listed["versions"][2] == told
    assert json.loads(run("use", "0", "--json")[1]) == {"version": "0"}
    lines = run("versions", "--lang", "en")[1].splitlines()
    assert [line[:3] for line in lines] == ["* 0", "  1", "  2"]
    assert "synthetic" in lines[1]
    assert "synthetic" not in lines[0]


def test_the_last_import_is_undone_and_versions_are_compared(run: Run, register: Path, tmp_path: Path) -> None:
    run("import", register)
    pd.read_parquet(register).iloc[:-1].to_parquet(tmp_path / "less.parquet")
    run("import", tmp_path / "less.parquet")
    told = json.loads(run("versions", "--diff", "1..2", "--json")[1])
    assert (told["before"], told["after"], told["firms"]) == ("1", "2", {"added": 0, "gone": 1, "changed": 0})
    assert [one["change"] for one in told["examples"]] == ["gone"]
    assert sum(one["difference_cny"] for one in told["clusters"]) < 0
    said = run("versions", "--diff", "1..2", "--lang", "en")[1].splitlines()
    assert said[:2] == ["Version 1 → 2", "Firms: 0 added, 1 gone, 0 changed"]
    assert said[-1].startswith("gone SYN-")
    assert "made.parquet" in run("versions")[1]
    assert json.loads(run("undo", "--json")[1]) == {"version": "1"}
    assert run("undo")[0] == 0
    assert json.loads(run("versions", "--json")[1])["current"] == "0"
    code, out, err = run("undo", "--lang", "en")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "there is no import to undo" in err


def test_goals_are_those_of_the_current_version(run: Run, register: Path) -> None:
    before = json.loads(run("goals", "--json")[1])
    run("import", register)
    document = json.loads(run("goals", "--json")[1])
    assert (before["data_version"], before["synthetic"]) == ("0", False)
    assert (document["data_version"], document["synthetic"], document["basis"]) == ("1", True, "register")
    assert sum(cluster["firms"] for cluster in document["clusters"]) == FIRMS
    for cluster in document["clusters"]:
        assert (cluster["total_cny"] or 0) == sum(part["total_cny"] for part in cluster["districts"])
    assert "合成数据" in run("goals")[1]
    run("use", "0")
    assert json.loads(run("goals", "--json")[1]) == before


@pytest.mark.parametrize("what", ["firms", "observations", "indicators", "parks", "districts", "clusters"])
def test_every_exported_row_says_that_it_is_synthetic(run: Run, register: Path, tmp_path: Path, what: str) -> None:
    assert run("export", what, "-o", tmp_path / "before.csv")[0] == 0
    assert c.SYNTHETIC not in pd.read_csv(tmp_path / "before.csv")
    run("import", register)
    assert run("export", what, "-o", tmp_path / "after.csv")[0] == 0
    assert pd.read_csv(tmp_path / "after.csv")[c.SYNTHETIC].all()


def test_a_map_says_that_it_is_synthetic_and_the_bundled_one_does_not(run: Run, register: Path, tmp_path: Path) -> None:
    run("map", "-o", tmp_path / "before.html")
    run("import", register)
    run("map", "-o", tmp_path / "after.html")
    before, after = ((tmp_path / f"{name}.html").read_text("utf-8") for name in ("before", "after"))
    assert '"watermark":"合成数据 SYNTHETIC"' in after
    assert after.count("合成数据 · 数据") == 2  # the notice and the footer
    assert "这是合成数据" in after
    assert '"watermark":""' in before
    assert "合成数据" not in before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import", "nothing.parquet"), "找不到 nothing.parquet"),
        (("import", "no.parquet", "--lang", "en"), "no.parquet"),
        (("import",), "file"),
        (("use", "1"), "没有数据版本“1”；现有版本：0。"),
        (("use", "../x", "--lang", "en"), "There is no version '../x' of the data; there are 0."),
        (("use",), "version"),
        (("undo",), "没有可撤销的导入"),
        (("versions", "--diff", "1"), "versions --diff 1..2"),
        (("versions", "--diff", "0..7", "--lang", "en"), "There is no version '7'"),
    ],
)
def test_bad_input_ends_in_one_sentence_and_changes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "no.parquet").write_text("no")
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err
    assert {path.name for path in (tmp_path / "home").glob("*")} <= {"audit"}  # that it was asked is noted
