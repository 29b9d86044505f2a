"""The recipe of the bundle with one small wheel instead of a hundred; ``bench.bundle_soak`` installs the whole."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from deploy.bundle import FILES, SUMS, bundle_name, program_files, write_bundle

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="install.sh is for Linux")


def _one_wheel(requirements: Path, folder: Path) -> None:
    assert requirements.read_text() == "tiny==1.0\n"
    with zipfile.ZipFile(folder / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "said = 'here'\n")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of one line a folder, with the true ``install.sh``."""
    folder = tmp_path_factory.mktemp("program")
    for name in (*FILES, *(f"{one}/here.py" for one in ("geo", "data", "clusters", "views", "api", "tests"))):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "deploy" / "secrets").mkdir(parents=True)
    (folder / "deploy" / "secrets" / "password").touch()
    for name in ("deploy/install.sh", "deploy/INSTALL.zh-CN.md", "pyproject.toml"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    (folder / "requirements.txt").write_text("tiny==1.0\n")
    return folder


@pytest.fixture(scope="module")
def bundle(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("bundle") / "b.tar.gz"
    write_bundle(output, _one_wheel, root=root)
    return output


@pytest.fixture(scope="module")
def top(bundle: Path) -> Path:
    with tarfile.open(bundle) as archive:
        assert {(member.uid, member.uname) for member in archive} == {(0, "")}
        archive.extractall(bundle.parent, filter="data")
    return bundle.parent / bundle_name()


def install(top: Path, target: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    variables = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "LANG": "C.UTF-8", "PIP_NO_INDEX": "1"}
    command = ["sh", top / "install.sh", target]
    return subprocess.run(command, env=variables | environment, capture_output=True, text=True, check=False)


def test_it_installs_from_itself_alone(top: Path, tmp_path: Path) -> None:
    done = install(top, tmp_path / "jiqun")
    assert (done.returncode, "已安装到" in done.stdout) == (0, True), done.stderr
    asked = [tmp_path / "jiqun" / ".venv" / "bin" / "python", "-c", "import tiny; print(tiny.said)"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "here\n"
    assert (tmp_path / "jiqun" / "geo" / "__pycache__").is_dir()
    again = install(top, tmp_path / "jiqun")
    assert (again.returncode, "不是空文件夹" in again.stderr) == (2, True)


@pytest.mark.parametrize("harm", ["changed", "missing", "more"])
def test_nothing_of_a_changed_bundle_runs(top: Path, tmp_path: Path, harm: str) -> None:
    wheel, more = next((top / "wheelhouse").iterdir()), top / "program" / "more.py"
    whole = wheel.read_bytes()
    if harm == "changed":
        wheel.write_bytes(whole + b"x")
    elif harm == "missing":
        wheel.unlink()
    else:
        more.touch()
    done = install(top, tmp_path / "jiqun")
    wheel.write_bytes(whole)
    more.unlink(missing_ok=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "jiqun").exists()


def test_another_python_is_refused(top: Path, tmp_path: Path) -> None:
    done = install(top, tmp_path / "jiqun", PYTHON="no-such-python")
    assert (done.returncode, "Python 3.11" in done.stderr) == (2, True)


def test_the_program_comes_with_libraries_and_without_tests_or_secrets(top: Path, root: Path) -> None:
    names = set(program_files())
    assert {"cli.py", "assets/package-lock.json", "assets/vendor/leaflet/dist/leaflet.js", "views/text/zh.toml",
            "data/reference/firms.csv", ".streamlit/config.toml", "deploy/jiqun.service"} <= names  # fmt: skip
    assert not [name for name in names if "__pycache__" in name or name.startswith(("tests/", "bench/"))]
    assert not [name for name in program_files(root) if "secrets" in name or "tests" in name]
    listed = {line.split("  ")[1] for line in (top / SUMS).read_text("utf-8").splitlines()}
    own = {f"program/{name}" for name in program_files(root)}
    assert listed == own | {"install.sh", "INSTALL.zh-CN.md", "wheelhouse/tiny-1.0-py3-none-any.whl"}


def test_a_source_that_was_not_built_is_refused(tmp_path: Path, root: Path) -> None:
    with pytest.raises(RuntimeError, match=r"one\.tar\.gz"):
        write_bundle(tmp_path / "b.tar.gz", lambda _, folder: (folder / "one.tar.gz").touch(), root=root)
    assert not (tmp_path / "b.tar.gz").exists()
