"""The audit log from a terminal, and what verbs write into it; a server that would be open does not start."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import cli
import data.settings
from data.audit import Actor, notes
from data.dataset import Dataset
from data.importing import Told
from data.jobs import JobState, confirm_job, job, start_job
from data.synthetic import synthesize, write_register

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[1]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path / "home"))

    def call(*words: str | Path, **environment: str) -> tuple[int, str, str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        data.settings.settings.cache_clear()
        monkeypatch.setattr(sys, "argv", ["cli.py", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    yield call
    monkeypatch.undo()
    data.settings.settings.cache_clear()


def test_verbs_that_bring_change_or_take_are_noted(run: Run, dataset: Dataset, tmp_path: Path) -> None:
    register = tmp_path / "made.parquet"
    write_register(synthesize(60, 2, dataset), register)
    (tmp_path / "empty.csv").write_text("x\n")
    assert run("import", register)[0] == 0
    assert run("import", tmp_path / "empty.csv")[0] == 2
    for verb in (("export", "clusters", "-o", tmp_path / "c.csv"), ("goals",), ("undo",), ("use", "1")):
        assert run(*verb)[0] == 0
    assert run("versions", "--diff", "0..1", JIQUN_ROLE="public")[0] == 2
    told = json.loads(run("audit", "--json", JIQUN_ROLE="government")[1])
    assert [one["what"] for one in told] == [
        "import_asked", "import", "import_asked", "import_refused", "export", "undo", "use", "refused"
    ]  # fmt: skip
    assert (told[1]["version"], told[1]["file"], len(told[1]["digest"]), told[1]["rows"]) == (
        "1",
        "made.parquet",
        64,
        60,
    )
    assert (told[4]["table"], told[4]["file"]) == ("clusters", "c.csv")
    assert {one["who"] for one in told} == {told[0]["who"]}
    assert told[0]["who"].startswith("os:")
    assert [one["role"] for one in told] == ["government"] * 7 + ["public"]


def test_the_log_is_printed_line_by_line_and_only_to_whoever_sees_everything(run: Run, tmp_path: Path) -> None:
    run("export", "parks", "-o", tmp_path / "p\n.csv", "--json")
    code, out, err = run("audit", "--what", "export")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 1
    assert out.rstrip().endswith("(government) · export · table parks · file p\\n.csv · version 0 · rows 66")
    assert run("audit", "--who", "nobody")[1] == ""
    for role in ("public", "investor", "government:440305"):
        code, out, err = run("audit", "--lang", "en", JIQUN_ROLE=role)
        assert (code, out, err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        *[
            (("--since", wrong), wrong)
            for wrong in ("never", "2026-13", "2026-1", "20261128", "2026-02-30", "２０２６")
        ],
        (("--what", "exports"), "export, "),
    ],
)
def test_a_moment_or_an_event_that_nobody_knows_is_refused(run: Run, asked: tuple[str, str], named: str) -> None:
    for lang in ("zh", "en"):
        code, out, err = run("audit", *asked, "--lang", lang)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert asked[0] in err
        assert named in err


def test_lines_since_a_moment_are_printed(run: Run, tmp_path: Path) -> None:
    run("export", "parks", "-o", tmp_path / "p.csv", "--json")
    at = json.loads(run("audit", "--json")[1])[0]["at"]
    for since in (at[:4], at[:7], at[:10], at[:13], at[:16], at[:19]):
        assert run("audit", "--since", since)[1].count("\n") == 1
    assert run("audit", "--since", f"{int(at[:4]) + 1}")[1] == ""


def test_where_people_sign_in_nothing_is_written_unseen(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "audit").write_text("a file, no folder")
    written = tmp_path / "p.csv"
    assert run("export", "parks", "-o", written)[0] == 0
    assert written.exists()
    written.unlink()
    whole = {"OIDC_METADATA_URL": "http://id.cn/x", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "SECRET-OF-CLIENT",
             "COOKIE_SECRET": "SECRET-OF-COOKIE" * 2, "PUBLIC_URL": "http://a.cn",
             "ROLE_MAP": "a=government"}  # fmt: skip
    code, _, err = run("export", "parks", "-o", written, **{f"JIQUN_{k}": v for k, v in whole.items()})
    assert (code, written.exists(), err.count("\n"), "SECRET" in err) == (2, False, 1, False)
    code, _, err = run("export", "parks", "-o", written, "--lang", "en", JIQUN_ROLE_MAP="")
    assert (code, "JIQUN_ROLE_MAP" in err, err.count("\n")) == (2, True, 1)


def test_an_import_on_a_page_is_noted_by_the_worker_under_whoever_asked(dataset: Dataset, tmp_path: Path) -> None:
    def rested(job_id: str, *states: JobState) -> JobState:
        for _ in range(600):
            found = job(tmp_path, job_id)
            if found is not None and found.state in states:
                return found.state
            time.sleep(0.1)
        raise AssertionError(found)

    register = tmp_path / "made.parquet"
    write_register(synthesize(60, 2, dataset), register)
    by = Actor("u1", "government", "王市")
    job_id = start_job(tmp_path, register, "made.parquet", Told(), by=by)
    rested(job_id, JobState.CHECKED)
    confirm_job(tmp_path, job_id, Told(), by)
    rested(job_id, JobState.DONE)
    (noted,) = notes(tmp_path)
    assert (noted["who"], noted["name"], noted["what"], noted["job"], noted["version"]) == (
        "u1", "王市", "import", job_id, "1"
    )  # fmt: skip


SETTINGS = {
    "open by mistake": ({"HOST": "0.0.0.0"}, "JIQUN_ROLE=public"),  # noqa: S104
    "half a sign-in": ({"OIDC_CLIENT_ID": "jiqun", "COOKIE_SECRET": "SECRET" * 9}, "JIQUN_OIDC_METADATA_URL"),
    "a short secret": (
        {"OIDC_METADATA_URL": "http://id.cn/x", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "SECRET",
         "COOKIE_SECRET": "SECRET", "PUBLIC_URL": "http://a.cn", "ROLE_MAP": "a=government"},
        "JIQUN_COOKIE_SECRET",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("told", "names"), SETTINGS.values(), ids=SETTINGS)
def test_a_server_that_would_be_open_or_half_closed_does_not_start(
    told: dict[str, str], names: str, tmp_path: Path
) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JIQUN_")}
    done = subprocess.run(
        [sys.executable, "-m", "cli", "serve", "--port", "1"],
        cwd=ROOT,
        env=clean | {f"JIQUN_{name}": value for name, value in told.items()} | {"JIQUN_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert names in done.stderr
    assert "SECRET" not in done.stderr.replace("COOKIE_SECRET", "").replace("CLIENT_SECRET", "")
